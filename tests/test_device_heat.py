"""Heat on the device: every law, source and link is the host's; and what a heated residual brings over the bus."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from conftest import PROBLEMS
from strict_arrays import Strict
from test_device import assert_same_system, heated, march_on
from test_heat_system import FILM, LINKS, heat, state
from test_planes import brick, problem_on, swinging

import femtdgl as fg
from femtdgl.device.machine import Machine
from femtdgl.device.system import HEATED, DeviceSystem
from femtdgl.problem.heat import Carriers, Join
from femtdgl.solve.system import System
from femtdgl.thermal import ElectronPhonon
from femtdgl.thermal.link import Link

GAPPED = {"electrons": Carriers(capacity=3.0, conductivity=2.0, bcs=True)}
SOURCES = {
    "laser": {"power": "0.3*sin(t)**2", "at": (0.5, 0.3), "width": 0.4},
    "pulse": {"energy": 0.2, "start": 0.1, "duration": 1.0, "of": "phonons"},
}


class PairByPair(ElectronPhonon):
    """A link without whole-array code."""

    powers, gradients = Link.powers, Link.gradients

    def work(self, T_a, T_b):
        return 0.1 * T_a


def on(cells="triangle", *, temperatures="one", source="first-law", order=1, links=LINKS, **keys):
    """A heated problem on a few elements; what is not named is of `heat` or of the problem."""
    mesh = brick(cells, order=order)
    of_heat = {name: keys.pop(name) for name in ("electrons", "sources", "hold", "nodes") if name in keys}
    links = dict(links)
    if "surface" in links:
        links["surface"] = replace(links["surface"], between=(mesh.boundaries[2], "plate"))
    how = heat(temperatures, source, links=links, **of_heat)
    return problem_on(mesh, fg.Bank(), fg.NormalContact(), film=FILM, heat=how, **{"current": 0.5, **keys})


CASES = {
    "first law, at rest": {"source": "first-law"},
    "q_ph, two": {"source": "q_ph", "temperatures": "two"},
    "gapped": GAPPED,
    "gapped, order 2, quads": {"cells": "quad", "order": 2, "temperatures": "two", **GAPPED},
    "sources": {"temperatures": "two", "sources": SOURCES},
    "held nowhere": {"hold": ()},
    "A(x, t)": {"vector_potential": swinging},
    "A(x, t), two, q_ph": {"vector_potential": swinging, "temperatures": "two", "source": "q_ph"},
    "B": {"drive": fg.Drive(current=0.5, field=0.4), "temperatures": "two"},
    "regions": {"region": {"half": fg.Region(eps=0.5, conductivity=2.0)}},
    "no links": {"links": {}, "nodes": {}},
    "pair by pair": {
        "links": {
            "surface": Join(between=("surface", "plate"), link=PairByPair(Sigma=0.6, volume=1.0), per_size=True),
            "drain": LINKS["drain"],
        }
    },
}


@pytest.mark.parametrize("name", CASES)
def test_stand_in_is_the_host_with_every_law_source_and_link(rng, name):
    assert_same_system(System(on(**CASES[name])), rng)


class Counting(Machine):
    """The stand-in, and how many numbers went up and down."""

    def __init__(self):
        super().__init__()
        self.went = []

    def up(self, array, kind=None):
        self.went.append(np.size(array))
        return super().up(array, kind)

    def down(self, array):
        self.went.append(np.size(array))
        return super().down(array)


@pytest.mark.parametrize("name", [name for name in CASES if name not in ("A(x, t)", "A(x, t), two, q_ph")])
def test_a_heated_residual_brings_a_few_numbers(rng, name):
    """No vector, whatever the mesh: but the ends of a link that is worked out pair by pair."""
    system, machine = System(on(**CASES[name])), Counting()
    there = DeviceSystem(machine, system)
    y, yp = state(system, rng)
    there.residual(0.4, y, yp)  # an eps or a field that stands still comes once
    machine.went.clear()
    there.residual(0.5, y, yp)
    points = there.heat.attachments[0].share.size if name == "pair by pair" else 0
    assert max(machine.went) <= max(points, 6) < system.space.N
    assert len(machine.went) <= (12 if points else 8)
    there.jacobian(0.5, y, yp, 3.7)
    machine.went.clear()
    there.jacobian(0.5, y, yp, 3.7)
    assert max(machine.went, default=0) <= max(points, 6)


STRICT = ["q_ph, two", "gapped, order 2, quads", "sources", "A(x, t), two, q_ph", "B", "pair by pair"]


@pytest.mark.parametrize("name", STRICT)
def test_arrays_of_device_and_host_are_never_mixed_by_heat(rng, name):
    """As they may be in numpy, but not in CuPy."""
    system, machine = System(on(**CASES[name])), Strict()
    there = DeviceSystem(machine, system)
    y, yp = (machine.up(part) for part in state(system, rng))
    for made in (there.residual(0.4, y, yp), there.jacobian(0.4, y, yp, 3.7), there.rates(0.4, y, yp)):
        assert np.isfinite(machine.down(made)).all()


def test_a_heated_march_never_mixes_arrays():
    march_on(Strict(), heated(counts=(30, 20), temperatures="one", time=fg.Time(t_end=0.3, rtol=1e-3)))


@pytest.mark.parametrize("potential", [None, swinging], ids=["plain", "A(x, t)"])
@pytest.mark.parametrize("temperatures", ["one", "two"])
def test_memory_of_heat_is_what_it_takes(rng, temperatures, potential):
    """The most that a Jacobian takes on top of what is kept, by tracemalloc, and what is counted for it."""
    mesh = brick("triangle", counts=(30, 30))
    how = heat(temperatures, "first-law", links={}, nodes={})
    system = System(problem_on(mesh, film=FILM, heat=how, current=0.5, vector_potential=potential))
    there, (y, yp) = DeviceSystem(Machine(), system), state(system, rng)
    there.jacobian(0.4, y, yp, 3.7)
    tracemalloc.start()
    there.jacobian(0.4, y, yp, 3.7)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    ne, nodes = system.space.elements.dofs.shape
    assert 0.7 < most / (HEATED[len(system.heat.field_names) - 1] * nodes**2 * ne) < 1.05


@pytest.mark.slow
def test_a_hot_spot_is_the_hosts():
    """A strip that slips and heats: slips, temperatures and voltage are those of IDA on the host."""
    keys = {
        "mesh__h": 0.6, "mesh__h_fine": 0.3, "drive__current": {"ramp": [0.0, 0.7], "over": 3.0},
        "time__t_end": 18.0, "time__rtol": 1e-6,
    }  # fmt: skip
    host, there = (fg.run(PROBLEMS / "hotspot_strip.toml", device=name, **keys).summary for name in ("cpu", "stand-in"))
    assert len(host["slip_times"]) == len(there["slip_times"]) > 2
    np.testing.assert_allclose(there["slip_times"], host["slip_times"], atol=1e-3)
    assert there["mean_voltage"] == pytest.approx(host["mean_voltage"], rel=1e-4)
    assert there["heat"]["T"]["max_of_run"] == pytest.approx(host["heat"]["T"]["max_of_run"], abs=1e-5)
