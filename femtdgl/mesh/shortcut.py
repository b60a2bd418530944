"""A strip that is more than a grid can be: its outline as a plane, with holes of any number and shape, by Netgen.

The boundaries keep the names of a strip; each further hole is one by its own name, else hole_1, hole_2, ...
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from femtdgl.mesh.drawing import REST
from femtdgl.mesh.outline import Outline
from femtdgl.mesh.parts import Disc, Ellipse, PlanePart, Polygon, Rectangle
from femtdgl.mesh.places import Finer, Rounded, Where
from femtdgl.mesh.quality import checked, with_names
from femtdgl.mesh.shapes import Plane

LEAST_PIECES = 8
"""Of a taper."""
MARGIN = 1e-6
"""Of a box around a hole, over its size."""


def names_of(holes: Sequence[PlanePart]) -> tuple[str, ...]:
    """What the rims of further holes are called."""
    return tuple(hole.name or f"hole_{k}" for k, hole in enumerate(holes, start=1))


def as_plane(
    outline: Outline, h: float, fine: float, holes: Sequence[PlanePart], rounded: Sequence[Rounded],
    finer: Sequence[Finer], order: Literal[1, 2],
) -> Plane:  # fmt: skip
    """The plane; "rest" is what is bottom or top.  Raises InputError for what cannot be drawn."""
    half = outline.length / 2
    ends = {name: Where(at=((x, _middle(outline, x)),)) for name, x in (("left", -half), ("right", half))}
    cut: dict[str, PlanePart] = {}
    if outline.hole is not None:
        cut["hole"] = Disc(radius=outline.hole.radius, at=outline.hole.at)
    cut |= {name: replace(hole, name=None) for name, hole in zip(names_of(holes), holes, strict=True)}
    rims = {name: Where(box=_around(hole)) for name, hole in cut.items()}
    return Plane(
        parts=(_figure(outline, fine),), h=h, edges=ends | rims, holes=tuple(cut.values()), rounded=tuple(rounded),
        finer=(*_small(outline, h, fine), *finer), order=order,
    )  # fmt: skip


def built(plane: Plane, boundaries: Sequence[str]) -> Any:
    """The mesh, with the names of a strip for what is left of its boundary."""
    mesh = plane.build()
    named = dict(mesh.boundaries)
    rest = named.pop(REST)
    above = mesh.p[1, mesh.facets[:, rest]].mean(axis=0) > 0
    named |= {"bottom": rest[~above], "top": rest[above]}
    without = replace(mesh, _boundaries=None)
    return checked(with_names(without, {name: named[name] for name in boundaries}), tuple(boundaries))


def _middle(outline: Outline, x: float) -> float:
    """y half way between the edges."""
    lower, upper = outline.edges(np.array([x]))
    return float(lower[0] + upper[0]) / 2


def _figure(outline: Outline, fine: float) -> PlanePart:
    """The outline without its hole."""
    if outline.notch is None and outline.constriction is None:
        return Rectangle(size=(outline.length, outline.width))
    x = [-outline.length / 2, outline.length / 2]
    if outline.notch is not None:
        x.extend(outline.notch.breaks)
    if outline.constriction is not None:
        b = outline.constriction.breaks(outline.width)
        pieces = max(LEAST_PIECES, math.ceil((b[1] - b[0]) / fine))
        x.extend([*np.linspace(b[0], b[1], pieces + 1), *np.linspace(b[2], b[3], pieces + 1)])
    stations = np.unique(np.round(x, 12))
    lower, upper = outline.edges(stations)
    below, above = (list(zip(stations.tolist(), edge.tolist(), strict=True)) for edge in (lower, upper))
    return Polygon(points=(*below, *above[::-1]))


def _around(hole: PlanePart) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Opposite corners of a box around a hole."""
    if isinstance(hole, Polygon):
        low, high = np.min(hole.points, axis=0), np.max(hole.points, axis=0)
    else:
        turn = math.radians(getattr(hole, "angle", 0.0))
        c, s = abs(math.cos(turn)), abs(math.sin(turn))
        if isinstance(hole, Disc):
            reach = np.full(2, hole.radius)
        elif isinstance(hole, Ellipse):
            a, b = hole.radii
            reach = np.array([math.hypot(a * c, b * s), math.hypot(a * s, b * c)])
        else:
            a, b = hole.size[0] / 2, hole.size[1] / 2
            reach = np.array([a * c + b * s, a * s + b * c])
        low, high = np.array(hole.at) - reach, np.array(hole.at) + reach
    room = MARGIN * float(np.max(high - low))
    return tuple((low - room).tolist()), tuple((high + room).tolist())


def _small(outline: Outline, h: float, fine: float) -> list[Finer]:
    """Where cells of the size `fine` are: at the tips of the notch, along the hole, in the narrow stretch."""
    found = []
    if fine < h and outline.notch is not None:
        lower, upper = (float(edge[0]) for edge in outline.edges(np.array([outline.notch.at])))
        tips = {"bottom": (lower,), "top": (upper,), "both": (lower, upper)}[outline.notch.side]
        found.append(Finer(h=fine, at=tuple((outline.notch.at, y) for y in tips)))
    if fine < h and outline.constriction is not None:
        low, high = outline.constriction.interval
        half = outline.constriction.width / 2
        found.append(Finer(h=fine, box=((low, -half), (high, half))))
    if fine < h and outline.hole is not None:
        found.append(Finer(h=fine, along=("hole",)))
    return found
