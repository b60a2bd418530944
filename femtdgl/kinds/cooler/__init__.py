"""The Kapitza-diode cooler: a filament, its phonons and the plates around it."""
