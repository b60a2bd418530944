"""What stands above a figure: the title of the problem, and the parameters that tell it from others of its kind."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from femtdgl.figures.units import factor_of, said, symbol_of_drive
from femtdgl.files.reader import Result

Array = NDArray[np.float64]

LETTERS_PER_INCH = 15
SIZE = 9
LINE = 0.17
"""Height of a line of a heading, in inches."""
XI = r"\xi"
MOVING = 0.25
"""Of a run: a drive that moves for less is a start, which needs no figure."""


def head(figure: Figure, result: Result) -> int:
    """Put title and parameters above a figure, in lines that fit its width; how many lines they are."""
    width = int(LETTERS_PER_INCH * figure.get_figwidth())
    title = textwrap.wrap(result.summary["title"] or result.directory.name, width)
    lines = [*title, *wrapped(list(parameters(result)), width)]
    figure.suptitle("\n".join(lines), fontsize=SIZE)
    return len(lines)


def room(figure: Figure, lines: int) -> float:
    """Where axes may begin below a heading, as a share of the height of a figure without a layout of its own."""
    return 1 - ((lines + 1.5) * LINE) / float(figure.get_figheight())


def wrapped(parts: list[str], width: int) -> list[str]:
    """Parts in lines of so many letters, commas between them."""
    lines: list[str] = []
    for part in parts:
        if lines and letters(lines[-1]) + letters(part) + 2 <= width:
            lines[-1] += f", {part}"
        else:
            lines.append(part)
    return lines


def letters(text: str) -> int:
    """How many letters of a text are seen: a symbol of TeX is one, and its braces are none."""
    return len(re.sub(r"[${}_^]", "", re.sub(r"\\[a-zA-Z]+", "x", text)))


def parameters(result: Result) -> Iterator[str]:
    """What was imposed, and the film, as far as the summary tells."""
    s, probes = result.summary, result.probes
    if "current" in probes and np.ptp(probes["current"]) + abs(probes["current"][0]) > 0:
        yield f"${symbol_of_drive(result)}$ = {_course_of(result, 'current', 'j_0', of='J')}"
    if "field" in probes:
        yield f"$B$ = {_course_of(result, 'field', 'B_{c2}')}"
    if result.nodes.shape[0] == 1 and "length" in s:
        yield f"$L$ = {said(result, s['length'], XI)}"
    if "delta" in s:
        yield rf"$\delta$ = {s['delta']:.4g}"
        yield rf"$\eta$ = {s['eta']:.4g}"
    if s.get("model") == "gapless":
        yield "gapless"
    elif "interference" in s:
        yield f"interference {s['interference']}"
        yield f"conductance {s['conductance']}"
    if "heat" in s:
        yield f"heat from {s['heat']['source'].replace('_', ' ')}"


def _course_of(result: Result, name: str, unit: str, *, of: str = "") -> str:
    """What a recorded drive does, with its unit."""
    t, values = result.probes["t"], result.probes[name]
    factor, words = factor_of(result, unit, values, of=of)
    return f"{course(t, values * factor)} {words}"


def course(t: Array, values: Array) -> str:
    """What a drive does, in short: the value it has from the first third of the run on, or where it turns."""
    late = values[t >= t[0] + (t[-1] - t[0]) / 3]
    if np.ptp(late) < 1e-9 * np.abs(values).max():
        return f"{late[-1]:.4g}"
    turns = turning_points(values)
    if len(turns) > 4:
        return f"{values.min():.3g} to {values.max():.3g}"
    return r" $\to$ ".join(f"{value:.4g}" for value in turns)


def turning_points(values: Array) -> list[float]:
    """The first value, those at which a series begins to rise or to fall instead, and the last; rounding is none."""
    values = np.where(np.abs(values) > 1e-12 * np.abs(values).max(initial=0.0), values, 0.0)
    step = np.diff(values)
    rows = np.flatnonzero(np.abs(step) > 1e-12 * max(np.abs(values).max(), 1e-300))
    turns = rows[1:][np.sign(step[rows[1:]]) != np.sign(step[rows[:-1]])]
    return [float(values[0]), *(float(values[row]) for row in turns), float(values[-1])]


def moving(result: Result, name: str) -> bool:
    """Whether a recorded drive moves for a good part of the run."""
    if name not in result.probes:
        return False
    t, values = result.probes["t"], result.probes[name]
    steps = np.diff(t)[np.abs(np.diff(values)) > 1e-12 * max(np.abs(values).max(), 1e-300)]
    return bool(steps.sum() > MOVING * (t[-1] - t[0]))


def moment(result: Result, t: float) -> str:
    """A time, and what is imposed then where it moves."""
    parts = [f"$t$ = {said(result, t, 't_0', '.2f')}"]
    for name, symbol, unit in (("current", "J", "j_0"), ("field", "B", "B_{c2}")):
        if moving(result, name):
            value = float(np.interp(t, result.probes["t"], result.probes[name]))
            shown = symbol_of_drive(result) if symbol == "J" else symbol
            parts.append(f"${shown}$ = {said(result, value, unit, '.3g', of=symbol)}")
    return ", ".join(parts)
