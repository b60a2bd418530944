"""The equations that a run of a filament solved, with its variants and numbers, for a report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from femtdgl.files.reader import Result
from femtdgl.input import toml
from femtdgl.problem.film import Film
from femtdgl.problem.problem import film_of
from femtdgl.units import told
from femtdgl.web.html import Markup, equation, paragraph, table
from femtdgl.web.maths import maths

INTERFERENCE = {
    "consistent": r"c=2\delta\sqrt{\eta u}",
    "published": r"c=2\delta\sqrt{\eta/u}",
    "off": r"c=0",
}
CONDUCTANCE = {
    "exact": r"g=1+\frac{2}{\pi}\sqrt{\eta u}\,|\psi|\,\frac{K(k)-E(k)}{k},"
    r"\quad k=\frac{\delta|\psi|}{\sqrt{1+\delta^2 n}}",
    "log-fit": r"g=1+\frac{2}{\pi}\sqrt{\eta u}\,|\psi|\,\frac{K-E}{k},\quad K-E=\ln\sqrt{1-k^2}-k\,\ln(1-k)",
    "normal": r"g=1",
}
BOUNDARY = {
    "bank": (r"\psi=e^{i\theta},\quad\partial_t\theta=-\varphi", "superconducting bank"),
    "normal": (r"\psi=0", "normal contact"),
    "insulating": (r"n\cdot D\psi=0,\quad n\cdot j=0", "insulating edge"),
    "de-gennes": (r"n\cdot D\psi=-\psi/b,\quad n\cdot j=0", "de Gennes edge"),
}
HEAT_SOURCE = {
    "first-law": (r"q=w+\frac{T}{2\eta}\,\partial_t n", "(4.3)"),
    "w": (r"q=w", "(1.5)"),
    "q_ph": (r"q=w+\frac{s_1}{2\eta}\,\partial_t n", "(2.7)"),
}
UNITS = {
    "length": ("ξ", "m"),
    "time": ("t₀", "s"),
    "potential": ("V₀", "V"),
    "current_density": ("j₀", "A/m²"),
    "field": ("Bc2(T₀)", "T"),
    "penetration_depth": ("λ(T₀)", "m"),
}


def equations(result: Result) -> Iterator[Markup]:
    """All of them, as pieces of a page."""
    problem, summary = toml.parse(result.problem_text), result.summary
    film, magnetic = film_of(problem.get("film", {})), _is_magnetic(result)
    yield from order_parameter(film, summary, magnetic)
    yield from currents(film, magnetic)
    yield from boundaries(problem)
    if "heat" in summary:
        yield from heat(summary["heat"])
    if "noise" in summary:
        words = f"thermal noise, kT = {summary['noise']['kT']:.5g} E0, seed {summary['noise']['seed']}"
        yield equation(maths(r"\langle R_iR_j\rangle=2kT\,\Gamma_{ij}\,\delta(x-x')\,\delta(t-t')"), "(10.1)", words)
    yield numbers(film, summary)
    yield scales(summary)


def _is_magnetic(result: Result) -> bool:
    return any(name in result.field_names for name in ("A", "B"))


def order_parameter(film: Film, summary: Mapping[str, Any], magnetic: bool) -> Iterator[Markup]:
    """(1.1), and what stands in it."""
    drive = r"\left(\varepsilon-n+p\right)\psi" if "phonons" in summary else r"\left(\varepsilon-n\right)\psi"
    noise = "+R" if "noise" in summary else ""
    if film.model == "gapless":
        yield equation(maths(rf"u\,D_t\psi=D^2\psi+{drive}{noise}", block=True), "(1.1)", "gapless, δ = 0")
    else:
        left = r"\nu\left(D_t\psi+\frac{\delta^2}{2}\,\psi\,\partial_t n\right)"
        yield equation(maths(rf"{left}=D^2\psi+{drive}{noise}", block=True), "(1.1)", "finite gap")
        yield equation(maths(r"\nu=\frac{u}{\sqrt{1+\delta^2 n}},\quad n=|\psi|^2"))
    D = r"D=\nabla-iA,\quad E=-\nabla\varphi-\partial_t A" if magnetic else r"D=\nabla,\quad E=-\nabla\varphi"
    yield equation(maths(rf"D_t=\partial_t+i\varphi,\quad {D}"))
    if "heat" in summary:
        T = "T_e" if summary["heat"]["temperatures"] == "two" else "T"
        yield equation(maths(rf"\varepsilon=\frac{{T_c(x)-{T}}}{{T_c-T_0}}"))


def currents(film: Film, magnetic: bool) -> Iterator[Markup]:
    """(1.2) to (1.4), with the chosen c and g."""
    conductance = "normal" if film.model == "gapless" else film.conductance
    interference = "off" if film.model == "gapless" else film.interference
    q = r"q=\mathrm{Im}(\psi^*D\psi)"
    factor = "" if interference == "off" else r"\left(1-c\,\frac{\partial_t n}{n}\right)"
    yield equation(maths(rf"j=q{factor}+g\,E,\quad {q}", block=True), "(1.2)")
    c = {
        "consistent": 2 * film.delta * (film.eta * film.u) ** 0.5,
        "published": 2 * film.delta * (film.eta / film.u) ** 0.5,
    }
    value = f"={c[interference]:.6g}" if interference in c else ""
    yield equation(maths(INTERFERENCE[interference] + value), "", f"interference {interference}")
    yield equation(maths(CONDUCTANCE[conductance]), "(1.3)", f"conductance {conductance}")
    yield equation(maths(r"\mathrm{div}\,j=0"), "(1.4)")


def boundaries(problem: Mapping[str, Any]) -> Iterator[Markup]:
    """The condition at each boundary that the problem names."""
    rows = []
    for name, given in problem.get("boundary", {}).items():
        kind = given if isinstance(given, str) else given.get("kind", "")
        formula, words = BOUNDARY.get(kind, ("", kind))
        rows.append((name, Markup(maths(formula)), words))
    if rows:
        yield table(("boundary", "condition", ""), rows)


def heat(told_: Mapping[str, Any]) -> Iterator[Markup]:
    """(4.1) and (4.2), or the one temperature; the source."""
    flow = r"\mathrm{div}(k_e\nabla T_e)+q-\Sigma\left(T_e^5-T_p^5\right)"
    if told_["temperatures"] == "two":
        yield equation(maths(rf"C_e\,\partial_t T_e={flow}", block=True), "(4.1)", "exponents as in the problem")
        phonons = r"\mathrm{div}(k_p\nabla T_p)+\Sigma\left(T_e^5-T_p^5\right)-P_\mathrm{links}"
        yield equation(maths(rf"C_p\,\partial_t T_p={phonons}", block=True), "(4.2)")
    else:
        yield equation(maths(r"C\,\partial_t T=\mathrm{div}(k\nabla T)+q-P_\mathrm{links}", block=True), "(4.1)")
    formula, number = HEAT_SOURCE[told_["source"]]
    yield equation(maths(formula), number, f"source {told_['source']}")


def numbers(film: Film, summary: Mapping[str, Any]) -> Markup:
    """What the film is, and the mesh."""
    mesh = summary["mesh"]
    rows = [
        (Markup(maths(r"\delta=2\tau_\varepsilon\Delta_0/\hbar")), film.delta),
        (Markup(maths(r"\eta=1-T_0/T_c")), film.eta),
        (Markup(maths("u")), film.u),
        ("extent along x (ξ)", summary["length"]),
        ("mesh", f"{mesh['nodes']} nodes, {mesh['elements']} cells, order {mesh['order']}"),
        ("unknowns, steps", f"{summary['unknowns']}, {summary['steps']}"),
    ]
    return table((), rows)


def scales(summary: Mapping[str, Any]) -> Markup:
    """The units, in SI where the film has them."""
    made = summary.get("scales")
    if made is None:
        units = r"x\;(\xi),\quad t\;\left(t_0=\frac{\xi^2}{uD}\right),\quad j\;\left(j_0=\frac{\sigma_nV_0}{\xi}\right)"
        return equation(maths(units), "", "reduced units; the film has none in SI")
    rows = [(symbol, told(made[name], unit)) for name, (symbol, unit) in UNITS.items() if name in made]
    return Markup(paragraph("Units in SI:") + table((), rows))
