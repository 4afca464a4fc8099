"""What a tenant file may mean, but probably does not."""
