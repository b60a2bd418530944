"""The kinds of links by their names, as problem files call them."""

from __future__ import annotations

from femtdgl.thermal import electron_phonon, kapitza, lead, photonic_nis, photonic_resistors, photonic_sn
from femtdgl.thermal.link import LINKS, Link

MODULES = (electron_phonon, kapitza, lead, photonic_nis, photonic_resistors, photonic_sn)
"""Modules of the links that come with the program; each says `@link_kind` above its classes."""


def link_class(kind: object) -> type[Link]:
    """The class of links of that name.  Raises InputError with the nearest one."""
    return LINKS.named(kind)
