"""Derivatives of steady states: closed forms, differences of neighbours, one-sided at corners, none across folds."""

import tomllib

import numpy as np
import pytest
from conftest import PROBLEMS
from photonic_reference import nis_network, sn_network

import femtdgl as fg
from femtdgl.thermal import ElectronPhonon, Kapitza, Leak, Network, NISLink, Node, SNLink
from femtdgl.thermal.network.response import response


def gate(volume):
    """The circuit of thermal_transistor and thermal_memory."""
    return Network(
        {"source": Node(temperature=0.5), "gate": Node(heat=0.0), "drain": Node(temperature=0.01)},
        {
            "photons": ("source", "gate", NISLink(chi=2.0, r0=1e-11, c=0.05, Tc=1.2)),
            "sink": ("gate", "drain", ElectronPhonon(Sigma=5e8, volume=volume)),
        },
    )


def at_rest(network):
    """ln T of the only state."""
    (state,) = network.roots()
    return np.log([state.temperatures[name] for name in network.free])


def test_chain_in_closed_form():
    """a - leak - b - interface - bath: T_b^4 = T_0^4 + P/(A sigma), T_a = T_b + P/G."""
    network = Network(
        {"a": Node(heat=3.0), "b": Node(), "bath": Node(temperature=1.0)},
        {"leak": ("a", "b", Leak(k=2.0, S=1.0, d=1.0)), "interface": ("b", "bath", Kapitza(area=1.0, sigma_K=0.2))},
    )
    T_b = (1 + 3 / 0.2) ** 0.25
    by_heat = response(network, "nodes.a.heat", at_rest(network))
    assert by_heat.temperatures["b"] == pytest.approx(1 / (4 * 0.2 * T_b**3), rel=1e-9)
    assert by_heat.temperatures["a"] == pytest.approx(1 / (4 * 0.2 * T_b**3) + 0.5, rel=1e-9)
    assert by_heat.powers == pytest.approx({"leak": 1.0, "interface": 1.0}, rel=1e-9)
    by_bath = response(network, "nodes.bath.temperature", at_rest(network))
    assert by_bath.temperatures == pytest.approx({"a": T_b**-3, "b": T_b**-3, "bath": 1.0}, rel=1e-9)
    assert by_bath.powers == pytest.approx({"leak": 0.0, "interface": 0.0}, abs=1e-9)


def test_gain_is_that_of_the_slopes():
    """dJ/dP_gate = s/(g - s), s and g the slopes of link and sink."""
    network = gate(1.6e-20).with_value("nodes.gate.heat", 2e-15)
    x = at_rest(network)
    T = float(np.exp(x[0]))
    s = network.links["photons"][2].slopes(0.5, T)[1]
    g = 5 * 5e8 * 1.6e-20 * T**4
    assert response(network, "nodes.gate.heat", x).powers["photons"] == pytest.approx(s / (g - s), rel=1e-7)


@pytest.mark.parametrize(("parameter", "value"), [("nodes.right.temperature", 0.37), ("nodes.bath.temperature", 0.2)])
def test_responsivity_against_neighbouring_states(parameter, value):
    network = nis_network("Ag", 1e-13, 0.3)
    h = 1e-4

    def left(v):
        (state,) = network.with_value(parameter, v).roots()
        return state.temperatures["left"]

    there = network.with_value(parameter, value)
    found = response(there, parameter, at_rest(there)).temperatures["left"]
    assert found == pytest.approx((left(value + h) - left(value - h)) / (2 * h), rel=1e-4)


def test_negative_conductance_between_baths():
    """[NIS] Fig. 2(b): no free node, so the slope of the link alone."""
    network = Network(
        {"left": Node(temperature=0.5), "right": Node(temperature=0.3)},
        {"photons": ("left", "right", NISLink(chi=2.0, r0=1e-11, c=0.05, Tc=1.2))},
    )
    scan = network.scan("nodes.right.temperature", np.linspace(0.01, 0.5, 50))
    by_hand = [network.links["photons"][2].slopes(0.5, T)[1] for T in scan.values]
    np.testing.assert_allclose(scan.response_up.at_values(scan.response_up.powers["photons"]), by_hand, rtol=1e-12)


def test_one_sided_at_a_corner():
    """T_source passes Tc at 2.6948 pW: before and after it the slopes are those of the two sides, and they differ."""
    scan = sn_network(1e-12).scan("nodes.source.heat", np.linspace(2e-12, 3.4e-12, 8))
    curve = scan.response_up
    (k,) = np.nonzero(np.diff(curve.values) == 0)[0]
    corner = curve.values[k]
    assert corner == pytest.approx(2.6948e-12, rel=1e-4)
    drain = curve.temperatures["drain"]
    assert drain[k] < 0 < drain[k + 1]

    def state(power):
        return sn_network(power).steady({"source": 0.4, "drain": 0.14}, alone=True).temperatures["drain"]

    h = 4e-17
    before = (3 * state(corner) - 4 * state(corner - h) + state(corner - 2 * h)) / (2 * h)
    after = (-3 * state(corner) + 4 * state(corner + h) - state(corner + 2 * h)) / (2 * h)
    assert (drain[k], drain[k + 1]) == pytest.approx((before, after), rel=2e-3)
    assert len(curve.scanned) == 8 and len(curve.values) == 10


@pytest.mark.parametrize("values", [[0.35, 0.4, 0.45], [0.45, 0.4, 0.35], [0.36, 0.44]])
def test_a_scanned_temperature_passes_its_own_corner(values):
    """Tc of the source at one of the values or between them: both sides are told, the lower one for Tc itself."""
    link = SNLink(R_D=1.0, R_0=36.0, Tc=0.4)
    network = Network(
        {"source": Node(temperature=0.3), "drain": Node(temperature=0.03)}, {"photons": ("source", "drain", link)}
    )
    curve = network.scan("nodes.source.temperature", values).response_up
    near = curve.powers["photons"][np.abs(curve.values - 0.4) < 1e-9]
    below, above = (link.slopes(T, 0.03)[0] for T in (0.4 - 1e-9, 0.4 + 1e-9))
    assert below < 0 < above
    passing = {below, above}
    assert len(near) == (3 if 0.4 in values else 2)
    assert all(min(abs(slope / side - 1) for side in passing) < 1e-3 for slope in near)
    assert (near[0] < 0) == (values[0] < values[-1])
    assert (near[-1] > 0) == (values[0] < values[-1])


def test_no_gain_across_a_fold():
    """A difference over the step through the fold gave 676; the states themselves have 19 where the branch still is."""
    scan = gate(1.2e-20).scan("nodes.gate.heat", np.linspace(0, 1.5e-15, 151))
    assert scan.up.falls == pytest.approx([8.3e-16])
    assert scan.extremes.gain == {"photons": None, "sink": None}
    for curve, fall in ((scan.response_up, 8.3e-16), (scan.response_down, 7e-17)):
        gain = curve.powers["photons"]
        assert np.count_nonzero(np.isnan(gain)) == 1
        assert np.nanmax(np.abs(gain)) < 50
        assert curve.values[np.isnan(gain)] == pytest.approx([fall], abs=1.1e-17)
    # towards the fold the gain grows as the inverse root of the distance
    finer = gate(1.2e-20).scan("nodes.gate.heat", np.linspace(8.2e-16, 8.3e-16, 101))
    gain = finer.response_up.powers["photons"]
    end = int(np.nonzero(np.isnan(gain))[0][0])
    fold = finer.values[end]
    assert gain[end - 1] > 60
    assert gain[0] / gain[end - 20] == pytest.approx(
        np.sqrt((fold - finer.values[end - 20]) / (fold - 8.2e-16)), rel=0.15
    )


def test_extremes_do_not_depend_on_the_grid():
    """Steepest responsivity and largest drop of silver at 30 fW from 20 and from 100 values."""
    coarse, fine = (
        nis_network("Ag", 3e-14, 0.01).scan("nodes.right.temperature", np.linspace(0.01, 0.6, n)).extremes
        for n in (20, 100)
    )
    assert coarse.responsivity["left"] == pytest.approx(fine.responsivity["left"], rel=1e-6)
    assert coarse.responsivity["left"] == pytest.approx(-0.2042, abs=1e-4)
    assert coarse.drop["left"] == pytest.approx(fine.drop["left"], rel=1e-6)
    assert coarse.drop["left"] == pytest.approx(16.648e-3, abs=1e-6)


def test_where_nothing_falls_the_drop_is_nothing():
    scan = nis_network("Ag", 1e-14, 0.01).scan("nodes.bath.temperature", np.linspace(0.01, 0.6, 20))
    assert scan.extremes.drop["left"] == 0.0


def test_summary_says_null_towards_a_fold_and_no_number_of_the_jump():
    table = tomllib.loads((PROBLEMS / "thermal_memory.toml").read_text())
    table["scan"]["points"] = 76
    summary = fg.run_network(table).summary["scan"]["scan"]
    assert summary["largest_gain"] == {"photons": None, "sink": None}
    assert summary["up"]["falls"] and summary["down"]["falls"]
