"""The sample project is run in processes of its own, not collected with our tests."""

from __future__ import annotations

collect_ignore = ["tinymailer"]
