"""The harness: drives real clients through scenarios and judges what they and the server saw."""
