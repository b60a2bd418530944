"""Expressions: text such as "0.4 + 0.1*sin(2*pi*t)" to functions of numbers and arrays, with their derivatives.

Nothing of Python is run.  The text is parsed to a tree, each node of which must be one of those below; the tree becomes
numpy functions of the values of its names, and of their rates (forward mode).  What cannot be said in it: names that
are not allowed, attributes, subscripts, text, assignments, anything that calls something not on the list.
"""

from __future__ import annotations

import ast
import math
import warnings
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from scipy.special import erf

from femtdgl.errors import InputError
from femtdgl.input.nearest import nearest

LONGEST, DEEPEST, LARGEST_POWER = 1000, 40, 100.0
"""Characters of a text, depth of its tree, and size of an exponent that is a number."""

CONSTANTS = {"pi": math.pi, "e": math.e}


def _rise(s: Any) -> Any:
    """From 0 at s = 0 to 1 at s = 1, constant beyond; two derivatives are continuous."""
    s = np.clip(s, 0.0, 1.0)
    return s**3 * (10 - 15 * s + 6 * s * s)


def _rise_slope(s: Any) -> Any:
    s = np.clip(s, 0.0, 1.0)
    return 30 * s**2 * (1 - s) ** 2


class Known(NamedTuple):
    """A function: how many arguments it has, its value, its slope by each of them, and whether it is smooth."""

    arguments: int
    value: Callable[..., Any]
    slopes: tuple[Callable[..., Any], ...]
    smooth: bool = True


def _nothing(*arguments: Any) -> Any:
    return 0.0


FUNCTIONS = {
    "sin": Known(1, np.sin, (np.cos,)),
    "cos": Known(1, np.cos, (lambda x: -np.sin(x),)),
    "tan": Known(1, np.tan, (lambda x: 1 / np.cos(x) ** 2,)),
    "asin": Known(1, np.arcsin, (lambda x: 1 / np.sqrt(1 - x * x),)),
    "acos": Known(1, np.arccos, (lambda x: -1 / np.sqrt(1 - x * x),)),
    "atan": Known(1, np.arctan, (lambda x: 1 / (1 + x * x),)),
    "sinh": Known(1, np.sinh, (np.cosh,)),
    "cosh": Known(1, np.cosh, (np.sinh,)),
    "tanh": Known(1, np.tanh, (lambda x: 1 - np.tanh(x) ** 2,)),
    "exp": Known(1, np.exp, (np.exp,)),
    "log": Known(1, np.log, (lambda x: 1 / x,)),
    "sqrt": Known(1, np.sqrt, (lambda x: 0.5 / np.sqrt(x),)),
    "erf": Known(1, erf, (lambda x: 2 / math.sqrt(math.pi) * np.exp(-x * x),)),
    "rise": Known(1, _rise, (_rise_slope,)),
    "hypot": Known(2, np.hypot, (lambda x, y: x / np.hypot(x, y), lambda x, y: y / np.hypot(x, y))),
    "atan2": Known(2, np.arctan2, (lambda y, x: x / (x * x + y * y), lambda y, x: -y / (x * x + y * y)), smooth=False),
    "abs": Known(1, np.abs, (np.sign,), smooth=False),
    "sign": Known(1, np.sign, (_nothing,), smooth=False),
    "step": Known(1, lambda x: np.heaviside(x, 1.0), (_nothing,), smooth=False),
    "min": Known(2, np.minimum, (lambda a, b: (a <= b) * 1.0, lambda a, b: (a > b) * 1.0), smooth=False),
    "max": Known(2, np.maximum, (lambda a, b: (a >= b) * 1.0, lambda a, b: (a < b) * 1.0), smooth=False),
    "where": Known(
        3,
        lambda c, a, b: np.where(c != 0, a, b),
        (_nothing, lambda c, a, b: (c != 0) * 1.0, lambda c, a, b: (c == 0) * 1.0),
        smooth=False,
    ),
}
"""By name.  step(x) is 0 below 0 and 1 from there on; rise(x) goes from 0 to 1 within 0 < x < 1, smoothly;
where(condition, a, b) is a where the condition holds."""


def _power_by_base(a: Any, b: Any) -> Any:
    return b * np.power(a, b - 1)


def _power_by_exponent(a: Any, b: Any) -> Any:
    return np.power(a, b) * np.log(np.where(np.asarray(a) > 0, a, 1.0))


OPERATORS: dict[type[ast.AST], Known] = {
    ast.Add: Known(2, np.add, (lambda a, b: 1.0, lambda a, b: 1.0)),
    ast.Sub: Known(2, np.subtract, (lambda a, b: 1.0, lambda a, b: -1.0)),
    ast.Mult: Known(2, np.multiply, (lambda a, b: b, lambda a, b: a)),
    ast.Div: Known(2, np.true_divide, (lambda a, b: np.true_divide(1.0, b), lambda a, b: -np.true_divide(a, b * b))),
    ast.Pow: Known(2, np.power, (_power_by_base, _power_by_exponent)),
    ast.USub: Known(1, np.negative, (lambda a: -1.0,)),
    ast.UAdd: Known(1, np.positive, (lambda a: 1.0,)),
    ast.Lt: Known(2, lambda a, b: (a < b) * 1.0, (_nothing, _nothing), smooth=False),
    ast.LtE: Known(2, lambda a, b: (a <= b) * 1.0, (_nothing, _nothing), smooth=False),
    ast.Gt: Known(2, lambda a, b: (a > b) * 1.0, (_nothing, _nothing), smooth=False),
    ast.GtE: Known(2, lambda a, b: (a >= b) * 1.0, (_nothing, _nothing), smooth=False),
}

Values = Mapping[str, Any]


class _Part(NamedTuple):
    """A node of the tree: its value, and its rate from the rates of the names (None: it has none)."""

    value: Callable[[Values], Any]
    rate: Callable[[Values, Values], Any] | None
    names: frozenset[str] = frozenset()


class Expression:
    """A text with these names in it as a function of their values.  Raises InputError for what it may not hold.

    `used`: the names that stand in it.  `bent`: those in which it is not smooth, as in abs(x).
    """

    def __init__(self, text: str, names: tuple[str, ...]) -> None:
        self.text, self.names = text, names
        self.used: set[str] = set()
        self.bent: set[str] = set()
        self._rooted = self._part(self._tree(), 0)

    @property
    def smooth(self) -> bool:
        """Whether it is in all of them."""
        return not self.bent

    def __call__(self, **values: Any) -> Any:
        """The value; arrays are taken point by point."""
        with np.errstate(all="ignore"):
            return self._rooted.value(values)

    def slope(self, by: str, **values: Any) -> Any:
        """The derivative by one of the names."""
        if self._rooted.rate is None or by not in self.used:
            return 0.0
        with np.errstate(all="ignore"):
            return self._rooted.rate(values, {by: 1.0})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and (self.text, self.names) == (other.text, other.names)

    def __hash__(self) -> int:
        return hash((self.text, self.names))

    def __reduce__(self) -> Any:
        return Expression, (self.text, self.names)

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"

    @cached_property
    def _source(self) -> str:
        return " ".join(self.text.split("\n")).strip()

    def _tree(self) -> ast.expr:
        if len(self.text) > LONGEST:
            raise InputError(f"is a text of {len(self.text)} characters", allowed=f"an expression of {LONGEST}")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return ast.parse(self._source, mode="eval").body
        except SyntaxError as error:
            raise self._wrong(f"is no expression: {error.msg}", (error.offset or 1) - 1) from None
        except (ValueError, MemoryError, RecursionError, OverflowError) as error:
            raise self._wrong(f"is no expression: {error or 'too deep'}", 0) from None

    def _wrong(self, words: str, place: int) -> InputError:
        """With the position, counted from 1, and what is allowed."""
        return InputError(f"{self._source!r}, position {place + 1}: {words}", allowed=self._allowed())

    def _allowed(self) -> str:
        names = ", ".join([*self.names, *CONSTANTS])
        return f"numbers, {names}, + - * / **, < and >, and the functions {', '.join(FUNCTIONS)}"

    def _part(self, node: ast.expr, depth: int) -> _Part:
        """A node as functions; `depth` is how deep it lies."""
        place = len(self._source.encode()[: node.col_offset].decode(errors="ignore"))
        if depth > DEEPEST:
            raise self._wrong(f"is deeper than {DEEPEST}", place)
        if isinstance(node, ast.Constant):
            return self._number(node, place)
        if isinstance(node, ast.Name):
            return self._name(node, place)
        if isinstance(node, ast.Call):
            return self._call(node, place, depth)
        if isinstance(node, ast.BinOp):
            return self._binary(node, place, depth)
        if isinstance(node, ast.UnaryOp) and type(node.op) in OPERATORS:
            return self._apply(OPERATORS[type(node.op)], [self._part(node.operand, depth + 1)])
        if isinstance(node, ast.Compare):
            return self._compare(node, place, depth)
        raise self._wrong(f"{type(node).__name__.lower()} is not for expressions", place)

    def _number(self, node: ast.Constant, place: int) -> _Part:
        if not isinstance(node.value, int | float) or isinstance(node.value, bool):
            raise self._wrong(f"{node.value!r} is no number", place)
        try:
            number = float(node.value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise self._wrong("is beyond what can be computed with", place)
        return _Part(lambda values: number, None)

    def _name(self, node: ast.Name, place: int) -> _Part:
        name = node.id
        if name in CONSTANTS and name not in self.names:
            constant = CONSTANTS[name]
            return _Part(lambda values: constant, None)
        if name not in self.names:
            known = [*self.names, *CONSTANTS, *FUNCTIONS]
            words = "is a function" if name in FUNCTIONS else f"is not known{nearest(name, known)}"
            raise self._wrong(f"{name!r} {words}", place)
        self.used.add(name)
        return _Part(lambda values: values[name], lambda values, rates: rates.get(name, 0.0), frozenset({name}))

    def _call(self, node: ast.Call, place: int, depth: int) -> _Part:
        if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
            name = node.func.id if isinstance(node.func, ast.Name) else "that"
            raise self._wrong(f"{name!r} is no function{nearest(name, FUNCTIONS)}", place)
        known = FUNCTIONS[node.func.id]
        if node.keywords or len(node.args) != known.arguments:
            given = len(node.args) + len(node.keywords)
            raise self._wrong(f"{node.func.id} takes {known.arguments} arguments, not {given}", place)
        return self._apply(known, [self._part(argument, depth + 1) for argument in node.args])

    def _binary(self, node: ast.BinOp, place: int, depth: int) -> _Part:
        known = OPERATORS.get(type(node.op))
        if known is None:
            hint = "; powers are written **" if isinstance(node.op, ast.BitXor) else ""
            raise self._wrong(f"{type(node.op).__name__.lower()} is not for expressions{hint}", place)
        left, right = self._part(node.left, depth + 1), self._part(node.right, depth + 1)
        if isinstance(node.op, ast.Pow) and right.rate is None:
            exponent = float(right.value({}))
            if not abs(exponent) <= LARGEST_POWER:
                raise self._wrong(f"a power of {exponent:g} is larger than {LARGEST_POWER:g}", place)
        return self._apply(known, [left, right])

    def _compare(self, node: ast.Compare, place: int, depth: int) -> _Part:
        """A condition: 1 where it holds, 0 elsewhere; 0 < x < 1 holds where both do."""
        parts = [self._part(part, depth + 1) for part in (node.left, *node.comparators)]
        if any(type(op) not in OPERATORS for op in node.ops):
            raise self._wrong("of comparisons there are < <= > >= only", place)
        found = [self._apply(OPERATORS[type(op)], parts[k : k + 2]) for k, op in enumerate(node.ops)]
        while len(found) > 1:
            found[:2] = [self._apply(OPERATORS[ast.Mult], found[:2])]
        return found[0]

    def _apply(self, known: Known, parts: list[_Part]) -> _Part:
        """A function of parts: its value, and its rate by the chain rule."""
        names = frozenset[str]().union(*(part.names for part in parts))
        if not known.smooth:
            self.bent |= names
        of, reads = known.value, [part.value for part in parts]
        moving = [(part.rate, slope) for part, slope in zip(parts, known.slopes, strict=True) if part.rate is not None]
        if not moving:
            with np.errstate(all="ignore"):
                constant = of(*(read({}) for read in reads))
            return _Part(lambda values: constant, None)

        def value(values: Values) -> Any:
            return of(*[read(values) for read in reads])

        def rate(values: Values, rates: Values) -> Any:
            arguments = [read(values) for read in reads]
            return sum(slope(*arguments) * moves(values, rates) for moves, slope in moving)

        return _Part(value, rate, names)
