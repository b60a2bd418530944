"""A filament: the finite-gap equations in a mesh, marched through time."""
