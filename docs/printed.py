"""Write the numbers of the docs that come from runs and computations, or say which of them are out of date.

    python docs/printed.py                compute all and write them (minutes; runs are kept under results/docs)
    python docs/printed.py --quick        only those that take seconds
    python docs/printed.py --check        compute the quick ones and say what is out of date (then exit status 1)
    python docs/printed.py --check --all  the same for all of them
    ... PAGE.md ...                       only these pages

A number on a page stands between two comments, which no reader of the page sees:

    the period is <!-- number: psc_filament period .5g -->11.937<!-- end --> t0
    at <!-- number: psc_nis_drain heat.kelvin.nodes.plate.mean *1e3 .0f -->255<!-- end --> mK
    <!-- number: psc_filament[film.interference=off] period .5g -->10.275<!-- end -->
    <!-- number: psc-fit low *100 .0f -->-36<!-- end --> %

First the source: a shipped problem, perhaps with keys that are changed, or a claim or quantity of docs/claims by its
name; then the entry of its summary or its value; a factor; and a format of Python, or "bound" (the next power of ten
above) or "words".  `flux:psc_filament` is the flux.json of a run.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from claims import computed, load, runs  # noqa: E402
from claims.registry import REGISTRY  # noqa: E402
from claims.wording import agrees, formatted  # noqa: E402

PAGES = [HERE.parent / "README.md", *sorted(HERE.glob("*.md"))]
MARK = re.compile(r"(<!-- number: (\S+) ([^<>]+?)(?: \*([-+.\deE]+))? (\S+) -->)([^<>]*)(<!-- end -->)")
QUICK = {
    "psc_filament",
    "psc_gapless",
    "nis_gamma",
    "nis_heat_current",
    "nis_line",
    "nis_power",
    "nis_resistance",
    "nis_setup1",
    "nis_setup2",
    "nis_sinis",
    "sn_balance",
    "sn_heat_current",
    "sn_matching",
    "sn_step",
    "thermal_diode",
    "thermal_memory",
    "thermal_regulator",
    "thermal_switch",
    "thermal_transistor",
}
"""Problems that take seconds; of the others, and of all whose keys are changed, the numbers are slow."""
FLUX = "flux:"
"""Before a problem: its flux.json, with kernel "exact" and populations that relax."""


@dataclass(frozen=True)
class Number:
    """A number on a page."""

    page: str
    source: str
    key: str
    factor: float
    spec: str
    printed: str

    @property
    def slow(self) -> bool:
        """Whether it takes minutes."""
        if self.source in REGISTRY:
            return REGISTRY[self.source].slow
        return self.source.removeprefix(FLUX) not in QUICK

    @property
    def command(self) -> str:
        """The command that shows it."""
        if self.source in REGISTRY:
            return REGISTRY[self.source].shown_by
        problem, changes = parsed(self.source.removeprefix(FLUX))
        settings = "".join(f" --set {key}={json.dumps(value)}" for key, value in changes.items())
        shown = f"femtdgl run problems/{problem}.toml{settings}"
        return f"{shown}, femtdgl flux results/{problem}" if self.source.startswith(FLUX) else shown

    def value(self) -> Any:
        """What is computed now."""
        if self.source in REGISTRY:
            found = runs.entry(computed(self.source), self.key)
        else:
            problem, changes = parsed(self.source.removeprefix(FLUX))
            if self.source.startswith(FLUX):
                table = runs.flux(problem, json.dumps(changes, sort_keys=True), kinetics="relaxation")
            else:
                table = runs.summary(problem, changes)
            found = runs.entry(table, self.key)
        return found if self.factor == 1 or found is None else found * self.factor


def parsed(source: str) -> tuple[str, dict[str, Any]]:
    """ "problem[key=value,key=value]" as the problem and its changed keys."""
    problem, _, inside = source.partition("[")
    pairs = (part.partition("=") for part in inside.removesuffix("]").split(",") if part)
    return problem, {key: _literal(text) for key, _, text in pairs}


def numbers(text: str, page: str) -> Iterator[Number]:
    """All of a page."""
    for m in MARK.finditer(text):
        yield Number(page, m[2], m[3], float(m[4] or 1), m[5], m[6])


def filled(text: str, page: str, *, quick: bool = False) -> str:
    """The page with its numbers as they are now; with `quick` the slow ones stay."""

    def fill(m: re.Match[str]) -> str:
        number = next(numbers(m[0], page))
        if quick and number.slow:
            return m[0]
        return f"{m[1]}{formatted(number.value(), number.spec)}{m[7]}"

    return MARK.sub(fill, text)


def out_of_date(number: Number) -> str | None:
    """A sentence on a number that is not what is computed; None if it is."""
    value = number.value()
    if agrees(number.printed, value, number.spec):
        return None
    now = formatted(value, number.spec)
    return f"{number.page}: {number.source} {number.key} is {now}, the page has {number.printed} ({number.command})"


def _literal(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def main(arguments: list[str]) -> int:
    """The command line."""
    load()
    pages = [Path(a) for a in arguments if not a.startswith("--")] or PAGES
    if "--check" not in arguments:
        for page in pages:
            text = page.read_text(encoding="utf-8")
            new = filled(text, page.name, quick="--quick" in arguments)
            if new != text:
                page.write_text(new, encoding="utf-8")
        return 0
    found = [n for page in pages for n in numbers(page.read_text(encoding="utf-8"), page.name)]
    wrong = [said for n in found if "--all" in arguments or not n.slow if (said := out_of_date(n))]
    sys.stderr.writelines(f"{line}\n" for line in wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
