"""Every reply of the service, with its cause and its source."""
