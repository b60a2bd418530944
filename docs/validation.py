"""Write docs/validation.md: every checkable claim of the three papers, what the program computes, and the verdict.

    python docs/validation.py                compute all (minutes; runs are kept under results/docs) and write the page
    python docs/validation.py --quick        compute what takes seconds, keep the stored values of the rest
    python docs/validation.py --check        compute the quick ones and say what is out of date (then exit status 1)
    python docs/validation.py --check --all  the same for all of them
    python docs/validation.py ID ...         compute and tell some of them

The claims are functions in docs/claims/; values.json beside them holds the values of the last run, of which the page is
made.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from claims import load  # noqa: E402
from claims.registry import (  # noqa: E402
    NIS,
    PSC,
    REGISTRY,
    SN,
    Claim,
    Quantity,
    Values,
    Verdict,
    claims,
    computed,
    store,
    stored,
)

PAGE = HERE / "validation.md"
PAPERS = {
    PSC: "I. Mowgood, S. Teknowijoyo, S. Chahid, A. Gulian, *Novel results obtained by modeling of dynamic processes "
    "in superconductors: phase-slip centers as cooling engines*",
    SN: "S. S. Dey, G. Timossi, L. Amico, G. Marchegiani, *Negative differential thermal conductance by photonic "
    "transport in electronic circuits*, Phys. Rev. B 107, 134510 (2023), and its preprint where that says otherwise",
    NIS: "M. Pioldi, G. De Simoni, A. Braggio, F. Giazotto, *Photonic negative differential thermal conductance "
    "enabled by NIS junctions*",
}
HEAD = """\
# Claims and what became of them

Each statement of the three papers that can be checked, where it stands, what this program computes, and the verdict.
The page is written by `python docs/validation.py` from the computations in `docs/claims/`; no result on it is typed.
E0 to E16 are the [errata](theory.md#errata).  Each row is shown by `python docs/validation.py ID`, ID its first cell,
and those listed below the tables by another command too.

"Holds with a correction": the statement is right once a formula, a number or a range is put right, as the row says.
"""


def page(values: dict[str, Values]) -> str:
    """The whole page."""
    lines = [HEAD, *table_of_verdicts(values)]
    for paper, title in PAPERS.items():
        lines += [
            "",
            f"## [{paper}]",
            "",
            f"{title}.",
            "",
            "| | place | claim | computed | verdict |",
            "|---|---|---|---|---|",
        ]
        lines += [row(item, values[item.name]) for item in claims(paper)]
        lines += ["", "Shown by other commands too:", "", *commands(paper)]
    return "\n".join(lines) + "\n"


def table_of_verdicts(values: dict[str, Values]) -> Iterator[str]:
    """How many claims of each paper have which verdict."""
    yield "| | " + " | ".join(Verdict) + " |"
    yield "|---" * (len(Verdict) + 1) + "|"
    for paper in PAPERS:
        counts = Counter(item.rule(values[item.name]) for item in claims(paper))
        yield f"| [{paper}] | " + " | ".join(str(counts[verdict]) for verdict in Verdict) + " |"


def row(item: Claim, values: Values) -> str:
    """The row of a claim."""
    said = item.said(values) + (f" ({item.note})" if item.note else "")
    cells = (f"`{item.name}`", item.place, item.text, said, f"**{item.rule(values)}**")
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def commands(paper: str) -> Iterator[str]:
    """The claims of a paper by the command that shows them, where it is not this one."""
    by_command: dict[str, list[str]] = {}
    for item in claims(paper):
        if item.command:
            by_command.setdefault(item.command, []).append(item.name)
    for command, names in by_command.items():
        yield f"- `{command}`: {', '.join(names)}"


def selected(*, slow: bool) -> list[Quantity]:
    """What is to be computed."""
    return [item for item in REGISTRY.values() if slow or not item.slow]


def out_of_date(*, slow: bool) -> list[str]:
    """Sentences on what is not what is computed now, and on a page that is not that of values.json."""
    old = stored()
    missing = [name for name in REGISTRY if name not in old]
    if missing:
        return [f"{name}: never computed; run python docs/validation.py" for name in missing]
    wrong = [said for item in selected(slow=slow) for said in item.mismatches(old[item.name], computed(item.name))]
    if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page(old):
        wrong.append(f"{PAGE.name} is not that of values.json: run python docs/validation.py")
    return wrong


def tell(name: str) -> str:
    """A claim or quantity for people."""
    item, values = REGISTRY[name], computed(name)
    lines = [f"{key} = {value}" for key, value in values.items()]
    if isinstance(item, Claim):
        lines = [f"[{item.paper}] {item.place}: {item.text}", f"{item.rule(values)}: {item.said(values)}", *lines]
    return "\n  ".join([name, *lines])


def main(arguments: list[str]) -> int:
    """The command line."""
    load()
    names = [a for a in arguments if not a.startswith("--")]
    if names:
        sys.stdout.writelines(f"{tell(name)}\n" for name in names)
        return 0
    if "--check" in arguments:
        wrong = out_of_date(slow="--all" in arguments)
        sys.stderr.writelines(f"{line}\n" for line in wrong)
        return 1 if wrong else 0
    values = {name: kept for name, kept in stored().items() if name in REGISTRY}
    for item in selected(slow="--quick" not in arguments):
        values[item.name] = computed(item.name)
    store(values)
    PAGE.write_text(page(values), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
