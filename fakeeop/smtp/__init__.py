"""The SMTP server side as a sans-io core: bytes in, bytes and effects out. Pure."""
