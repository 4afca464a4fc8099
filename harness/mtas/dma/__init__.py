"""The DragonFly mail agent."""
