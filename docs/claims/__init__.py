"""What the pages of the docs print, as computations: claims of the papers, and other quantities, each by its name."""

from importlib import import_module

from claims.registry import computed as computed

MODULES = (
    "quantities",
    "psc_equations",
    "psc_feedback",
    "psc_states",
    "psc_phonons",
    "psc_cooler",
    "sn_equations",
    "sn_heat",
    "sn_balance",
    "nis_equations",
    "nis_setups",
    "nis_sinks",
    "pages",
)
"""Modules of computations, in the order of the page."""


def load() -> None:
    """Import every module of computations, so that the registry holds them all."""
    for name in MODULES:
        import_module(f"claims.{name}")
