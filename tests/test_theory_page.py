"""docs/theory.md: every number of an equation that the code cites stands there, every erratum, and right numbers.

The numbers are recomputed here from formulas alone, with scipy and without the program.
"""

import ast
import math
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from conftest import PROBLEMS
from scipy.constants import h as PLANCK
from scipy.constants import hbar as HBAR
from scipy.constants import k as BOLTZMANN
from scipy.integrate import quad, solve_bvp
from scipy.optimize import brentq, minimize_scalar
from scipy.special import digamma, ellipe, ellipk, zeta

ROOT = PROBLEMS.parent
PAGE = (ROOT / "docs" / "theory.md").read_text(encoding="utf-8")
PLAIN = re.sub(r"<!--.*?-->", "", PAGE)
EQUATIONS = set(re.findall(r"\((\d+\.\d+)\)", "\n".join(re.findall(r"^ {4}.*$", PLAIN, re.MULTILINE))))


def texts(path):
    """Docstrings, and other strings that stand alone or in a call: all that can cite an equation."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def cited(text):
    """Numbers (1.1), with those that a range such as (1.2)-(1.4) or (7.1) to (7.3) leaves out."""
    found = {number for number in re.findall(r"\((\d+\.\d+)\)", text) if not number.startswith("0.")}
    for section, first, other, last in re.findall(r"\((\d+)\.(\d+)\)(?:-| to )\((\d+)\.(\d+)\)", text):
        if section == other:
            found |= {f"{section}.{i}" for i in range(int(first), int(last) + 1)}
    return found


CITED = {number: path for path in sorted((ROOT / "femtdgl").rglob("*.py")) for s in texts(path) for number in cited(s)}


def test_the_code_cites_equations():
    assert len(CITED) >= 28 and {"1.1", "2.7", "5.6", "7.3"} <= set(CITED)


@pytest.mark.parametrize("number", sorted(CITED, key=lambda n: [int(part) for part in n.split(".")]))
def test_every_cited_equation_stands_on_the_page(number):
    assert number in EQUATIONS, f"({number}) is cited in {CITED[number]}"


def test_equations_are_numbered_without_gaps():
    for section in {number.split(".")[0] for number in EQUATIONS}:
        last = [int(n.split(".")[1]) for n in EQUATIONS if n.split(".")[0] == section]
        assert sorted(last) == list(range(1, len(last) + 1))


@pytest.mark.parametrize("number", range(17))
def test_every_erratum_has_its_row(number):
    row = re.search(rf"^\| E{number} \|(.*)$", PLAIN, re.MULTILINE)
    cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", row[1])][:-1]
    assert len(cells) == 5 and all(cells)


def test_errata_that_the_code_cites_are_on_the_page():
    named = {
        name for path in (ROOT / "femtdgl").rglob("*.py") for s in texts(path) for name in re.findall(r"\bE\d+\b", s)
    }
    assert named <= {f"E{i}" for i in range(17)}


def test_variants_on_the_page_exist():
    import femtdgl as fg
    from femtdgl.equations.feedback import FORMS
    from femtdgl.equations.phonons import KERNELS
    from femtdgl.thermal.kapitza import Interface

    for name in re.findall(r"`interference = \"(\w+)\"`", PLAIN):
        fg.Film(delta=1.0, interference=name)
    for name in re.findall(r"`conductance = \"([\w-]+)\"`", PLAIN):
        fg.Film(delta=1.0, conductance=name)
    for call in re.findall(r"`(\w+Link\(\w+=\"\w+\"\))`", PLAIN):
        name, key, value = re.match(r"(\w+)\((\w+)=\"(\w+)\"\)", call).groups()
        numbers = {
            "SNLink": {"R_D": 1.0, "R_0": 1.0, "Tc": 1.0},
            "NISLink": {"chi": 1.0, "r0": 1.0, "c": 1.0, "Tc": 1.0},
        }
        getattr(fg.thermal, name)(**numbers[name], **{key: value})
    assert set(KERNELS) == {"exact", "bose", "printed"} and "printed" in FORMS
    assert hasattr(Interface, "reflects_as_printed")


def printed(source, key, page=PAGE):
    """The number between the marks of `source key`."""
    return float(re.search(rf"<!-- number: {re.escape(source)} {re.escape(key)} .*?-->(.*?)<!-- end -->", page)[1])


U = math.pi**4 / (14 * zeta(3))


@pytest.mark.parametrize(
    ("key", "value", "digit"),
    [
        ("u", U, 1e-4),
        ("gap_ratio", math.pi * math.sqrt(8 / (7 * zeta(3))), 1e-4),
        ("temperature", 0.9 / (math.pi * math.sqrt(0.8 / (7 * zeta(3)))), 1e-6),
        ("depairing", max(f * f * math.sqrt(1 - f * f) for f in np.linspace(0.8, 0.83, 3001)), 1e-4),
        ("capacity", 7 * zeta(3) / 24, 1e-3),  # (pi^2/3)/(8 pi^2/(7 zeta(3)))
        ("conductivity", math.pi**2 / 3 * (math.pi / (4 * U)) ** 2, 1e-4),
    ],
)
def test_constants(key, value, digit):
    assert printed("constants", key) == pytest.approx(value, abs=0.51 * digit)


@pytest.mark.parametrize("length", [1.0, 1.1, 1.5, 2.0, 3.0])
def test_static_limit_as_a_boundary_value_problem(length):
    """f'' + f - f^3 - J^2/f^3 = 0 with f = 1 on the banks has a solution below the limit, and none above."""
    limit = printed("static-limits", f"{length:g}")

    def solved(J):
        x = np.linspace(-length / 2, length / 2, 41)
        f = np.array([np.ones_like(x), np.zeros_like(x)])
        for current in (0.5 * J, 0.8 * J, 0.95 * J, 0.99 * J, J):
            found = solve_bvp(
                lambda x, y: np.array([y[1], -y[0] + y[0] ** 3 + current**2 / y[0] ** 3]),  # noqa: B023
                lambda a, b: np.array([a[0] - 1, b[0] - 1]), x, f, tol=1e-9, max_nodes=20_000,
            )  # fmt: skip
            if not found.success or found.y[0].min() < 0.2:
                return False
            x, f = found.x, found.y
        return True

    assert solved(limit * 0.9995)
    assert not solved(limit * 1.0005)


def test_fit_to_the_elliptic_integrals():
    """E3."""
    k = np.linspace(0.5, 0.999, 5000)
    error = (0.5 * np.log(1 - k * k) - k * np.log(1 - k)) / (ellipk(k * k) - ellipe(k * k)) - 1
    assert printed("psc-fit", "low") == pytest.approx(100 * (2 / math.pi - 1), abs=0.5)
    assert printed("psc-fit", "high") == pytest.approx(100 * error.max(), abs=0.5)
    assert printed("psc-fit", "k_high") == pytest.approx(k[error.argmax()], abs=0.01)


def causal(e, psi, gamma):
    """N1, R2 at e, the root with Im s >= 0."""
    z = e + 1j * gamma
    s = np.sqrt(z - psi) * np.sqrt(z + psi)
    s = np.where(s.imag < 0, -s, s)
    return (z / s).real, (psi / s).real


def test_line_at_three_gaps():
    """E8: with and without 1/N1, by plain quadrature."""
    for i, gamma in enumerate((1e-1, 1e-2)):

        def integrand(e, form, gamma=gamma):
            N1, R2 = causal(e, 1.0, gamma)
            M1, S2 = causal(3 - e, 1.0, gamma)
            return float((N1 * M1 + R2 * S2) * R2 / (N1 if form == "derived" else 1))

        for form, digit in (("derived", 1e-4), ("printed", 1e-2)):
            value = quad(integrand, 0, 3, args=(form,), points=(1, 2), limit=800, epsabs=1e-9)[0]
            assert printed("psc-feedback", f"{form}.{i}") == pytest.approx(value, abs=0.51 * digit)


def test_energy_of_the_kernel_over_that_of_the_quasiparticles():
    """int K w^3 dw over S1 at Psi = 1 by a plain sum over a fine grid of both energies."""
    psi, gamma, T = 1.0, 0.3, 0.9 / (math.pi * math.sqrt(0.8 / (7 * zeta(3))))
    e = np.arange(-40, 40, 0.02) + 0.01
    N1, R2 = causal(e, psi, gamma)
    g = R2 / N1 / np.cosh(np.clip(e / (2 * T), -300, 300)) ** 2
    S1 = 0.5 * np.sum(e * R2 / np.cosh(np.clip(e / (2 * T), -300, 300)) ** 2) * 0.02
    total = 0.0
    for w in np.arange(0.025, 34, 0.05):
        M1, S2 = causal(w - e, psi, gamma)
        weight = 1 / np.expm1(w / T) + 1 / (np.exp(np.clip((w - e) / T, -300, 300)) + 1)
        total += 0.25 * w**3 * np.sum((N1 * M1 + R2 * S2) * weight * g) * 0.02 * 0.05
    assert printed("kernel-energy", "at_unity") == pytest.approx(total / S1, rel=3e-3)


def test_gap_law_of_SN():
    """E10, and the error of the law against the equation of BCS at a few temperatures."""
    assert printed("sn-gap-printed", "jump") == pytest.approx(math.tanh(0.74), abs=5e-4)
    ratio = math.pi / math.exp(np.euler_gamma)

    def exact(t):
        def equation(d):
            y = d * ratio / t
            rest = quad(lambda x: 2 / (math.hypot(x, y) * (math.exp(math.hypot(x, y)) + 1)), 0, 60, limit=200)[0]
            return math.log(d) + rest

        return brentq(equation, 1e-4, 1)

    errors = [abs(math.tanh(1.74 * math.sqrt(1 / t - 1)) / exact(t) - 1) for t in np.linspace(0.5, 0.7, 9)]
    assert printed("sn-gap-law", "worst") == pytest.approx(100 * max(errors), abs=0.06)


def test_sigma2_above_twice_the_gap():
    """E11: T -> 0, w = 2.5 D: int_{-1}^{1} (E E' + 1)/... dE/w with and without the modulus, E = sin u."""

    def integrand(u, modulus):
        E = math.sin(u)
        product = E * (E + 2.5) + 1
        return (abs(product) if modulus else product) / math.sqrt((E + 2.5) ** 2 - 1)

    derived, modulus = (
        quad(integrand, -math.pi / 2, math.pi / 2, args=(m,), epsabs=1e-13)[0] / 2.5 for m in (False, True)
    )
    assert printed("sn-eq5", "derived") == pytest.approx(derived, abs=5.1e-9)
    assert printed("sn-eq5", "printed") == pytest.approx(modulus, abs=5.1e-5)


def test_upper_end_of_the_window_by_hand():
    """E12: at Tc the source is normal, so three powers add up; the drain follows from its own balance."""
    copper, titanium, R_D, R_0 = 4.2e-20, 1.05e-19, 1 / 0.35, 36 / 0.35
    tau = 4 * R_D * (R_D + R_0) / (2 * R_D + R_0) ** 2

    def end(Sigma):
        def photons(T):
            return tau * math.pi**2 * BOLTZMANN**2 / (6 * PLANCK) * (0.4**2 - T**2)

        T_D = brentq(lambda T: Sigma * copper * (T**5 - 0.03**5) - photons(T), 0.03, 0.4)
        return 1e12 * (photons(T_D) + (Sigma * copper + 1.3e9 * titanium) * (0.4**5 - 0.03**5))

    assert printed("sn-window", "printed_to") == pytest.approx(end(3e9), abs=6e-4)
    assert printed("sn-window", "corrected_to") == pytest.approx(end(2e9), abs=6e-4)


def junction(T, Tc=1.2, dynes=1e-4):
    """R/R0 by the Matsubara sum of (7.1), its tail as an integral."""
    D, G = 1.764 * Tc * math.tanh(1.74 * math.sqrt(Tc / T - 1)), dynes * 1.764 * Tc
    h, count = 2 * math.pi * T, 200_000
    x = (np.arange(count) + 0.5) * h + G
    end = count * h + G
    return 1 / (1 - h * np.sum(D * D / (x * x + D * D) ** 1.5) - (1 - end / math.hypot(end, D)))


def heat(chi, T_R, c=0.05, T_L=0.5, r0=1e-11):
    """(7.3), fW."""
    r_L, r_R = r0 * junction(T_L), r0 * junction(T_R)
    tau0 = 4 * chi * r_L * r_R / (chi * r_L + r_R) ** 2
    Om = (chi * r_L + r_R) / (r_L * r_R * c * (1 + chi))

    def B(T):
        z = HBAR * Om / (2 * math.pi * BOLTZMANN * T)
        return math.log(z) - 1 / (2 * z) - digamma(z)

    return 1e15 * HBAR * tau0 * Om**2 / (4 * math.pi) * (B(T_L) - B(T_R))


@pytest.mark.parametrize(("i", "chi"), list(enumerate((1, 2, 5))))
def test_largest_heat_of_NIS(i, chi):
    best = minimize_scalar(lambda T: -heat(chi, T), bounds=(0.3, 0.45), method="bounded", options={"xatol": 1e-6})
    assert printed("nis-ndtc", f"largest.{i}") == pytest.approx(-best.fun, abs=1e-4)
    assert printed("nis-ndtc", f"places.{i}") == pytest.approx(best.x, abs=6e-5)


def test_capacitance_of_NIS():
    """E16: a thousandfold capacitance, and oxides of relative permittivity 9."""
    best = minimize_scalar(lambda T: -heat(2, T, c=50.0), bounds=(0.3, 0.45), method="bounded")
    assert printed("nis-capacitance", "printed") == pytest.approx(-best.fun, abs=6e-5)
    assert printed("nis-capacitance", "oxide") == pytest.approx(9 * 8.854e-12 / 0.05 * 1e9, abs=0.06)


def test_rows_of_the_ndtc_table_are_those_of_the_closed_form_above_Tc():
    """Q at Tc from tau_min; the largest Q below is the program's."""
    r = [5, 10, 36, 100]
    starts = [printed("sn-ndtc", f"starts.{i}") for i in range(4)]
    drops = [printed("sn-ndtc", f"percent.{i}") for i in range(4)]
    assert all(a > b for a, b in pairwise(starts)) and all(a < b for a, b in pairwise(drops))
    import femtdgl as fg

    for ratio, start, drop in zip(r, starts, drops, strict=True):
        at_Tc = 4 * (1 + ratio) / (2 + ratio) ** 2 * math.pi**2 * BOLTZMANN**2 / (6 * PLANCK) * (0.4**2 - 0.03**2)
        highest = fg.thermal.SNLink(R_D=1.0, R_0=ratio, Tc=0.4).power(start / 1e3, 0.03)
        assert drop == pytest.approx(100 * (1 - at_Tc / highest), abs=0.06)


def test_the_page_is_linked():
    for page in ("README.md", "docs/validation.md", "docs/flux.md"):
        assert "theory.md" in (Path(ROOT) / page).read_text(encoding="utf-8"), page
