"""[map]: eps, conductivity and thickness as functions of place, by expressions, or by functions in Python.

[map]
eps = "1 - 0.2*exp(-(x**2 + y**2)) + 0.05*grains"       # of x, y, z and t, and of the fields below
conductivity = "where(x > 0, 2.0, 1.0)"
thickness = "0.5 + 0.5*picture"

[map.fields.grains]
random = 1.0
length = 2.0
seed = 1
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import PlainValidator

from femtdgl.errors import InputError
from femtdgl.input.expression import CONSTANTS, FUNCTIONS, Expression
from femtdgl.input.section import Section
from femtdgl.problem.in_python import in_python, named, refuse_in_python
from femtdgl.problem.map_fields import AXES, ByKey, MapField, Profile, Sampled, map_field

Array = NDArray[np.float64]

STEP = 1e-4
"""Half of the difference for the rate of a function in Python, in t0."""


@dataclass(frozen=True)
class Map(Section):
    """A number, an expression, or a Python function of points (dim, n), and of the time if it takes two arguments."""

    value: float | str | Callable[..., Any]
    """That number, expression or function."""

    def described(self) -> Any:
        """As in a problem file."""
        return in_python(self.value) if callable(self.value) else self.value

    def read(self, names: tuple[str, ...]) -> Expression | None:
        """Its expression, of these names; None: it is none.  Raises InputError."""
        return Expression(self.value, names) if isinstance(self.value, str) else None

    def at(self, x: Array) -> Array:
        """Values (n,) at points x (dim, n), without fields and time.  Raises InputError."""
        read = self.read(AXES[: x.shape[0]])
        if read is not None:
            return _spread(read(**dict(zip(AXES, x, strict=False))), x)
        return _spread(_called(self.value, x, 0.0) if callable(self.value) else self.value, x)


def a_map(value: Any) -> Map | None:
    """A number, text or a function as a Map; None stays None.  Raises InputError."""
    if value is None or isinstance(value, Map):
        return value
    refuse_in_python(value)
    if isinstance(value, str) or callable(value) or (isinstance(value, int | float) and not isinstance(value, bool)):
        return Map(float(value) if isinstance(value, int | float) else value)
    allowed = 'a number, or an expression such as "1 - 0.2*exp(-x**2)", which may use [map.fields]'
    raise InputError(f"{value!r} is no map", allowed=allowed)


MAY_MOVE = ("eps", "Tc")
NAMES = ("eps", "Tc", "conductivity", "thickness")


@dataclass(frozen=True, kw_only=True)
class Maps(Section):
    """What differs from place to place; None: nothing does."""

    eps: Annotated[Map | None, PlainValidator(a_map)] = None
    """eps(x, t) in place of 1, before weak spots and regions."""
    Tc: Annotated[Map | None, PlainValidator(a_map)] = None
    """In place of eps: the local critical temperature over that of the film."""
    conductivity: Annotated[Map | None, PlainValidator(a_map)] = None
    """Normal conductivity over that of the film; a factor of that of a region."""
    thickness: Annotated[Map | None, PlainValidator(a_map)] = None
    """Thickness over that of the film (2D), taken in the middle of each cell; a factor of that of a region."""
    fields: Mapping[str, Annotated[MapField, PlainValidator(map_field), ByKey()]] = field(default_factory=dict)
    """Functions of place that the expressions may use, by name."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", {name: map_field(given) for name, given in self.fields.items()})
        for name in self.fields:
            taken = (*AXES, "t", *CONSTANTS, *FUNCTIONS)
            if not name.isidentifier() or name in taken:
                raise InputError(f"{name!r} is no name for a field", key="fields", allowed="a word that is not taken")
        read: dict[str, Expression] = {}
        for name in NAMES:
            made = a_map(getattr(self, name))
            object.__setattr__(self, name, made)
            letters = (*AXES, "t") if name in MAY_MOVE else AXES
            try:
                found = None if made is None else made.read((*letters, *self.fields))
            except InputError as error:
                raise error.at(key=name) from None
            if found is not None:
                read[name] = found
                if "t" in found.bent:
                    words = f"{found.text!r} jumps or bends in time"
                    raise InputError(words, key=name, allowed="rise(s) or erf(s) in place of step(s)")
        object.__setattr__(self, "_read", read)
        object.__setattr__(self, "_known", {})
        if self.eps is not None and self.Tc is not None:
            raise InputError("is given beside eps", key="Tc", allowed="one of them")

    @property
    def expressions(self) -> dict[str, Expression]:
        """Those that are text, by key."""
        return self._read  # type: ignore[attr-defined]

    @property
    def moves(self) -> bool:
        """Whether eps changes in time."""
        for name in MAY_MOVE:
            made = getattr(self, name)
            if made is not None and callable(made.value) and _takes_time(made.value):
                return True
            if name in self.expressions and "t" in self.expressions[name].used:
                return True
        return False

    def check_dimension(self, dim: int) -> None:
        """Raises InputError for what a mesh of so many dimensions does not have; keys within [map]."""
        for name, read in self.expressions.items():
            for letter in AXES[dim:]:
                if letter in read.used:
                    words = f"{read.text!r} has {letter!r}, the mesh {dim} dimensions"
                    raise InputError(words, key=name, allowed=", ".join(AXES[:dim]))
        for name, given in self.fields.items():
            needed = given.dim if isinstance(given, Sampled) else 1
            needed = AXES.index(given.along) + 1 if isinstance(given, Profile) else needed
            if needed > dim:
                words = f"has {needed} dimensions, the mesh {dim}"
                raise InputError(words, key=f"fields.{name}", allowed=f"up to {dim}")
        if self.thickness is not None and dim != 2:
            raise InputError("needs a mesh of two dimensions", key="thickness", allowed="no thickness")

    def of(self, name: str, x: Array, t: float = 0.0) -> Array:
        """One of them by its name at points x (dim, n): (n,).  1 where it is not given.  Raises InputError, keys
        within [map].
        """
        made = getattr(self, name)
        if made is None:
            return np.ones(x.shape[1])
        try:
            if name in self.expressions:
                return _spread(self.expressions[name](**self._values(name, x, t)), x, t)
            return _spread(_called(made.value, x, t) if callable(made.value) else made.value, x, t)
        except InputError as error:
            raise error.at(key=name) from None

    def rate_of(self, name: str, x: Array, t: float) -> Array:
        """d/dt of one of them by its name at points x (dim, n): (n,)."""
        made = getattr(self, name)
        rate: Any = 0.0
        if name in self.expressions:
            rate = self.expressions[name].slope("t", **self._values(name, x, t))
        elif made is not None and callable(made.value) and _takes_time(made.value):
            rate = (self.of(name, x, t + STEP) - self.of(name, x, t - STEP)) / (2 * STEP)
        return np.array(np.broadcast_to(np.asarray(rate, dtype=float), x.shape[1:]))

    def _values(self, name: str, x: Array, t: float) -> dict[str, Any]:
        used = self.expressions[name].used
        values: dict[str, Any] = {"t": t, **dict(zip(AXES, x, strict=False))}
        return values | {key: self._field(key, x) for key in self.fields if key in used}

    def _field(self, name: str, x: Array) -> Array:
        """A field at points, worked out once for the points that were asked for last."""
        known: dict[str, tuple[Array, Array]] = self._known  # type: ignore[attr-defined]
        if name not in known or known[name][0] is not x:
            known[name] = x, self.fields[name](x)
        return known[name][1]


def _takes_time(function: Callable[..., Any]) -> bool:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return False
    needed = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) and p.default is p.empty]
    return len(needed) == 2


def _called(function: Callable[..., Any], x: Array, t: float) -> Any:
    """What a Python function gives.  Raises InputError where that is no array of as many values as there are points."""
    allowed = f"a function of points ({x.shape[0]}, n), or of points and time, that returns n numbers"
    try:
        value = np.asarray(function(x, t) if _takes_time(function) else function(x), dtype=float)
    except (TypeError, ValueError, IndexError) as error:
        raise InputError(f"{named(function)} does not work: {error}", allowed=allowed) from error
    if value.shape not in ((), x.shape[1:]):
        raise InputError(f"{named(function)} returns {value.shape} for {x.shape}", allowed=allowed)
    return value


def _spread(value: Any, x: Array, t: float = 0.0) -> Array:
    """Values (n,) at points x (dim, n) from as many or from one.  Raises InputError where they are not finite."""
    found = np.array(np.broadcast_to(np.asarray(value, dtype=float), x.shape[1:]))
    if not np.isfinite(found).all():
        at = x[:, int(np.flatnonzero(~np.isfinite(found))[0])]
        words = f"is not finite at {[round(float(c), 6) for c in at]}, t = {t:g}"
        raise InputError(words, allowed="a finite number everywhere")
    return found
