"""The doctor: walks an SMTP server up to the recipients, says what each answer means, and never sends a message."""
