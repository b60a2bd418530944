"""What the report of a run of a filament shows behind its figures: fields over time, and the ledgers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from femtdgl.files.reader import Result
from femtdgl.kinds.filament.tell import COMES, GOES
from femtdgl.web.html import Markup, Section, paragraph, table
from femtdgl.web.maths import maths
from femtdgl.web.player import player

JOSEPHSON = r"\left|\frac{\langle V\rangle}{2\pi\,\text{slips per time}}-1\right|"
ENERGY = r"\left|\frac{\langle\int w\rangle}{\langle JV\rangle}-1\right|"
OTHERS = {"work": "electric work", "mismatch": "mismatch"}


def sections(result: Result) -> Iterator[Section]:
    """Fields over time, and the ledgers."""
    moving = player(result)
    if moving is not None:
        cut = [paragraph("On the plane through the middle, normal to y.")] if result.nodes.shape[0] == 3 else []
        yield Section("Over time", (moving, *cut))
    yield Section("Ledgers", tuple(_ledgers(result.summary)))


def _ledgers(s: Mapping[str, Any]) -> Iterator[Markup]:
    rows = [
        ("Josephson relation: mean voltage against slips", Markup(maths(JOSEPHSON)), s["josephson_mismatch"]),
        ("energy over whole periods: heat against work", Markup(maths(ENERGY)), s["energy_mismatch"]),
        (
            "energy balance (1.5): what is left over",
            Markup(maths(r"\mathrm{rest}/\int|j\cdot E|")),
            s["energy_balance"],
        ),
        ("mean electric work (j0 V0 ξ^(d−1))", Markup(maths(r"\langle JV\rangle")), s["mean_joule"]),
        ("mean dissipation (j0 V0 ξ^(d−1))", Markup(maths(r"\langle\int w\rangle")), s["mean_dissipation"]),
    ]
    yield table(("balance", "", "value"), rows)
    if "heat" in s:
        yield Markup("<h3>First law (4.4)</h3>")
        yield _first_law(s["heat"]["ledger"], s["heat"].get("ledger_of_run"))
    if isinstance(s.get("phonons"), Mapping) and "ledger" in s["phonons"]:
        yield Markup("<h3>Phonons of the film</h3>")
        yield table(
            ("entry (E0, E0/t0)", "value"), ((name.replace("_", " "), v) for name, v in s["phonons"]["ledger"].items())
        )


def _first_law(measured: Mapping[str, Any], whole: Mapping[str, Any] | None) -> Markup:
    words = {**OTHERS, **COMES, **GOES}
    rows = []
    for name, value in measured.items():
        of_run = None if whole is None else whole.get(name)
        rows.append((words.get(name, name.replace("_", " ")), value, _share(value, measured, name), of_run))
    return table(("energy (j0 V0 t0 ξ^(d−1))", "measured part", "of the work", "whole run"), rows)


def _share(value: float | None, ledger: Mapping[str, Any], name: str) -> str:
    work = ledger.get("work")
    return "" if name == "mismatch" or not work or value is None else f"{100 * value / work:.3g} %"
