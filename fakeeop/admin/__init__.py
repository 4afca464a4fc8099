"""The admin API: tenants, journal, faults and clock of a running emulator over HTTP.

Only the settings are imported here; FastAPI and uvicorn (the extra ``admin``) are loaded when an emulator with
settings is opened.
"""

from __future__ import annotations

from fakeeop.admin.settings import AdminSettings

__all__ = ["AdminSettings"]
