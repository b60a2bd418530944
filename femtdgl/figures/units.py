r"""Figures in SI where the film has scales, else, or on request, in reduced units.

A label of an axis says the reduced unit of its numbers, "$t/t_0$" or "$w$ ($j_0 V_0/\xi$)".  `in_units` puts SI in its
place, with the prefix that suits what is seen, and the numbers at the ticks with it; what is drawn stays where it is.
`said` and `axis` do the same for a number within a text and for an axis that is still to be drawn.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import Formatter, MaxNLocator

from femtdgl.errors import InputError
from femtdgl.files.reader import Result
from femtdgl.problem.in_si import Unit, units_in_si
from femtdgl.units import DEPAIRING

CHOICES = ("SI", "reduced")
CHOSEN: ContextVar[str | None] = ContextVar("units of figures", default=None)
PREFIXES = {
    "f": 1e-15,
    "p": 1e-12,
    "n": 1e-9,
    "µ": 1e-6,
    "m": 1e-3,
    "": 1.0,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
    "T": 1e12,
    "P": 1e15,
}
PLAIN = ("K",)
"""Units that have no prefix in figures."""
DRIVE = "J/j0"
"""The current of the drive: a density in reduced units, a total in SI, where the area of the terminal is known."""
OF_SYMBOL = re.compile(r"\$([^$/]*)/([^$]+)\$")
IN_BRACKETS = re.compile(r"\(\$([^$]+)\$\)")
LINE_AT_TC = ", line at 1"


@contextmanager
def shown_in(units: str | None) -> Iterator[None]:
    """Make figures in "SI" or "reduced" units; None: in SI where the film has scales.  Raises InputError."""
    if units is not None and units not in CHOICES:
        raise InputError(f"{units!r} is not possible", key="units", allowed=" or ".join(CHOICES))
    token = CHOSEN.set(units)
    try:
        yield
    finally:
        CHOSEN.reset(token)


def units_of(result: Result) -> dict[str, Unit]:
    """SI by the reduced units, without spaces; empty: this result is shown in reduced units.

    Raises InputError where SI is asked for, and the film has no scales.
    """
    if CHOSEN.get() == "reduced":
        return {}
    film = result.film
    if film is None or film.scales is None:
        if CHOSEN.get() == "SI":
            allowed = 'reduced; SI with a film in SI, such as preset = "NbN"'
            raise InputError("the film has no scales", key="units", file=str(result.directory), allowed=allowed)
        return {}
    found = units_in_si(film, result.nodes.shape[0])
    found[DRIVE] = found["j0"]
    if "j0xi^(d-1)" in found:
        found |= dict.fromkeys(("I/j0", "j0xi", "j0xi^2"), found["j0xi^(d-1)"])
    depairing = (result.summary.get("si") or {}).get("depairing_current")
    if depairing is not None:
        found[DRIVE] = Unit(depairing / DEPAIRING, "A")
    return {
        unit: Unit(size, si.replace("^2", "²").replace("^3", "³"))
        for unit, (size, si) in found.items()
        if not unit.startswith("Delta0")  # |psi| from 0 to 1 says more
    }


def symbol_of_drive(result: Result) -> str:
    """J, a density, or I, where the current of the drive is shown as a total."""
    found = units_of(result).get(DRIVE)
    return "I" if found is not None and found.si == "A" else "J"


def prefixed(unit: Unit, largest: float) -> tuple[float, str]:
    """What reduced numbers up to `largest` are multiplied with, and the unit with its prefix."""
    if unit.si in PLAIN:
        return unit.size, unit.si
    size = abs(largest) * unit.size
    fitting = [prefix for prefix, power in PREFIXES.items() if size >= power * (1 - 1e-9)]
    if not fitting and size > 0:
        power = 3 * math.floor(math.log10(size) / 3)
        return unit.size / 10.0**power, f"10$^{{{power}}}$ {unit.si}"
    prefix = fitting[-1] if fitting else ""
    return unit.size / PREFIXES[prefix], prefix + unit.si


def said(result: Result, value: float, unit: str, form: str = ".4g", *, of: str = "") -> str:
    r"""A number within a text of a figure, with its unit.   unit: as in a label, "t_0"; form: of the reduced number.

    `of`: the symbol, where one unit stands for different things, "J" of the drive.
    """
    found = _known(units_of(result), unit, of)
    if found is None:
        return f"{value:{form}} ${unit}$"
    factor, words = prefixed(found, value)
    return f"{value * factor:.4g} {words}"


def factor_of(result: Result, unit: str, values: Any, *, of: str = "") -> tuple[float, str]:
    """For several numbers within a text: what they are multiplied with, and their unit as it is written."""
    found = _known(units_of(result), unit, of)
    if found is None:
        return 1.0, f"${unit}$"
    return prefixed(found, float(np.abs(np.asarray(values)).max(initial=0.0)))


def axis(result: Result, label: str, values: Any) -> tuple[float, str]:
    """For an axis that is still to be drawn: what its numbers are multiplied with, and its label."""
    found = _read(label, units_of(result))
    if found is None:
        return 1.0, label
    unit, before, after = found
    finite = np.abs(np.asarray(values, float))
    factor, words = prefixed(unit, float(finite[np.isfinite(finite)].max(initial=0.0)))
    return factor, f"{before}{words}{after}"


def in_units(axes: Iterable[Axes], result: Result) -> None:
    """Put SI into labels and ticks of axes that are drawn."""
    known = units_of(result)
    for ax in axes if known else ():
        lengths = [np.abs(span).max() for each, span in _sides(ax) if _is_length(each, known)]
        for each, span in _sides(ax):
            found = _read(each.label.get_text(), known)
            if found is None or each.get_scale() == "log":
                continue
            unit, before, after = found
            largest = max(lengths) if unit.si == "m" else np.abs(span).max()  # x and y of a map have the same unit
            factor, words = prefixed(unit, float(largest))
            each.label.set_text(f"{before}{words}{after}")
            each.set_major_locator(Ticks(factor))
            each.set_major_formatter(Numbers(factor))


def _known(known: dict[str, Unit], unit: str, of: str = "") -> Unit | None:
    """A unit as labels write it, of a symbol; None: it is not known."""
    plain = re.sub(r"\s|\\,|[\\_{}$]", "", unit.replace("{d-1}", "(d-1)"))
    return known.get(f"{of}/{plain}", known.get(plain))


def _sides(ax: Axes) -> tuple[tuple[Any, Any], ...]:
    """Its axes, and the ends of what is seen."""
    return (ax.xaxis, ax.get_xlim()), (ax.yaxis, ax.get_ylim())


def _is_length(side: Any, known: dict[str, Unit]) -> bool:
    found = _read(side.label.get_text(), known)
    return found is not None and found[0].si == "m"


def _read(label: str, known: dict[str, Unit]) -> tuple[Unit, str, str] | None:
    """The unit that a label says, and what stands before and behind its SI; None: it says none that is known."""
    label = label.replace("$$", "")
    alone = None if "$" in label else _known(known, label)
    if alone is not None:
        return alone, "", ""
    inside = IN_BRACKETS.search(label)
    found = None if inside is None else _known(known, inside[1])
    if inside is not None and found is not None:
        return found, f"{label[: inside.start()]}(", f"){label[inside.end() :]}"
    inside = OF_SYMBOL.search(label)
    found = None if inside is None else _known(known, inside[2], inside[1])
    if inside is None or found is None:
        return None
    after = label[inside.end() :].replace(LINE_AT_TC, ", line at $T_c$")
    symbol = "I" if (inside[1], found.si) == ("J", "A") else inside[1]
    return found, f"{label[: inside.start()]}${symbol}$ (", f"){after}"


class Ticks(MaxNLocator):
    """Round numbers of an axis whose numbers are told times a factor."""

    def __init__(self, factor: float) -> None:
        super().__init__("auto", steps=[1, 2, 2.5, 5, 10])
        self.factor = factor

    def tick_values(self, vmin: float, vmax: float) -> Any:
        """Where they are."""
        return np.asarray(super().tick_values(vmin * self.factor, vmax * self.factor)) / self.factor


class Numbers(Formatter):
    """The numbers at the ticks, times a factor, with as many digits as tell them apart."""

    def __init__(self, factor: float) -> None:
        self.factor = factor

    def __call__(self, x: float, pos: Any = None) -> str:
        """One number."""
        return self.fix_minus(f"{x * self.factor:.4g}")

    def format_ticks(self, values: Any) -> list[str]:
        """All of them."""
        told = np.asarray(values, float) * self.factor
        digits = next((d for d in range(7) if np.allclose(told, told.round(d), rtol=0, atol=1e-4 * _step(told))), 6)
        return [self.fix_minus(f"{value + 0.0:.{digits}f}") for value in told.round(digits)]


def _step(values: Any) -> float:
    """The least difference of neighbours; of one number its size."""
    if values.size > 1:
        return float(np.abs(np.diff(values)).min()) or 1.0
    return float(np.abs(values).max(initial=0.0)) or 1.0
