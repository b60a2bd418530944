"""Named functions of place that expressions of [map] may use: seeded disorder, profiles, images and arrays.

[map.fields.grains]
random = 0.1                    # standard deviation
length = 1.5                    # correlation length, xi
seed = 4

[map.fields.step]
table = [[-5.0, 0.0], [5.0, 1.0]]        # [x, value], straight between; along = "y" for another direction

[map.fields.picture]
file = "constriction.png"       # or .csv as it is seen, first row on top; or .npy, a[i, j, k] at x_i, y_j, z_k
box = [[-10.0, -5.0], [10.0, 5.0]]
"""

from __future__ import annotations

import base64
import io
import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from femtdgl.errors import InputError
from femtdgl.input.numbers import positive
from femtdgl.input.quantities import InXi
from femtdgl.input.reduce import Convert, reduced
from femtdgl.input.section import Section
from femtdgl.input.tables import validated

Array = NDArray[np.float64]

WAVES = 400
"""Plane waves that disorder is made of."""
CHUNK = 20_000
"""Points at a time."""
MOST_VALUES = 4_000_000
AXES = ("x", "y", "z")


@dataclass(frozen=True, kw_only=True)
class Disorder(Section):
    """Seeded disorder of mean 0: a sum of plane waves, the same at a point whatever the mesh.

    Its values are nearly normally distributed, with <f(x) f(x + r)> = random^2 exp(-r^2/(2 length^2)).
    """

    random: float
    """Standard deviation."""
    length: InXi
    """Correlation length, xi."""
    seed: int = 0
    """Another one is another sample."""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.random) and self.random >= 0):
            raise InputError(f"{self.random!r} is not possible", key="random", allowed="a number >= 0")
        positive("length", self.length)
        if self.seed < 0:
            raise InputError(f"{self.seed!r} is not possible", key="seed", allowed="a whole number >= 0")

    @cached_property
    def _waves(self) -> tuple[Array, Array]:
        """Wave vectors (WAVES, 3) and phases (WAVES,): in three directions, of which a mesh sees its own."""
        generator = np.random.default_rng(self.seed)
        return generator.normal(size=(WAVES, 3)) / self.length, generator.uniform(0, 2 * np.pi, WAVES)

    def __call__(self, x: Array) -> Array:
        """Values (n,) at points x (dim, n)."""
        k, phase = self._waves
        value = np.empty(x.shape[1])
        for first in range(0, x.shape[1], CHUNK):
            part = x[:, first : first + CHUNK]
            value[first : first + CHUNK] = np.cos(part.T @ k[:, : x.shape[0]].T + phase).sum(axis=1)
        return self.random * math.sqrt(2 / WAVES) * value


@dataclass(frozen=True, kw_only=True)
class Profile(Section):
    """Straight lines between given points along one direction, constant beyond them."""

    table: tuple[tuple[InXi, float], ...]
    """Pairs [place, value] in rising order of places."""
    along: Literal["x", "y", "z"] = "x"
    """That direction."""

    def __post_init__(self) -> None:
        places = [place for place, _ in self.table]
        if not places or any(b <= a for a, b in pairwise(places)):
            raise InputError("has places that do not rise", key="table", allowed="pairs [place, value], places rising")

    def __call__(self, x: Array) -> Array:
        """Values (n,) at points x (dim, n)."""
        places, values = np.array(self.table).T
        return np.interp(x[AXES.index(self.along)], places, values)


@dataclass(frozen=True, kw_only=True)
class Sampled(Section):
    """Values on a regular grid over a box, straight between them, constant beyond it.

    They come from a file, and are stored with a result as text (`data`), so that it needs the file no more.
    """

    box: tuple[tuple[InXi, ...], tuple[InXi, ...]]
    """The corner of the smallest and the one of the largest coordinates, xi."""
    file: str | None = None
    """A .png (grey, 0 to 1), a .csv or a .npy."""
    data: str | None = None
    """An array as text, see `Sampled.of`."""
    centred: bool = False
    """Whether values are those of cells, as in a picture, and not of points that reach to the ends of the box."""

    def __post_init__(self) -> None:
        low, high = self.box
        if len(low) != len(high) or not all(a < b for a, b in zip(low, high, strict=True)):
            raise InputError(
                f"{[list(part) for part in self.box]!r} is no box", key="box", allowed="[[x0, y0], [x1, y1]], rising"
            )
        if (self.file is None) == (self.data is None):
            raise InputError("needs one of file and data", key="file", allowed="one of them")
        if self.file is not None:
            values, centred = _read(Path(self.file))
            object.__setattr__(self, "data", _as_text(values))
            object.__setattr__(self, "centred", centred)
            object.__setattr__(self, "file", None)
        if self.values.ndim != len(low):
            raise InputError(f"has {self.values.ndim} dimensions, its box {len(low)}", key="box", allowed="as many")

    @classmethod
    def of(cls, values: Any, box: Any, *, centred: bool = False) -> Sampled:
        """An array, values[i, j, k] at x_i, y_j, z_k, over a box; centred: they are means of cells, not values at
        their corners.
        """
        array = np.asarray(values, dtype=float)
        return cls(box=tuple(tuple(map(float, corner)) for corner in box), data=_as_text(array), centred=centred)  # type: ignore[arg-type]

    @cached_property
    def values(self) -> Array:
        """values[i, j, k] at x_i, y_j, z_k."""
        try:
            raw = zlib.decompress(base64.b64decode(self.data or "", validate=True))
            return np.load(io.BytesIO(raw), allow_pickle=False).astype(float)
        except (ValueError, zlib.error, EOFError, OSError) as error:
            raise InputError(f"cannot be read: {error}", key="data", allowed="what Sampled.of makes") from None

    @cached_property
    def _interpolator(self) -> Any:
        from scipy.interpolate import RegularGridInterpolator

        axes, values = [], self.values
        for d, (low, high, count) in enumerate(zip(*self.box, values.shape, strict=True)):
            half = (high - low) / count / 2 if self.centred else 0.0
            axes.append(np.linspace(low + half, high - half, count) if count > 1 else np.array([low, high]))
            if count == 1:
                values = np.repeat(values, 2, axis=d)
        return axes, RegularGridInterpolator(axes, values)

    def __call__(self, x: Array) -> Array:
        """Values (n,) at points x (dim, n)."""
        axes, interpolate = self._interpolator
        inside = [np.clip(part, axis[0], axis[-1]) for part, axis in zip(x, axes, strict=False)]
        return np.asarray(interpolate(np.stack(inside, axis=-1)))

    @property
    def dim(self) -> int:
        """How many coordinates it needs."""
        return len(self.box[0])


def _as_text(values: Any) -> str:
    if values.size > MOST_VALUES or values.size == 0:
        raise InputError(f"holds {values.size} values", key="file", allowed=f"1 to {MOST_VALUES}")
    if not np.isfinite(values).all():
        raise InputError("holds values that are no finite numbers", key="file", allowed="finite numbers")
    raw = io.BytesIO()
    np.save(raw, values, allow_pickle=False)
    return base64.b64encode(zlib.compress(raw.getvalue(), 9)).decode()


def _read(path: Path) -> tuple[Any, bool]:
    """The array of a file, [i, j, k] at x_i, y_j, z_k, and whether its values are those of cells."""
    allowed = "a .png, .csv or .npy file"
    try:
        if path.suffix == ".npy":
            values = np.load(path, allow_pickle=False)
            if values.dtype.kind not in "fiub":
                raise InputError(f"{path}: holds {values.dtype}, no numbers", key="file", allowed="an array of numbers")
            return values, False
        if path.suffix == ".csv":
            values = np.loadtxt(path, delimiter=",", ndmin=2)
            return (values[0] if values.shape[0] == 1 else values[::-1].T), False
        if path.suffix == ".png":
            from matplotlib.image import imread

            picture = np.asarray(imread(path), dtype=float)
            grey = picture if picture.ndim == 2 else picture[..., : min(3, picture.shape[-1])].mean(axis=-1)
            return np.round(grey[::-1].T, 6), True
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise InputError(f"{path}: cannot be read: {error}", key="file", allowed=allowed) from None
    raise InputError(f"{path}: is of no known kind", key="file", allowed=allowed)


MapField = Disorder | Profile | Sampled
KINDS: dict[str, type[MapField]] = {"random": Disorder, "table": Profile, "file": Sampled, "data": Sampled}
"""By the key that tells them apart."""


def kind_of(value: Any) -> type[MapField] | None:
    """The class of a table of a problem file; None: it is of none."""
    return next((KINDS[key] for key in KINDS if isinstance(value, Mapping) and key in value), None)


class ByKey(NamedTuple):
    """A mark of the type of a field of a map: its lengths may be text with units."""

    def reduced(self, value: Any, convert: Convert, key: str) -> Any:
        """The table with text that has a unit replaced; of no known kind, as it is."""
        made = kind_of(value)
        return value if made is None else reduced(made, value, convert, key)


def map_field(value: Any) -> MapField:
    """One of them from the table of a problem file.  Raises InputError."""
    if isinstance(value, MapField):
        return value
    made = kind_of(value)
    if made is None:
        allowed = "{ random, length, seed }, { table = [[x, value]] } or { file, box }"
        raise InputError(f"{value!r} is no field", allowed=allowed)
    found: MapField = validated(made, value, "")
    return found
