"""Mail, bounces and log lines of others, read. Pure."""
