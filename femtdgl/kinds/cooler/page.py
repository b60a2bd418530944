"""What the report of a cooler shows: its balance, and what each mode of it does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from femtdgl.files.reader import Result
from femtdgl.thermal.cooler import MODES
from femtdgl.web.html import Markup, Section, equation, paragraph, table
from femtdgl.web.maths import maths

EQUATIONS = (
    (r"P(a\to b)=A\,\sigma_K\left(T_a^4-T_b^4\right)\times p", "(5.1)", "p = 1 for a passive interface"),
    (r"\kappa=\left(\varphi_{\mathrm{abs}}-\varphi_{\mathrm{em}}\right)g_W-\varphi_{\mathrm{em}}", "(5.5)", ""),
    (
        r"\kappa P_J=k\,\frac{S}{d}\left(T_b-T_c\right)+A\,\sigma_K\left(T_b^4-T_c^4\right)+P_{\mathrm{load}}",
        "(5.6)",
        "",
    ),
    (r"\kappa\le\frac{T_c}{T_b-T_c}", "", "Carnot"),
)


def equations(result: Result) -> Iterator[Markup]:
    """The balance of the plate."""
    for formula, number, words in EQUATIONS:
        yield equation(maths(formula), number, words)
    yield paragraph("The filament between the plates solves (1.1) to (1.4): its own result lies in filament/.")


def sections(result: Result) -> Iterator[Section]:
    """The modes side by side, and the verdict."""
    summary = result.summary
    balance = summary["cooler"]
    modes = {mode: balance[mode] for mode in MODES if balance.get(mode) is not None}
    keys = list(dict.fromkeys(key for outcome in modes.values() for key in outcome))
    rows = [(key.replace("_", " "), *(_plain(outcome.get(key)) for outcome in modes.values())) for key in keys]
    verdict = [paragraph(line) for line in summary["verdict"]]
    yield Section("Modes", (*verdict, table(("", *modes), rows)))


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, int | float | str) else str(value)
