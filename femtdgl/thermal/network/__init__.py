"""Networks of lumped temperatures."""
