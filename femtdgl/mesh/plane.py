"""Meshes of the plane: strip and ring."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from femtdgl.errors import InputError
from femtdgl.input.limits import affordable
from femtdgl.input.numbers import positive
from femtdgl.input.quantities import InXi
from femtdgl.input.section import Section
from femtdgl.mesh.free import free_mesh
from femtdgl.mesh.outline import Outline
from femtdgl.mesh.parts import PlanePart
from femtdgl.mesh.places import Finer, Rounded
from femtdgl.mesh.profile import SQUARE, Constriction, Hole, Notch, finer, graded, inside, size_towards
from femtdgl.mesh.quality import checked, with_names
from femtdgl.mesh.shapes import Plane
from femtdgl.mesh.shortcut import as_plane, built, names_of

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Strip(Section):
    """A strip of the plane, x in [-length/2, length/2], y in [-width/2, width/2].

    Boundaries "left", "right" (the ends, x = -+ length/2), "bottom" and "top" (with the edges of a notch or a
    constriction), and "hole" where there is one.  `h` is the size of the cells, `h_fine` that at the notch, the hole or
    the constriction.  Structured, or with `free` made by gmsh (extra "mesh"); with `holes`, `rounded` or `finer` made
    by Netgen as a plane is (`mesh.shapes`), of curved cells with order 2.
    """

    length: InXi
    """Along x."""
    width: InXi
    """Along y."""
    h: InXi
    """Size of the cells."""
    h_fine: InXi | None = None
    """None: h."""
    notch: Notch | None = None
    """A V cut into an edge; None: none."""
    hole: Hole | None = None
    """A round hole; None: none."""
    constriction: Constriction | None = None
    """A narrower stretch; None: none."""
    free: bool = False
    """Whether gmsh makes the mesh."""
    cells: Literal["triangle", "quad"] = "triangle"
    """The kind of cells."""
    order: Literal[1, 2] = 1
    """Of the elements: 1 linear, 2 quadratic."""
    holes: tuple[PlanePart, ...] = ()
    """More holes, of any shape; the rim of each is a boundary by its name, else hole_1, hole_2, ..."""
    rounded: tuple[Rounded, ...] = ()
    """Corners that are rounded."""
    finer: tuple[Finer, ...] = ()
    """Where cells are smaller, beside those of h_fine."""
    shape: Literal["strip"] = "strip"

    dim: ClassVar[int] = 2

    def __post_init__(self) -> None:
        for name in ("length", "width", "h"):
            positive(name, getattr(self, name))
        if self.h_fine is not None:
            finer("h_fine", self.h_fine, self.h)
        affordable("h", 2 * self.length / self.h * self.width / self.h, 2)
        half = self.length / 2
        if self.notch is not None:
            inside("notch", self.notch.breaks[0], self.notch.breaks[2], half)
        if self.constriction is not None:
            self.constriction.check(self.width, half)
        x = self._sampled
        lower, upper = self.outline.edges(x)
        if (upper - lower).min() <= 1e-6 * self.width:
            raise InputError("cuts the strip in two", key="notch.depth", allowed="a depth that leaves some width")
        if self.hole is not None:
            self._check_hole(self.hole, x, lower, upper)
        if self._drawn:
            for key, usual in (("free", False), ("cells", "triangle")):
                if getattr(self, key) != usual:
                    words = f"{getattr(self, key)!r} is not for holes, rounded and finer"
                    raise InputError(words, key=key, allowed=str(usual).lower())
            self._plane()  # what cannot be drawn is refused here

    @property
    def _drawn(self) -> bool:
        """Whether there is what a grid cannot have."""
        return bool(self.holes or self.rounded or self.finer)

    def _plane(self) -> Plane:
        return as_plane(self.outline, self.h, self.fine, self.holes, self.rounded, self.finer, self.order)

    @property
    def _sampled(self) -> Array:
        x = np.linspace(-self.length / 2, self.length / 2, 2001)
        return x if self.notch is None else np.sort(np.append(x, self.notch.breaks))

    def _check_hole(self, hole: Hole, x: Array, lower: Array, upper: Array) -> None:
        inside("hole", hole.at[0] - hole.radius, hole.at[0] + hole.radius, self.length / 2 * (1 - 1e-9))
        gap = min(np.hypot(x - hole.at[0], edge - hole.at[1]).min() for edge in (lower, upper)) - hole.radius
        middle = (np.interp(hole.at[0], x, lower), np.interp(hole.at[0], x, upper))
        if gap <= 0 or not middle[0] < hole.at[1] < middle[1]:
            raise InputError("does not lie within the strip", key="hole", allowed="a hole that touches no edge")
        if self.free or self._drawn:
            return
        if self._room(hole) < 1.2 * hole.radius:
            raise InputError(
                "leaves too little of the strip beside it for a structured mesh",
                key="hole",
                allowed="1.2 radii from its centre to every edge, or free = true",
            )
        low, high = hole.breaks(0, self._room(hole))[::3]
        for name, breaks in (
            ("notch", self.notch and self.notch.breaks),
            ("constriction", self.constriction and self.constriction.breaks(self.width)),
        ):
            if breaks and breaks[0] < high and breaks[-1] > low:
                raise InputError(
                    f"shares x with the {name}, which a structured mesh cannot do",
                    key="hole",
                    allowed=f"no {name} between x = {low:g} and {high:g}, or free = true",
                )

    def _room(self, hole: Hole) -> float:
        """From the centre of the hole to the nearest edge of the plain strip."""
        return min(self.width / 2 - abs(hole.at[1]), self.length / 2 - abs(hole.at[0]))

    @property
    def boundaries(self) -> tuple[str, ...]:
        """Names of the boundaries."""
        return (*self.outline.boundaries, *names_of(self.holes))

    @property
    def outline(self) -> Outline:
        """What is meshed, without the size of the cells."""
        return Outline(
            length=self.length, width=self.width, notch=self.notch, hole=self.hole, constriction=self.constriction
        )

    @property
    def fine(self) -> float:
        """Size of the smallest cells asked for."""
        return self.h if self.h_fine is None else self.h_fine

    def _lines(self) -> tuple[Array, Array]:
        """Grid lines x and y of the unbent strip."""
        half = (self.length / 2, self.width / 2)
        if self.outline.plain:
            x, y = (np.linspace(-side, side, max(2, round(2 * side / self.h)) + 1) for side in half)
            return x, y
        breaks: tuple[list[float], ...] = ([-half[0], half[0]], [-half[1], half[1]])
        near: tuple[list[tuple[float, float]], ...] = ([], [])
        if self.notch is not None:
            breaks[0].extend(self.notch.breaks)
            near[0].append(self.notch.interval)
            near[1].extend((y, y) for y, side in ((-half[1], "top"), (half[1], "bottom")) if self.notch.side != side)
        if self.constriction is not None:
            breaks[0].extend(self.constriction.breaks(self.width))
            near[0].append(self.constriction.interval)
        if self.hole is not None:
            for axis in range(2):
                lines = self.hole.breaks(axis, self._room(self.hole))
                breaks[axis].extend(lines)
                near[axis].append((lines[1], lines[2]))
        x, y = (graded(b, size_towards(self.h, self.fine, i)) for b, i in zip(breaks, near, strict=True))
        return x, y

    def build(self) -> Any:
        """The scikit-fem mesh (MeshTri or MeshQuad)."""
        if self._drawn:
            return built(self._plane(), self.boundaries)
        if self.free:
            return free_mesh(self.outline, self.h, self.fine, self.cells)
        from skfem import MeshQuad, MeshTri

        half = (self.length / 2, self.width / 2)
        kind = MeshTri if self.outline.plain and self.cells == "triangle" else MeshQuad
        mesh = kind.init_tensor(*self._lines())
        if self.hole is not None:
            room, side = self._room(self.hole), SQUARE * self.hole.radius
            away = mesh.p[:, mesh.t].mean(axis=1) - np.array(self.hole.at)[:, None]
            mesh = mesh.remove_elements(np.flatnonzero(np.abs(away).max(axis=0) < side))
            mesh = kind(self.hole.bend(mesh.p, room), mesh.t)
        square = mesh.p  # the edges are named by where they lie before the columns are squeezed
        if self.notch is not None or self.constriction is not None:
            lower, upper = self.outline.edges(mesh.p[0])
            s = mesh.p[1] / self.width + 0.5
            mesh = kind(np.stack([mesh.p[0], (1 - s) * lower + s * upper]), mesh.t)
        if self.cells == "triangle" and not self.outline.plain:
            mesh = MeshTri(mesh.p, halved(mesh.p, mesh.t))
        facets = mesh.boundary_facets()
        at = square[:, mesh.facets[:, facets]]
        named = {
            "left": (at[0] < -half[0] * (1 - 1e-9)).all(axis=0),
            "right": (at[0] > half[0] * (1 - 1e-9)).all(axis=0),
            "bottom": (at[1] < -half[1] * (1 - 1e-9)).all(axis=0),
            "top": (at[1] > half[1] * (1 - 1e-9)).all(axis=0),
        }
        if self.hole is not None:
            named["hole"] = ~np.any(list(named.values()), axis=0)
        return checked(with_names(mesh, {name: facets[mask] for name, mask in named.items()}), self.boundaries)


def halved(p: Array, quads: NDArray[np.integer[Any]]) -> NDArray[np.integer[Any]]:
    """Triangles (3, 2 m): each of the quadrilaterals (4, m) cut along its shorter diagonal."""
    a, b, c, d = quads
    first = np.linalg.norm(p[:, a] - p[:, c], axis=0) <= np.linalg.norm(p[:, b] - p[:, d], axis=0) * (1 + 1e-9)
    one = np.where(first, np.stack([a, b, c]), np.stack([a, b, d]))
    other = np.where(first, np.stack([a, c, d]), np.stack([b, c, d]))
    return np.concatenate([one, other], axis=1)


@dataclass(frozen=True, kw_only=True)
class Ring(Section):
    """An annulus about the origin, between the radii `inner` and `outer`, which also name its boundaries.

    `h` is the size of the cells across the ring and, at the mean radius, along it.
    """

    inner: InXi
    """Inner radius."""
    outer: InXi
    """Outer radius."""
    h: InXi
    """Size of the cells."""
    cells: Literal["triangle", "quad"] = "triangle"
    """The kind of cells."""
    order: Literal[1, 2] = 1
    """Of the elements: 1 linear, 2 quadratic."""
    shape: Literal["ring"] = "ring"

    boundaries: ClassVar[tuple[str, ...]] = ("inner", "outer")
    dim: ClassVar[int] = 2

    def __post_init__(self) -> None:
        for name in ("inner", "outer", "h"):
            positive(name, getattr(self, name))
        if self.outer <= self.inner:
            raise InputError(f"{self.outer!r} is not possible", key="outer", allowed=f"a number above {self.inner:g}")
        affordable("h", 6 * (self.inner + self.outer) / self.h * (self.outer - self.inner) / self.h, 2)

    def build(self) -> Any:
        """The scikit-fem mesh (MeshTri or MeshQuad)."""
        from skfem import MeshQuad

        across = max(2, round((self.outer - self.inner) / self.h))
        along = 4 * max(2, round(math.pi * (self.inner + self.outer) / self.h / 4))  # mirror images in both axes
        r = np.linspace(self.inner, self.outer, across + 1)
        angle = 2 * np.pi * np.arange(along) / along
        p = np.stack([np.outer(np.cos(angle), r).ravel(), np.outer(np.sin(angle), r).ravel()])
        i, j = (a.ravel() for a in np.meshgrid(np.arange(along), np.arange(across), indexing="ij"))
        this, following = i * (across + 1) + j, (i + 1) % along * (across + 1) + j
        mesh = MeshQuad(p, np.stack([this, this + 1, following + 1, following]))
        if self.cells == "triangle":
            mesh = mesh.to_meshtri()
        facets = mesh.boundary_facets()
        within = np.hypot(*mesh.p[:, mesh.facets[:, facets]]).mean(axis=0) < (self.inner + self.outer) / 2
        return checked(with_names(mesh, {"inner": facets[within], "outer": facets[~within]}), self.boundaries)
