"""The frozen description of a filament: boundaries, drive, film, heat; problem files have the same names."""
