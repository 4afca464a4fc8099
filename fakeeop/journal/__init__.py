"""The memory of what happened: in memory, or in a database that outlives the process."""
