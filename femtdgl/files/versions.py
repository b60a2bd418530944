"""Versions of everything that results depend on: they stand in every result."""

import platform
from functools import cache
from importlib.metadata import version

PACKAGES = ("femtdgl", "numpy", "scipy", "scikit-fem", "scikit-sundae", "pyamg", "netgen-mesher", "numba", "h5py")

_version = cache(version)  # each is a file to read


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that results depend on."""
    return {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}}


def version_attributes() -> dict[str, str]:
    """The same as attributes of a result file."""
    return {f"version_{name}": value for name, value in versions().items()}
