"""(5.3) to (5.6): kappa, cold plates against references and closed forms, reciprocity, Carnot, transients, the job."""

import itertools
import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad

from femtdgl.errors import InputError
from femtdgl.problem import presets
from femtdgl.thermal import Kapitza, Leak, Solid, acoustic_mismatch
from femtdgl.thermal.cooler import (
    Cooler,
    OneWay,
    cold_temperature,
    filament_temperature,
    plate_temperature,
    pump_fraction,
    top_share,
)
from femtdgl.thermal.cooler_links import Bundle, Pump, Stack, carnot_bound, carnot_floor
from femtdgl.thermal.kapitza import Interface, mean_transmission, transmission
from femtdgl.thermal.network.network import Network, Node
from femtdgl.thermal.network.transient import transient

REFERENCE = json.loads((Path(__file__).parent / "data" / "cooler.json").read_text())
AREA = 1e-12


def cooler(**changes):
    default = {
        "T_bath": 1.0, "P_joule": 2e-10, "g_W": 0.3, "Tc": 1.175, "capacity": 1e-12,
        "top": Kapitza(area=AREA, sigma_K=350.0), "bottom": Kapitza(area=AREA, sigma_K=500.0),
        "leak": Leak(k=3.0, S=AREA, d=2e-8), "one_way": OneWay(top_out=0.2, bottom_in=0.3),
    }  # fmt: skip
    return Cooler(**{**default, **changes})


def parallel(conductance, A_sigma):
    links = []
    if conductance:
        links.append(Leak(k=conductance, S=1.0, d=1.0))
    if A_sigma:
        links.append(Kapitza(area=1.0, sigma_K=A_sigma))
    return Bundle(links=tuple(links))


@pytest.mark.parametrize("row", REFERENCE["Tcold_refs_[kappa,P_J,G,Asigma,Tcold]"])
def test_reference_temperatures(row):
    kappa, P_J, G, A_sigma, expected = row
    T = cold_temperature(Pump(kappa=kappa, P_joule=P_J), 1.0, parallel(G, A_sigma))
    assert pytest.approx(expected, abs=1e-9) == T
    assert kappa <= carnot_bound(T, 1.0)


@pytest.mark.parametrize("row", REFERENCE["kappa_refs_[g,phi_abs,phi_em,kappa]"])
def test_reference_kappa(row):
    g, phi_abs, phi_em, expected = row
    assert pump_fraction(g, phi_abs, phi_em) == pytest.approx(expected, abs=1e-15)


NAMES = ("aluminium", "tin", "niobium", "titanium", "silicon", "sapphire", "fused silica", "copper", "lead")


@pytest.mark.parametrize(
    ("one", "two", "forward", "backward"),
    [("silicon", "tin", 0.94644, 0.14669), ("aluminium", "sapphire", 0.22226, 0.66441)],
)
def test_transmissions_of_the_preset_solids(one, two, forward, backward):
    out, into = Interface(film=presets.SOLIDS[one], plate=presets.SOLIDS[two]).transmissions
    assert out == pytest.approx(forward, rel=2e-2)
    assert into == pytest.approx(backward, rel=2e-2)


@pytest.mark.parametrize(("one", "two"), list(itertools.combinations(NAMES, 2)))
def test_reciprocity_mode_by_mode(one, two):
    a, b = presets.SOLIDS[one], presets.SOLIDS[two]
    for s1, s2 in zip(a.modes, b.modes, strict=True):
        there, back = mean_transmission(a.density, s1, b.density, s2), mean_transmission(b.density, s2, a.density, s1)
        assert there / s1**2 == pytest.approx(back / s2**2, rel=1e-12)
    assert acoustic_mismatch(a, b) == pytest.approx(acoustic_mismatch(b, a), rel=1e-12)


@pytest.mark.parametrize(("one", "two"), list(itertools.permutations(NAMES[:7], 2))[::3])
def test_transmission_by_its_own_side_without_reciprocity(one, two):
    """2 int mu alpha dmu over the angles of side 1 itself, from its critical one: `mean_transmission` takes the faster
    side's and would be reciprocal by construction.
    """
    a, b = presets.SOLIDS[one], presets.SOLIDS[two]
    for s1, s2 in zip(a.modes, b.modes, strict=True):
        critical = math.sqrt(max(0.0, 1 - (s1 / s2) ** 2))

        def along(x, s1=s1, s2=s2, critical=critical):
            mu = critical + (1 - critical) * x * x  # alpha begins as a square root
            return 4 * (1 - critical) * x * mu * float(transmission(mu, a.density, s1, b.density, s2))

        direct = quad(along, 0, 1, epsabs=0, epsrel=1e-13, limit=400)[0]
        assert direct == pytest.approx(mean_transmission(a.density, s1, b.density, s2), rel=1e-12)


@pytest.mark.parametrize(("top", "film", "bottom"), list(itertools.permutations(NAMES[:7], 3))[::5])
def test_a_passive_pair_never_cools(top, film, bottom):
    """kappa = -phi for every triple of solids and any g_W, with phi from transmissions into and out of the film."""
    solids = presets.SOLIDS
    sides = [Interface(film=solids[film], plate=solids[plate]) for plate in (top, bottom)]
    into = [acoustic_mismatch(side.plate, side.film) for side in sides]
    out = [acoustic_mismatch(side.film, side.plate) for side in sides]
    for g_W in (0.0, 0.07, 3.0):
        kappa = pump_fraction(g_W, top_share(*into), top_share(*out))
        assert kappa == pytest.approx(-top_share(*out), rel=1e-12 * (1 + g_W))
        assert kappa < 0


def test_total_reflection_goes_by_speed_and_not_by_impedance():
    """E9: the first film reflects because its plate is faster; the second does not, though its rho s is larger."""
    fast_light = Interface(film=Solid(density=9000, longitudinal=3000, transverse=1500),
                           plate=Solid(density=1000, longitudinal=5000, transverse=2500))  # fmt: skip
    assert fast_light.critical_angles == pytest.approx([math.degrees(math.asin(0.6))] * 2)
    assert fast_light.reflects_as_printed
    slow_light = Interface(film=Solid(density=3000, longitudinal=5000, transverse=2500),
                           plate=Solid(density=1000, longitudinal=3000, transverse=1500))  # fmt: skip
    assert slow_light.critical_angles == (None, None)
    assert slow_light.reflects_as_printed  # [PSC] would have it reflect


def test_ideal_equals_its_closed_forms():
    made = cooler(path="parallel")
    outcome = made.steady("ideal")
    assert outcome.kappa == made.g_W
    P, T = made.g_W * made.P_joule, outcome.T_cold
    assert pytest.approx(made.leak_power(T)[0], rel=1e-10) == P
    weak = replace(made, leak=Leak(k=1e-30, S=AREA, d=1.0))
    both = AREA / (1 / 350 + 1 / 500)
    assert weak.steady("ideal").T_cold == pytest.approx((1 - P / both) ** 0.25, rel=1e-9)
    alone = replace(made, path="leak").steady("ideal").T_cold
    assert 1 - alone == pytest.approx(P / made.leak.conductance, rel=1e-9)


def test_series_path_against_closed_form_and_its_small_difference():
    made = cooler()
    stack = made.stack
    for T_c in (0.3, 0.9, 0.999, 1.2):
        P = stack.power(1.0, T_c)
        T1 = (1 - P / (AREA * 500)) ** 0.25
        T2 = T1 - P / made.leak.conductance
        assert pytest.approx(T_c, rel=1e-12) == (T2**4 - P / (AREA * 350)) ** 0.25
        assert stack.power(T_c, 1.0) * P < 0
    assert stack.power(1.0, 1.0 - 1e-7) == pytest.approx(1e-7 * stack.conductance(1.0), rel=1e-6)
    assert 1 / stack.conductance(1.0) == pytest.approx(
        1 / made.leak.conductance + 1 / made.top.conductance(1.0) + 1 / made.bottom.conductance(1.0)
    )
    assert stack.power(1.0, 1.0) == 0
    assert Stack(layers=(made.top,)).power(1.0, 0.5) == made.top.power(1.0, 0.5)


def test_kapitza_resistance_in_series_changes_the_condition_by_orders_of_magnitude():
    made = cooler()
    path, bare, series = made.leak_power(0.9)
    assert path == series
    assert bare > 1e3 * series


def test_reciprocal_plate_floats_to_the_filament():
    """All heat that the plate gets comes from the filament, so without other paths T_c = T_f exactly."""
    made = cooler(leak=Leak(k=1e12, S=AREA, d=2e-8))
    outcome = made.steady("reciprocal")
    assert outcome.phi_abs == outcome.phi_em == pytest.approx(350 / 850)
    assert outcome.kappa == pytest.approx(-350 / 850)
    assert outcome.T_cold == pytest.approx(made.filament_temperature, rel=1e-10)
    assert not outcome.cools(1.0)


def test_filament_and_plate_as_a_network_of_interfaces_only():
    """Bath, film heated by P_J, plate: no pump, no kappa.  The plate floats to the film, all heat goes down."""
    made = cooler()
    nodes = {"bath": Node(temperature=1.0), "film": Node(heat=made.P_joule), "plate": Node()}
    links = {"down": ("film", "bath", made.bottom), "up": ("film", "plate", made.top)}
    state = Network(nodes, links).steady({"film": 1.1, "plate": 1.1})
    assert state.temperatures["film"] == pytest.approx(made.filament_temperature, rel=1e-9)
    assert state.temperatures["plate"] == pytest.approx(made.filament_temperature, rel=1e-6)
    assert state.powers["down"] == pytest.approx(made.P_joule, rel=1e-9)


def test_filament_heats_itself():
    bottom = Kapitza(area=AREA, sigma_K=500.0)
    assert filament_temperature(5e-10, 1.0, bottom) == pytest.approx(2**0.25, rel=1e-12)
    with_banks = filament_temperature(5e-10, 1.0, bottom, ends=1e-6)
    assert with_banks - 1 == pytest.approx(5e-10 / (1e-6 + bottom.conductance(1.0)), rel=1e-3)
    assert cooler().stays_superconducting is True
    assert cooler(P_joule=1e-9).stays_superconducting is False
    assert cooler(Tc=None).stays_superconducting is None


def test_a_mode_cools_only_while_its_filament_stays_superconducting():
    """At five times the power the balance has a colder plate, and a film above Tc that is no pump."""
    gentle, strong = cooler().steady("ideal"), cooler(P_joule=1e-9).steady("ideal")
    assert strong.T_cold < gentle.T_cold < 1.0
    assert gentle.cools(1.0) and gentle.reaches(0.95)
    assert strong.colder(1.0) and not strong.cools(1.0) and not strong.reaches(0.95)
    assert cooler(P_joule=1e-9, Tc=None).steady("ideal").cools(1.0)  # without Tc nothing is known of the film


def test_coldest_plate_under_a_superconducting_filament():
    """T_c^4 = T_b^4 - kappa (1 + sigma_bottom/sigma_top)(Tc^4 - T_b^4) when the film's own resistance is nothing."""
    made = cooler(leak=Leak(k=1e12, S=AREA, d=2e-8), g_W=0.1)
    expected = (1 - 0.1 * (1 + 500 / 350) * (1.175**4 - 1)) ** 0.25
    assert made.coldest_superconducting("ideal") == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("kappa", [0.01, 0.3, 1.0, 10.0, 1e3])
@pytest.mark.parametrize("P_J", [1e-12, 1e-9, 1e-6])
def test_carnot_is_never_beaten(kappa, P_J):
    pump, path = Pump(kappa=kappa, P_joule=P_J), parallel(1e-9, 2.5e-10)
    T = cold_temperature(pump, 1.0, path)
    used = path.power(1.0, T) / P_J
    assert used <= carnot_bound(T, 1.0) * (1 + 1e-9)
    assert used <= kappa * (1 + 1e-9)
    assert pump.power(T, 1.0) == pytest.approx(path.power(1.0, T), rel=1e-6)


@pytest.mark.parametrize("kappa", [0.01, 0.3, 1.0, 10.0, 1e3])
@pytest.mark.parametrize("P_J", [1e-12, 1e-9, 1e-6])
def test_kappa_itself_is_within_carnots_bound_at_the_plate_that_is_told(kappa, P_J):
    pump, path = Pump(kappa=kappa, P_joule=P_J), parallel(1e-9, 2.5e-10)
    T = plate_temperature(pump, 1.0, path)
    assert kappa <= carnot_bound(T, 1.0) * (1 + 1e-9)
    assert carnot_bound(carnot_floor(kappa, 1.0), 1.0) == pytest.approx(kappa)
    balance = cold_temperature(pump, 1.0, path)
    assert pytest.approx(max(balance, kappa / (1 + kappa)), rel=1e-12) == T


def test_a_plate_at_carnots_bound_in_time_and_in_its_balance():
    """It gets there at a finite time, where the run ends; less than kappa holds it there."""
    made = cooler(P_joule=1e-7, load=1e-12)
    outcome = made.steady("ideal")
    assert outcome.T_cold == made.g_W / (1 + made.g_W)
    held = outcome.kappa_used * made.P_joule
    assert held == pytest.approx(made.stack.power(1.0, outcome.T_cold) + 1e-12, rel=1e-12)
    run = made.approach("ideal", 1.0)
    assert run.t[-1] < 1e-3
    assert run.temperatures["plate"][-1] == pytest.approx(outcome.T_cold, rel=1e-5)
    assert run.energy_mismatch < 1e-6
    T, t = outcome.T_cold, run.t[-1]
    assert made.capacity * (1 - T**4) / 4 == pytest.approx(made.g_W * made.P_joule * t, rel=1e-2)  # pump alone


def test_carnot_is_named_as_the_limit():
    outcome = cooler(P_joule=1e-7).steady("ideal")
    assert outcome.kappa_used < outcome.kappa
    assert outcome.limit.startswith("Carnot")


@pytest.mark.parametrize("mode", ["reciprocal", "ideal", "paper"])
@pytest.mark.parametrize("path", ["series", "parallel", "leak"])
def test_transient_relaxes_to_the_steady_state_and_its_ledger_closes(mode, path):
    made = cooler(path=path)
    end = made.steady(mode).T_cold
    conductance = made.leak.conductance if path != "series" else made.stack.conductance(1.0)
    run = transient(made.network(mode), 60 * made.capacity * max(1, end**3) / conductance, points=50)
    T = run.temperatures["plate"]
    assert T[0] == 1.0
    assert T[-1] == pytest.approx(end, rel=1e-7)
    stored = made.capacity * (T[-1] ** 4 - 1) / 4
    balance = run.energies["way_back"][-1] - run.energies["pump"][-1]
    assert stored == pytest.approx(balance, rel=1e-4, abs=1e-7 * abs(run.energies["pump"][-1]))
    assert run.energy_mismatch < 1e-6


def test_array_scales_the_power_and_not_the_temperature():
    one, many = cooler(), cooler(count=1000)
    assert many.steady("ideal").T_cold == pytest.approx(one.steady("ideal").T_cold, rel=1e-12)
    assert many.pump("ideal").power(0.9, 1.0) == pytest.approx(1000 * one.pump("ideal").power(0.9, 1.0))
    loaded = [cooler(count=n, load=5e-11).steady("ideal").T_cold for n in (1, 10, 1000)]
    assert loaded[0] > loaded[1] > loaded[2]
    assert loaded[2] == pytest.approx(one.steady("ideal").T_cold, rel=1e-3)


def test_paper_mode_needs_its_p_and_lies_between():
    made = cooler()
    kappas = [made.steady(mode).kappa for mode in made.modes]
    assert made.modes == ("reciprocal", "ideal", "paper")
    assert kappas[0] < kappas[2] < kappas[1]
    assert cooler(one_way=None).modes == ("reciprocal", "ideal")
    assert cooler(one_way=OneWay()).steady("paper").kappa == pytest.approx(kappas[0])
    with pytest.raises(InputError):
        cooler(one_way=None).steady("paper")


def test_limits_are_said():
    assert "kappa <= 0: 0.412 of the emission" in cooler().steady("reciprocal").limit
    assert "only below 0.095" in cooler().steady("reciprocal").limit  # phi g_W/(1 + g_W)
    assert "Kapitza resistance to the plate" in cooler().steady("ideal").limit
    assert "film" in cooler(path="leak").steady("ideal").limit
    assert "load" in cooler(load=5e-11).steady("ideal").limit


@pytest.mark.parametrize(
    ("make", "key"),
    [
        (lambda: cooler(T_bath=-1.0), "T_bath"),
        (lambda: cooler(T_bath=1.2), "T_bath"),
        (lambda: cooler(capacity=-1e-12), "capacity"),
        (lambda: cooler(P_joule=0.0), "P_joule"),
        (lambda: cooler(g_W=math.nan), "g_W"),
        (lambda: cooler(count=0), "count"),
        (lambda: cooler(path="diode"), "path"),
        (lambda: cooler(top=Kapitza(area=AREA, sigma_K=350.0, p_backward=0.5)), "top"),
        (lambda: cooler(bottom=Kapitza(area=AREA, sigma_K=0.0)), "bottom.sigma_K"),
        (lambda: cooler(capacity=None).network("ideal"), "capacity"),
        (lambda: OneWay(top_in=1.5), "top_in"),
        (lambda: OneWay(top_out=0.0, bottom_out=0.0), "top_out"),
        (lambda: pump_fraction(0.1, 1.1, 0.0), "phi_abs"),
        (lambda: pump_fraction(-0.1, 1.0, 0.0), "g_W"),
        (lambda: Pump(kappa=math.inf, P_joule=1.0), "kappa"),
        (lambda: Stack(layers=()), "layers"),
        (lambda: Stack(layers=(Kapitza(area=1.0, sigma_K=1.0, p_forward=0.5),)), "layers"),
        (lambda: Kapitza.from_one_way_powers(area=1.0, sigma_K=1.0, p_forward=1.0, p_backward=0.5), "p_backward"),
    ],
)
def test_bad_input(make, key):
    with pytest.raises(InputError) as error:
        make()
    assert error.value.key == key


def test_pump_is_a_link_with_work():
    pump = Pump(kappa=0.2, P_joule=3.0)
    assert pump.power(0.9, 1.0) == pytest.approx(0.6)
    assert pump.work(0.9, 1.0) == 3.0
    assert np.isfinite(pump.slopes(0.9, 1.0)).all()
