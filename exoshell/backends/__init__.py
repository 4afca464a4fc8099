"""The tenant that the cmdlets work on: of a file, of a running server, at once or some time later."""
