"""What a result gives in Python: fields at points, lines, moments, tables of other libraries, plots, and words."""

import importlib
from collections.abc import Mapping

import numpy as np
import pytest
import skfem
from conftest import PROBLEMS
from matplotlib import pyplot as plt
from skfem import MeshHex, MeshLine, MeshQuad, MeshTet, MeshTet2, MeshTri, MeshTri2
from test_paraview import irregular

import femtdgl as fg
from femtdgl.files import paraview
from femtdgl.files.atomic import write_json
from femtdgl.files.results import ResultWriter
from femtdgl.mesh.curved import curved
from femtdgl.solve.space import Space

TIMES = np.array([0.0, 0.5, 1.25])
PROBLEM = """kind = "filament"
[mesh]
shape = "line"
length = 2.0
[film]
delta = 1.0
[boundary]
left = "bank"
right = "bank"
"""


def round_disc():
    """A disc of radius 1 with curved sides."""
    mesh = skfem.MeshTri.init_circle(2)
    rim = mesh.facets[:, mesh.boundary_facets()]
    middle = mesh.p[:, rim].mean(axis=1)
    return curved(mesh, rim, middle / np.linalg.norm(middle, axis=0))


def bent_cube(rng):
    """The unit cube, one face curved outwards."""
    mesh = MeshTet.init_tensor(*[np.linspace(0, 1, 3)] * 3)
    side = mesh.facets_satisfying(lambda x: np.isclose(x[0], 1.0))
    edges = np.unique(
        np.sort(np.concatenate([mesh.facets[[0, 1]][:, side], mesh.facets[[1, 2]][:, side]], 1), 0), axis=1
    )
    middle = mesh.p[:, edges].mean(axis=1)
    middle[0] += 0.05 * np.sin(np.pi * middle[1]) * np.sin(np.pi * middle[2])
    return curved(mesh, edges, middle)


def polynomial(x, t, order):
    """Of the order, not symmetric in anything; x: (dim, n)."""
    real = 1 + t + sum((0.3 + d) * part for d, part in enumerate(x))
    imaginary = 0.5 - sum((0.2 + 0.4 * d) * part for d, part in enumerate(x))
    if order == 2:
        real = real + sum((1 + d) * part**2 for d, part in enumerate(x)) + 0.7 * x[0] * x[-1]
        imaginary = imaginary + t * x[0] ** 2
    return real + 1j * imaginary


@pytest.fixture
def stored(tmp_path):
    """Builder of results that hold known fields on a mesh, without a run: psi, and j_s = (-y, x, ..) or given."""

    def build(mesh, order, *, psi=polynomial, j=None, **more):
        space = Space(mesh, order)
        static = {
            "mesh/points": mesh.p, "mesh/cells": mesh.t, "mesh/nodes": space.nodes,
            "mesh/dofs": space.basis.element_dofs, "problem": PROBLEM,
        }  # fmt: skip
        attributes = {
            "mesh_type": type(mesh).__name__.removesuffix("1"),
            "order": order,
            "field_origin": np.full(space.dim, 0.3),
        }
        writer = ResultWriter(tmp_path, attributes=attributes, static=static)
        at = np.stack([psi(space.nodes, t, order) for t in TIMES])
        j_s = np.zeros_like(space.nodes) if j is None else np.asarray(j(space.nodes))
        rate = [(psi(space.nodes, t + 1e-6, order) - psi(space.nodes, t - 1e-6, order)) / 2e-6 for t in TIMES]
        fields = {"t": TIMES, "psi": at, "psi_t": np.stack(rate), "phi": at.real * 2}
        for name, share in (("j_s", 1.0), ("j_int", 0.25), ("j_n", 0.5)):
            fields[name] = np.stack([share * j_s] * TIMES.size)
        fields |= {name: value(space) for name, value in more.items()}
        writer.declare("fields", **{name: value[:1] for name, value in fields.items()})
        writer.add("fields", **fields)
        writer.declare("probes", t=np.zeros(1), voltage=np.zeros(1))
        writer.add("probes", t=TIMES, voltage=TIMES**2)
        writer.commit()
        writer.finish()
        write_json(tmp_path / "summary.json", {"title": "known", "state": "driven", "slip_times": [], "share": 0.5})
        return fg.Result(tmp_path)

    return build


CELLS = [(kind, order) for kind in (MeshLine, MeshTri, MeshQuad, MeshTet, MeshHex) for order in (1, 2)]


@pytest.mark.parametrize(("kind", "order"), CELLS, ids=lambda part: getattr(part, "__name__", part))
def test_a_field_at_points_is_that_of_its_elements(kind, order, stored, rng):
    """A polynomial comes back at any point and time: of the order of simplices, linear on bent quadrilaterals."""
    straight = order if kind in (MeshLine, MeshTri, MeshTet) else 1
    result = stored(irregular(kind, rng), order, psi=lambda x, t, _: polynomial(x, t, straight))
    dim = result.nodes.shape[0]
    points = rng.uniform(0, 1, (30, dim))
    points[0], points[1] = 0.0, 1.0  # corners
    given = points[:, 0] if dim == 1 else points
    for t in (0.0, 0.3, 1.25):
        found = result.at(given, t)
        assert found.shape == (30,)
        np.testing.assert_allclose(found, polynomial(points.T, t, straight), atol=1e-9)
        np.testing.assert_allclose(result.at(given, t, "phi"), 2 * polynomial(points.T, t, straight).real, atol=1e-9)
        np.testing.assert_allclose(result.at(given, t, "|psi|"), np.abs(found))
        np.testing.assert_allclose(result.at(given, t, "arg psi"), np.angle(found))
    assert result.at(given[3], 0.3) == pytest.approx(result.at(given, 0.3)[3])
    assert result.at(given, [0.1, 0.2]).shape == (2, 30)
    assert result.at(given).shape == (3, 30)
    assert result.at(given, 0.5, "j").shape == (dim, 30)
    assert np.isnan(result.at(given + 2.0, 0.5)).all()


@pytest.mark.parametrize("kind", [MeshTri2, MeshTet2])
def test_curved_cells_are_read_as_curved(kind, stored, rng):
    """x itself, quadratic on the reference cell, comes back: to the very rim, where straight cells would end early."""
    mesh = round_disc() if kind is MeshTri2 else bent_cube(rng)
    assert type(mesh) is kind
    result = stored(mesh, 2, psi=lambda x, t, order: x[0] + 1j * x[1])
    if kind is MeshTri2:
        angle, r = rng.uniform(0, 2 * np.pi, 40), np.append(rng.uniform(0, 1, 35), [0.998] * 5)
        points = np.stack([r * np.cos(angle), r * np.sin(angle)], axis=1)
    else:
        points = np.concatenate([rng.uniform(0, 1, (30, 3)), [mesh.p[:, np.argmax(mesh.p[0])] - [0.004, 0, 0]]])
    np.testing.assert_allclose(result.at(points, 0.5), points[:, 0] + 1j * points[:, 1], atol=1e-10)


def test_psi_is_carried_to_a_point_by_the_vector_potential(stored, rng):
    """psi = exp(i chi) with A = grad chi is psi = 1 in another gauge: exact at every point, however coarse the mesh."""
    chi = lambda x: 3.0 * x[0] - 2.0 * x[1]  # noqa: E731
    result = stored(
        irregular(MeshTri, rng),
        1,
        psi=lambda x, t, order: np.exp(1j * chi(x)),
        A=lambda space: np.stack([np.broadcast_to(np.array([[3.0], [-2.0]]), space.nodes.shape)] * TIMES.size),
    )
    points = rng.uniform(0, 1, (20, 2))
    np.testing.assert_allclose(result.at(points, 0.7), np.exp(1j * chi(points.T)), atol=1e-12)


def test_a_line_leaves_out_what_lies_outside(stored, rng):
    result = stored(irregular(MeshTri, rng), 2)
    line = result.line((-0.5, 0.5), (1.5, 0.5), 21, 0.5)
    inside = (line.x[:, 0] > -1e-9) & (line.x[:, 0] < 1 + 1e-9)
    assert line.s[-1] == pytest.approx(2.0) and line.x.shape == (21, 2)
    np.testing.assert_array_equal(np.isnan(line.values), ~inside)
    np.testing.assert_allclose(line.values[inside], polynomial(line.x[inside].T, 0.5, 2), atol=1e-8)
    seen = result.space_time((0, 0.2), (1, 0.2), 11, name="|psi|")
    assert seen.values.shape == (3, 11) and seen.t == pytest.approx(TIMES)
    np.testing.assert_allclose(seen.values[1], np.abs(polynomial(seen.x.T, 0.5, 2)), atol=1e-8)
    assert result.line((0, 0.2), (1, 0.2)).values[0] == pytest.approx(polynomial(np.array([[0.0], [0.2]]), 1.25, 2)[0])


def test_nodes_of_a_line_are_in_order_and_so_are_its_fields(stored, rng):
    """For whoever reads them; the file, vortices of ParaView and the restart have them as the elements do."""
    result = stored(irregular(MeshLine, rng), 2)
    x = result.nodes[0]
    assert (np.diff(x) > 0).all() and not (np.diff(result.stored_nodes[0]) > 0).all()
    np.testing.assert_allclose(result.psi(0.5), polynomial(x[None], 0.5, 2), atol=1e-9)
    np.testing.assert_allclose(result.field("psi")[1], polynomial(x[None], 0.5, 2), atol=1e-12)
    np.testing.assert_allclose(result.field("phi", 0.5), 2 * polynomial(x[None], 0.5, 2).real)
    np.testing.assert_allclose(result.read("fields/phi")[1], 2 * polynomial(result.stored_nodes, 0.5, 2).real)
    assert result.stored_nodes[0, result.as_stored([0, -1])] == pytest.approx([x[0], x[-1]])
    drawn = result.plot.order_parameter(0.5).lines[0]
    np.testing.assert_allclose(drawn.get_xdata(), x)
    np.testing.assert_allclose(drawn.get_ydata(), np.abs(polynomial(x[None], 0.5, 2)), atol=1e-9)
    grid = importlib.import_module("pyvista").get_reader(str(paraview.export(result, [0.5]))).read()[0]
    np.testing.assert_allclose(grid["phi"], 2 * polynomial(grid.points.T[:1], 0.5, 2).real)
    plt.close("all")


def test_times_may_be_many(stored, rng):
    result = stored(irregular(MeshTri, rng), 1)
    assert result.psi([0.1, 0.5]).shape == (2, result.nodes.shape[1])
    np.testing.assert_array_equal(result.psi([0.1, 0.5])[1], result.psi(0.5))
    assert result.field("phi", [0.0, 1.2]).shape == (2, result.nodes.shape[1])
    with pytest.raises(fg.InputError, match="axes"):
        result.psi([[0.1]])
    for t in (-0.1, 1.3, np.nan):
        with pytest.raises(ValueError, match="outside the stored times"):
            result.psi(t)


def test_unknown_names_list_the_known(stored, rng):
    result = stored(irregular(MeshTri, rng), 1)
    by_name = (result.field, lambda name: result.between_frames(name, 0.5), lambda name: result.at((0, 0), 0, name))
    for find in by_name:
        with pytest.raises(fg.InputError, match=r"did you mean 'j_.*'.*j_int, j_n, j_s, phi, psi"):
            find("j_x")
    with pytest.raises(fg.InputError, match=r"\|psi\|, \|psi\|\^2, arg psi, j\)"):
        result.at((0, 0), 0, "T")
    with pytest.raises(fg.InputError, match="did you mean 'j_s'"):
        result.field("Js")
    with pytest.raises(KeyError, match="did you mean 'voltage'"):
        result.probes["voltag"]
    with pytest.raises(fg.InputError, match="fields/j_n"):
        result.read("fields/x")
    for points in ([0.1, 0.2, 0.3], [[0.1]], 0.5):
        with pytest.raises(fg.InputError, match="points"):
            result.at(points, 0.5)


def test_probes_are_a_mapping_that_cannot_be_changed(stored, rng):
    probes = stored(irregular(MeshTri, rng), 1).probes
    assert isinstance(probes, Mapping) and isinstance(probes, dict)
    assert list(probes) == ["t", "voltage"] == list(probes.keys()) and len(probes) == 2 and "t" in probes
    for whole in (dict(probes), probes.copy(), {**probes}, dict(probes.items()), probes | {}):
        np.testing.assert_array_equal(whole["voltage"], TIMES**2)
    np.testing.assert_array_equal(list(probes.values())[1], TIMES**2)
    assert probes.get("nothing") is None and probes.get("t") == pytest.approx(TIMES)
    assert repr(probes) == "<2 probes: t, voltage>"
    for change in (lambda: probes.update(t=1), lambda: probes.pop("t"), lambda: probes.__setitem__("t", 1)):
        with pytest.raises(TypeError, match="cannot be changed"):
            change()


def test_what_a_result_says_of_itself(stored, rng):
    result = stored(irregular(MeshTri, rng), 1)
    assert "2D, 16 nodes, 3 frames from t = 0 to 1.25, 2 probes" in repr(result) and "\n" not in repr(result)
    assert "<th style='text-align:left'>state</th>" in result._repr_html_() and "driven" in result._repr_html_()
    assert result.problem == fg.Problem(
        mesh={"shape": "line", "length": 2}, film={"delta": 1.0}, boundary={"left": "bank", "right": "bank"}
    )
    assert result.scales is None


def turning(x):
    """Solid rotation about the origin."""
    return np.stack([-x[1], x[0]])


@pytest.mark.parametrize("order", [1, 2])
def test_moment_of_a_turning_current_is_half_the_polar_moment(order, stored, rng):
    """j = (-y, x): (1/2) int r^2, exact where r^2 is: about the middle of a square of 1, 1/12.  What j flows across the
    edge there moves the origin of j, not the moment: int j is 0 about the middle."""
    result = stored(irregular(MeshTri, rng), order, j=lambda x: turning(x - 0.5))
    assert result.magnetic_moment(0.5, "j_s") == pytest.approx(1 / 12, rel=1e-6)  # stored in single precision or double
    assert result.magnetic_moment(0.5) == pytest.approx(1.75 / 12, rel=1e-6)
    assert result.magnetic_moment() == pytest.approx([1.75 / 12] * 3, rel=1e-6)
    np.testing.assert_allclose(result.vorticity(0.5, "j_s"), 2.0, rtol=1e-9)
    np.testing.assert_allclose(result.currents(0.5).total, 1.75 * turning(result.nodes - 0.5), atol=1e-12)
    with pytest.raises(fg.InputError, match="j_int"):
        result.magnetic_moment(0.5, "j_x")


def test_moment_in_space_is_a_vector(stored, rng):
    axis = np.array([0.5, -1.0, 2.0])
    result = stored(irregular(MeshTet, rng), 1, j=lambda x: np.cross(axis, (x - 0.5).T).T)
    # m = (1/2) int x x (w x x) = (1/2) (w int r^2 - int x (w.x)) = (1/2) w (3 - 1)/12
    np.testing.assert_allclose(result.magnetic_moment(0.5, "j_s"), axis / 12, rtol=1e-6)
    np.testing.assert_allclose(
        result.vorticity(0.5, "j_s"), np.broadcast_to(2 * axis[:, None], result.nodes.shape), rtol=1e-8
    )


def test_a_line_has_no_moment(stored, rng):
    with pytest.raises(fg.InputError, match="two dimensions or three"):
        stored(irregular(MeshLine, rng), 1).magnetic_moment(0.5)


RING = fg.Problem(
    mesh=fg.mesh.ring(inner=2.0, outer=4.0, h=0.3, order=2),
    film=fg.Film(delta=0.0),
    boundary={"inner": "insulating", "outer": "insulating"},
    drive={"field": {"ramp": [0.0, 0.01], "over": 2.0}},
    time=fg.Time(t_end=12.0),
    probes=({"kind": "moment", "name": "m"}, {"kind": "moment", "name": "m_s", "current": "super"}),
)


def test_moment_probe_of_a_ring_that_screens():
    """In a weak field without a fluxoid j_s = -|psi|^2 A with A = B r/2: m = -(pi B/8)(b^4 - a^4), up to |psi|^2.  The
    moment of recovered currents is the same as at the points of the quadrature."""
    result = fg.run(RING)
    t, m = result.probes["t"], result.probes["m"]
    exact = -np.pi * 0.01 / 8 * (4.0**4 - 2.0**4)
    assert m[-1] == pytest.approx(exact, rel=5e-3)
    assert result.probes["m_s"][-1] == pytest.approx(exact, rel=5e-3)
    at_frames = np.interp(result.t[1:], t, m)
    np.testing.assert_allclose(result.magnetic_moment(result.t[-1]), m[-1], rtol=1e-5)
    np.testing.assert_allclose(result.magnetic_moment(result.t[-1], "j_s"), result.probes["m_s"][-1], rtol=1e-5)
    assert np.abs(result.magnetic_moment()[1:] - at_frames).max() < 0.02 * abs(exact)
    assert abs(m[t < 2.0] - result.probes["m_s"][t < 2.0]).max() > 1e-3  # while the field moves a normal current flows


def test_a_thicker_region_has_more_of_the_moment():
    """Twice as thick everywhere: a film of the same fields, and twice the moment."""
    shape = {"shape": "plane", "h": 1.0, "parts": [{"shape": "disc", "radius": 2.0, "name": "film"}]}
    words = {"film": {"delta": 0.0}, "boundary": {}, "drive": {"field": 0.02}, "time": {"t_end": 3.0}}
    thin, thick = (
        fg.run(
            fg.Problem(mesh=shape, **words, probes=[{"kind": "moment", "name": "m"}], region={"film": {"thickness": d}})
        )
        for d in (1.0, 2.0)
    )
    for result in (thin, thick):
        assert result.magnetic_moment(3.0) == pytest.approx(result.probes["m"][-1], rel=1e-5)
    assert thick.probes["m"][-1] == pytest.approx(2 * thin.probes["m"][-1], rel=1e-4)


@pytest.mark.parametrize(("cells", "order"), [("triangle", 1), ("triangle", 2), ("quad", 1), ("quad", 2)])
def test_moment_of_a_ring_current(cells, order):
    """A current that is uniform across the ring, j = 1 along it: m = (pi/3)(b^3 - a^3), of the order of the mesh."""
    from femtdgl.measure.moment import lever, moment

    errors = []
    for h in (0.4, 0.2):
        space = Space(fg.mesh.ring(inner=2.0, outer=4.0, h=h, cells=cells).build(), order)
        j = lambda x: turning(x) / np.hypot(*x)  # noqa: E731
        exact = np.pi / 3 * (4.0**3 - 2.0**3)
        errors.append(
            [moment(space, j(space.nodes)[None])[0] / exact - 1, np.sum(lever(space) * j(space.x)) / exact - 1]
        )
    errors = np.abs(errors)
    assert (errors[1] < 3e-3).all() and (errors[0] / errors[1] > 3.0).all()


def test_a_moment_probe_is_for_films():
    with pytest.raises(fg.InputError, match="a film in the plane"):
        fg.Problem(
            mesh=fg.mesh.line(length=2.0),
            film=fg.Film(delta=1.0),
            boundary={"left": "bank", "right": "bank"},
            probes=(fg.MomentProbe(name="m"),),
        )


@pytest.fixture(scope="module")
def run():
    """A strip that a weak current runs through."""
    return fg.run(
        fg.Problem(
            mesh=fg.mesh.strip(length=6, width=3, h=1, hole={"radius": 0.6}),
            film={"preset": "aluminium", "T0": "1.06 K"},
            boundary={
                "left": "normal",
                "right": "normal",
                "top": "insulating",
                "bottom": "insulating",
                "hole": "insulating",
            },
            drive={"current": 0.1},
            time={"t_end": 3.0},
        )
    )


def test_problem_and_scales_come_back(run):
    assert isinstance(run.problem, fg.Problem) and run.problem.mesh.hole.radius == 0.6
    assert run.scales == run.problem.film.scales and run.scales.Tc > 1
    assert "preset" not in run.problem_text and "boundary" in run.problem._repr_html_()


def test_plots_draw_into_axes_of_ones_own(run):
    figure, axes = plt.subplots(2, 2)
    assert run.plot.order_parameter(3.0, ax=axes[0, 0]) is axes[0, 0]
    assert run.plot.currents(3.0, ax=axes[0, 1]) is axes[0, 1]
    assert run.plot.voltage(ax=axes[1, 0], units="reduced") is axes[1, 0]
    assert run.plot.space_time(ax=axes[1, 1], p=(-3, 1), q=(3, 1)) is axes[1, 1]
    np.testing.assert_allclose(axes[1, 0].lines[0].get_ydata(), run.probes["voltage"])
    drawn = np.asarray(axes[1, 1].collections[0].get_array()).reshape(201, -1)
    np.testing.assert_allclose(drawn[:, -1], np.abs(run.line((-3, 1), (3, 1), t=3.0).values), atol=1e-12)
    assert len(figure.axes) == 7  # three colour bars beside the four
    with pytest.raises(fg.InputError, match="no single real number"):
        run.plot.space_time(name="psi", p=(-3, 1), q=(3, 1))
    with pytest.raises(fg.InputError, match="two points"):
        run.plot.space_time()
    plt.close("all")


def test_plots_leave_the_backend_as_it_is():
    """A notebook has a backend of its own, and figures that are written to files ask for another."""
    import subprocess
    import sys

    code = (
        "import matplotlib; matplotlib.use('svg'); import femtdgl as fg; from femtdgl.figures import axes;"
        "axes._fields(); print(matplotlib.get_backend())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "svg"


def test_pandas_takes_the_probes(run):
    pandas = pytest.importorskip("pandas")
    frame = run.to_pandas()
    assert frame.index.name == "t" and "voltage" in frame.columns
    np.testing.assert_array_equal(frame["voltage"], run.probes["voltage"])
    assert list(pandas.DataFrame(run.probes).columns) == list(run.probes)


def test_xarray_takes_fields_and_probes(run):
    pytest.importorskip("xarray")
    data = run.to_xarray()
    assert data["psi"].dims == ("t", "node") and data["j_s"].dims == ("t", "component", "node")
    np.testing.assert_array_equal(data["psi"].sel(t=3.0, method="nearest"), run.field("psi")[-1])
    np.testing.assert_array_equal(data["voltage"], run.probes["voltage"])
    np.testing.assert_array_equal(data["y"], run.nodes[1])
    assert fg.load(PROBLEMS / "psc_filament.toml").title  # the text of a problem is in the attributes
    assert "[mesh]" in data.attrs["problem"]
