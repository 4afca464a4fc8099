"""TLS on pyOpenSSL: asks for a client certificate, never aborts, reports facts."""
