"""Networks: steady states against the reference, all roots, scans through corners and folds, transients and
their ledger.
"""

import math
import pickle
import time
import warnings
from dataclasses import replace

import numpy as np
import pytest
from photonic_reference import REFERENCE, nis_network, sn_network

from femtdgl.errors import InputError
from femtdgl.thermal import (
    ElectronPhonon,
    Event,
    Kapitza,
    Leak,
    Network,
    Node,
    Pulse,
    SeveralSteadyStates,
)
from femtdgl.thermal.link import Link

BISTABLE = (0.15974390, 0.27192033, 0.36782238)
"""K: silver, T_R = 0.6 K, 0.1 fW, bath at 10 mK."""


def chain(heat=3.0, **node):
    """a - Leak - b - Kapitza - bath: closed form."""
    return Network(
        {"a": Node(heat=heat, **node), "b": Node(**node), "bath": Node(temperature=1.0)},
        {
            "leak": ("a", "b", Leak(k=2.0, S=1.0, d=1.0)),
            "interface": ("b", "bath", Kapitza(area=1.0, sigma_K=0.2)),
        },
    )


@pytest.mark.parametrize("row", REFERENCE["steady_sn"]["solutions"])
def test_sn_steady_state(row):
    network = sn_network(row["Pin_pW"] * 1e-12)
    (state,) = network.roots()
    assert state.temperatures["source"] == pytest.approx(row["TS"], rel=1e-8)
    assert state.temperatures["drain"] == pytest.approx(row["TD"], rel=1e-8)
    assert state.powers["photons"] == pytest.approx(row["Qg"], rel=1e-8)
    assert state.powers["titanium"] == pytest.approx(row["QSc"], rel=1e-8)
    assert state.stable
    near = network.steady({"source": 0.3, "drain": 0.1}, alone=True)
    assert near.temperatures["source"] == pytest.approx(row["TS"], rel=1e-8)


@pytest.mark.parametrize("row", REFERENCE["steady_nis"])
def test_nis_steady_state(row):
    network = nis_network(row["dev"], row["Jin_fW"] * 1e-15, row["TR"])
    (state,) = network.roots()
    assert state.temperatures["left"] == pytest.approx(row["TL"], rel=1e-8)
    assert state.stable


def test_all_three_roots_with_stability():
    states = nis_network("Ag", 1e-16, 0.6).roots()
    assert [s.temperatures["left"] for s in states] == pytest.approx(BISTABLE, abs=6e-9)
    assert [s.stable for s in states] == [True, False, True]


def test_third_root_closes_the_balance():
    """A note that circulates has 0.36782338 for it, one digit off: there the net power is 1e-5 of the
    traffic.
    """
    network = nis_network("Ag", 1e-16, 0.6)
    for T, off in ((network.roots()[2].temperatures["left"], 1e-11), (0.36782338, 1.0)):
        net, traffic = network.residual(np.log([T]))
        assert abs(net[0]) < off * traffic[0]
    assert abs(net[0]) > 1e-6 * traffic[0]


def test_roots_in_a_bracket():
    states = nis_network("Ag", 1e-16, 0.6).roots((0.2, 0.3))
    assert [s.stable for s in states] == [False]


def test_steady_says_when_there_are_others():
    network = nis_network("Ag", 1e-16, 0.6)
    with pytest.warns(SeveralSteadyStates, match="3 steady states"):
        state = network.steady({"left": 0.37})
    assert len(state.others) == 2
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert nis_network("Ag", 1e-14, 0.01).steady().others == ()


def test_closed_form_chain():
    state = chain().steady()
    T_b = (1 + 3 / 0.2) ** 0.25
    assert state.temperatures["b"] == pytest.approx(T_b, rel=1e-10)
    assert state.temperatures["a"] == pytest.approx(T_b + 1.5, rel=1e-10)


def test_a_closed_pair_of_folds_is_found():
    """Two roots 1e-5 apart, between two points of the grid."""

    class Well(Link):
        """Power with a minimum of -depth at T_a = 1."""

        def power(self, T_a, T_b):
            return (T_a - 1.0) ** 2 - 2.5e-11 + 1.0

    network = Network({"a": Node(heat=1.0), "bath": Node(temperature=0.5)}, {"well": ("a", "bath", Well())})
    found = [s.temperatures["a"] for s in network.roots((0.6, 1.7))]
    assert found == pytest.approx([1 - 5e-6, 1 + 5e-6], abs=1e-8)


def test_work_is_received_by_b_only():
    class Pump(Link):
        """A heater in b run by the difference: active."""

        def power(self, T_a, T_b):
            return 0.0

        def work(self, T_a, T_b):
            return 0.5

    network = Network(
        {"a": Node(), "b": Node(), "bath": Node(temperature=1.0)},
        {
            "pump": ("a", "b", Pump()),
            "one": ("a", "bath", Leak(k=1.0, S=1.0, d=1.0)),
            "two": ("b", "bath", Leak(k=1.0, S=1.0, d=1.0)),
        },
    )
    T = network.steady({"a": 1.2, "b": 1.2}, alone=True).temperatures
    assert T["a"] == pytest.approx(1.0, rel=1e-9)
    assert T["b"] == pytest.approx(1.5, rel=1e-9)


def test_analytic_jacobian_against_differences():
    network = sn_network(1e-12)
    x = np.log([0.33, 0.14])
    J = network.jacobian(x)
    h = 1e-5
    for k in range(2):
        step = np.zeros(2)
        step[k] = h
        column = (network.residual(x + step)[0] - network.residual(x - step)[0]) / (2 * h)
        assert J[:, k] == pytest.approx(column, rel=1e-4, abs=1e-4 * np.max(np.abs(J)))


def test_sn_scan_window_corner_and_speed():
    """Known window; 100 powers. The corner is Tc. (CPU bound of the contract: 5 s.)"""
    begun = time.process_time()
    scan = sn_network(1e-12).scan("nodes.source.heat", np.linspace(0.04e-12, 4e-12, 100))
    spent = time.process_time() - begun
    (window,) = scan.windows
    assert window.quantity == "T(drain)"
    assert window.start == pytest.approx(1.8306e-12, rel=1e-4)
    assert window.end == pytest.approx(2.6948e-12, rel=1e-4)
    assert window.high == pytest.approx(0.1415373, rel=1e-6)
    assert window.low == pytest.approx(0.1401408, rel=1e-6)
    assert not window.open
    assert scan.hysteresis is None
    at_end = sn_network(window.end).steady({"source": 0.4, "drain": 0.14}, alone=True)
    assert at_end.temperatures["source"] == pytest.approx(0.4, rel=1e-5)
    assert spent < 5


def test_scan_with_the_other_copper():
    scan = sn_network(1e-12, sigma_copper=2e9).scan("nodes.source.heat", np.linspace(1.4e-12, 2.6e-12, 25))
    (window,) = scan.windows
    assert (window.start, window.end) == pytest.approx((1.633e-12, 2.265e-12), rel=5e-4)


def test_scan_through_folds():
    scan = nis_network("Ag", 1e-16, 0.01).scan("nodes.right.temperature", np.linspace(0.3, 0.75, 46))
    assert [len(scan.first), len(scan.last)] == [1, 3]
    low, high = scan.hysteresis
    assert 0.5 < low < 0.53
    assert high == 0.75
    assert scan.up.stable.all() and scan.down.stable.all()
    assert scan.down.temperatures["left"][-1] > 2 * scan.up.temperatures["left"][-1]
    assert len(scan.down.falls) == 1 and not scan.up.falls


def test_branch_turns_at_both_folds():
    """The S of the thermal memory: the value goes up, back and up; the middle is unstable."""
    from femtdgl.thermal import NISLink

    network = Network(
        {"source": Node(temperature=0.5), "gate": Node(heat=0.0), "drain": Node(temperature=0.01)},
        {
            "photons": ("source", "gate", NISLink(chi=2.0, r0=1e-11, c=0.05, Tc=1.2)),
            "sink": ("gate", "drain", ElectronPhonon(Sigma=5e8, volume=1.2e-20)),
        },
    )
    scan = network.scan("nodes.gate.heat", np.linspace(0, 1.5e-15, 76))
    assert len(scan.up.falls) == len(scan.down.falls) == 1
    turns = np.diff(np.sign(np.diff(scan.branch["value"])))
    assert np.count_nonzero(turns) == 2
    assert not scan.branch["stable"][len(scan.branch["stable"]) // 2 - 3 :].all()
    middle = [s for s in network.with_value("nodes.gate.heat", 0.45e-15).roots() if not s.stable]
    assert len(middle) == 1


def test_scan_downwards_in_value_gives_the_same_window():
    scan = sn_network(1e-12).scan("nodes.source.heat", np.linspace(3e-12, 1.5e-12, 16))
    (window,) = scan.windows
    assert (window.start, window.end) == pytest.approx((1.8306e-12, 2.6948e-12), rel=1e-4)


@pytest.mark.parametrize("rtol", [1e-6, 1e-8, 1e-10])
def test_transient_conserves_energy(rtol):
    result = chain(capacity=0.7, capacity_exponent=3.0, initial=0.8).transient(5.0, rtol=rtol)
    assert result.energy_mismatch < 20 * rtol
    assert result.temperatures["a"][0] == pytest.approx(0.8, rel=1e-12)


def test_transient_ends_in_the_steady_state():
    network = chain(capacity=0.7, capacity_exponent=1.0, initial=1.1)
    final = network.transient(200.0).temperatures
    state = chain().steady()
    for name in ("a", "b"):
        assert final[name][-1] == pytest.approx(state.temperatures[name], rel=1e-7)


def test_linear_relaxation_closed_form_and_event():
    network = Network(
        {"a": Node(capacity=2.0, initial=2.0), "bath": Node(temperature=1.0)},
        {"leak": ("a", "bath", Leak(k=4.0, S=1.0, d=1.0))},
    )
    result = network.transient(1.0, events=[Event(node="a", temperature=1.5)], rtol=1e-10)
    assert result.temperatures["a"] == pytest.approx(1 + np.exp(-2 * result.t), rel=1e-8)
    ((t, node),) = result.crossings
    assert node == "a"
    assert t == pytest.approx(math.log(2) / 2, rel=1e-7)
    stopped = network.transient(1.0, events=[Event(node="a", temperature=1.5, stop=True)])
    assert stopped.t[-1] == pytest.approx(math.log(2) / 2, rel=1e-6)


def test_pulse_heats_exactly_by_its_energy():
    """Adiabatic but for a negligible leak: C dT = P dt."""
    network = Network(
        {"a": Node(capacity=2.0, initial=1.0), "bath": Node(temperature=1.0)},
        {"leak": ("a", "bath", Leak(k=1e-12, S=1.0, d=1.0))},
    )
    result = network.transient(3.0, pulses=[Pulse(node="a", start=1.0, end=2.0, power=0.5)], rtol=1e-10)
    assert result.temperatures["a"][-1] == pytest.approx(1.25, rel=1e-8)
    assert result.temperatures["a"][result.t <= 1.0] == pytest.approx(1.0, rel=1e-9)
    assert result.energy_mismatch < 1e-8


def test_memory_keeps_what_a_pulse_wrote():
    network = nis_network("Ag", 1e-16, 0.6, capacity=1e-18, capacity_exponent=1.0)
    result = network.transient(0.03, pulses=[Pulse(node="left", start=1e-3, end=2e-3, power=3e-15)])
    cold, _, hot = BISTABLE
    assert result.temperatures["left"][0] == pytest.approx(cold, rel=1e-6)
    assert result.temperatures["left"][-1] == pytest.approx(hot, rel=1e-5)


def test_a_node_cooled_below_its_bath_is_found():
    network = Network(
        {"a": Node(heat=-0.5), "bath": Node(temperature=1.0)}, {"l": ("a", "bath", Leak(k=1.0, S=1.0, d=1.0))}
    )
    assert network.steady().temperatures["a"] == pytest.approx(0.5, rel=1e-9)


def test_bath_above_tc_of_a_link_that_forbids_it():
    with pytest.raises(InputError, match="above Tc") as error:
        nis_network("Ag", 1e-16, 1.3)
    assert error.value.key == "nodes.right.temperature"


LEAK = Leak(k=1.0, S=1.0, d=1.0)


@pytest.mark.parametrize(
    ("nodes", "links", "key", "words"),
    [
        ({"a": Node()}, {}, "nodes", "needs a bath"),
        (
            {"a": Node(), "bath": Node(temperature=1.0)},
            {"l": ("a", "bat", LEAK)},
            "links.l.between",
            "did you mean 'bath'",
        ),
        ({"a": Node(), "bath": Node(temperature=1.0)}, {}, "nodes.a", "no path"),
        ({"bath": Node(temperature=1.0)}, {"l": ("bath", "bath", LEAK)}, "links.l.between", "both ends"),
    ],
)
def test_bad_networks(nodes, links, key, words):
    with pytest.raises(InputError) as error:
        Network(nodes, links)
    assert error.value.key == key
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"temperature": 0.0}, "temperature"),
        ({"temperature": 0.1, "heat": 1.0}, "temperature"),
        ({"heat": math.nan}, "heat"),
        ({"capacity": -1.0}, "capacity"),
        ({"initial": 0.0}, "initial"),
    ],
)
def test_bad_nodes(values, key):
    with pytest.raises(InputError) as error:
        Node(**values)
    assert error.value.key == key


def test_bad_questions():
    network = chain()
    for parameter, words in (
        ("nodes.a.heet", "'heat'"),
        ("links.leek.k", "links.leak"),
        ("x", "names nothing"),
    ):
        with pytest.raises(InputError, match=words):
            network.scan(parameter, [1.0, 2.0])
    with pytest.raises(InputError, match="rise, or fall"):
        network.scan("nodes.a.heat", [1.0, 3.0, 2.0])
    with pytest.raises(InputError, match="heat capacity"):
        network.transient(1.0)
    with pytest.raises(InputError, match="no free node"):
        chain(capacity=1.0).transient(1.0, pulses=[Pulse(node="bath", start=0.0, end=1.0, power=1.0)])
    with pytest.raises(InputError, match="below"):
        nis_network("Ag", 1e-9, 0.01).roots()


def test_a_changed_network_is_a_network():
    network = chain()
    for other in (network.with_value("nodes.a.heat", 2.0), replace(network, links=network.links)):
        assert type(other) is Network
    assert network.with_value("nodes.a.heat", 3.0) == network == pickle.loads(pickle.dumps(network))
    assert network.with_value("links.leak.k", 4.0).steady().temperatures["a"] == pytest.approx(
        network.steady().temperatures["b"] + 0.75, rel=1e-10
    )


@pytest.mark.parametrize("exponent", [-1.0, -3.0, float("nan")])
def test_a_capacity_without_a_finite_energy_is_refused(exponent):
    """int C dT from 0 on diverges for C as T^-1 and steeper."""
    with pytest.raises(InputError) as caught:
        Node(capacity=1.0, capacity_exponent=exponent)
    assert caught.value.key == "capacity_exponent"
    assert Node(capacity=1.0, capacity_exponent=-0.5).energy(4.0) == pytest.approx(4.0)
