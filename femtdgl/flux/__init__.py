"""The phonon flux of a recorded |psi|(t, x), numbers only: arrays in, arrays out, no files and no solver."""
