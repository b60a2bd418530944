"""Meshes: every recipe gives a sound mesh of the right size; every fault is refused in words."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skfem import MeshHex, MeshLine, MeshQuad, MeshTet, MeshTri
from typer.testing import CliRunner

import femtdgl as fg
from femtdgl.cli import app
from femtdgl.mesh import Constriction, Hole, Line, Notch, Quality, Ring, Strip, Wire, checked
from femtdgl.mesh.facets import with_facets
from femtdgl.mesh.quality import jacobians, oriented
from femtdgl.problem import toml
from femtdgl.solve.space import Space

NOTCH = Notch(depth=1, width=1.5)
HOLE = Hole(radius=0.7, at=(1.0, 0.3))
NARROW = Constriction(width=1.5, length=1.0)


def polygon(radius, sides):
    return sides / 2 * radius**2 * math.sin(2 * math.pi / sides)


def tapered(narrow, power):
    """Integral of factor^power over the two tapers, per unit of their length."""
    s = (np.arange(20000) + 0.5) / 20000
    return 2 * np.mean((narrow + (1 - narrow) * (1 - np.cos(np.pi * s)) / 2) ** power)


STRIPS = [
    ({}, 40.0, 1e-12),
    ({"notch": NOTCH}, 40 - 1.5, 1e-12),
    ({"notch": Notch(depth=1.5, width=1.5, at=-2, side="top")}, 40 - 1.125, 1e-12),
    ({"hole": HOLE}, 40 - math.pi * 0.49, 3e-3),
    ({"constriction": NARROW}, 40 - 4 * (1 + 2 * 2.5) + 1.5 + 4 * 2.5 * tapered(0.375, 1), 2e-3),
    ({"notch": Notch(depth=0.8, width=1, at=-3), "hole": HOLE}, 40 - 0.8 - math.pi * 0.49, 3e-3),
]
SHAPES = [
    *(
        (Strip(length=10, width=4, h=0.4, h_fine=0.2, cells=cells, **what), area, rel)
        for cells in ("triangle", "quad")
        for what, area, rel in STRIPS
    ),
    *(
        (Ring(inner=2, outer=4, h=0.3, cells=cells), polygon(4, 64) - polygon(2, 64), 1e-9)
        for cells in ("triangle", "quad")
    ),
    *(
        recipe
        for cells in ("tetrahedron", "hexahedron")
        for recipe in (
            (Wire(length=3, width=1, height=0.5, h=0.25, cells=cells), 1.5, 1e-12),
            (Wire(length=3, width=2, h=0.3, section="round", cells=cells), 3 * polygon(1, 16), 1e-9),
            (
                Wire(
                    length=6, width=1, h=0.25, h_fine=0.1, cells=cells, constriction=Constriction(width=0.5, length=1)
                ),
                4 + 0.25 + 0.5 * tapered(0.5, 2),
                2e-2,
            ),
        )
    ),
    (Line(length=3, elements=7), 3.0, 1e-12),
]


@pytest.mark.parametrize(("recipe", "size", "rel"), SHAPES)
def test_a_recipe_gives_a_sound_mesh_of_the_right_size(recipe, size, rel):
    mesh = recipe.build()
    assert checked(mesh, recipe.boundaries) is mesh
    assert mesh.dim() == recipe.dim
    assert set(mesh.boundaries) == set(recipe.boundaries)
    quality = Quality.of(mesh)
    assert quality.volume == pytest.approx(size, rel=rel)
    assert quality.angle is None or (quality.angle[0] > 5 and quality.angle[1] < 170)
    assert quality.aspect < 8
    space = Space(mesh, 2)
    assert space.weights.sum() == pytest.approx(quality.volume)
    assert all(space.boundary_nodes(name).size for name in recipe.boundaries)


def test_ends_and_edges_have_their_lengths():
    mesh = Strip(length=10, width=4, h=0.4, notch=Notch(depth=1, width=1.5, side="top")).build()
    space = Space(mesh)
    lengths = {name: space.boundary_form(name)[1].sum() for name in ("left", "right", "bottom", "top")}
    slopes = 2 * math.hypot(1, 0.75)
    assert lengths == pytest.approx({"left": 4, "right": 4, "bottom": 10, "top": 10 - 1.5 + slopes})
    ring = Space(Ring(inner=2, outer=4, h=0.1).build())
    assert ring.boundary_form("outer")[1].sum() == pytest.approx(8 * math.pi, rel=1e-3)


@pytest.mark.parametrize("cells", ["triangle", "quad"])
def test_the_rim_of_a_hole_is_the_circle(cells):
    mesh = Strip(length=10, width=4, h=0.3, hole=HOLE, cells=cells).build()
    rim = np.unique(mesh.facets[:, mesh.boundaries["hole"]])
    radius = np.hypot(mesh.p[0, rim] - HOLE.at[0], mesh.p[1, rim] - HOLE.at[1])
    assert radius == pytest.approx(np.full(rim.size, 0.7), rel=1e-12)


def test_the_side_of_a_round_wire_is_round_and_narrows():
    mesh = Wire(length=6, width=2, h=0.4, section="round", constriction=Constriction(width=1, length=0.5)).build()
    side = np.unique(mesh.facets[:, mesh.boundaries["side"]])
    radius = np.hypot(mesh.p[1, side], mesh.p[2, side])
    assert radius.max() == pytest.approx(1)
    assert radius.min() == pytest.approx(0.5)
    assert radius[np.abs(mesh.p[0, side]) < 0.26].max() == pytest.approx(0.5)


def test_cells_are_small_where_they_should_be():
    mesh = Strip(length=20, width=6, h=0.8, h_fine=0.1, notch=NOTCH).build()
    centre = mesh.p[:, mesh.t].mean(axis=1)
    size = np.sqrt(np.abs(mesh.mapping().detDF(np.zeros((2, 1))).ravel()))
    tip = np.hypot(centre[0], np.abs(centre[1]) - 2) < 0.4
    assert size[tip].mean() < 0.3 * size[np.abs(centre[0]) > 6].mean()


def test_a_plain_strip_is_the_tensor_grid():
    mesh = Strip(length=2, width=1, h=0.25).build()
    assert mesh.p.shape[1] == 9 * 5


@settings(max_examples=40, deadline=None)
@given(
    st.floats(0.1, 1.8), st.floats(0.3, 3), st.floats(-3, 3), st.floats(0.2, 1.2), st.floats(-4, 4), st.floats(-1, 1),
    st.sampled_from(["triangle", "quad"]), st.sampled_from(["bottom", "top", "both"]),
)  # fmt: skip
def test_any_strip_is_refused_at_birth_or_sound(depth, width, at, radius, x, y, cells, side):
    try:
        recipe = Strip(
            length=10, width=4, h=0.5, h_fine=0.25, cells=cells,
            notch=Notch(depth=depth, width=width, at=at, side=side), hole=Hole(radius=radius, at=(x, y)),
        )  # fmt: skip
    except fg.InputError as error:
        assert error.key.startswith(("hole", "notch"))
        return
    cut = depth * width / 2 * (2 if side == "both" else 1)
    assert Quality.of(recipe.build()).volume == pytest.approx(40 - cut - math.pi * radius**2, rel=0.03)


@pytest.mark.parametrize(
    ("make", "key"),
    [
        (lambda: Strip(length=10, width=4, h=0), "h"),
        (lambda: Strip(length=10, width=4, h=0.5, h_fine=1), "h_fine"),
        (lambda: Strip(length=10, width=4, h=0.5, notch=Notch(depth=2, width=1)), "notch.depth"),
        (lambda: Strip(length=10, width=4, h=0.5, notch=Notch(depth=1, width=1, at=4.8)), "notch"),
        (lambda: Strip(length=10, width=4, h=0.5, hole=Hole(radius=1, at=(0, 1.5))), "hole"),
        (lambda: Strip(length=10, width=4, h=0.5, hole=Hole(radius=1.8)), "hole"),
        (lambda: Strip(length=10, width=4, h=0.5, hole=HOLE, notch=Notch(depth=0.5, width=1)), "hole"),
        (lambda: Strip(length=10, width=4, h=0.5, constriction=Constriction(width=5, length=1)), "constriction.width"),
        (lambda: Strip(length=4, width=4, h=0.5, constriction=Constriction(width=1, length=3)), "constriction"),
        (lambda: Ring(inner=3, outer=2, h=0.1), "outer"),
        (lambda: Wire(length=4, width=1, height=2, section="round", h=0.1), "height"),
        (lambda: Notch(depth=-1, width=1), "depth"),
        (lambda: Hole(radius=1, at=(math.nan, 0.0)), "at"),
    ],
)
def test_wrong_values_die_at_birth(make, key):
    with pytest.raises(fg.InputError) as error:
        make()
    assert error.value.key == key
    assert error.value.allowed


def squares(*corners):
    """Squares of the plane given by lower left corners, with all their boundary named."""
    points = sorted({(i + a, j + b) for i, j in corners for a in (0, 1) for b in (0, 1)})
    number = {point: n for n, point in enumerate(points)}
    cells = [[number[i, j], number[i + 1, j], number[i + 1, j + 1], number[i, j + 1]] for i, j in corners]
    mesh = MeshQuad(np.array(points, float).T, np.array(cells).T)
    return mesh.with_boundaries({"rim": mesh.boundary_facets()})


def faulty():
    tri = MeshTri().refined(2)
    tri = tri.with_boundaries({"rim": tri.boundary_facets()})
    inner = np.setdiff1d(np.arange(tri.p.shape[1]), tri.boundary_nodes())[0]
    folded, flat = tri.p.copy(), tri.p.copy()
    folded[:, inner] += 0.6
    yield "inverted", type(tri)(folded, tri.t, tri._boundaries), "inverted"
    cell = tri.t[:, tri.f2t[0, 0]]
    flat[:, cell[2]] = (flat[:, cell[0]] + flat[:, cell[1]]) / 2
    yield "degenerate", type(tri)(flat, tri.t, tri._boundaries), "degenerate"
    bow = squares((0, 0))
    yield "bow tie", type(bow)(bow.p[:, [0, 1, 3, 2]], bow.t, bow._boundaries), "inverted"
    yield "pieces", squares((0, 0), (1, 0), (3, 0)), "2 pieces"
    yield "touching at a corner", squares((0, 0), (1, 1)), "2 pieces"
    yield "bare", tri.with_boundaries({"rim": tri.boundary_facets()[1:]}), "1 of 16 boundary facets have no name"
    yield "inside", MeshTri().refined(1).with_boundaries({"rim": np.arange(MeshTri().refined(1).nfacets)}), "inside"
    yield "empty", MeshTri(np.zeros((2, 3)), np.zeros((3, 0), int), validate=False), "no cells"
    line = MeshLine(np.array([[0.0, 1.0, 0.5]]), np.array([[0, 1], [1, 2]]))
    yield "line turned back", line.with_boundaries({"rim": line.boundary_facets()}), "inverted"
    tet = MeshTet.init_tensor(*3 * [np.linspace(0, 1, 4)])
    p = tet.p.copy()
    p[:, np.setdiff1d(np.arange(p.shape[1]), tet.boundary_nodes())] += 0.9
    yield "body", type(tet)(p, tet.t).with_boundaries({"rim": tet.boundary_facets()}), "inverted"


@pytest.mark.parametrize(("mesh", "words"), [pytest.param(m, w, id=i) for i, m, w in faulty()])
def test_faults_are_told_before_any_solve(mesh, words):
    with pytest.raises(fg.InputError, match=words):
        checked(mesh, ("rim",))


@pytest.mark.parametrize("kind", [MeshLine, MeshTri, MeshQuad, MeshTet, MeshHex])
def test_cells_numbered_backwards_are_put_in_order(kind):
    mesh = kind().refined(1)
    mirrored = oriented(kind(-mesh.p, mesh.t) if mesh.dim() % 2 else kind(mesh.p[::-1].copy(), mesh.t))
    assert (jacobians(mirrored) > 0).all()
    assert mirrored.facets.shape == mesh.facets.shape
    mirrored = mirrored.with_boundaries({"rim": mirrored.boundary_facets()})
    assert checked(mirrored, ("rim",)) is mirrored


@pytest.mark.parametrize("cells", ["triangle", "quad"])
def test_free_meshes_by_gmsh(cells):
    pytest.importorskip("gmsh")
    recipe = Strip(
        length=10, width=4, h=0.5, h_fine=0.15, cells=cells, free=True,
        notch=Notch(depth=1, width=1, side="top"), hole=Hole(radius=0.5, at=(0, -0.8)),
    )  # fmt: skip
    mesh = recipe.build()
    quality = Quality.of(mesh)
    assert quality.kind == ("tri" if cells == "triangle" else "quad")
    assert quality.volume == pytest.approx(40 - 0.5 - math.pi / 4, rel=5e-3)
    assert quality.edge[0] < 0.2 and quality.angle[0] > 20


def test_free_without_gmsh_says_so(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "gmsh", None)
    with pytest.raises(fg.InputError, match="needs gmsh"):
        Strip(length=4, width=2, h=0.5, free=True).build()


def test_a_problem_file_names_notch_and_hole():
    table = {
        "mesh": {
            "shape": "strip", "length": 10.0, "width": 4.0, "h": 0.5,
            "notch": {"depth": 0.5, "width": 1.0, "at": -3.0}, "hole": {"radius": 0.6, "at": [1.0, 0.0]},
        },
        "film": {"delta": 1.0, "eta": 0.1},
        "boundary": dict.fromkeys(("left", "right"), "bank") | dict.fromkeys(("bottom", "top", "hole"), "insulating"),
    }  # fmt: skip
    problem = toml.build(table)
    assert problem.mesh.hole == Hole(radius=0.6, at=(1.0, 0.0))
    assert toml.build(toml.parse(toml.dump(problem))) == problem
    for key, words in (("mesh", "width"), ("notch", "depth, width, at, side")):
        wrong = {**table, "mesh": {**table["mesh"], "notch": dict(table["mesh"]["notch"])}}
        (wrong["mesh"] if key == "mesh" else wrong["mesh"]["notch"])["lenght"] = 1.0
        with pytest.raises(fg.InputError, match="unknown key") as error:
            toml.build(wrong)
        assert words in error.value.allowed
    del table["boundary"]["hole"]
    with pytest.raises(fg.InputError, match="hole"):
        toml.build(table)


def test_the_boundaries_of_a_file_come_in_the_order_of_their_numbers():
    folder = Path(__file__).parent.parent / "meshes"
    assert fg.mesh.read(folder / "free_strip.msh").boundaries == ("left", "right", "bottom", "top", "hole")


@pytest.mark.parametrize("name", ["notched_strip", "wire_constriction", "ring"])
def test_the_shipped_meshes_are_those_of_their_recipes(name, tmp_path):
    folder = Path(__file__).parent.parent / "meshes"
    made = toml.load_mesh(folder / f"{name}.toml").build()
    held = fg.mesh.read(folder / f"{name}.msh").build()
    assert Quality.of(held) == pytest.approx(Quality.of(made)) or held.p == pytest.approx(made.p)
    assert {n: len(f) for n, f in held.boundaries.items()} == {n: len(f) for n, f in made.boundaries.items()}


def test_the_command_line_writes_draws_and_reports(tmp_path):
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(
        '[mesh]\nshape = "strip"\nlength = 4.0\nwidth = 2.0\nh = 0.5\nnotch = { depth = 0.5, width = 1.0 }\n'
    )
    out, picture = tmp_path / "strip.msh", tmp_path / "strip.png"
    done = CliRunner().invoke(app, ["mesh", str(recipe), "--out", str(out), "--picture", str(picture)])
    assert done.exit_code == 0, done.output
    assert "triangles" in done.output and "top (" in done.output
    assert picture.read_bytes()[:4] == b"\x89PNG"
    again = CliRunner().invoke(app, ["mesh", str(out)])
    assert "regions     inside" in again.output
    wrong = CliRunner().invoke(app, ["mesh", str(recipe), "--set", "mesh.lenght=3"])
    assert wrong.exit_code == 2
    assert "mesh.lenght: unknown key; did you mean 'length'? (allowed: length, width, h," in wrong.output
    assert not list(tmp_path.glob(".*"))


def test_a_body_is_drawn_or_the_reason_told(tmp_path):
    from femtdgl.figures import mesh as picture
    from femtdgl.figures.offscreen import NoPicture

    path = tmp_path / "wire.png"
    try:
        picture.draw(Wire(length=2, width=1, h=0.5).build(), path)
    except NoPicture as error:
        assert "OpenGL" in str(error)
    else:
        assert path.read_bytes()[:4] == b"\x89PNG"


@pytest.mark.parametrize("kind", [MeshTet, MeshTri, MeshHex, MeshQuad])
def test_facets_are_numbered_as_scikit_fem_numbers_them(kind):
    mesh = kind().refined(2)
    shuffled = np.ascontiguousarray(mesh.t[:, np.random.default_rng(4).permutation(mesh.t.shape[1])])
    ours, theirs = with_facets(kind(mesh.p, shuffled)), kind(mesh.p, shuffled)
    for name in ("facets", "t2f", "f2t"):
        found, expected = getattr(ours, name), getattr(theirs, name)
        assert found.dtype == expected.dtype
        assert np.array_equal(found, expected)
