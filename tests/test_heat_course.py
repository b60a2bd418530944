"""Baths and nodes whose temperature moves, and heat that comes in from outside: closed forms, balance, Jacobian."""

import itertools
import math

import numpy as np
import pytest
from conftest import complex_step
from scipy.integrate import quad
from test_planes import brick, problem_on

import femtdgl as fg
from femtdgl.problem import toml
from femtdgl.problem.heat_course import read_node
from femtdgl.problem.problem import describe
from femtdgl.solve.system import System
from femtdgl.thermal import Kapitza, Leak

C, K, L, BATH = 2.0, 0.7, 3.0, 0.95
PLAIN = {"electrons": fg.Carriers(capacity=C, capacity_exponent=0.0, conductivity=K, conductivity_exponent=0.0)}
NORMAL = {
    "left": fg.NormalContact(),
    "right": fg.NormalContact(),
    "film": fg.Film(model="gapless", eta=0.1),
    "initial": fg.Initial(dips=(fg.Spot(depth=1.0, width=1e6),)),
}
SOURCES = {
    "photon": fg.HeatSource(energy=1.5, start=0.2, duration=2.0, at=0.3, width=0.5),
    "laser": fg.HeatSource(power="0.3*(1 + sin(t))", profile="1 + 0.2*x"),
}


def node(**table):
    """As a file has it."""
    return read_node(table)


def everything(temperatures):
    """A moving bath, a moving lumped bath, a free node with moving heat, and sources, joined in all ways."""
    two = {"phonons": fg.Carriers(capacity=1.5, conductivity=0.4), "coupling": 0.9} if temperatures == "two" else {}
    nodes = {
        "sink": node(temperature="0.8 + 0.05*sin(0.7*t)"),
        "plate": node(capacity=2.0, heat={"sine": {"amplitude": 0.2, "period": 3.0}}),
    }
    links = {
        "surface": fg.Join(between=("surface", "plate"), link=Kapitza(area=1.0, sigma_K=0.8), per_size=True),
        "mean": fg.Join(between=("volume", "sink"), link=Leak(k=0.3, S=1.0, d=1.0), spread="mean"),
        "drain": fg.Join(between=("plate", "sink"), link=Leak(k=0.5, S=1.0, d=1.0)),
    }
    return fg.Heat(
        temperatures=temperatures, bath="0.9 + 0.03*cos(1.1*t)", hold=("left",),
        electrons=fg.Carriers(capacity=3.0, conductivity=2.0), nodes=nodes, links=links, sources=SOURCES, **two,
    )  # fmt: skip


@pytest.mark.parametrize(("temperatures", "dim"), list(itertools.product(["one", "two"], [1, 2])))
def test_the_jacobian_against_complex_steps(filament, rng, temperatures, dim):
    heat, film = everything(temperatures), fg.Film(delta=3.0, eta=0.1)
    if dim == 1:
        problem = filament(elements=4, film=film, heat=heat, right=fg.NormalContact())
    else:
        problem = problem_on(brick("triangle", counts=(2, 1)), heat=heat, film=film)
    system = System(problem, compiled=False)
    y, yp = rng.normal(size=(2, system.size))
    place = system.heat.temperatures.place
    y[place[place >= 0]] = 2 * rng.random(int(np.sum(place >= 0)))
    J = complex_step(system, 1.7, y, yp, 2.0)
    found = system.matrix(system.jacobian(1.7, y, yp, 2.0)).toarray()
    assert np.abs(found - J).max() < 1e-11 * np.abs(J).max()


def test_a_wire_between_baths_that_swing(filament):
    """T = T_b + a Re[cosh(q x)/cosh(q L/2) exp(i w t)], q^2 = i w C/k, of a normal wire without current."""
    w, a = 0.5, 0.04
    heat = fg.Heat(bath=f"{BATH} + {a}*cos({w}*t)", hold=("left", "right"), **PLAIN)
    time = fg.Time(t_end=60.0, rtol=1e-8)
    problem = filament(**NORMAL, length=L, elements=30, current=0.0, heat=heat, time=time, output=fg.Output(fields=1.0))
    result = fg.run(problem)
    q, x = np.sqrt(1j * w * C / K), result.stored_nodes[0]
    for row in range(50, 61):
        t = result.t[row]
        exact = BATH + a * np.real(np.cosh(q * x) / np.cosh(q * L / 2) * np.exp(1j * w * t))
        assert np.abs(result.read("fields/T", row) - exact).max() < 3e-7  # stored in single precision


def test_a_bath_that_jumps_is_met_at_once(filament):
    heat = fg.Heat(bath={"table": [[0.0, 0.9], [2.0, 0.9], [2.0, 0.8]]}, hold=("left", "right"), **PLAIN)
    problem = filament(**NORMAL, elements=8, current=0.0, heat=heat, time=fg.Time(t_end=4.0, rtol=1e-6))
    result = fg.run(problem)
    ends = np.argsort(result.stored_nodes[0])[[0, -1]]
    T = np.stack([result.read("fields/T", row)[ends] for row in range(len(result.t))])
    assert np.allclose(T[result.t < 2.0], 0.9) and np.allclose(T[result.t > 2.0], 0.8)


def test_a_pulse_of_heat_brings_its_energy(filament):
    """An insulated normal wire warms by E/(C L), whatever the place; the ledger says so too."""
    for elements in (10, 31):
        source = fg.HeatSource(energy=0.5, at=0.4, width=0.2, start=1.0, duration=0.5)
        heat = fg.Heat(bath=BATH, hold=(), sources={"photon": source}, **PLAIN)
        time = fg.Time(t_end=60.0, rtol=1e-7)
        problem = filament(**NORMAL, length=L, elements=elements, current=0.0, heat=heat, time=time)
        result = fg.run(problem)
        T = result.read("fields/T", -1)
        assert pytest.approx(BATH + 0.5 / (C * L), abs=2e-7) == T
        book = result.summary["heat"]["ledger_of_run"]
        assert book["by_sources"] == pytest.approx(0.5, rel=1e-3) and book["mismatch"] < 2e-3  # from the recorded steps
        t = result.probes["t"]
        assert result.probes["T_max"][t <= 1.0].max() == pytest.approx(BATH, abs=1e-9)
        assert result.probes["T_max"].max() > BATH + 0.2


def test_a_node_follows_its_course(filament):
    """C dT/dt = k (T_s(t) - T) of a free node that leaks to a bath that swings."""
    nodes = {"sink": node(temperature="0.8 + 0.05*sin(0.7*t)"), "plate": node(capacity=2.0, initial=0.9)}
    links = {
        "drain": fg.Join(between=("plate", "sink"), link=Leak(k=0.6, S=1.0, d=1.0)),
    }
    heat = fg.Heat(bath=BATH, hold=("left", "right"), nodes=nodes, links=links, **PLAIN)
    problem = filament(**NORMAL, elements=4, current=0.0, heat=heat, time=fg.Time(t_end=12.0, rtol=1e-9))
    probes = fg.run(problem).probes
    assert probes["T_node_sink"] == pytest.approx(0.8 + 0.05 * np.sin(0.7 * probes["t"]), abs=1e-9)
    for t, T in list(zip(probes["t"], probes["T_node_plate"], strict=True))[:: max(1, probes["t"].size // 9)]:
        driven = quad(lambda s, t=t: 0.3 * (0.8 + 0.05 * math.sin(0.7 * s)) * math.exp(0.3 * (s - t)), 0.0, t)[0]
        assert pytest.approx(0.9 * math.exp(-0.3 * t) + driven, abs=1e-7) == T


def test_heat_brought_to_a_node(filament):
    nodes = {"plate": node(capacity=2.0, initial=0.9, heat="0.1*sin(0.5*t)"), "sink": node(temperature=0.9)}
    links = {"drain": fg.Join(between=("plate", "sink"), link=Leak(k=1e-9, S=1.0, d=1.0))}
    heat = fg.Heat(bath=BATH, hold=("left", "right"), nodes=nodes, links=links, **PLAIN)
    problem = filament(**NORMAL, elements=4, current=0.0, heat=heat, time=fg.Time(t_end=10.0, rtol=1e-9))
    probes = fg.run(problem).probes
    exact = 0.9 + 0.1 / 2.0 / 0.5 * (1 - np.cos(0.5 * probes["t"]))
    assert probes["T_node_plate"] == pytest.approx(exact, abs=1e-7)


@pytest.mark.parametrize("temperatures", ["one", "two"])
def test_the_ledger_closes_with_everything_that_moves(filament, temperatures):
    time = fg.Time(t_end=10.0, rtol=1e-7, max_step=0.1)
    film = fg.Film(delta=3.0, eta=0.1)
    problem = filament(elements=16, film=film, current=0.8, heat=everything(temperatures), time=time)
    book = fg.run(problem).summary["heat"]["ledger_of_run"]
    assert abs(book["by_sources"]) > 1.0 and "brought" in book
    assert book["mismatch"] < 3e-4


def test_a_run_with_everything_resumes_to_the_bit(filament, tmp_path):
    film = fg.Film(delta=3.0, eta=0.1)
    time = fg.Time(t_end=3.0, rtol=1e-5, checkpoint=1.0)
    problem = filament(elements=8, film=film, current=0.5, heat=everything("one"), time=time)
    assert toml.build(toml.parse(toml.dump(problem))) == problem
    fg.run(problem, tmp_path / "whole")
    fg.run(problem, tmp_path / "half", until=1.0)
    again, whole = fg.resume(tmp_path / "half", until=3.0), fg.Result(tmp_path / "whole")
    assert np.array_equal(again.last_psi(), whole.last_psi())
    assert np.array_equal(again.read("fields/T", -1), whole.read("fields/T", -1))


BAD = [
    ({"bath": "0.9 - 0.5*t"}, "heat.bath", "a temperature > 0"),
    ({"bath": "0.9 + foo"}, "heat.bath", "'foo' is not known"),
    ({"bath": True}, "heat.bath", "is not possible"),
    ({"nodes": {"n": {"temperature": "1/t"}}}, "heat.nodes.n.temperature", ""),
    ({"nodes": {"n": {"temperature": "0.9 + 0.1*s"}}}, "heat.nodes.n.temperature", "'s' is not known"),
    ({"sources": {"s": {"energy": 1.0}}}, "heat.sources.s.start", "is missing"),
    ({"sources": {"s": {"power": 1.0, "start": 1.0}}}, "heat.sources.s.start", "goes with an energy"),
    ({"sources": {"s": {}}}, "heat.sources.s.energy", "one of energy and power"),
    ({"sources": {"s": {"power": 1.0, "at": 0.0}}}, "heat.sources.s.width", "is missing"),
    ({"sources": {"s": {"power": 1.0, "profile": "y"}}}, "heat.sources.s.profile", "'y' is not known"),
    ({"sources": {"s": {"power": 1.0, "profile": "x"}}}, "heat.sources.s.profile", "at no place negative"),
    ({"sources": {"s": {"power": 1.0, "at": [0.0, 0.0], "width": 1.0}}}, "heat.sources.s.at", "2 coordinates"),
    ({"sources": {"s": {"power": 1.0, "of": "phonons"}}}, "heat.sources.s.of", "two temperatures"),
]


@pytest.mark.parametrize(("heat", "key", "says"), BAD, ids=[str(k) for k in range(len(BAD))])
def test_what_is_wrong_is_said(filament, heat, key, says):
    table = describe(filament())
    table["heat"] = heat
    with pytest.raises(fg.InputError) as error:
        fg.System(toml.build(table))
    assert error.value.key == key and says in str(error.value)


def test_tables_in_python_are_those_of_a_file():
    table = {
        "nodes": {"plate": {"temperature": "0.9 + 0.02*sin(0.1*t)"}, "still": {"temperature": 0.8}},
        "sources": {"photon": {"energy": 1.0, "start": 1.0, "duration": 2.0}},
    }
    heat = fg.Heat(**table)
    assert heat.nodes["plate"] == node(temperature="0.9 + 0.02*sin(0.1*t)")
    assert heat.nodes["still"] == fg.thermal.Node(temperature=0.8)
    assert heat.sources["photon"] == fg.HeatSource(energy=1.0, start=1.0, duration=2.0)
