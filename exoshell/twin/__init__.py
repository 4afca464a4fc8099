"""A tenant's twin: a tenant file made of an export, PowerShell that makes a tenant, the difference of two."""
