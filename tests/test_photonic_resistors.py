"""Photons between resistors, [SN] Fig. 1: the closed form, the step and its window, a reactance in the line."""

import itertools
import math

import numpy as np
import pytest
from scipy.constants import h, hbar, k
from scipy.integrate import quad
from scipy.optimize import minimize_scalar

from femtdgl.errors import InputError
from femtdgl.thermal import Network, Node, ResistanceStepLink, ResistorLink, SNLink
from femtdgl.thermal.photonic_resistors import match


def step(**change):
    return ResistanceStepLink(**({"R_below": 3.0, "R_above": 111.0, "R_D": 3.0, "Tc": 0.4, "width": 2e-3} | change))


@pytest.mark.parametrize("R_S", [0.3, 3.0, 40.0])
def test_closed_form(R_S):
    """tau0 pi^2 kB^2 (T_S^2 - T_D^2)/(6 h), and (6.1) integrated by quad."""
    link = ResistorLink(R_S=R_S, R_D=3.0)
    tau = 4 * R_S * 3 / (R_S + 3) ** 2
    assert link.power(0.3, 0.1) == pytest.approx(tau * math.pi**2 * k**2 * (0.09 - 0.01) / (6 * h), rel=1e-13)
    integral = sum(
        quad(lambda x: x * (1 / math.expm1(x / 0.3) - 1 / math.expm1(x / 0.1)), a, b, epsabs=0, epsrel=1e-12)[0]
        for a, b in ((1e-12, 1.0), (1.0, 12.0))
    )
    assert link.power(0.3, 0.1) == pytest.approx(tau * k**2 / h * integral, rel=1e-9)
    assert link.rectification(0.3, 0.1) == pytest.approx(1.0, rel=1e-13)


def test_matching_is_the_best():
    """[SN] Fig. 1(b): largest at R_S = R_D, the same for x and 1/x."""
    best = minimize_scalar(lambda s: -match(math.exp(s)), bounds=(-2, 2), method="bounded")
    assert best.x == pytest.approx(0, abs=1e-6) and match(1.0) == 1.0
    assert match(36.0) == pytest.approx(match(1 / 36.0), rel=1e-14)


def test_is_the_normal_state_of_the_sn_link():
    sn = SNLink(R_D=3.0, R_0=30.0, Tc=0.1)
    assert sn.power(0.3, 0.15) == pytest.approx(ResistorLink(R_S=33.0, R_D=3.0).power(0.3, 0.15), rel=1e-10)


def test_step_of_the_resistance():
    """Fig. 1(c): R_below and R_above away from Tc, half-way at Tc; the slope is its derivative."""
    link = step()
    assert link.source_resistance(0.3, 0.1) == pytest.approx(3.0, rel=1e-12)
    assert link.source_resistance(0.5, 0.1) == pytest.approx(111.0, rel=1e-12)
    assert link.source_resistance(0.4, 0.1) == pytest.approx(57.0)
    for T in (0.39, 0.4, 0.405):
        difference = (link.source_resistance(T + 1e-7, 0.1) - link.source_resistance(T - 1e-7, 0.1)) / 2e-7
        assert link.resistance_slope(T) == pytest.approx(difference, rel=1e-6)


def test_step_makes_negative_conductance_and_only_there():
    """Fig. 1(d): the heat falls at Tc to the ratio of the transmissions, and rises on both sides."""
    link = step(width=2e-4)
    T = np.linspace(0.2, 0.6, 401)
    Q = np.array([link.power(x, 0.03) for x in T])
    falling = T[:-1][np.diff(Q) < 0]
    assert falling.min() > 0.395 and falling.max() < 0.405
    assert link.power(0.404, 0.03) / link.power(0.396, 0.03) == pytest.approx(
        match(37.0) * (0.404**2 - 0.03**2) / (0.396**2 - 0.03**2), rel=1e-6
    )


def test_a_balance_on_the_step_has_its_states():
    """With a power between those on both sides of the step a source that has no other way to lose it has three."""
    link = step(width=4e-3)
    network = Network(
        {"source": Node(heat=0.5 * link.power(0.38, 0.03)), "drain": Node(temperature=0.03)},
        {"photons": ("source", "drain", link)},
    )
    states = network.roots((0.05, 3.0))
    assert [state.stable for state in states] == [True, False, True]
    for state in states:
        assert state.powers["photons"] == pytest.approx(0.5 * link.power(0.38, 0.03), rel=1e-9)


def test_reactance_of_the_line_against_quad():
    """L and C in the loop: tau = 4 R_S R_D/((R_S + R_D)^2 + X^2)."""
    L, C = 2e-10, 3e-12
    link = ResistorLink(R_S=5.0, R_D=3.0, line_inductance=L, line_capacitance=C)

    def integrand(w):
        omega = w * k / hbar
        tau = 60 / (64 + (omega * L - 1 / (omega * C)) ** 2)
        return w * tau * (1 / math.expm1(w / 0.3) - 1 / math.expm1(w / 0.1))

    marks = [1e-9, 0.05, 0.2, hbar / (k * math.sqrt(L * C)), 0.6, 2.0, 12.0]
    total = sum(quad(integrand, a, b, epsabs=0, epsrel=1e-11, limit=200)[0] for a, b in itertools.pairwise(marks))
    assert link.power(0.3, 0.1) == pytest.approx(k**2 / h * total, rel=1e-8)
    assert link.power(0.3, 0.1) < ResistorLink(R_S=5.0, R_D=3.0).power(0.3, 0.1)


@pytest.mark.parametrize(
    ("make", "key"),
    [
        (lambda: ResistorLink(R_S=0.0, R_D=1.0), "R_S"),
        (lambda: ResistorLink(R_S=1.0, R_D=-1.0), "R_D"),
        (lambda: step(width=0.0), "width"),
        (lambda: step(width=0.5), "width"),
        (lambda: step(Tc=math.nan), "Tc"),
        (lambda: ResistorLink(R_S=1.0, R_D=1.0, line_inductance=-1.0), "line_inductance"),
        (lambda: ResistorLink(R_S=1.0, R_D=1.0).power(0.0, 0.1), "T_a"),
    ],
)
def test_bad_input(make, key):
    with pytest.raises(InputError) as error:
        make()
    assert error.value.key == key
