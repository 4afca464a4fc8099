"""What all mail transfer agents under test share: what they are asked to do, and how they are watched."""
