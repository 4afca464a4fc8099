"""The pytest plugin: scenario files become tests."""
