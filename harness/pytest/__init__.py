"""What the pytest plugin loads where there are scenarios."""
