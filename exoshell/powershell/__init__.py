"""PowerShell, the part of it that administrators' scripts use: read, bound, run."""
