"""A thermal network: steady states, scans, transients."""
