"""The certificate lab: a CA, every variant of a client certificate, and facts about a chain."""
