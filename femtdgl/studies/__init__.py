"""Studies: many points of one problem, of any kind; they know none."""
