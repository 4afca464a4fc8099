"""What ``fakeeop.model.ports`` asks for: time, ids, room on the disk."""
