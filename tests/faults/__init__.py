"""Faults that the tests bring about: damaged files, wrong inputs, kills.  Run as programs, so that a crash is seen."""
