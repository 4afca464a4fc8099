"""What the service does to a message. Pure."""
