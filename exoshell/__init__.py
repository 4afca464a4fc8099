"""The administrator's side: PowerShell as it is written for Exchange Online, on a tenant file or a running server."""
