"""The commands ``exo``, ``import``, ``export`` and ``diff`` of ``fakeeop``."""
