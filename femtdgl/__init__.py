"""Finite-gap time-dependent Ginzburg-Landau equations for superconducting filaments.

The public names stand in `__init__.pyi`, in reading order.  Each is imported at its first use, so that
`import femtdgl` and `femtdgl --help` stay quick.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
