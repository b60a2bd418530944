"""The phonon flux of a recorded |psi|(t, x): of a stored run, and the numerics beneath it, arrays in, arrays out.

The public names stand in `__init__.pyi`; each is imported at its first use.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
