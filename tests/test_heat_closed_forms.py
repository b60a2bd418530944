"""Heat against closed forms: fins, chains of lumped nodes, adiabatic heating, and SI against reduced units.

A filament between normal contacts with psi = 0 carries E = J: its Joule heat w = J^2 is uniform and known.
"""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq
from test_planes import brick, problem_on

import femtdgl as fg
from femtdgl.equations.thermal_laws import gap_over_temperature, quasiparticle_capacity
from femtdgl.measure.series import Series
from femtdgl.problem.heat import Carriers, Heat, Join
from femtdgl.solve.integrate import Integrator
from femtdgl.solve.observe import Snapshots
from femtdgl.solve.system import System
from femtdgl.thermal import ElectronPhonon, Kapitza, Leak, Node

L, BATH = 4.0, 0.9
NORMAL = {"left": fg.NormalContact(), "right": fg.NormalContact()}
TIGHT = 1e-10


def marched(system, t_end, psi=0.0):
    """Times, y and y' of every step from psi, uniform inside."""
    start = np.full(system.space.N, psi, dtype=complex)
    y, yp = system.consistent(0.0, system.initial(start))
    integrator = Integrator(system)
    integrator.start(0.0, y, yp)
    steps = [(0.0, y, yp)]
    steps += [(step.t, step.y, step.yp) for step in integrator.steps(t_end)]
    return Snapshots(system, *(np.array(part) for part in zip(*steps, strict=True)))


def carriers(C=1.0, C_exponent=0.0, k=1.0, k_exponent=0.0, **keys):
    return Carriers(capacity=C, capacity_exponent=C_exponent, conductivity=k, conductivity_exponent=k_exponent, **keys)


# ---- steady profiles ------------------------------------------------------------------------------------------

J = 0.5
GROUND = {"ground": Node(temperature=0.8)}
FINS = {
    "parabola": (
        {"electrons": carriers(k=0.7)},
        lambda x: BATH + J**2 / (2 * 0.7) * (L**2 / 4 - x**2),
    ),
    "cosh": (
        {
            "electrons": carriers(k=0.7),
            "nodes": GROUND,
            "links": {"s": Join(between=("surface", "ground"), link=Leak(k=0.6, S=1.0, d=2.0), per_size=True)},
        },
        lambda x: (
            0.8 + J**2 / 0.3 + (0.1 - J**2 / 0.3) * np.cosh(x * np.sqrt(0.3 / 0.7)) / np.cosh(2 * np.sqrt(0.3 / 0.7))
        ),
    ),
    "Wiedemann-Franz": (
        {"electrons": carriers(k=0.7, k_exponent=1.0)},
        lambda x: np.sqrt(BATH**2 + J**2 / 0.7 * (L**2 / 4 - x**2)),
    ),
}


@pytest.mark.parametrize("name", FINS)
def test_steady_fin(filament, name):
    keys, exact = FINS[name]
    problem = filament(
        length=L, elements=100, order=2, **NORMAL, current=J, time=fg.Time(t_end=200.0, rtol=TIGHT),
        heat=Heat(bath=BATH, hold=("left", "right"), **keys),
    )  # fmt: skip
    system = System(problem)
    T = marched(system, 200.0).heat.T[-1, 0]
    wrong = np.abs(T - exact(system.space.nodes[0])).max()
    assert wrong < 1e-8
    assert np.ptp(T) > 0.3  # the profile is no small thing


# ---- chains of lumped nodes -----------------------------------------------------------------------------------

CHAIN_LINKS = {
    "hot-warm": Join(between=("hot", "warm"), link=Kapitza(area=2.0, sigma_K=0.3)),
    "warm-bath": Join(between=("warm", "sink"), link=ElectronPhonon(Sigma=0.4, volume=1.5)),
}
CHAIN_NODES = {
    "hot": Node(capacity=0.5, heat=0.4, initial=0.9),
    "warm": Node(capacity=2.0, capacity_exponent=3.0, initial=0.7),
    "sink": Node(temperature=0.5),
}


def chain(power, kapitza, Sigma, bath):
    """Temperatures of warm and hot by bracketing: Sigma (T_w^5 - T_b^5) = power = kapitza (T_h^4 - T_w^4)."""
    warm = brentq(lambda T: Sigma * (T**5 - bath**5) - power, bath, 10.0, xtol=1e-15)
    hot = brentq(lambda T: kapitza * (T**4 - warm**4) - power, warm, 10.0, xtol=1e-15)
    return warm, hot


@pytest.mark.parametrize("joined", [False, True])
def test_chain_of_nodes(filament, joined):
    """Beside a superconducting filament that knows nothing of it, or that is joined to its end and warms up with it."""
    links, hold = dict(CHAIN_LINKS), None
    if joined:  # insulated but for this link: in the steady state no heat flows there
        links["filament"] = Join(between=("right", "hot"), link=Leak(k=0.1, S=1.0, d=1.0))
        hold = ()
    problem = filament(
        **(NORMAL if joined else {}), current=0.0, time=fg.Time(t_end=400.0, rtol=TIGHT),
        heat=Heat(electrons=carriers(C=0.2), hold=hold, nodes=CHAIN_NODES, links=links),
    )  # fmt: skip
    end = marched(System(problem), 400.0, 0.0 if joined else 1.0)
    warm, hot = chain(0.4, 0.6, 0.6, 0.5)
    wrong = abs(end.heat.node("warm")[-1] - warm), abs(end.heat.node("hot")[-1] - hot)
    assert max(wrong) < 1e-8
    assert np.abs(end.heat.T[-1] - (hot if joined else BATH)).max() < 1e-8


@pytest.mark.parametrize("turned", [False, True])
def test_chain_that_begins_with_the_filament(filament, turned):
    """Uniform Joule heat, insulating ends: T of the field is that of the first node."""
    first = ("warm", "surface") if turned else ("surface", "warm")
    links = {
        "hot-warm": Join(between=first, link=Kapitza(area=1.0, sigma_K=0.15), per_size=True),
        "warm-bath": CHAIN_LINKS["warm-bath"],
    }
    nodes = {name: CHAIN_NODES[name] for name in ("warm", "sink")}
    problem = filament(
        length=L, **NORMAL, current=0.3, time=fg.Time(t_end=400.0, rtol=TIGHT),
        heat=Heat(electrons=carriers(C=0.2), hold=(), nodes=nodes, links=links),
    )  # fmt: skip
    end = marched(System(problem), 400.0)
    warm, hot = chain(L * 0.3**2, L * 0.15, 0.6, 0.5)
    wrong = abs(end.heat.node("warm")[-1] - warm), np.abs(end.heat.T[-1, 0] - hot).max()
    assert max(wrong) < 1e-8


# ---- adiabatic heating ----------------------------------------------------------------------------------------


def bcs_energy(T):
    """int_0^T of T' c(y(T')), by quadrature of the integral over energies, from where it is no longer tiny."""
    return quad(lambda s: s * float(quasiparticle_capacity(gap_over_temperature(s))), 0.02, T, epsabs=1e-13)[0]


ADIABATIC = {
    "constant": (carriers(C=2.0), lambda T: 2.0 * T),
    "linear": (carriers(C=2.0, C_exponent=1.0), lambda T: T**2),
    "bcs": (carriers(C=2.0, C_exponent=1.0, bcs=True), lambda T: 2.0 * bcs_energy(T)),
}


@pytest.mark.parametrize("law", ADIABATIC)
def test_adiabatic_heating_of_a_normal_filament(filament, law):
    """U(T) - U(T_0) = J^2 t at every node; below Tc throughout, so that the gap matters."""
    electrons, energy = ADIABATIC[law]
    problem = filament(
        **NORMAL, current=0.2, time=fg.Time(t_end=4.0, rtol=TIGHT), heat=Heat(bath=0.85, hold=(), electrons=electrons)
    )
    T = marched(System(problem), 4.0).heat.T[-1, 0]
    expected = brentq(lambda T: energy(T) - energy(0.85) - 0.2**2 * 4.0, 0.85, 1.0, xtol=1e-14)
    assert np.abs(T - expected).max() < 1e-9
    assert expected > 0.9


@pytest.mark.parametrize("law", ADIABATIC)
def test_adiabatic_heating_by_phase_slips(filament, law):
    """Without a way out the thermal energy rises by what w brings.  To the tolerance of the integrator: 3e-8 at
    rtol = 1e-9, 6e-9 at 1e-10."""
    problem = filament(
        length=1.1, elements=20, current=1.5, time=fg.Time(t_end=15.0, rtol=1e-9),
        film=fg.Film(delta=3.0, eta=0.1, interference="published"),
        heat=Heat(hold=(), electrons=replace(ADIABATIC[law][0], capacity=200.0), source="w"),
    )  # fmt: skip
    run = marched(System(problem), 15.0, 1.0)
    w = run.dissipation @ run.system.space.weights
    brought, risen = Series(run.t, w).integral(0.0, 15.0), np.diff(run.heat.thermal_energy[[0, -1]])[0]
    assert brought > 5.0
    assert abs(brought - risen) < 1e-7 * brought


# ---- SI against reduced units ---------------------------------------------------------------------------------

SCALES = fg.Scales(Tc=1.2, T0=1.05, D=4e-3, sigma_n=1.5e7, tau_eps=1e-10)
WIDTH, THICKNESS = 3e-7, 4e-8


def plate_heat(unit, dim):
    """Two nodes and three links of a filament, in units of `unit`: temperature, power, length, width, thickness, t0."""
    K, P, xi, width, thickness, t0 = unit
    face = width * xi if dim == 1 else xi**2  # of the surface, per xi^dim
    nodes = {"plate": Node(capacity=2.0 * P * t0 / K**2, capacity_exponent=1.0, heat=0.02 * P, initial=0.87 * K)}
    nodes["bath"] = Node(temperature=0.86 * K)
    links = {
        "face": Join(
            between=("surface", "plate"), link=Kapitza(area=1.0, sigma_K=0.4 * P / (face * K**4)), per_size=True
        ),
        "bulk": Join(
            between=("volume", "bath"), link=ElectronPhonon(Sigma=0.3 * P / (face * thickness * K**5), volume=1.0),
            spread="mean", per_size=True,
        ),
        "foot": Join(between=("plate", "bath"), link=Leak(k=0.5 * P / K, S=1.0, d=1.0)),
    }  # fmt: skip
    return Heat(bath=0.88, electrons=carriers(C=20.0, k=3.0, C_exponent=1.0), nodes=nodes, links=links)


@pytest.mark.parametrize("dim", [1, 2])
def test_si_against_reduced(filament, dim):
    build = filament if dim == 1 else partial(problem_on, brick("triangle"))
    xi, across = SCALES.length, WIDTH if dim == 1 else SCALES.length
    power = SCALES.current_density * SCALES.potential * across * THICKNESS
    real = (SCALES.Tc, power, xi, WIDTH, THICKNESS, SCALES.time)
    films = {
        "SI": (
            fg.Film(scales=SCALES, width=WIDTH, thickness=THICKNESS, interference="published"),
            plate_heat(real, dim),
        ),
        "reduced": (
            fg.Film(delta=SCALES.delta, eta=SCALES.eta, interference="published"),
            plate_heat((1.0,) * 6, dim),
        ),
    }
    found = {}
    for name, (film, heat) in films.items():
        problem = build(film=film, current=1.5, heat=heat, time=fg.Time(t_end=3.0, rtol=1e-10))
        end = marched(System(problem), 3.0, 1.0)
        found[name] = end.heat.all[-1]
    assert np.abs(found["SI"] - found["reduced"]).max() < 1e-10
    assert np.ptp(found["SI"]) > 0.01
