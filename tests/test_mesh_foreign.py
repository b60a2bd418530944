"""Meshes from elsewhere: groups by number, nested or in families, everything saved, sets of nodes, other lengths."""

import math

import meshio
import numpy as np
import pytest
import skfem

import femtdgl as fg
from femtdgl.files.mesh import write
from femtdgl.kinds import report
from femtdgl.mesh import Disc, Quality, plane, read
from femtdgl.mesh.file import from_meshio
from femtdgl.problem import toml

POINTS = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], float)
EDGES, TRIANGLES = [[0, 1], [1, 2], [2, 3], [3, 0]], [[0, 1, 2], [0, 2, 3]]


@pytest.fixture
def strip_of_gmsh(tmp_path):
    """Function that writes a strip of two halves by gmsh: nested groups of both dimensions, by name or by number."""
    gmsh = pytest.importorskip("gmsh")

    def make(name, *, named=True, mixed=False, groups=True, **options):
        gmsh.initialize(interruptible=False)
        try:
            gmsh.option.setNumber("General.Terminal", 0)
            for key, value in (
                {"MeshSizeMax": 0.5, "SaveAll": 0, "Binary": 0, "MshFileVersion": 4.1} | options
            ).items():
                gmsh.option.setNumber(f"Mesh.{key}", value)
            first, second = (gmsh.model.occ.addRectangle(x, -1, 0, 4, 2) for x in (-4, 0))
            gmsh.model.occ.fragment([(2, first)], [(2, second)])
            gmsh.model.occ.synchronize()
            sides = {"left": [], "right": [], "edges": []}
            for _, tag in gmsh.model.getEntities(1):
                low, y0, _, high, y1, _ = gmsh.model.getBoundingBox(1, tag)
                if high < -3.9 or low > 3.9:
                    sides["left" if high < 0 else "right"].append(tag)
                elif y1 - y0 < 0.1:
                    sides["edges"].append(tag)
            if groups:
                whole = {"all": [tag for tags in sides.values() for tag in tags]}
                members = [(2, "film", [1, 2]), (2, "weak", [2]), *((1, n, t) for n, t in (sides | whole).items())]
                for dim, group, tags in members:
                    gmsh.model.addPhysicalGroup(dim, tags, name=group if named else "")
            if mixed:
                gmsh.model.mesh.setRecombine(2, 2)
            gmsh.model.mesh.generate(2)
            gmsh.write(str(tmp_path / name))
        finally:
            gmsh.finalize()
        return tmp_path / name

    return make


def counts(groups, names):
    return [len(groups[name]) for name in names]


@pytest.mark.parametrize("binary", [0, 1])
@pytest.mark.parametrize("version", [2.2, 4.1])
@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("named", [True, False])
def test_nested_groups_of_gmsh_by_name_and_by_number(strip_of_gmsh, named, order, version, binary):
    path = strip_of_gmsh("a.msh", named=named, Binary=binary, MshFileVersion=version, ElementOrder=order)
    recipe = read(path, order=order)
    mesh = recipe.build()
    ends = ("left", "right", "edges") if named else ("3", "4", "5")
    assert recipe.boundaries == ends
    assert recipe.regions == (("film", "weak") if named else ("1", "2"))
    assert type(mesh) is skfem.MeshTri  # of second order, but straight
    assert Quality.of(mesh).volume == pytest.approx(16.0)
    film, weak = (set(mesh.subdomains[name].tolist()) for name in recipe.regions)
    assert len(film) == mesh.t.shape[1] == 2 * len(weak)
    assert weak < film
    assert counts(mesh.boundaries, ends) == [4, 4, 32]
    assert counts(mesh.boundaries, ["all" if named else "6"]) == [40]  # nothing is left of it: a place to measure at


@pytest.mark.parametrize("binary", [0, 1])
def test_a_file_with_everything_saved(strip_of_gmsh, binary):
    recipe = read(strip_of_gmsh("a.msh", SaveAll=1, Binary=binary))
    assert recipe.boundaries == ("left", "right", "edges")
    assert recipe.regions == ("film", "weak")
    with pytest.raises(fg.InputError, match=r"groups 'all'.* gmsh drops all groups when it saves everything"):
        read(strip_of_gmsh("b.msh", SaveAll=1, Binary=binary, MshFileVersion=2.2))


@pytest.mark.parametrize("suffix", ["inp", "med"])
def test_sets_of_abaqus_and_families_of_med(strip_of_gmsh, suffix):
    recipe = read(strip_of_gmsh(f"a.{suffix}"))
    mesh = recipe.build()
    assert set(recipe.boundaries) == {"left", "right", "edges"}
    assert counts(mesh.boundaries, ["left", "right", "edges"]) == [4, 4, 32]
    assert len(mesh.subdomains["film"]) == 2 * len(mesh.subdomains["weak"])


@pytest.mark.parametrize("suffix", ["vtu", "xdmf", "vtk", "med"])
def test_a_mesh_that_meshio_converted_has_its_groups_by_number(strip_of_gmsh, suffix):
    raw = meshio.read(strip_of_gmsh("a.msh", MshFileVersion=2.2))
    meshio.write(path := strip_of_gmsh("b.msh").with_name(f"c.{suffix}"), raw)
    recipe = read(path)
    assert recipe.boundaries == ("3", "4", "5")
    assert counts(recipe.build().boundaries, recipe.boundaries) == [4, 4, 32]


def test_what_cannot_be_read_says_why(strip_of_gmsh, tmp_path):
    with pytest.raises(fg.InputError, match=r"quad, triangle .*in gmsh recombine all surfaces, or none"):
        read(strip_of_gmsh("a.msh", mixed=True))
    with pytest.raises(fg.InputError, match=r"no named boundary: .*168 x triangle; no group.*Physical Curve"):
        read(strip_of_gmsh("b.msh", groups=False))
    text = strip_of_gmsh("c.msh").read_bytes()
    (tmp_path / "cut.msh").write_bytes(text[: len(text) // 2])
    with pytest.raises(fg.InputError, match=r"cut\.msh: cannot be read: (it breaks off|its section)"):
        read(tmp_path / "cut.msh")


def test_sets_of_nodes_are_groups_of_facets():
    raw = meshio.Mesh(
        POINTS,
        [("triangle", TRIANGLES)],
        cell_sets={"metal": [[0, 1]]},
        point_sets={"left": [0, 3], "right": [1, 2], "walls": [0, 1, 2, 3], "metal": [0, 1, 2, 3], "tip": [0]},
    )
    mesh, boundaries = from_meshio(raw)
    assert boundaries == ("left", "right", "walls")
    assert counts(mesh.boundaries, boundaries) == [1, 1, 2]
    assert set(mesh.subdomains) == {"metal"}


def test_an_inner_group_has_its_facets_and_the_outer_one_the_others():
    sets = {"rim": [[0, 1, 2], []], "contact": [[1], []], "other": [[3], []]}
    mesh, boundaries = from_meshio(meshio.Mesh(POINTS, [("line", EDGES), ("triangle", TRIANGLES)], cell_sets=sets))
    assert boundaries == ("rim", "contact", "other")
    assert counts(mesh.boundaries, boundaries) == [2, 1, 1]


def test_a_file_is_a_function_of_the_same_name(tmp_path):
    path = write(plane(parts=[Disc(radius=1.0)], h=0.5).build(), tmp_path / "disc.msh")
    assert fg.mesh.file(path, order=2) == read(path, order=2) == fg.mesh.File(path=str(path), order=2)


def test_groups_that_overlap_are_refused(tmp_path):
    sets = {"group:a": [[1, 1, 0, 0], [0, 0]], "group:b": [[0, 1, 1, 1], [0, 0]]}
    raw = meshio.Mesh(POINTS, [("line", EDGES), ("triangle", TRIANGLES)], cell_data=sets)
    meshio.write(tmp_path / "a.vtu", raw)
    with pytest.raises(fg.InputError, match="shares facets with another"):
        read(tmp_path / "a.vtu")


def test_cells_that_a_file_holds_twice_count_once():
    raw = meshio.Mesh(
        POINTS,
        [("line", EDGES), ("triangle", TRIANGLES), ("triangle", TRIANGLES[1:])],
        cell_data={"gmsh:physical": [np.full(4, 1), np.full(2, 2), np.full(1, 3)]},
    )
    mesh, _ = from_meshio(raw)
    assert mesh.t.shape[1] == 2
    assert counts(mesh.subdomains, ["2", "3"]) == [2, 1]


def test_curved_cells_of_a_file_stay_curved(tmp_path):
    disc = plane(parts=[Disc(radius=1.0)], edges={"rim": [1, 0]}, h=0.4, order=2).build()
    for suffix in ("msh", "vtu"):
        path = write(disc, tmp_path / f"disc.{suffix}")
        recipe = read(path, order=2)
        assert type(recipe.build()) is skfem.MeshTri2
        assert Quality.of(recipe.build()).volume == pytest.approx(math.pi, abs=1e-3)
        assert type(read(path).build()) is skfem.MeshTri  # fields of order 1: straight, and less than the disc
        assert Quality.of(read(path).build()).volume < math.pi - 0.02


@pytest.mark.parametrize(("binary", "version"), [(0, 4.1), (1, 4.1), (0, 2.2)])
def test_curved_cells_of_gmsh_stay_curved(tmp_path, binary, version):
    gmsh = pytest.importorskip("gmsh")
    gmsh.initialize(interruptible=False)
    try:
        gmsh.option.setNumber("General.Terminal", 0)
        for key, value in {"ElementOrder": 2, "Binary": binary, "MshFileVersion": version, "MeshSizeMax": 0.6}.items():
            gmsh.option.setNumber(f"Mesh.{key}", value)
        gmsh.model.occ.addSphere(0, 0, 0, 1)
        gmsh.model.occ.synchronize()
        gmsh.model.addPhysicalGroup(3, [1], name="ball")
        gmsh.model.addPhysicalGroup(2, [1], name="skin")
        gmsh.model.mesh.generate(3)
        gmsh.write(str(tmp_path / "ball.msh"))
    finally:
        gmsh.finalize()
    mesh = read(tmp_path / "ball.msh", order=2).build()
    assert type(mesh) is skfem.MeshTet2
    assert Quality.of(mesh).volume == pytest.approx(4 / 3 * math.pi, rel=2e-3)


# --- other lengths


FILM = fg.Film(scales=fg.Scales(Tc=16.0, T0=12.0, D=5e-5, sigma_n=1e6))


def film_in(unit, factor, tmp_path, **words):
    """A square of 0.1 um drawn in a unit, as a problem on a film in SI."""
    square = plane(parts=[{"shape": "rectangle", "size": [0.1, 0.1]}], edges={"left": [-0.05, 0]}, h=0.02).build()
    path = write(square.scaled(factor), tmp_path / "square.msh")
    return fg.Problem(mesh=read(path, unit=unit, **words), film=FILM, boundary={})


@pytest.mark.parametrize(("unit", "factor"), [("um", 1.0), ("nm", 1e3), ("m", 1e-6), ("mm", 1e-3)])
def test_a_mesh_says_its_unit(unit, factor, tmp_path):
    problem = film_in(unit, factor, tmp_path)
    assert problem.mesh.build().p.max() * FILM.scales.length == pytest.approx(0.05e-6)
    assert toml.build(toml.parse(toml.dump(problem))) == problem


def test_a_unit_needs_a_film_in_si(tmp_path):
    path = write(plane(parts=[Disc(radius=1.0)], h=0.5).build(), tmp_path / "disc.msh")
    for mesh in (read(path, unit="um"), plane(parts=[Disc(radius=1.0)], h=0.5, unit="um")):
        with pytest.raises(fg.InputError, match="'um' needs a film in SI") as error:
            fg.Problem(mesh=mesh, film=fg.Film(), boundary={})
        assert error.value.key == "mesh.unit"
    assert Quality.of(read(path, scale=3.0).build()).volume == pytest.approx(9 * Quality.of(read(path).build()).volume)
    with pytest.raises(fg.InputError, match="scale"):
        read(path, scale=0.0)


@pytest.mark.parametrize(("factor", "warned"), [(1e-6, True), (1.0, False), (1e3, True)])
def test_check_warns_of_a_mesh_in_other_lengths(factor, warned, tmp_path):
    write(plane(parts=[Disc(radius=5.0)], h=1.0).build().scaled(factor), tmp_path / "disc.msh")
    (tmp_path / "a.toml").write_text('[mesh]\nshape = "file"\npath = "disc.msh"\n[film]\ndelta = 1.0\n[boundary]\n')
    told = "\n".join(report.describe_file(tmp_path / "a.toml", ()))
    assert ("in other lengths than xi" in told) is warned
    assert "insulating  rest: not in [boundary]" in told
