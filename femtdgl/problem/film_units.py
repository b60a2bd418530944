"""Text with units of a problem file to reduced numbers, by the scales of its film.

    length      xi             time        t0             frequency  1/t0
    potential   V0             field       Bc2            current density  j0
    magnetic flux  h/2e, of any film
    current     drive.current is a density, j0: I/(j0 S) with the area S of the terminal where the current enters
                boundary.<name>.current is a total, j0 xi^(d-1): I/(j0 S) with S of one xi^(d-1)
    resistance  of a shunt: R j0 S/V0
    magnets     currents in Bc2 xi/mu0, moments in Bc2 xi^3/mu0
    heat        of nodes and sources: K, W and J, as their numbers are where the film is in SI

S is width x thickness of the film, or its cross_section, in one dimension; the length of the terminal x thickness in
two; the area of the terminal in three.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, get_type_hints

from pydantic import Discriminator

from femtdgl.errors import InputError
from femtdgl.input.quantities import article, quantity, units_of
from femtdgl.input.reduce import reduced
from femtdgl.input.section import Section
from femtdgl.input.tables import validated
from femtdgl.mesh import Recipe
from femtdgl.mesh.scale import METRES
from femtdgl.problem.film import Film
from femtdgl.problem.measured import film as film_in_si
from femtdgl.units import FLUX_QUANTUM, MU_0, Scales

REDUCED = {
    "length": "xi",
    "time": "t0",
    "frequency": "1/t0",
    "potential": "V0",
    "field": "Bc2",
    "magnetic flux": "flux quanta h/2e",
    "current": "j0 xi^(d-1)",
    "current density": "j0",
    "resistance": "xi/(sigma_n S)",
    "temperature": "K",
    "power": "W",
    "energy": "J",
    "current of a magnet": "Bc2 xi/mu0",
    "magnetic moment": "Bc2 xi^3/mu0",
}
"""The reduced unit of what a field measures, in words."""
ALSO = {"current density": ("current",), "current of a magnet": ("current",)}
"""What else may be given there, because the film and its mesh turn it into that."""
TERMINALS = ("bank", "normal")


@dataclass(frozen=True, kw_only=True)
class MeshAlone(Section):
    """A file with nothing but a mesh."""

    mesh: Annotated[Recipe, Discriminator("shape")] = field(metadata={"wanted": "a section that describes a mesh"})
    """The mesh."""
    title: str = ""
    """What stands above figures."""


class FilmUnits:
    """The units of the film that a table describes; what is needed of it is read when it is asked for."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self.table = table

    def reduced(self, cls: Any) -> dict[str, Any]:
        """The table, of a problem of that class, with text that has a unit as numbers.

        Raises InputError, with the key, for a unit that does not fit, and where the film has no scales.
        """
        hints = get_type_hints(cls, include_extras=True)
        converts = {"mesh": self.length_of_mesh}
        return {
            key: value if key == "film" else reduced(hints.get(key), value, converts.get(key, self), key)
            for key, value in self.table.items()
        }

    def __call__(self, text: str, wanted: str) -> float:
        """Text with a unit as a number in the reduced unit of what is wanted."""
        value, found = self._read(text, wanted)
        if wanted == "magnetic flux":
            return value / FLUX_QUANTUM
        scales = self._scales(text, wanted)
        match wanted:
            case "length":
                return value / scales.length
            case "time":
                return value / scales.time
            case "frequency":
                return value * scales.time
            case "potential":
                return value / scales.potential
            case "field":
                return value / scales.field
            case "resistance":
                return value * scales.current_density * self._area(text) / scales.potential
            case "temperature" | "power" | "energy":
                return value  # of nodes and sources of heat, whose numbers are in SI where the film is
            case "current of a magnet":
                return value * MU_0 / (scales.field * scales.length)
            case "magnetic moment":
                return value * MU_0 / (scales.field * scales.length**3)
            case "current":
                return value / (scales.current_density * self._area_of_one(text))
        assert wanted == "current density"
        return value / (scales.current_density * (self._area(text) if found == "current" else 1.0))

    def length_of_mesh(self, text: str, wanted: str) -> float:
        """As __call__, of a length of the mesh, which may have a unit or a scale of its own."""
        value, _ = self._read(text, wanted)
        mesh = self.table["mesh"]
        unit, scale = mesh.get("unit"), mesh.get("scale", 1.0)
        length = METRES[unit] if unit in METRES else self._scales(text, wanted).length
        return value / length / (scale if isinstance(scale, int | float) and scale else 1.0)

    def _read(self, text: str, wanted: str) -> tuple[float, str | None]:
        """A quantity in SI, and its dimension; refused unless it is what is wanted, or also good for it."""
        allowed = (wanted, *ALSO.get(wanted, ()))
        if wanted not in REDUCED:
            raise InputError(f"{text!r} has a unit", allowed="a pure number")
        value, found, _ = quantity(text, allowed)
        if found not in allowed:
            raise InputError(
                f"{text!r} is {article(str(found))}, not {' nor '.join(map(article, allowed))}",
                allowed=f"a number in {REDUCED[wanted]}, or text in {units_of(*allowed)}",
            )
        return value, found

    def _scales(self, text: str, wanted: str) -> Scales:
        if self._film.scales is None:
            raise InputError(
                f"{text!r} has a unit, the film has none",
                allowed=f'a number in {REDUCED[wanted]}, or a film in SI: preset = "...", or measured Tc, T0, D or xi, '
                "resistivity and tau_eps",
            )
        return self._film.scales

    @cached_property
    def _film(self) -> Film:
        given = self.table.get("film", {})
        if isinstance(given, Film):
            return given
        try:
            film: Film = validated(Film, film_in_si(given), "")
        except InputError as error:
            raise error.at(key=f"film.{error.key}".removesuffix(".")) from None
        return film

    @cached_property
    def _mesh(self) -> Any:
        """The recipe of the mesh, in xi."""
        hint = get_type_hints(MeshAlone, include_extras=True)["mesh"]
        given = reduced(hint, self.table.get("mesh"), self.length_of_mesh, "mesh")
        recipe = validated(MeshAlone, {"mesh": given}, "").mesh
        return recipe.in_xi(self._film.scales.length) if self._film.scales and hasattr(recipe, "in_xi") else recipe

    def _area_of_one(self, text: str) -> float:
        """m^2 of one xi^(d-1)."""
        dim = self._mesh.dim
        found = self._film.section_of(dim)
        if found is None:
            what, keys = ("cross-section", "width and film.thickness") if dim == 1 else ("thickness", "thickness")
            words = f"{text!r} needs the {what} of the film"
            raise InputError(words, allowed=f"film.{keys}, or a number in reduced units")
        return found

    def _area(self, text: str) -> float:
        """m^2 of the terminal where the current enters."""
        one = self._area_of_one(text)
        return one if self._mesh.dim == 1 else one * self._terminal

    @cached_property
    def _terminal(self) -> float:
        """Length (2D) or area (3D) of the first terminal, in xi^(d-1)."""
        conditions = self.table.get("boundary", {})
        for name in self._mesh.boundaries:
            condition = conditions.get(name)
            kind = condition.get("kind") if isinstance(condition, Mapping) else getattr(condition, "kind", condition)
            if kind in TERMINALS:
                return extent_of(self._mesh.build(), name)
        raise InputError("a current needs terminals", allowed='0, or a "bank" or "normal" boundary')


def extent_of(mesh: Any, boundary: str) -> float:
    """Length or area of a boundary of a scikit-fem mesh, in that of the mesh."""
    from skfem import FacetBasis

    return float(FacetBasis(mesh, mesh.elem(), facets=mesh.boundaries[boundary]).dx.sum())
