"""Noise on the stand-in for a device: along the same path the states are those of the host."""

from dataclasses import replace

import numpy as np
import pytest
from noise_cases import ones, strip
from strict_arrays import Strict
from test_restart import assert_same

import femtdgl as fg
from femtdgl.device.choice import place
from femtdgl.device.fixed_step import DeviceFixedStep
from femtdgl.device.newton import DeviceNewton
from femtdgl.solve.march import March
from femtdgl.solve.system import System

RTOL = 1e-8
RAMP = {"ramp": [0.0, 0.4], "over": 2.0}
TWO = fg.Heat(temperatures="two", coupling=2.0, phonons=fg.Carriers(capacity=3.0, conductivity=1.0))


def noisy(end=fg.Bank, field=None, **more):
    """A strip between two contacts with noise and a current."""
    more = {"eps": 1.0, "h": 0.5, "time": fg.Time(t_end=100.0, rtol=RTOL), **more}
    noise = fg.Noise(**{"kT": 1e-3, "step": 0.05, **more.pop("noise", {})})
    problem = strip(noise, end=end, **more)
    return problem if field is None else replace(problem, drive=fg.Drive(current=0.2, field=field))


CASES = {
    "bank": {},
    "normal, field": {"end": fg.NormalContact, "field": 0.4},
    "moving field": {"field": RAMP},
    "euler": {"noise": {"kT": None, "floor": 0.03, "method": "euler"}},
    "order 2": {"order": 2, "h": 1.0},
    "heat": {"heat": fg.Heat()},
    "two temperatures, moving field": {"heat": TWO, "field": RAMP},
}
FAST = ("normal, field", "bank")


def marched(problem, device, until):
    """Steps from psi = 1 to a time."""
    system = System(problem)
    march = March(system)
    if isinstance(device, str):
        place(march, device)
    else:
        system.newton = DeviceNewton(device, system)
        march.integrator = DeviceFixedStep(march.integrator, system.newton)
    y = system.initial(ones(system.space.nodes))
    march.integrator.start(0.0, *march.consistent(0.0, y))
    return march, list(march.integrator.steps(until))


@pytest.mark.parametrize(
    "name", [name if name in FAST else pytest.param(name, marks=pytest.mark.slow) for name in CASES]
)
def test_the_states_of_a_path_are_the_hosts(name):
    """Not only in the mean: step by step, to what Newton's iteration leaves; and noise has moved them apart."""
    problem = noisy(**CASES[name])
    (_, host), (_, there) = (marched(problem, device, 3.0) for device in ("cpu", "stand-in"))
    assert len(host) == len(there) == 60
    for ours, theirs in zip(there, host, strict=True):
        assert ours.t == theirs.t
        np.testing.assert_allclose(ours.y, theirs.y, rtol=0, atol=0.1 * RTOL)
        np.testing.assert_allclose(ours.yp, theirs.yp, rtol=0, atol=10 * RTOL)
    quiet, _ = marched(noisy(**{**CASES[name], "noise": {"kT": 0.0}}), "stand-in", 3.0)
    assert np.abs(quiet.integrator.dense(3.0)[0] - there[-1].y).max() > 1e-3


def test_a_solid_has_the_hosts_path_too():
    mesh = fg.mesh.wire(length=2.0, width=0.6, h=0.5)
    problem = fg.Problem(
        mesh=mesh, film=fg.Film(delta=3.0), boundary={"left": fg.Bank(), "right": fg.Bank(), "side": fg.Insulating()},
        drive=fg.Drive(current=0.3), noise=fg.Noise(kT=1e-3, step=0.05), time=fg.Time(t_end=9.0, rtol=RTOL),
    )  # fmt: skip
    (_, host), (_, there) = (marched(problem, device, 1.0) for device in ("cpu", "stand-in"))
    np.testing.assert_allclose([s.y for s in there], [s.y for s in host], rtol=0, atol=0.1 * RTOL)


def test_dense_output_and_halved_steps():
    march, steps = marched(noisy(), "stand-in", 0.5)
    for t, y in ((steps[-1].t, steps[-1].y), (steps[-1].t_old, steps[-2].y)):
        found = march.integrator.dense(t)[0]
        moving = np.delete(np.arange(y.size), march.system.layout.algebraic)
        np.testing.assert_allclose(found[moving], y[moving], rtol=0, atol=1e-14)
    long = noisy(noise={"kT": 0.0, "step": 8.0}, current=0.5, h=1.0)
    (_, host), (_, there) = (marched(long, device, 8.0) for device in ("cpu", "stand-in"))
    assert [s.t for s in there] == [s.t for s in host]


def test_a_resumed_run_is_the_same_to_the_bit(tmp_path):
    """Also over cuts that lie off the grid of the steps."""
    problem, keys = noisy(current=0.5), {"time__t_end": 3.0, "time__checkpoint": 0.99, "time__rtol": 1e-4}
    fg.run(problem, tmp_path / "whole", device="stand-in", **keys)
    fg.run(problem, tmp_path / "half", device="stand-in", **{**keys, "time__t_end": 2.0})
    fg.resume(tmp_path / "half", until=3.0, device="stand-in")
    assert_same(tmp_path / "whole", tmp_path / "half")
    ours, theirs = fg.Result(tmp_path / "whole").summary, fg.run(problem, tmp_path / "host", **keys).summary
    assert ours["steps"] == theirs["steps"] > 60
    assert ours["mean_voltage"] == pytest.approx(theirs["mean_voltage"], abs=1e-6)


@pytest.mark.parametrize("name", ["normal, field", "two temperatures, moving field"])
def test_arrays_of_device_and_host_are_never_mixed(name):
    march, steps = marched(noisy(**CASES[name]), Strict(), 0.2)
    assert len(steps) == 4 and type(steps[-1].y) is np.ndarray
    assert type(march.integrator.dense(steps[-1].t)[0]) is np.ndarray
