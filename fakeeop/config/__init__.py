"""Tenant file → model, with every rule of the cmdlets."""
