"""Sockets around the session core."""
