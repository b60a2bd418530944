"""The device's code without a device: its kernels in numba-cuda's simulator, all else in numpy on this machine."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import h5py
import numpy as np
import pytest
from conftest import PROBLEMS
from test_heat_system import FILM, LINKS, heat, state
from test_planes import MESHES, TERMINALS, brick, problem_on, swinging

import femtdgl as fg
from femtdgl.device.choice import place
from femtdgl.device.gmres import gmres
from femtdgl.device.integrate import DeviceIntegrator
from femtdgl.device.machine import Machine
from femtdgl.device.newton import DeviceNewton
from femtdgl.device.sums import LONGEST, Sums
from femtdgl.device.system import DeviceSystem, memory
from femtdgl.errors import InputError, SolverStopped
from femtdgl.solve.march import March
from femtdgl.solve.system import System

WIRE = PROBLEMS / "wire_3d.toml"
SMALL = {
    "mesh__length": 2.0, "mesh__width": 0.6, "mesh__h": 0.3, "mesh__constriction": {"width": 0.4, "length": 0.6},
}  # fmt: skip
RAMPED = fg.Drive(current=0.8, field={"ramp": [0.0, 0.6], "over": 2.0})
STEADY = fg.Drive(current=0.8, field=0.4)


def assert_same_system(system, rng, t=0.4, cj=3.7):
    """Residual, Jacobian and dF/dy' of the stand-in are those of the host."""
    there = DeviceSystem(Machine(), system)
    y, yp = rng.normal(size=(2, system.size)) if system.heat is None else state(system, rng)
    pairs = [
        (there.residual(t, y, yp), system.residual(t, y, yp)),
        (there.jacobian(t, y, yp, cj), system.jacobian(t, y, yp, cj)),
        (there.rates(t, y, yp), system.jacobian(t, y, yp, 1.0) - system.jacobian(t, y, yp, 0.0)),
    ]
    for (made, expected), exact in zip(pairs, (1e-13, 1e-13, 1e-11), strict=True):  # the last is a difference
        np.testing.assert_allclose(made, expected, rtol=0, atol=exact * np.abs(expected).max())


@pytest.mark.parametrize("cells", MESHES)
@pytest.mark.parametrize(("left", "right"), TERMINALS)
@pytest.mark.parametrize("potential", [None, pytest.param(swinging, marks=pytest.mark.slow)])
def test_stand_in_is_the_host(rng, cells, left, right, potential):
    own = left.voltage is not None
    problem = problem_on(
        brick(cells), left, right, sides=fg.DeGennes(b=2.0), vector_potential=potential, current=0.0 if own else 0.8,
        region={"half": fg.Region(eps=0.5, conductivity=2.0)}, weak_spot=(fg.Spot(depth=0.5, at=0.3),),
    )  # fmt: skip
    assert_same_system(System(problem), rng)


@pytest.mark.parametrize("drive", [STEADY, RAMPED, fg.Drive(current=0.8, shunt=2.0)], ids=["B", "B(t)", "shunt"])
@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("contact", [fg.Bank(), fg.NormalContact()], ids=["bank", "normal"])
def test_stand_in_is_the_host_in_fields_and_with_a_shunt(rng, drive, order, contact):
    system = System(problem_on(brick("triangle", order=order), contact, contact, drive=drive))
    assert_same_system(system, rng)


@pytest.mark.parametrize("conductance", ["log-fit", "normal"])
def test_stand_in_has_every_conductance(rng, conductance):
    film = fg.Film(delta=3.0, eta=0.1, conductance=conductance)
    assert_same_system(System(problem_on(brick("tetrahedron"), film=film)), rng)


def heated(cells="triangle", temperatures="two", bath=0.9, **keys):
    """Two temperatures, or one, with links to lumped nodes, from nodes to nodes, and by the mean of a place."""
    mesh = brick(cells, counts=keys.pop("counts", None))
    links = dict(LINKS) | {"surface": replace(LINKS["surface"], between=(mesh.boundaries[2], "plate"))}
    how = heat(temperatures, "w" if temperatures == "two" else "first-law", links=links, bath=bath)
    return problem_on(mesh, fg.Bank(), fg.NormalContact(), film=FILM, heat=how, current=0.5, **keys)


@pytest.mark.parametrize("temperatures", ["one", "two"])
@pytest.mark.parametrize("cells", ["triangle", "tetrahedron"])
@pytest.mark.parametrize("bath", [0.9, {"ramp": [0.9, 0.95], "over": 1.0}], ids=["bath", "bath(t)"])
def test_stand_in_is_the_host_with_heat(rng, temperatures, cells, bath):
    assert_same_system(System(heated(cells, temperatures, bath)), rng)


SIMULATED = """
import json
import numpy as np
import scipy.sparse as sp
from test_device import FILM, RAMPED, STEADY, brick, heated, problem_on, state
from test_device_phonons import LOCAL
from femtdgl.device.cuda_kernels import CudaKernels
from femtdgl.device.machine import Machine
from femtdgl.device.matrix import Matrix, Product
from femtdgl.device.system import DeviceSystem
from femtdgl.solve.system import System

worst = {}
problems = {
    "bank": problem_on(brick("tetrahedron")),
    "field": problem_on(brick("triangle"), drive=STEADY),
    "ramp": problem_on(brick("triangle"), drive=RAMPED),
    "heated": heated(),
    "phonons": problem_on(brick("triangle"), phonons=LOCAL, film=FILM),
    "heated, ramp": heated(drive=RAMPED),
}
for name, problem in problems.items():
    system, rng = System(problem), np.random.default_rng(7)
    there = DeviceSystem(Machine(CudaKernels()), system)
    y, yp = rng.normal(size=(2, system.size)) if system.heat is None else state(system, rng)
    pairs = [
        (there.residual(0.4, y, yp), system.residual(0.4, y, yp)),
        (there.jacobian(0.4, y, yp, 3.7), system.jacobian(0.4, y, yp, 3.7)),
    ]
    worst[name] = [float(np.abs(a - b).max() / np.abs(b).max()) for a, b in pairs]
A, B = (sp.random_array((9, 9), density=0.4, rng=rng, format="csr") for _ in range(2))
machine = Machine(CudaKernels())
made = Product(Matrix.of(machine, A), Matrix.of(machine, B)).follow().down()
worst["product"] = [float(np.abs((made - A @ B).toarray()).max())]
print(json.dumps(worst))
"""


@pytest.mark.slow
def test_kernels_in_the_simulator_are_the_host():
    pytest.importorskip("numba_cuda")
    tests = str(Path(__file__).parent)
    where = os.pathsep.join([os.environ["PYTHONPATH"], tests])
    environment = {**os.environ, "NUMBA_ENABLE_CUDASIM": "1", "PYTHONPATH": where}
    done = subprocess.run([sys.executable, "-c", SIMULATED], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for name, errors in json.loads(done.stdout.splitlines()[-1]).items():
        assert max(errors) < 1e-13, name


@pytest.fixture
def compiler(monkeypatch):
    """compile_ptx for a device that is not there; skips where the compiler's libraries are not there either."""
    pytest.importorskip("numba_cuda")
    import numba.cuda
    import numba.cuda.dispatcher

    there = SimpleNamespace(compute_capability=(9, 0))
    monkeypatch.setattr(numba.cuda.dispatcher, "get_current_device", lambda: there)
    compile_it = lambda kernel, types: numba.cuda.compile_ptx(kernel.py_func, types, cc=(9, 0))[0]  # noqa: E731
    try:
        compile_it(SimpleNamespace(py_func=lambda x: None), (numba.float64[::1],))
    except Exception as error:  # of many kinds, by what is missing
        pytest.skip(f"no NVVM or NVRTC: {str(error).splitlines()[0]}")
    return compile_it


@pytest.mark.parametrize("carried", [0, 3, 5], ids=["plain", "steady", "moving"])
def test_kernels_compile_without_a_device(compiler, carried):
    from numba import boolean, float64, int32, int64

    from femtdgl.device import cuda_kernels as kernels

    f1, f2, f3, f4, i1, i2 = (
        float64[::1],
        float64[:, ::1],
        float64[:, :, ::1],
        float64[:, :, :, ::1],
        int32[::1],
        int32[:, ::1],
    )
    how = (f3, f3, f4, f3, f2)[:carried]
    numbers = (float64,) * 5 + (int64, int64)
    made = [
        compiler(kernels.sums_kernel(), (i1, i1, int64, i1, f1, f1)),
        compiler(kernels.feedback_kernel(), (f1, float64, float64, float64, f3, f2, f1, f1)),
        compiler(kernels.product_kernel(), (i1, i1, i1, i1, f1, i1, i1, f1, f1)),
        compiler(kernels.residual_kernel(3, 4, carried), (f1, i2, i2, f2, f4, f2, *how, f1, f1, *numbers, f2)),
        compiler(kernels.dissipation_kernel(3, 4, carried), (f1, i2, i2, f2, f4, f2, *how, f1, *numbers, f2)),
        compiler(
            kernels.jacobian_kernel(3, 4, carried),
            (f1, i2, i1, i2, f2, f4, f2, *how, f1, f1, f1, f1, *numbers, float64, boolean, f2),
        ),
    ]
    for text in made:
        assert ".visible .entry" in text
        assert "atom." not in text and "red." not in text  # the same sum every time


def test_a_view_of_an_array_is_made_once(monkeypatch):
    pytest.importorskip("numba_cuda")
    from femtdgl.device import cuda_kernels as kernels

    made = []
    stand_in = SimpleNamespace(from_cuda_array_interface=lambda face, sync: made.append(face) or len(made))
    monkeypatch.setattr(kernels, "cuda", stand_in)
    monkeypatch.setattr(kernels, "VIEWS", {})
    face = {"data": (4096, False), "shape": (3,), "strides": None, "typestr": "<f8", "version": 3}
    array, other = (SimpleNamespace(__cuda_array_interface__=face | {"shape": (n,)}) for n in (3, 2))
    assert kernels.seen(array, 0.5, array, other, None) == [1, 0.5, 1, 2, None]
    assert [part["shape"] for part in made] == [(3,), (2,)]


def test_sums_are_sums_also_long_ones(rng):
    targets = rng.integers(-1, 5, size=4000).astype(np.int32)
    targets[:2000] = 3
    parts = rng.normal(size=targets.size)
    out = np.full(6, np.nan)
    sums = Sums(Machine(), targets, out.size)
    assert sums.long.size and np.bincount(targets[targets >= 0]).max() > LONGEST
    sums(parts, out)
    expected = [parts[targets == k].sum() for k in range(out.size)]
    np.testing.assert_allclose(out, expected, rtol=0, atol=1e-12)


def test_gmres_solves_and_says_how_long_it_took(rng):
    A = np.eye(40) + 0.1 * rng.normal(size=(40, 40))
    b = rng.normal(size=40)
    x, count = gmres(np, lambda v: A @ v, b, 1e-10, 40)
    np.testing.assert_allclose(A @ x, b, atol=1e-9)
    assert 8 < count <= 40
    rough, fewer = gmres(np, lambda v: A @ v, b, 1e-2, 40)
    assert fewer < count and 1e-4 < np.linalg.norm(A @ rough - b) <= 1.0001e-2


@pytest.mark.parametrize("contact", [fg.Bank(), fg.NormalContact()], ids=["bank", "normal"])
@pytest.mark.parametrize("drive", [fg.Drive(current=0.8), STEADY, RAMPED], ids=["plain", "B", "B(t)"])
def test_consistent_start_is_the_hosts(rng, contact, drive):
    system = System(problem_on(brick("triangle", counts=(12, 6)), contact, contact, drive=drive))
    y = system.initial(1 + 0.1 * (rng.normal(size=system.space.N) + 1j * rng.normal(size=system.space.N)))
    expected = system.consistent(0.0, y)
    system.newton = DeviceNewton(Machine(), system)
    for made, right in zip(system.consistent(0.0, y), expected, strict=True):
        np.testing.assert_allclose(made, right, rtol=0, atol=1e-9 * np.abs(right).max())


def test_steps_converge_with_the_tolerance():
    """The same end, ever closer, as IDA's with a tolerance far below; dense output joins the ends of its step."""

    def end(rtol, device):
        system = System(problem_on(brick("triangle", counts=(8, 4)), drive=STEADY, time=fg.Time(t_end=3.0, rtol=rtol)))
        march = March(system)
        if device:
            system.newton = DeviceNewton(Machine(), system)
            march.integrator = DeviceIntegrator(system, system.newton)
        y = system.initial(np.full(system.space.N, 0.5 + 0j))
        for step in march.steps(0.0, y):
            here, there = march.integrator.dense(step.t), march.integrator.dense(step.t_old)
            np.testing.assert_allclose(here[0], step.y, rtol=0, atol=1e-12)
            np.testing.assert_allclose(there[0][system.newton._moving], y[system.newton._moving], rtol=0, atol=1e-3)
            y = step.y
        return y, march.integrator.step_count

    exact, _ = end(1e-10, False)
    for rtol in (1e-3, 1e-5, 1e-7):
        (ours, count), (idas, idas_count) = end(rtol, True), end(rtol, False)
        assert max(np.abs(ours - exact).max(), np.abs(idas - exact).max()) < 10 * rtol
        assert 0.8 * idas_count < count < 1.15 * idas_count


@pytest.mark.slow
def test_a_wire_has_the_hosts_period():
    """With the tolerance far below what is compared: slips, period and voltage are those of IDA on the host."""
    keys = {
        **SMALL, "time__t_end": 30.0, "time__rtol": 1e-6, "measure__discard": 8.0,
        "drive__current": {"ramp": [0.0, 0.9], "over": 2.0},
    }  # fmt: skip
    host, there = (fg.run(WIRE, device=device, **keys).summary for device in ("cpu", "stand-in"))
    assert host["state"] == there["state"] == "periodic"
    assert len(host["slip_times"]) == len(there["slip_times"]) > 3
    np.testing.assert_allclose(there["slip_times"], host["slip_times"], atol=1e-3)
    assert there["period"] == pytest.approx(host["period"], rel=1e-4)
    assert there["mean_voltage"] == pytest.approx(host["mean_voltage"], rel=1e-4)
    assert 0.8 * host["steps"] < there["steps"] < 1.1 * host["steps"]


def test_a_resumed_run_is_the_same_to_the_bit(tmp_path):
    from test_restart import assert_same

    keys = {**SMALL, "time__t_end": 6.0, "time__checkpoint": 2.0}
    fg.run(WIRE, tmp_path / "whole", device="stand-in", **keys)
    fg.run(WIRE, tmp_path / "half", device="stand-in", **{**keys, "time__t_end": 4.0})
    fg.resume(tmp_path / "half", until=6.0, device="stand-in")
    assert_same(tmp_path / "whole", tmp_path / "half")


def test_a_strip_in_a_rising_field_has_the_hosts_vortices(tmp_path):
    sides = {"top": fg.Insulating(), "bottom": fg.Insulating()}
    problem = fg.Problem(
        mesh=fg.mesh.strip(length=8.0, width=5.0, h=0.5), film=fg.Film(model="gapless", eta=0.1),
        boundary={"left": fg.NormalContact(), "right": fg.NormalContact(), **sides},
        drive=fg.Drive(current={"ramp": [0.0, 0.3], "over": 3.0}, field={"ramp": [0.0, 0.5], "over": 5.0}),
        time=fg.Time(t_end=40.0, rtol=1e-6),
    )  # fmt: skip
    counts, voltages = [], []
    for device in ("cpu", "stand-in"):
        voltages.append(fg.run(problem, tmp_path / device, device=device).summary["mean_voltage"])
        with h5py.File(tmp_path / device / "result.h5") as file:
            counts.append([int(file[f"integrals/vortices_{name}"][-1]) for name in ("gained", "lost")])
    assert counts[0] == counts[1] and min(counts[0]) > 2
    assert voltages[1] == pytest.approx(voltages[0], rel=1e-5)


def march_on(machine, problem):
    system = System(problem)
    march = March(system)
    system.newton = DeviceNewton(machine, system)
    march.integrator = DeviceIntegrator(system, system.newton)
    y = system.initial(np.full(system.space.N, 0.7 + 0j))
    for step in march.steps(0.0, y):
        assert type(step.y) is np.ndarray and type(march.integrator.dense(step.t)[1]) is np.ndarray
    assert march.integrator.step_count > 5 and system.newton.counts["setup"] > 2


REFUSED = [
    ("psc_filament", "one dimension"),
    ("thermal_memory", "this kind"),
]


@pytest.mark.parametrize(("name", "word"), REFUSED)
def test_what_the_device_does_not_do_is_said(tmp_path, name, word):
    with pytest.raises(InputError, match=word) as refused:
        fg.run(PROBLEMS / f"{name}.toml", tmp_path / "out", device="gpu")
    assert refused.value.key == "device"
    assert not (tmp_path / "out").exists()


def test_unknown_devices_and_small_ones_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"tpu.*allowed: cpu, gpu"):
        fg.run(WIRE, tmp_path / "out", device="tpu")
    system = System(problem_on(brick("tetrahedron")))
    machine = Machine()
    machine.room = lambda: memory(system) / 2
    with pytest.raises(InputError, match="GiB"):
        DeviceSystem(machine, system)


def test_a_device_that_runs_full_is_no_traceback(monkeypatch):
    march = March(System(problem_on(brick("triangle"))))
    full = lambda *_: (_ for _ in ()).throw(MemoryError("of 3 bytes"))  # noqa: E731
    place(march, "stand-in")
    monkeypatch.setattr(march.integrator.newton.on_device, "residual", full)
    with pytest.raises(SolverStopped, match="memory of the device is full: of 3 bytes"):
        list(march.steps(0.0, march.system.initial(np.ones(march.system.space.N, complex))))
    monkeypatch.setattr(Machine, "up", full)
    with pytest.raises(InputError, match="memory is full"):
        place(March(march.system), "stand-in")


def test_without_cupy_the_command_says_so(tmp_path, monkeypatch):
    (tmp_path / "cupy.py").write_text("raise ImportError('no CuPy here')\n")
    path = os.pathsep.join([str(tmp_path), os.environ["PYTHONPATH"]])
    done = subprocess.run(
        [sys.executable, "-m", "femtdgl", "run", str(WIRE), "--device", "gpu", "--out", str(tmp_path / "out")],
        env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 2
    assert "CuPy is not installed" in done.stderr and "femtdgl[gpu]" in done.stderr
    assert not (tmp_path / "out").exists()
