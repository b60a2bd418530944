"""A link, a waveform and a probe of one's own, each one module that nothing else knows of (tests/extensions)."""

import importlib
import json
import math
import sys

import h5py
import numpy as np
import pytest
from conftest import PROBLEMS
from typer.testing import CliRunner

import femtdgl as fg
from femtdgl.cli import app
from femtdgl.kinds.run import read_file
from femtdgl.problem import toml
from femtdgl.problem.drive import waveform
from femtdgl.problem.probe import PROBES
from femtdgl.problem.waveform import FORMS
from femtdgl.solve.observe import Snapshots
from femtdgl.thermal.link import LINKS

KNOWN = "current, energy, fluxoid, moment, voltage, vortices"
LORENZ = (math.pi * fg.units.K_B / fg.units.E_CHARGE) ** 2 / 3


@pytest.fixture
def imported():
    """Imports a module of tests/extensions; afterwards all is as if that had not been."""
    before = {registry: set(registry) for registry in (LINKS, FORMS, PROBES)}
    names = []

    def load(name):
        names.append(f"extensions.{name}")
        return importlib.import_module(names[-1])

    yield load
    for registry, known in before.items():
        for name in set(registry) - known:
            registry.forget(name)
    for name in names:
        del sys.modules[name]


def femtdgl(*arguments):
    """The command line, in this process."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def written(folder, text):
    path = folder / "problem.toml"
    path.write_text(text)
    return path


def test_what_is_not_imported_is_not_known():
    assert "MetalWire" not in LINKS and "swing" not in FORMS and "energy" not in PROBES
    with pytest.raises(
        fg.InputError, match=r"is no waveform \(allowed: a number, \{ ramp = \[from, to\], over = T \}, "
    ):
        waveform({"swing": [0.0, 1.0], "period": 2.0})


def test_a_name_that_is_taken_is_refused():
    with pytest.raises(ValueError, match="'Leak' is there already"):
        fg.thermal.link_kind(type("Leak", (fg.thermal.Link,), {"__module__": "elsewhere"}))


# ---- a link ---------------------------------------------------------------------------------------------------

NETWORK = """
title = "A heated island on a wire"
kind = "network"

[nodes.island]
heat = "1 pW"
[nodes.bath]
temperature = "100 mK"

[links.wire]
kind = "MetalWire"
between = ["island", "bath"]
sigma = 1e7
cross_section = 1e-14
length = "2 um"

[scan]
parameter = "nodes.island.heat"
values = ["1 pW", "4 pW"]
"""


def test_a_link_in_a_network(imported, tmp_path):
    """P = L0 sigma S (T^2 - T_b^2)/(2 length) gives the temperature of the island."""
    imported("metal_wire")
    path = written(tmp_path, NETWORK)
    done = femtdgl("run", path, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    conductance = LORENZ * 1e7 * 1e-14 / 2e-6
    assert summary["nodes"]["island"] == pytest.approx(math.sqrt(0.01 + 2e-12 / conductance), rel=1e-9)
    with h5py.File(tmp_path / "out" / "result.h5") as file:
        scanned = file["scan/scan/up/T/island"][:]
    np.testing.assert_allclose(scanned, [math.sqrt(0.01 + 2 * P / conductance) for P in (1e-12, 4e-12)], rtol=1e-9)


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        ('"MetalWire"', '"MetalWine"', "links.wire.kind", "did you mean 'MetalWire'"),
        ('"2 um"', '"2 K"', "links.wire.length", "m with a prefix"),
        ("sigma = 1e7", 'sigma = "1 A"', "links.wire.sigma", "has a unit"),
        ("sigma = 1e7", "sigma = -1.0", "links.wire.sigma", "positive"),
        ("sigma = 1e7", "sigma = 1e7\nsigmma = 1e7", "links.wire.sigmma", "did you mean 'sigma'"),
    ],
)
def test_a_link_that_is_wrong_is_refused(imported, tmp_path, old, new, key, says):
    imported("metal_wire")
    path = written(tmp_path, NETWORK.replace(old, new))
    for command in (("check", path), ("run", path, "--out", tmp_path / "out")):
        done = femtdgl(*command)
        assert done.exit_code == 2
        assert f"{path}: {key}: " in done.output and says in done.output
    assert not (tmp_path / "out").exists()


def drained():
    """The shipped film of titanium, at its right end on a wire to a cold bath."""
    table = toml.parse((PROBLEMS / "psc_nis_drain.toml").read_text())
    wire = {"kind": "MetalWire", "between": ["right", "cold"], "sigma": 1e5, "length": "2 um"}
    table["heat"] |= {"nodes": {"cold": {"temperature": "250 mK"}}, "links": {"wire": wire}, "hold": ["left"]}
    table["time"] |= {"t_end": 4.0, "rtol": 1e-7}
    table["mesh"]["elements"], table["expect"] = 20, {}
    return table


def test_a_link_in_a_heated_filament(imported):
    """Sized by its place, on the electrons there, with the power of the stored temperature at that end."""
    imported("metal_wire")
    problem = toml.build(drained())
    join = problem.heat.links["wire"]
    assert join.per_size and join.mean and join.side == "electrons" and join.link.length == 2e-6
    assert toml.build(toml.parse(toml.dump(problem))) == problem
    result = fg.run(problem)
    T = result.field("T_e")[-1, np.argmax(result.nodes[0])] * problem.film.scales.Tc
    expected = LORENZ * 1e5 * (50e-9 * 10e-9) / 2e-6 * (T**2 - 0.25**2) / 2
    power = result.probes["power_wire"][-1] * result.summary["heat"]["units"]["power"]
    assert power == pytest.approx(expected, rel=1e-9)
    assert result.summary["heat"]["ledger_of_run"]["mismatch"] < 1e-4


def test_a_link_in_si_needs_a_film_in_si(imported):
    imported("metal_wire")
    table = drained() | {"film": {"delta": 3.0, "eta": 0.1}}
    table["heat"] |= {"temperatures": "one"}
    del table["heat"]["hold_phonons"]
    with pytest.raises(fg.InputError, match=r"heat\.links\.wire: is in SI, the film is not"):
        toml.build(table)


# ---- a waveform -----------------------------------------------------------------------------------------------

FILAMENT = """
kind = "filament"
[mesh]
shape = "line"
length = 2.0
elements = 8
order = 2
[film]
delta = 3.0
eta = 0.1
[boundary]
left = "bank"
right = "bank"
[drive]
current = { swing = [0.1, 0.3], period = 8.0 }
[time]
t_end = 6.0
checkpoint = 2.0
"""


def alternating(t):
    return 0.1 + 0.3 * np.sin(2 * np.pi * np.asarray(t) / 8.0)


def test_a_waveform_as_current(imported, tmp_path):
    """From a file by the command line: recorded, stored as it was written, resumed to the bit."""
    imported("swing")
    path = written(tmp_path, FILAMENT)
    assert femtdgl("check", path).exit_code == 0
    done = femtdgl("run", path, "--out", tmp_path / "whole")
    assert done.exit_code == 0, done.output
    whole = fg.Result(tmp_path / "whole")
    np.testing.assert_allclose(whole.probes["current"], alternating(whole.probes["t"]), rtol=0, atol=1e-14)
    assert whole.problem_text == FILAMENT
    assert femtdgl("run", path, "--set", "time.t_end=3.5", "--out", tmp_path / "half").exit_code == 0
    done = femtdgl("resume", tmp_path / "half", "--until", "6")
    assert done.exit_code == 0, done.output
    half = fg.Result(tmp_path / "half")
    for name in whole.probes:
        np.testing.assert_array_equal(whole.probes[name], half.probes[name], err_msg=name)


def test_a_waveform_from_python_is_that_of_the_file(imported, filament):
    swing = imported("swing").Swing(swing=(0.1, 0.3), period=8.0)
    problem = filament(current=swing, time=fg.Time(t_end=2.0))
    assert toml.build(toml.parse(toml.dump(problem))) == problem
    assert problem.drive.current == waveform({"swing": [0.1, 0.3], "period": 8}) == waveform(swing)
    result = fg.run(problem)
    np.testing.assert_allclose(result.probes["current"], alternating(result.probes["t"]), rtol=0, atol=1e-14)


def test_a_waveform_as_field_drives_an_eddy_current(imported):
    """psi = 0 without terminals: int j.E is that of the torsion problem, (dB/dt)^2 x 0.1405770 x 16/4."""
    imported("swing")
    mesh = fg.mesh.strip(length=2.0, width=2.0, h=0.25, order=2)
    problem = fg.Problem(
        mesh=mesh,
        film=fg.Film(delta=0.0, eta=0.1),
        boundary=dict.fromkeys(mesh.boundaries, fg.Insulating()),
        drive=fg.Drive(field={"swing": [0.0, 0.2], "period": 5.0}),
    )
    system = fg.System(problem)
    assert not system.potential.steady
    y, yp = system.consistent(0.7, system.initial(np.zeros(system.space.N, dtype=complex)))
    slope = 0.2 * 2 * np.pi / 5.0 * np.cos(2 * np.pi * 0.7 / 5.0)
    work = Snapshots(system, np.array([0.7]), y, yp).integrals[0, 1]
    assert work == pytest.approx(slope**2 * 0.1405770 * 16 / 4, rel=2e-3)


def with_terminals(left, right):
    table = toml.parse(FILAMENT)
    table["drive"] = {}
    table["boundary"] = {"left": {"kind": "bank", "current": left}, "right": {"kind": "bank", "current": right}}
    return table


def test_a_waveform_in_a_terminal(imported):
    imported("swing")
    problem = toml.build(with_terminals({"swing": [0.1, 0.3], "period": 8.0}, {"swing": [-0.1, -0.3], "period": 8.0}))
    result = fg.run(problem, until=3.0)
    np.testing.assert_allclose(result.probes["current"], alternating(result.probes["t"]), rtol=0, atol=1e-14)


def test_terminals_that_do_not_add_up_between_corners_are_refused(imported):
    """At t = 0, the only time that is a corner here, they do."""
    imported("swing")
    with pytest.raises(fg.InputError, match="boundary: has currents that add up to"):
        toml.build(with_terminals({"swing": [0.0, 0.3], "period": 8.0}, {"swing": [0.0, -0.3], "period": 9.0}))


def test_a_waveform_never_rests(imported, filament):
    """`stop.steady` waits for the drive to come to rest, which it never does; a constant one is at rest."""
    slow = imported("swing").Swing(swing=(0.1, 1e-6), period=1e3)
    runs = [
        fg.run(filament(current=current, stop=fg.Stop(steady=1e-3), time=fg.Time(t_end=20.0)))
        for current in (slow, 0.1)
    ]
    assert [run.summary["stop_reason"] for run in runs] == ["t_end", "steady"]


@pytest.mark.parametrize(
    ("change", "key", "says"),
    [
        ("drive.current={swing=[0.1,0.3]}", "drive.current.period", "is missing"),
        ("drive.current={swing=[0.1,0.3],period=8.0,phse=1}", "drive.current.phse", "did you mean 'phase'"),
        ("drive.current={swing=[0.1,0.3],period=-8.0}", "drive.current.period", "a time > 0"),
        ("drive.current={swing=[0.1],period=8.0}", "drive.current.swing", "is missing"),
        ("drive.current={cosine=1.0}", "drive.current", "{ swing = [mean, amplitude], period = T }"),
    ],
)
def test_a_waveform_that_is_wrong_is_refused(imported, tmp_path, change, key, says):
    imported("swing")
    path = written(tmp_path, FILAMENT)
    with pytest.raises(fg.InputError) as caught:
        read_file(path, toml.parse_overrides([change]))
    assert caught.value.file == str(path)
    assert caught.value.key.startswith(key)
    assert says in str(caught.value)


def test_an_alternating_current_needs_terminals(imported):
    """It is zero at t = 0 and has no corners, but is no 0."""
    imported("swing")
    table = toml.parse(FILAMENT)
    table["boundary"] = {"left": "insulating", "right": "insulating"}
    table["drive"] = {"current": {"swing": [0.0, 0.3], "period": 8.0}}
    with pytest.raises(fg.InputError, match="a current needs terminals"):
        toml.build(table)


# ---- a probe --------------------------------------------------------------------------------------------------

PROBED = (
    FILAMENT.replace("{ swing = [0.1, 0.3], period = 8.0 }", "CURRENT")
    + """
[[probes]]
kind = "energy"
name = "core"
at = [0.0]
radius = 0.5
[[probes]]
kind = "energy"
name = "all"
at = [0.0]
radius = 9.0
"""
)


def test_a_probe_in_a_filament_at_rest(imported, tmp_path):
    """psi = 1: the integrand of F is -1 + 1/2 everywhere, over a length of 2 x 0.5 (two elements to either side)."""
    imported("energy_near")
    done = femtdgl("run", written(tmp_path, PROBED.replace("CURRENT", "0.0")), "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    result = fg.Result(tmp_path / "out")
    np.testing.assert_allclose(result.probes["core"], -0.5, rtol=1e-12)
    assert result.summary["mean_core"] == pytest.approx(-0.5, rel=1e-12)
    assert len(result.summary["mean_core_windows"]) == 5


def test_a_probe_of_the_whole_filament_is_its_free_energy(imported):
    imported("energy_near")
    problem = toml.build(toml.parse(PROBED.replace("CURRENT", "{ ramp = [0.0, 1.2], over = 1.0 }")))
    assert toml.build(toml.parse(toml.dump(problem))) == problem
    result = fg.run(problem)
    assert np.ptp(result.probes["all"]) > 0.1
    np.testing.assert_allclose(result.probes["all"], result.probes["free_energy"], rtol=1e-12)
    assert np.all(result.probes["all"] != result.probes["core"])


@pytest.mark.parametrize(
    ("probe", "key", "says"),
    [
        ({"kind": "enrgy", "name": "p"}, "probes.0.kind", f"did you mean 'energy'? (allowed: {KNOWN})"),
        ({"name": "p"}, "probes.0.kind", KNOWN),
        ({"kind": "energy", "name": "p", "at": [0.0]}, "probes.0.radius", "is missing"),
        ({"kind": "energy", "name": "p", "at": [0.0, 0.0], "radius": 1.0}, "probes.p.at", "1 coordinates"),
        ({"kind": "energy", "name": "p", "at": [9.0], "radius": 1.0}, "probes.p", "holds no point"),
        ({"kind": "voltage", "name": "p", "between": [[0.0], [1.0, 2.0]]}, "probes.p.between", "1 coordinates"),
        ({"kind": "current", "name": "p", "at": [0.0], "normal": [0.0]}, "probes.0.normal", "no direction"),
        (3, "probes.0", "a table with kind and name"),
    ],
)
def test_a_probe_that_is_wrong_is_refused(imported, tmp_path, probe, key, says):
    imported("energy_near")
    path = written(tmp_path, FILAMENT)
    with pytest.raises(fg.InputError) as caught:
        read_file(path, {"drive.current": 0.0, "probes": [probe]})
    assert caught.value.file == str(path)
    assert caught.value.key == key
    assert says in str(caught.value)


def test_all_three_in_one_run(imported, tmp_path):
    for name in ("metal_wire", "swing", "energy_near"):
        imported(name)
    table = drained()
    table["drive"]["current"] = {"swing": [0.5, 0.5], "period": 2.0}
    table["probes"] = [{"kind": "energy", "name": "middle", "at": [0.0], "radius": 0.2}]
    result = fg.run(toml.build(table), tmp_path / "out")
    expected = 0.5 + 0.5 * np.sin(np.pi * result.probes["t"])
    np.testing.assert_allclose(result.probes["current"], expected, rtol=0, atol=1e-14)
    assert np.all(result.probes["power_wire"] > 0) and result.summary["mean_middle"] < 0
