"""From states and series to numbers: probes, vortices, hysteresis, energy, the summary of a run."""
