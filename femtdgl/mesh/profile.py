"""What makes a strip or a wire more than a brick: notch, hole, constriction, and lines graded towards them.

Structured meshes are tensor grids, bent.  A notch or a constriction squeezes the columns of a grid between two edges,
y -> lower(x) + s (upper(x) - lower(x)).  A hole is a square of cells left out, whose rim is drawn onto the circle
along rays; the pull fades out at a larger square of half side `reach`.  So all cells stay in the graph of a grid, no
cell is cut, and the edges are exact at the nodes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from femtdgl.errors import InputError
from femtdgl.input.numbers import finite, positive
from femtdgl.input.quantities import InXi
from femtdgl.input.section import Section

Array = NDArray[np.float64]
GROWTH = 0.3
"""How much the size of cells may grow per unit of distance from a notch, a hole or a constriction."""
SQUARE = 0.85
"""Half side of the square of cells that a hole replaces, over its radius: cells on the rim of about equal size."""


@dataclass(frozen=True, kw_only=True)
class Notch(Section):
    """A V cut into an edge: `depth` deep at x = `at`, `width` wide at the edge."""

    depth: InXi
    """How deep it goes."""
    width: InXi
    """At the edge."""
    at: InXi = 0.0
    """Its x."""
    side: Literal["bottom", "top", "both"] = "both"
    """The edge that it is cut into."""

    def __post_init__(self) -> None:
        positive("depth", self.depth)
        positive("width", self.width)
        finite("at", self.at)

    @property
    def breaks(self) -> tuple[float, ...]:
        """The x at which the edge has a corner."""
        return self.at - self.width / 2, self.at, self.at + self.width / 2

    @property
    def interval(self) -> tuple[float, float]:
        """Where along x to have the smallest cells."""
        return self.at, self.at

    def cut(self, x: Array) -> Array:
        """How far the edge is moved inwards at x."""
        return self.depth * np.maximum(0.0, 1 - np.abs(x - self.at) / (self.width / 2))


@dataclass(frozen=True, kw_only=True)
class Constriction(Section):
    """A narrower stretch about x = `at`: `width` wide over `length`, with cosine tapers of length `taper` to each side.

    None for `taper`: as long as the wire loses width.  In a wire the whole cross-section shrinks by the same factor.
    """

    width: InXi
    """Of the narrow stretch."""
    length: InXi
    """Of the narrow stretch."""
    at: InXi = 0.0
    """The x of its middle."""
    taper: InXi | None = None
    """Length of each taper; None: as long as width is lost."""

    def __post_init__(self) -> None:
        positive("width", self.width)
        positive("length", self.length)
        finite("at", self.at)
        if self.taper is not None:
            positive("taper", self.taper)

    def ramp(self, full: float) -> float:
        """The length of a taper in a wire that is `full` wide."""
        return full - self.width if self.taper is None else self.taper

    def breaks(self, full: float) -> tuple[float, ...]:
        """Ends of the tapers and of the narrow stretch, xi, in a strip or wire of the full width."""
        inner, outer = self.length / 2, self.length / 2 + self.ramp(full)
        return self.at - outer, self.at - inner, self.at + inner, self.at + outer

    def check(self, full: float, half: float) -> None:
        """Raises InputError unless it narrows a filament that is `full` wide and lies within x = -+ half."""
        if self.width >= full:
            raise InputError(
                f"{self.width!r} is no constriction", key="constriction.width", allowed=f"a number below {full:g}"
            )
        breaks = self.breaks(full)
        inside("constriction", breaks[0], breaks[-1], half)

    @property
    def interval(self) -> tuple[float, float]:
        """Where along x to have the smallest cells."""
        return self.at - self.length / 2, self.at + self.length / 2

    def factor(self, x: Array, full: float) -> Array:
        """Width at x over the full one."""
        s = np.clip((np.abs(x - self.at) - self.length / 2) / self.ramp(full), 0.0, 1.0)
        narrow = self.width / full
        return narrow + (1 - narrow) * (1 - np.cos(math.pi * s)) / 2


@dataclass(frozen=True, kw_only=True)
class Hole(Section):
    """A round hole; its rim is the boundary "hole"."""

    radius: InXi
    """Its radius."""
    at: tuple[InXi, InXi] = (0.0, 0.0)
    """Its middle."""

    def __post_init__(self) -> None:
        positive("radius", self.radius)
        finite("at", *self.at)

    def reach(self, room: float) -> float:
        """Half side of the square in which a structured grid is bent, xi; room: what there is to the nearest edge."""
        return min(2 * self.radius, room)

    def breaks(self, axis: int, room: float) -> tuple[float, ...]:
        """Grid lines that a structured mesh needs along an axis, xi; room as for `reach`."""
        centre, inner, outer = self.at[axis], SQUARE * self.radius, self.reach(room)
        return centre - outer, centre - inner, centre + inner, centre + outer

    def bend(self, p: Array, room: float) -> Array:
        """Points p (2, n) of a grid drawn along rays so that the inner square becomes the circle; room: see `reach`."""
        centre = np.array(self.at)[:, None]
        inner, outer = SQUARE * self.radius, self.reach(room)
        v = p - centre
        size = np.max(np.abs(v), axis=0)
        near = (size < outer) & (size > 0)
        v, size = v[:, near], size[near]
        f = (size - inner) / (outer - inner)
        bent = p.copy()
        bent[:, near] = centre + (1 - f) * self.radius * v / np.hypot(*v) + f * v * (outer / size)
        return bent


def size_towards(h: float, fine: float, intervals: Sequence[tuple[float, float]]) -> Callable[[Array], Array]:
    """The wanted size of cells along an axis: `fine` in the intervals, growing to `h` away from them."""

    def size(x: Array) -> Array:
        distance = np.full(np.shape(x), np.inf)
        for low, high in intervals:
            distance = np.minimum(distance, np.maximum(np.maximum(low - x, x - high), 0.0))
        return np.minimum(h, fine + GROWTH * distance)

    return size


def graded(breaks: Sequence[float], size: Callable[[Array], Array], least: int = 1) -> Array:
    """Increasing grid lines through all breaks, spaced as `size` wants, `least` cells at least between two breaks."""
    corners = sorted(breaks)
    kept = [corners[0]]
    for corner in corners[1:]:
        if corner - kept[-1] > 1e-9 * (corners[-1] - corners[0]):
            kept.append(corner)
    lines = [np.array(kept[:1])]
    for low, high in pairwise(kept):
        fine = np.linspace(low, high, 400)
        density = 1 / size(fine)
        count = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2 * np.diff(fine))])
        cells = max(least, round(float(count[-1])))
        inner = np.interp(np.linspace(0, count[-1], cells + 1)[1:-1], count, fine)
        lines.append(np.concatenate([inner, [high]]))
    return np.concatenate(lines)


def inside(name: str, low: float, high: float, limit: float) -> None:
    """Raises InputError unless [low, high] lies within -limit to limit."""
    if low < -limit * (1 + 1e-12) or high > limit * (1 + 1e-12):
        raise InputError(
            f"reaches from {low:g} to {high:g}, out of the strip or wire",
            key=name,
            allowed=f"between {-limit:g} and {limit:g}",
        )


def finer(name: str, value: float, h: float) -> None:
    """Raises InputError unless a size of the smallest cells is one: up to h, and not so small that lines coincide."""
    if not 1e-6 * h <= value <= h:
        raise InputError(f"{value!r} is not possible", key=name, allowed=f"a number up to h, from {1e-6 * h:g} on")
