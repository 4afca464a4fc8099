"""Fixes of a refusal: typed changes to the tenant or the relay, each tried with the judge before it is told. Pure."""
