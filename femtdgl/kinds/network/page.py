"""What the report of a thermal network shows: its balance, its links, its steady states and where heat falls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from femtdgl.files.reader import Result
from femtdgl.input import toml
from femtdgl.web.html import Markup, Section, equation, paragraph, table
from femtdgl.web.maths import maths

LAWS = {
    "ElectronPhonon": (r"P=\Sigma V\left(T_a^n-T_b^n\right)", "(6.4)"),
    "SuperconductorElectronPhonon": (
        r"P=\frac{\Sigma V}{24\,\zeta(5)\,k_B^5}\int_0^\infty\omega^3"
        r"\left[n(\omega,T_a)-n(\omega,T_b)\right]F\,d\omega",
        "(6.5)",
    ),
    "SNLink": (
        r"Q=\frac{1}{h}\int_0^\infty\omega\,\tau(\omega)\left[n(\omega,T_a)-n(\omega,T_b)\right]d\omega", "(6.1)"
    ),
    "ResistorLink": (
        r"Q=\frac{1}{h}\int_0^\infty\omega\,\tau(\omega)\left[n(\omega,T_a)-n(\omega,T_b)\right]d\omega", "(6.1)"
    ),
    "ResistanceStepLink": (
        r"Q=\frac{1}{h}\int_0^\infty\omega\,\tau(\omega)\left[n(\omega,T_a)-n(\omega,T_b)\right]d\omega", "(6.1)"
    ),
    "NISLink": (
        r"J=\int_0^\infty\frac{\hbar\omega}{2\pi}\,\tau(\omega)\left[n(\omega,T_a)-n(\omega,T_b)\right]d\omega", "(7.2)"
    ),
    "Kapitza": (r"P=A\,\sigma_K\left(T_a^4-T_b^4\right)", "(5.1)"),
    "Leak": (r"P=k\,\frac{S}{d}\left(T_a-T_b\right)", "(5.3)"),
}  # fmt: skip
"""Laws of the links that come with the program, and their numbers in docs/theory.md."""
BALANCE = r"\sum_{\mathrm{links}}P(T_a,T_b)=P_{\mathrm{in}}"


def equations(result: Result) -> Iterator[Markup]:
    """The balance of each free node, and the law of each link."""
    problem = toml.parse(result.problem_text)
    yield equation(maths(BALANCE, block=True), "(6.6)", "heat that leaves each free node and is put into it")
    rows = []
    for name, link in problem.get("links", {}).items():
        kind = str(link.get("kind", ""))
        law, number = LAWS.get(kind, ("", ""))
        rows.append((name, kind, " and ".join(link.get("between", ())), Markup(maths(law) if law else ""), number))
    yield table(("link", "kind", "between", "law", ""), rows)
    nodes = problem.get("nodes", {})
    yield table(("node", "given"), ((name, _given(node)) for name, node in nodes.items()))


def _given(node: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in node.items()) or "free"


def sections(result: Result) -> Iterator[Section]:
    """All steady states, and the windows of negative differential thermal conductance."""
    summary = result.summary
    roots = summary["roots"]
    nodes = list(dict.fromkeys(name for root in roots for name in root["temperatures"]))
    rows = [
        (*(1e3 * root["temperatures"][name] for name in nodes), "stable" if root["stable"] else "unstable")
        for root in roots
    ]
    yield Section("Steady states", (table((*(f"{name} (mK)" for name in nodes), ""), rows),))
    windows = summary.get("ndtc_windows", ())
    if windows:
        keys = list(dict.fromkeys(key for window in windows for key in window))
        told = table(keys, ([window.get(key, "") for key in keys] for window in windows))
        words = paragraph("Where a response decreases along a scan: negative differential thermal conductance.")
        yield Section("NDTC windows", (words, told))
