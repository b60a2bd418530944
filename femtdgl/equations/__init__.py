"""The equations as pure functions: arrays in, arrays out.  One numbered equation of the theory per function."""
