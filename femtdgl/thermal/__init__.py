"""Lumped thermal parts: links, sinks, photonic circuits and their networks.  No finite elements here.

The public names stand in `__init__.pyi`; each is imported at its first use.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

from femtdgl.thermal.mattis_bardeen import mattis_bardeen as mattis_bardeen  # noqa: E402 - else its module has the name
