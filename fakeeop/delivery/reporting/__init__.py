"""Delivery reports of an emulator: who is told what, when, and where the report goes."""
