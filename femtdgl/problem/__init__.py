"""The frozen description of a filament: boundaries, drive, film, heat; problem files have the same names."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
