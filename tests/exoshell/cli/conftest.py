"""The command line of ``fakeeop``, as its own tests run it."""

from tests.fakeeop.cli.conftest import fakeeop, serve

__all__ = ["fakeeop", "serve"]
