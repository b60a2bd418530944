"""Shapes from text to results: curved cells in the equations, in fields, in files and in ParaView."""

import math
import re
import tomllib

import meshio
import numpy as np
import pytest
import scipy.sparse as sp
import skfem
from conftest import PROBLEMS
from scipy.sparse.linalg import spsolve
from typer.testing import CliRunner

import femtdgl as fg
from femtdgl.cli import app
from femtdgl.equations.vector_potential import unit_fields
from femtdgl.files.paraview import export, vtk_cells
from femtdgl.kinds import report
from femtdgl.mesh import Disc, plane, solid
from femtdgl.problem import toml
from femtdgl.solve.space import Space

RING = {"parts": [Disc(radius=2.0)], "holes": [Disc(radius=0.8)], "edges": {"hole": [0.8, 0], "rim": [2, 0]}}
BRIEF = fg.Time(t_end=3.0, rtol=1e-6)


@pytest.mark.slow
def test_the_capacity_between_circles_converges_at_order_three_or_better():
    """int (grad phi)^2 between circles at 0 and 1 is 2 pi/ln(R/r): gradients in curved cells, point by point."""
    found = []
    for h in (0.2, 0.1, 0.05):
        space = Space(plane(**RING, h=h, order=2).build(), 2)
        slopes, weights = space.operators[space.nq :], np.tile(space.weights, 2)
        stiffness = (slopes.T @ sp.diags(weights) @ slopes).tocsr()
        phi = np.zeros(space.N)
        phi[space.boundary_nodes("rim")] = 1.0
        free = np.setdiff1d(np.arange(space.N), [*space.boundary_nodes("rim"), *space.boundary_nodes("hole")])
        phi[free] = spsolve(stiffness[free][:, free], -(stiffness @ phi)[free])
        found.append(phi @ stiffness @ phi - 2 * math.pi / math.log(2.5))
    found = np.abs(found)
    assert (np.log2(found[:-1] / found[1:]) > 3).all()


def test_a_field_and_the_same_vector_potential_agree_in_curved_cells():
    """That in closed form against that interpolated as a 1-form, through a hole and on curved edges."""
    mesh = plane(**RING, h=0.5, order=2)

    def A(x, t):
        return 0.4 * unit_fields(x)[0], np.zeros_like(x)

    common = {"mesh": mesh, "film": fg.Film(model="gapless"), "boundary": {}, "time": BRIEF}
    one = fg.run(fg.Problem(drive=fg.Drive(field=0.4), **common))
    two = fg.run(fg.Problem(vector_potential=A, **common))
    assert type(one.mesh) is skfem.MeshTri2
    assert np.abs(one.psi(3.0)) == pytest.approx(np.abs(two.psi(3.0)), abs=5e-5)
    assert 0.5 < np.abs(one.psi(3.0)).min() < np.abs(one.psi(3.0)).max() < 0.999
    assert one.fluxoid(3.0, "hole") == 0
    assert not one.vortices(3.0).winding.any()


def test_a_gauge_changes_nothing_in_curved_cells():
    """A and A + grad(x y) with psi turned by x y: quadratic, so not exact, but small at this size of cells."""
    mesh = plane(**RING, h=0.3, order=2)
    common = {"mesh": mesh, "film": fg.Film(model="gapless"), "boundary": {}, "time": BRIEF}

    def potential(shift):
        def A(x, t):
            return 0.2 * np.array([-x[1] + shift * x[1], x[0] + shift * x[0]]), np.zeros_like(x)

        return A

    one, two = (fg.run(fg.Problem(vector_potential=potential(shift), **common)) for shift in (0.0, 0.5))
    j, k = (np.linalg.norm(result.field("j_s")[-1], axis=0) for result in (one, two))
    assert np.abs(j - k).max() < 2e-2 * j.max()


STEP = """
title = "A brick from a STEP file"
[mesh]
shape = "solid"
h = 0.6
order = 2
parts = [{ shape = "step", path = "bar.step" }]
faces.left = { at = [-1.5, 0.0, 0.3] }
faces.right = { at = [1.5, 0.0, 0.3] }
[film]
model = "gapless"
[boundary]
left = "bank"
right = "bank"
[drive]
current = 0.1
[time]
t_end = 1.0
"""


@pytest.mark.slow
def test_a_step_file_to_paraview_in_one_command(tmp_path):
    from netgen.occ import Box, Cylinder, Pnt, Y

    bar = Box(Pnt(-1.5, -0.5, -0.5), Pnt(1.5, 0.5, 0.5)) - Cylinder(Pnt(0, -1, 0), Y, r=0.25, h=2)
    bar.WriteStep(str(tmp_path / "bar.step"))
    (tmp_path / "bar.toml").write_text(STEP)
    done = CliRunner().invoke(app, ["run", str(tmp_path / "bar.toml"), "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    frames = sorted((tmp_path / "out" / "paraview" / "fields").glob("*.vtu"))
    grid = meshio.read(frames[-1])
    assert [block.type for block in grid.cells] == ["tetra10"]
    assert (tmp_path / "out" / "paraview" / "fields.pvd").exists()
    rim = np.hypot(grid.points[:, 0], grid.points[:, 2])
    assert rim.min() == pytest.approx(0.25, abs=1e-9)  # nodes on the bore, and none within it
    assert np.count_nonzero(np.abs(rim - 0.25) < 1e-9) > 60
    told = "\n".join(report.describe_file(tmp_path / "bar.toml", ()))
    assert "insulating  rest: not in [boundary]" in told


@pytest.mark.parametrize(
    "mesh", [plane(**RING, h=0.6, order=2), solid(parts=[{"shape": "ball", "radius": 1.0}], h=0.6, order=2)]
)
def test_a_curved_mesh_comes_back_from_a_result(mesh, tmp_path):
    problem = fg.Problem(
        mesh=mesh, film=fg.Film(model="gapless"), boundary={}, time=fg.Time(t_end=0.5), initial=fg.Initial(noise=0.1)
    )
    result = fg.run(problem, tmp_path / "out")
    made = mesh.build()
    assert type(result.mesh) is type(made)
    assert np.array_equal(result.mesh.p, made.p)
    assert np.array_equal(result.nodes, made.p)
    number, cells = vtk_cells(result)
    assert number == {2: 22, 3: 24}[mesh.dim]
    grid = meshio.read(sorted((export(result).parent / "fields").glob("*.vtu"))[-1])
    assert np.array_equal(grid.cells[0].data, cells)
    corners = mesh.dim + 1
    first, second = cells[:, 0], cells[:, 1]
    half = 0.5 * (result.nodes[:, first] + result.nodes[:, second])
    sides = np.linalg.norm(result.nodes[:, first] - result.nodes[:, second], axis=0)
    away = np.linalg.norm(result.nodes[:, cells[:, corners]] - half, axis=0)
    assert (away < 0.2 * sides).all()  # the middle of the side, bent or not
    assert away.max() > 1e-3
    again = fg.resume(tmp_path / "out", until=0.8)
    assert again.summary["t_end"] == 0.8


@pytest.mark.parametrize("dim", [2, 3])
def test_the_command_line_draws_and_writes_shapes(dim, tmp_path):
    words = {
        2: 'shape = "plane"\nparts = [{ shape = "disc", radius = 1.0 }]\nedges.rim = [1.0, 0.0]',
        3: 'shape = "solid"\nparts = [{ shape = "ball", radius = 1.0 }]',
    }[dim]
    (tmp_path / "a.toml").write_text(f"[mesh]\nh = 0.5\norder = 2\n{words}\n")
    options = ["--out", str(tmp_path / "a.msh"), *(["--picture", str(tmp_path / "a.png")] if dim == 2 else [])]
    done = CliRunner().invoke(app, ["mesh", str(tmp_path / "a.toml"), *options])
    assert done.exit_code == 0, done.output
    assert f"boundaries  {'rim' if dim == 2 else 'rest'} (" in done.output
    assert dim == 3 or (tmp_path / "a.png").stat().st_size > 1000
    assert (tmp_path / "a.msh").exists()


def blocks(language):
    """Blocks of code on the page of meshes."""
    page = (PROBLEMS.parent / "docs" / "meshes.md").read_text()
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


def test_the_examples_of_the_docs_are_what_they_say(tmp_path):
    from netgen.occ import Box, Pnt

    Box(Pnt(-1.5, -0.5, -0.5), Pnt(1.5, 0.5, 0.5)).WriteStep(str(tmp_path / "bar.step"))
    shapes = [tomllib.loads(text)["mesh"] for text in blocks("toml")]
    for table in shapes:
        for part in table.get("parts", ()):
            if part["shape"] == "step":
                part["path"] = str(tmp_path / part["path"])
    film, cylinder, brick = (
        {"plane": plane, "solid": solid}[table.pop("shape")](**table) for table in shapes if "parts" in table
    )
    assert film == toml.load_mesh(PROBLEMS / "film_two_holes.toml")
    assert cylinder == toml.load_mesh(PROBLEMS / "cylinder_bore.toml")
    assert brick.boundaries == ("left", "right", "rest")
    (code,) = blocks("python")
    names: dict[str, object] = {}
    exec(code, names)
    assert names["film"].boundaries == ("left", "right", "rest")


def test_conditions_may_be_left_out_and_misspelt_ones_are_told():
    mesh = plane(**RING, h=0.6)
    free = fg.Problem(mesh=mesh, film=fg.Film(), boundary={})
    assert free.unnamed == ("hole", "rim")
    assert fg.Problem(mesh=mesh, film=fg.Film(), boundary={"rim": fg.DeGennes(b=2.0)}).unnamed == ("hole",)
    probe = fg.FluxoidProbe(name="held", boundary="hole")
    assert fg.Problem(mesh=mesh, film=fg.Film(), boundary={}, probes=(probe,)).probes == (probe,)
    with pytest.raises(fg.InputError, match=r"'rym'; did you mean 'rim'\?.* every boundary of the mesh: hole, rim"):
        fg.Problem(mesh=mesh, film=fg.Film(), boundary={"rym": fg.Insulating()})
    one, two = (
        fg.run(fg.Problem(mesh=mesh, film=fg.Film(model="gapless"), boundary=b, time=BRIEF, drive=fg.Drive(field=0.3)))
        for b in ({}, {"hole": fg.Insulating(), "rim": fg.Insulating()})
    )
    assert np.array_equal(one.psi(3.0), two.psi(3.0))
