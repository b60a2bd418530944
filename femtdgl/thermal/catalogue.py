"""The kinds of links by their names, as problem files call them."""

from __future__ import annotations

from femtdgl.errors import InputError
from femtdgl.input.nearest import nearest
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
        raise InputError(f"{kind!r} is no link{nearest(kind, LINKS)}", key="kind", allowed=", ".join(LINKS))
    return LINKS[str(kind)]
