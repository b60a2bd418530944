"""The equations as pure functions: arrays in, arrays out, one numbered equation of the theory each."""
