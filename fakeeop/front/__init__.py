"""The policy of one session, at the MX and at the submission endpoint."""
