"""Changes to a tenant file that keep its comments and its layout."""
