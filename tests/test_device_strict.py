"""The device's code on arrays that keep apart from the host's, in the manner of CuPy's: see strict_arrays."""

import numpy as np
import pytest
from conftest import PROBLEMS
from strict_arrays import COUNTS, Strict
from test_device import RAMPED, SMALL, STEADY, heated, march_on
from test_planes import brick, problem_on

import femtdgl as fg
from femtdgl.device.machine import ADVANCE, ADVANCE_PAIRS, PAIRS, Machine
from femtdgl.device.newton import DeviceNewton
from femtdgl.solve.system import System

WIRE = PROBLEMS / "wire_3d.toml"

MIXED = [fg.Bank(), fg.NormalContact(), fg.NormalContact(voltage=0.3), None]


@pytest.mark.parametrize("contact", MIXED, ids=["bank", "normal", "biased", "heated"])
def test_arrays_of_device_and_host_are_never_mixed(contact):
    """As they may be in numpy, but not in CuPy: a run to its end through a hierarchy of several levels."""
    time = fg.Time(t_end=0.3, rtol=1e-3)
    if contact is None:
        march_on(Strict(), heated(counts=(30, 20), time=time))
        return
    other = fg.NormalContact(voltage=-0.3) if contact.voltage is not None else contact
    drive = fg.Drive(current=0.0, field=0.3) if contact.voltage is not None else RAMPED
    mesh = brick("triangle", counts=(30, 20), sides=(6.0, 4.0))
    march_on(Strict(), problem_on(mesh, contact, other, drive=drive, time=time))


@pytest.mark.parametrize("drive", [fg.Drive(current=0.8, shunt=2.0), STEADY], ids=["shunt", "B"])
def test_curved_elements_edges_and_shunts_keep_them_apart_too(drive):
    problem = problem_on(
        brick("triangle", order=2), fg.Bank(), fg.NormalContact(), sides=fg.DeGennes(b=2.0), drive=drive,
        region={"half": fg.Region(eps=0.5, conductivity=2.0)}, time=fg.Time(t_end=0.1, rtol=1e-3),
    )  # fmt: skip
    march_on(Strict(), problem)


def test_a_run_and_one_taken_up_keep_them_apart(tmp_path, monkeypatch):
    """With record, files and checkpoints: what a device's run is, and to the bit that of the stand-in."""
    from test_restart import assert_same

    keys = {**SMALL, "mesh__h": 0.15, "time__t_end": 1.0, "time__checkpoint": 0.5}
    fg.run(WIRE, tmp_path / "whole", device="stand-in", **keys)
    monkeypatch.setattr("femtdgl.device.choice.machine_of", lambda name: Strict())
    fg.run(WIRE, tmp_path / "half", device="gpu", **{**keys, "time__t_end": 0.5})
    fg.resume(tmp_path / "half", until=1.0, device="gpu")
    assert_same(tmp_path / "whole", tmp_path / "half")


def test_the_host_waits_once_an_iteration_and_launches_are_few():
    """A launch takes its caller some 6 us, whatever it does: 50,000 nodes and fewer go by their number."""
    system = System(problem_on(brick("tetrahedron", counts=(16, 8, 8), sides=(6.0, 2.0, 2.0))))
    newton = DeviceNewton(Strict(), system)
    system.newton, up = newton, newton.machine.up
    y, yp = map(up, system.consistent(0.0, system.initial(np.full(system.space.N, 0.7 + 0j))))
    assert len(newton._potential._grids.levels) == 1

    def counted(call):
        before = dict(COUNTS)
        call()
        return {name: COUNTS[name] - before[name] for name in COUNTS}

    r, one = up(np.ones(system.size)), up(np.ones(system.size))
    assert counted(lambda: newton.on_device.residual(0.0, y, yp)) == {"launches": pytest.approx(26, abs=4), "waits": 0}
    assert counted(lambda: newton.on_device.jacobian(0.0, y, yp, 9.0))["waits"] == 0
    made = counted(lambda: newton.apply(r))
    assert made["launches"] <= 82 and made["waits"] == 0
    before = newton.counts["times"]
    waits = counted(lambda: newton.correction(r, one, 1e-6, 30))["waits"]
    assert waits == newton.counts["times"] - before + 1  # and once for the size of the right side


@pytest.mark.parametrize("words", [PAIRS, ADVANCE, ADVANCE_PAIRS], ids=["pairs", "advance", "advance pairs"])
def test_updates_of_vectors_on_the_device_are_those_of_the_stand_in(rng, words):
    """Their C is Python too."""
    own, other, r, step, x = rng.normal(size=(5, 8))
    scope = {
        "own": own,
        "other": other,
        "r": r,
        "p": 0.3,
        "q": 0.7,
        "step": step.copy(),
        "x": x.copy(),
        "i": np.arange(8),
    }
    exec(words[2], {}, scope)
    if words is PAIRS:
        np.testing.assert_allclose(scope["z"], Machine().pairs(own, other, r), atol=1e-15)
        return
    Machine().advance(step, x, r, 0.3, 0.7, own, other if words is ADVANCE_PAIRS else None)
    np.testing.assert_allclose(scope["step"], step, atol=1e-15)
    np.testing.assert_allclose(scope["x"], x, atol=1e-15)
