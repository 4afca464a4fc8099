"""The keys of a tenant file as tables; readers, schema and documentation are made from them."""
