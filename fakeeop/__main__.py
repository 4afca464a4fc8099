"""``python -m fakeeop``."""

from __future__ import annotations

import sys

from fakeeop.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
