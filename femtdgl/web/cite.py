"""How to cite the program, and the papers whose equations a problem solves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from femtdgl.web.html import Markup, paragraph

AUTHORS = "The femtdgl authors"
PAPERS = {
    "PSC": "I. Mowgood, S. Teknowijoyo, S. Chahid, A. Gulian, “Novel results obtained by modeling of dynamic processes "
    "in superconductors: phase-slip centers as cooling engines”",
    "SN": "Dey et al., photonic heat with a superconductor-normal source",
    "NIS": "Pioldi et al., photonic heat with normal metal-insulator-superconductor junctions",
}
"""By the names under which the docs speak of them; as in the README."""


def citation(sources: Sequence[str], version: str) -> Iterator[Markup]:
    """What to cite: the program in its version, then the papers of these names."""
    yield paragraph(
        f"{AUTHORS}, femtdgl {version}: finite-gap time-dependent Ginzburg-Landau equations for superconducting "
        "filaments"
    )
    for name in sources:
        yield paragraph(f"[{name}] {PAPERS[name]}")
