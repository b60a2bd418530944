"""The kinds of links by their names, as problem files call them."""

from __future__ import annotations

from difflib import get_close_matches

from femtdgl.errors import InputError
from femtdgl.thermal.electron_phonon import ElectronPhonon, SuperconductorElectronPhonon
from femtdgl.thermal.kapitza import Kapitza, Leak
from femtdgl.thermal.link import Link
from femtdgl.thermal.photonic_nis import NISLink
from femtdgl.thermal.photonic_sn import SNLink

LINKS: dict[str, type[Link]] = {
    cls.__name__: cls for cls in (ElectronPhonon, Kapitza, Leak, NISLink, SNLink, SuperconductorElectronPhonon)
}


def link_class(kind: object) -> type[Link]:
    """The class of links of that name.  Raises InputError with the nearest one."""
    if kind not in LINKS:
        near = get_close_matches(str(kind), LINKS, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise InputError(f"{kind!r} is no link{hint}", key="kind", allowed=", ".join(LINKS))
    return LINKS[str(kind)]
