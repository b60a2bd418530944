"""Plots as SVG text: curves, a picture in axes, colours with their numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

WIDE, LEFT, RIGHT, ABOVE, BELOW = 860, 64, 90, 8, 42
STYLE = 'font-family="system-ui, DejaVu Sans, sans-serif" font-size="12" fill="currentColor"'
AXES = 'fill="none" stroke="currentColor" stroke-opacity="0.6"'


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers between two, in steps of 1, 2 or 5 times a power of ten, `most` of them or a few more."""
    rough = (high - low) / max(most, 1)
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(s for s in (size, 2 * size, 5 * size, 10 * size) if s >= rough * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [k * step for k in range(first, last + 1)]


def written(value: float) -> str:
    """A number on an axis."""
    return f"{value:.4g}".replace("-", "−")


def widened(values: Array) -> tuple[float, float]:
    """Ends of an axis for values, a little apart; NaN are left out."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    room = 0.05 * (high - low) or 0.05 * abs(high) or 1.0
    return low - room, high + room


class Chart:
    """Axes `high` pixels tall with content; `svg()` is the whole."""

    def __init__(
        self, x: tuple[float, float], y: tuple[float, float], labels: tuple[str, str], high: int, name: str = "chart"
    ) -> None:
        self.x, self.y, self.labels, self.high, self.name = _apart(*x), _apart(*y), labels, high, name
        self.width = WIDE - LEFT - RIGHT
        self.parts: list[str] = []

    def X(self, value: Any) -> Any:
        """Pixels across."""
        return LEFT + (value - self.x[0]) / (self.x[1] - self.x[0]) * self.width

    def Y(self, value: Any) -> Any:
        """Pixels down."""
        return ABOVE + self.high - (value - self.y[0]) / (self.y[1] - self.y[0]) * self.high

    def curve(self, x: Array, y: Array) -> Chart:
        """A curve, broken where there is no number."""
        pen, way = "M", []
        for across, down in zip(self.X(np.asarray(x)), self.Y(np.asarray(y)), strict=True):
            if math.isfinite(down):
                way.append(f"{pen}{across:.1f} {down:.1f}")
            pen = "L" if math.isfinite(down) else "M"
        self.parts.append(f'<path class="curve" d="{"".join(way)}" fill="none" stroke="#1f77b4" stroke-width="1.5"/>')
        return self

    def picture(self, address: str) -> Chart:
        """A picture that fills the axes."""
        place = f'x="{LEFT}" y="{ABOVE}" width="{self.width}" height="{self.high}"'
        self.parts.append(f'<image {place} preserveAspectRatio="none" href="{address}"/>')
        return self

    def upright(self, x: float) -> Chart:
        """A line that marks a place across."""
        self.parts.append(f'<path d="M{self.X(x):.1f} {ABOVE}v{self.high}" stroke="#d62728" stroke-width="1.3"/>')
        return self

    def colours(self, low: float, high: float, rgb: NDArray[np.uint8]) -> Chart:
        """The colours (n, 3) of numbers from low to high, beside the axes."""
        self.parts.append(_bar(LEFT + self.width + 12, self.high, low, high, rgb, self.name))
        return self

    def svg(self) -> str:
        """All of it."""
        bottom, middle = ABOVE + self.high, ABOVE + self.high / 2
        axes = [f'<rect x="{LEFT}" y="{ABOVE}" width="{self.width}" height="{self.high}" {AXES}/>']
        for at in ticks(*self.x, 8):
            axes.append(f'<text x="{self.X(at):.1f}" y="{bottom + 15}" text-anchor="middle">{written(at)}</text>')
            axes.append(f'<path d="M{self.X(at):.1f} {bottom}v4" {AXES}/>')
        for at in ticks(*self.y, max(3, self.high // 40)):
            axes.append(f'<text x="{LEFT - 7}" y="{self.Y(at) + 4:.1f}" text-anchor="end">{written(at)}</text>')
            axes.append(f'<path d="M{LEFT} {self.Y(at):.1f}h-4" {AXES}/>')
        across, up = (escape(label) for label in self.labels)
        axes.append(f'<text x="{LEFT + self.width / 2}" y="{bottom + 32}" text-anchor="middle">{across}</text>')
        turned = f'transform="rotate(-90 14 {middle})"'
        axes.append(f'<text x="14" y="{middle}" text-anchor="middle" {turned}>{up}</text>')
        box = f'viewBox="0 0 {WIDE} {ABOVE + self.high + BELOW}" style="width:100%;display:block"'
        return f'<svg xmlns="http://www.w3.org/2000/svg" {box} {STYLE}>{"".join([*self.parts, *axes])}</svg>'


def bar(tall: int, low: float, high: float, rgb: NDArray[np.uint8]) -> str:
    """The colours (n, 3) of numbers from low to high alone, `tall` pixels."""
    inside = _bar(4, tall, low, high, rgb, "bar")
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="84" height="{tall + 2 * ABOVE}" {STYLE}>{inside}</svg>'


def _bar(left: int, tall: int, low: float, high: float, rgb: NDArray[np.uint8], name: str) -> str:
    low, high = _apart(low, high)
    stops = "".join(
        f'<stop offset="{share:.3f}" stop-color="rgb({r},{g},{b})"/>'
        for share, (r, g, b) in zip(np.linspace(0, 1, len(rgb)), rgb, strict=True)
    )
    parts = [
        f'<defs><linearGradient id="of-{name}" x1="0" y1="1" x2="0" y2="0">{stops}</linearGradient></defs>'
        f'<rect x="{left}" y="{ABOVE}" width="12" height="{tall}" fill="url(#of-{name})"/>'
    ]
    for at in ticks(low, high, max(2, tall // 40)):
        down = ABOVE + tall * (1 - (at - low) / (high - low))
        parts.append(f'<text x="{left + 17}" y="{down + 4:.1f}">{written(at)}</text>')
    return "".join(parts)


def _apart(low: float, high: float) -> tuple[float, float]:
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def numbers(text: str, count: int) -> Sequence[float] | None:
    """So many finite numbers between spaces or commas; None where the text is none of that."""
    try:
        found = [float(part) for part in text.replace(",", " ").split()]
    except ValueError:
        return None
    return found if len(found) == count and all(map(math.isfinite, found)) else None
