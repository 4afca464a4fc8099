"""The pytest plugin behind ``harness.pytest_plugin``: collection and results."""
