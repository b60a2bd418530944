"""The export for ParaView as a reader of VTK sees it, and the pictures of fields."""

import importlib
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from skfem import MeshHex, MeshLine, MeshQuad, MeshTet, MeshTri
from typer.testing import CliRunner

import femtdgl as fg
from femtdgl.cli import app
from femtdgl.figures import fields as plots_fields
from femtdgl.files import paraview
from femtdgl.files.atomic import write_json
from femtdgl.files.reader import Result
from femtdgl.files.results import ResultWriter
from femtdgl.kinds import report
from femtdgl.solve.space import Space

MACRO = Path(__file__).parent.parent / "postprocess" / "paraview_macro.py"
KINDS = [MeshLine, MeshTri, MeshQuad, MeshTet, MeshHex]
TIMES = np.array([0.0, 0.5, 1.25])
pyvista = importlib.import_module("pyvista")


def psi(x, t, order):
    """A polynomial of the order, not symmetric in anything; x: (dim, n)."""
    real = 1 + t + sum((0.3 + d) * part for d, part in enumerate(x))
    imaginary = 0.5 - sum((0.2 + 0.4 * d) * part for d, part in enumerate(x))
    if order == 2:
        real = real + sum((1 + d) * part**2 for d, part in enumerate(x)) + 0.7 * x[0] * x[-1]
        imaginary = imaginary + t * x[0] ** 2
    return real + 1j * imaginary


def irregular(kind, rng):
    """A small mesh whose inner vertices were moved, its cells in no order."""
    dim = kind.elem.refdom.p.shape[0]
    mesh = kind.init_tensor(*[np.linspace(0, 1, 4)] * dim)
    p = mesh.p.copy()
    inner = np.setdiff1d(np.arange(p.shape[1]), mesh.boundary_nodes())
    p[:, inner] += rng.uniform(-0.05, 0.05, (dim, inner.size))
    return kind(p, mesh.t[:, rng.permutation(mesh.t.shape[1])])


@pytest.fixture
def stored(tmp_path, rng):
    """Builder of results that hold known fields, without a run."""

    def build(kind, order, **more):
        mesh = irregular(kind, rng)
        space = Space(mesh, order)
        writer = ResultWriter(
            tmp_path,
            attributes={"order": order, "mesh_type": type(mesh).__name__.removesuffix("1")},
            static={
                "mesh/points": mesh.p, "mesh/cells": mesh.t, "mesh/nodes": space.nodes,
                "mesh/dofs": space.basis.element_dofs, "problem": "",
            },
        )  # fmt: skip
        at = np.stack([psi(space.nodes, t, order) for t in TIMES])
        fields = {"t": TIMES, "psi": at, "psi_t": 0 * at, "phi": at.real * 2}
        fields["j_s"] = np.stack(
            [np.stack([(d + 1) * at.real[n] for d in range(space.dim)]) for n in range(TIMES.size)]
        )
        fields |= {name: np.asarray(value(space.nodes)) for name, value in more.items()}
        writer.declare("fields", **{name: value[:1] for name, value in fields.items()})
        writer.add("fields", **fields)
        writer.declare("probes", t=np.zeros(1), voltage=np.zeros(1))
        writer.add("probes", t=TIMES, voltage=TIMES)
        writer.commit()
        writer.finish()
        write_json(tmp_path / "summary.json", {"title": "known", "slip_times": [], "mean_voltage": None})
        return Result(tmp_path)

    return build


def frames(series):
    reader = pyvista.get_reader(str(series))
    for t in reader.time_values:
        reader.set_active_time_value(t)
        yield t, reader.read()[0]


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_values_and_times_come_back(kind, order, stored):
    result = stored(kind, order)
    read = list(frames(paraview.export(result)))
    assert [t for t, _ in read] == pytest.approx(TIMES)
    for t, grid in read:
        nodes = grid.points.T[: result.nodes.shape[0]]
        assert nodes == pytest.approx(result.stored_nodes)
        exact = psi(nodes, t, order)
        assert grid["|psi|"] == pytest.approx(np.abs(exact))
        assert grid["arg psi"] == pytest.approx(np.angle(exact))
        assert grid["psi_re"] == pytest.approx(exact.real)
        assert grid["psi_im"] == pytest.approx(exact.imag)
        assert grid["phi"] == pytest.approx(2 * exact.real)
        assert grid["j_s"].shape == (grid.n_points, 3)
        assert grid["j_s"][:, 0] == pytest.approx(exact.real)
        assert (grid["j_s"][:, result.nodes.shape[0] :] == 0).all()


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_the_nodes_of_cells_are_in_the_order_of_vtk(kind, order, stored, rng):
    """VTK's own shape functions give a polynomial of the order back at any reference point of any cell."""
    result = stored(kind, order)
    *_, (t, grid) = frames(paraview.export(result))
    kinds = {1: (3, 5, 9, 10, 12), 2: (21, 22, 28, 24, 29)}
    assert set(grid.celltypes) == {kinds[order][KINDS.index(kind)]}
    dim = result.nodes.shape[0]
    for cell in range(grid.n_cells):
        vtk = grid.GetCell(cell)
        reference = np.zeros(3)
        reference[:dim] = rng.uniform(0.05, 0.95 / dim, dim)
        at, weights, part = (
            [0.0, 0.0, 0.0],
            [0.0] * vtk.GetNumberOfPoints(),
            importlib.import_module("vtk").reference(0),
        )
        vtk.EvaluateLocation(part, reference, at, weights)
        ids = [vtk.GetPointId(i) for i in range(vtk.GetNumberOfPoints())]
        value = np.dot(weights, np.asarray(grid["psi_re"])[ids])
        # of bent quads and hexahedra the polynomial is one of the reference cell: compare with scikit-fem there
        space = Space(result.mesh, order)
        exact = psi(np.array(at[:dim])[:, None], t, order).real[0]
        if kind in (MeshQuad, MeshHex):
            probe = interpolated(space, result, cell, reference[:dim])
            assert value == pytest.approx(probe, rel=1e-12)
        else:
            assert value == pytest.approx(exact, rel=1e-12)
        if cell > 20:
            break


def interpolated(space, result, cell, reference):
    """psi_re of a cell at a reference point by scikit-fem's shape functions, at the last time."""
    nodal = result.field("psi")[-1].real
    dofs = space.basis.element_dofs[:, cell]
    X = np.asarray(reference)[:, None]
    return sum(nodal[dof] * space.element.lbasis(X, i)[0][0] for i, dof in enumerate(dofs))


def test_sampling_a_quadratic_field_inside_the_cells_is_exact(stored, rng):
    result = stored(MeshTri, 2)
    *_, (t, grid) = frames(paraview.export(result))
    points = np.zeros((50, 3))
    points[:, :2] = rng.uniform(0.05, 0.95, (50, 2))
    sampled = pyvista.PolyData(points).sample(grid)
    assert sampled["vtkValidPointMask"].all()
    assert sampled["psi_re"] == pytest.approx(psi(points.T[:2], t, 2).real, rel=1e-6)


def test_scalars_of_the_nodes_that_a_result_holds_are_exported(stored):
    result = stored(
        MeshTri, 2, w=lambda x: np.ones((TIMES.size, x.shape[1])), T=lambda x: np.zeros((TIMES.size, x.shape[1]))
    )
    _, grid = next(frames(paraview.export(result)))
    assert {"w", "T"} <= set(grid.array_names)
    assert "psi_t" not in grid.array_names


def test_only_stored_times_and_no_remains(stored, tmp_path):
    result = stored(MeshQuad, 1)
    series = paraview.export(result)
    assert len(list(series.parent.glob("fields/*.vtu"))) == 3
    again = paraview.export(result, [0.55, 0.6, 1.2], tmp_path / "some")
    assert [t for t, _ in frames(again)] == pytest.approx([0.5, 1.25])
    assert len(list(again.parent.glob("fields/*"))) == 2
    assert not [p for p in tmp_path.rglob("*") if p.name.endswith(".tmp")]
    for times in ([2.0], [-0.1], []):
        with pytest.raises(fg.InputError, match="times"):
            paraview.export(result, times=times)


def test_frames_of_the_run_stay_in_its_series(stored, tmp_path):
    """Whatever is exported again, and wherever to."""
    result = stored(MeshQuad, 1)
    series = paraview.export(result)
    place, whole = tmp_path / "paraview", list(frames(series))
    for folder in (None, place, tmp_path / "elsewhere"):
        paraview.export(result, [0.5], folder)
        assert len(list(series.parent.glob("fields/*.vtu"))) == 3
        assert [t for t, _ in frames(series)] == [t for t, _ in whole]
    old = series.parent / "fields" / "000007.vtu"  # of a longer run that lay there
    old.write_bytes((series.parent / "fields" / "000000.vtu").read_bytes())
    paraview.export(result)
    assert not old.exists()
    done = CliRunner().invoke(app, ["export", str(tmp_path), "--times", "0.5", "--out", str(tmp_path / "one")])
    assert done.exit_code == 0 and len(list(frames(tmp_path / "one" / "fields.pvd"))) == 1


def test_the_series_can_be_moved(stored, tmp_path):
    paraview.export(stored(MeshTri, 1))
    shutil.move(tmp_path / "paraview", tmp_path / "elsewhere")
    assert len(list(frames(tmp_path / "elsewhere" / "fields.pvd"))) == 3


def test_the_command_line_exports(stored, tmp_path):
    stored(MeshTri, 2)
    done = CliRunner().invoke(app, ["export", str(tmp_path), "--times", "0.5,1.25"])
    assert done.exit_code == 0 and done.output.strip().endswith("fields.pvd")
    assert len(list(frames(done.output.strip()))) == 2
    wrong = CliRunner().invoke(app, ["export", str(tmp_path), "--times", "soon"])
    assert wrong.exit_code == 2 and "--times" in wrong.output


@pytest.fixture(scope="module")
def strip(tmp_path_factory):
    """A short run of a strip with a hole."""
    return fg.run(
        MACRO.parent.parent / "problems" / "psc_filament.toml",
        tmp_path_factory.mktemp("strip") / "run",
        until=0.4,
        mesh={"shape": "strip", "length": 4.0, "width": 3.0, "h": 0.6, "order": 2, "hole": {"radius": 0.6}},
        boundary=dict.fromkeys(("left", "right"), "bank") | dict.fromkeys(("bottom", "top", "hole"), "insulating"),
        output={"fields": 0.1},
        time={"t_end": 0.4, "rtol": 1e-4},
        expect={},
    )


def test_a_run_of_a_strip_is_exported_and_drawn(strip):
    made = report.figures(strip, animation=True)
    names = [path.name for path in made]
    assert names == [
        "fields.pvd",
        "voltage.png",
        "current_voltage.png",
        "space_time.png",
        "fields_psi.png",
        "fields_phase.png",
        "fields_current.png",
        "fields_w.png",
        "fields.gif",
    ]
    assert all(path.stat().st_size > 2000 for path in made[1:])
    read = list(frames(made[0]))
    assert [t for t, _ in read] == pytest.approx(strip.t)
    t, grid = read[-1]
    assert grid["|psi|"] == pytest.approx(np.abs(strip.field("psi", t)))
    for name in ("j_s", "j_int", "j_n"):
        np.testing.assert_allclose(grid[name][:, :2].T, strip.field(name, t))
    image = importlib.import_module("PIL.Image").open(made[-1])
    assert image.n_frames == strip.t.size


@pytest.mark.parametrize(("kind", "order"), [(MeshTri, 1), (MeshTri, 2), (MeshQuad, 1), (MeshQuad, 2)])
def test_triangles_for_drawing_cover_the_mesh(kind, order, stored):
    tri = plots_fields.triangulation(stored(kind, order))
    a, b, c = (np.stack([tri.x, tri.y])[:, tri.triangles[:, i]] for i in range(3))
    area = ((b - a)[0] * (c - a)[1] - (b - a)[1] * (c - a)[0]) / 2
    assert np.abs(area).sum() == pytest.approx(1.0)
    assert np.unique(tri.triangles).size == tri.x.size


def test_a_body_is_drawn_or_the_reason_told(stored, tmp_path):
    from femtdgl.figures.offscreen import NoPicture

    result = stored(MeshTet, 2)
    try:
        made = plots_fields.write_figures(result, times=[0.5])
    except NoPicture as error:
        assert "OpenGL" in str(error)
    else:
        assert made[-1].name == "fields_psi.png" and made[-1].stat().st_size > 2000


def pvpython(*arguments):
    """ParaView's Python, in a virtual screen where there is none."""
    command = ["pvpython", *arguments]
    if not os.environ.get("DISPLAY") and shutil.which("xvfb-run"):
        command = ["xvfb-run", "-a", *command]
    elif not os.environ.get("DISPLAY"):
        command.insert(1, "--force-offscreen-rendering")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.skipif(shutil.which("pvpython") is None, reason="ParaView's pvpython is not on the PATH")
def test_paraview_reads_a_run_by_the_macro(strip):
    series = paraview.export(strip)
    done = pvpython(str(MACRO), str(series), "--read")
    assert done.returncode == 0, done.stderr[-2000:]
    lines = done.stdout.splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("times "))
    assert lines[first] == f"times {strip.t.size}, points {strip.nodes.shape[1]}"
    ranges = {
        line.rpartition(": ")[0]: [float(v) for v in line.rpartition(": ")[2].split()] for line in lines[first + 1 :]
    }
    last = strip.field("psi", strip.t[-1])
    assert ranges["|psi|"] == pytest.approx([np.abs(last).min(), np.abs(last).max()], rel=1e-6)
    assert {"j_s", "j_int", "j_n", "phi", "arg psi"} <= set(ranges)


@pytest.mark.skipif(shutil.which("pvpython") is None, reason="ParaView's pvpython is not on the PATH")
def test_paraview_draws_a_run_by_the_macro(strip, tmp_path):
    series = paraview.export(strip)
    for _ in range(3):  # a virtual screen that was asked for too early makes VTK abort: that is not ours to test
        done = pvpython(str(MACRO), str(series), str(tmp_path))
        if "CreateAWindow" not in done.stderr:
            break
    assert done.returncode == 0, done.stderr[-2000:]
    assert (tmp_path / "psi.png").stat().st_size > 5000
    assert len(list(tmp_path.glob("psi.0*.png"))) == strip.t.size


@pytest.mark.parametrize(
    ("program", "words"),
    [("import os; os.abort()", "needs OpenGL"), ("raise ValueError('no such colour')", "ValueError: no such colour")],
)
def test_a_picture_that_fails_says_why(program, words, tmp_path, monkeypatch):
    from femtdgl.figures.offscreen import NoPicture, in_own_process

    (tmp_path / "draws_nothing.py").write_text(program)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(NoPicture, match=words):
        in_own_process("draws_nothing")


def test_a_map_of_w_is_drawn_where_it_is_stored(stored):
    result = stored(MeshQuad, 2, w=lambda x: np.ones((TIMES.size, 1)) * (x[0] - 0.5))
    figures = plots_fields.stills(result, times=[0.5])
    assert set(figures) == {"psi", "phase", "current", "w"}
    bar = figures["w"].axes[-1]
    assert bar.get_ylim() == pytest.approx((-0.5, 0.5))
