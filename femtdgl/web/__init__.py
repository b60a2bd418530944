"""Pages for a browser: reports of runs and sweeps, and the interactive view."""
