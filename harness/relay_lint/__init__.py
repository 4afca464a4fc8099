"""A relay's configuration read without any server: the settings behind the refusals that people meet."""
