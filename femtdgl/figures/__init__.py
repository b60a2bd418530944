"""Pictures of results: one module a family of figures."""
