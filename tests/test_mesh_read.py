"""Meshes from files: named groups arrive as boundaries and regions, whatever the format, the cells and their order."""

import meshio
import numpy as np
import pytest
from skfem import MeshHex, MeshLine, MeshQuad, MeshTet, MeshTri

import femtdgl as fg
from femtdgl.files.mesh import write
from femtdgl.mesh import File, Quality, read
from femtdgl.mesh.file import from_meshio
from femtdgl.problem import toml

KINDS = [MeshLine, MeshTri, MeshQuad, MeshTet, MeshHex]


def named(kind):
    mesh = kind.init_tensor(*[np.linspace(0, 1 + n, 4) for n in range(kind.elem.refdom.p.shape[0])])
    facets = mesh.boundary_facets()
    x = mesh.p[0, mesh.facets[:, facets]].mean(axis=0) if mesh.dim() > 1 else mesh.p[0, mesh.facets[0, facets]]
    ends = {"left": facets[x < 1e-9], "right": facets[x > 1 - 1e-9]}
    rest = np.setdiff1d(facets, np.concatenate(list(ends.values())))
    halves = mesh.p[0, mesh.t].mean(axis=0) < 0.5
    mesh = mesh.with_boundaries(ends | ({"side": rest} if rest.size else {}))
    return mesh.with_subdomains({"near": np.flatnonzero(halves), "far": np.flatnonzero(~halves)})


def places(mesh, groups, corners):
    """Centres of the members of groups, sorted: comparable between numberings."""
    return {
        name: np.sort(np.round(mesh.p[:, corners[:, np.asarray(members)]].mean(axis=1), 9).T.view(), axis=0)
        for name, members in groups.items()
    }


@pytest.mark.parametrize("suffix", ["msh", "vtu"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_mesh_survives_a_file(kind, suffix, tmp_path):
    mesh = named(kind)
    recipe = read(write(mesh, tmp_path / f"mesh.{suffix}"))
    back = recipe.build()
    assert type(back) is type(mesh)
    assert set(recipe.boundaries) == set(mesh.boundaries)
    assert set(recipe.regions) == {"near", "far"}
    assert recipe.dim == mesh.dim()
    corners = (mesh.facets, back.facets) if mesh.dim() > 1 else (mesh.facets[:1], back.facets[:1])
    for first, second in (
        (places(mesh, mesh.boundaries, corners[0]), places(back, back.boundaries, corners[1])),
        (places(mesh, mesh.subdomains, mesh.t), places(back, back.subdomains, back.t)),
    ):
        for name, at in first.items():
            assert second[name] == pytest.approx(at)
    assert Quality.of(back).volume == pytest.approx(Quality.of(mesh).volume)


def test_a_file_is_read_again_when_it_has_changed(tmp_path):
    import os

    path = write(named(MeshTri), tmp_path / "mesh.msh")
    first = read(path).build()
    assert read(path).build() is first
    write(named(MeshTri).scaled(2.0), path)
    os.utime(path, ns=(1, 1))
    assert Quality.of(read(path).build()).volume == pytest.approx(8.0)


def raw_triangles(second_order=False):
    """Two triangles of a square, by hand, with a helper group as gmsh makes them and a group of points."""
    points = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [9, 9, 0]], float)
    cells = [[0, 1, 2], [0, 2, 3]]
    edges = [[0, 1], [1, 2], [2, 3], [3, 0]]
    if second_order:
        middle = {(0, 1): 5, (1, 2): 6, (0, 2): 7, (2, 3): 8, (0, 3): 9}
        points = np.concatenate([points, [(points[a] + points[b]) / 2 for a, b in middle]])
        points[5, 1] -= 0.2  # a curved edge
        cells = [[0, 1, 2, 5, 6, 7], [0, 2, 3, 7, 8, 9]]
        edges = [[a, b, middle[min(a, b), max(a, b)]] for a, b in edges]
    names = ("line3", "triangle6") if second_order else ("line", "triangle")
    return meshio.Mesh(
        points,
        [("vertex", [[0]]), (names[0], edges), (names[1], cells)],
        cell_sets={
            "ends": [[], [1, 3], []],
            "edges": [[], [0, 2], []],
            "metal": [[], [], [0, 1]],
            "corner": [[0], [], []],
            "gmsh:bounding_entities": [[], [0, 1, 2, 3], []],
        },
    )


@pytest.mark.parametrize("second_order", [False, True])
def test_groups_of_other_dimensions_and_helpers_are_left_out(second_order):
    mesh, boundaries = from_meshio(raw_triangles(second_order))
    assert type(mesh) is MeshTri
    assert boundaries == ("ends", "edges")
    assert set(mesh.subdomains) == {"metal"}
    assert mesh.p.shape == (2, 4)  # unused points and points on edges are gone


def test_a_group_inside_is_a_place_to_measure_at_and_no_boundary():
    raw = raw_triangles()
    raw.cells.append(meshio.CellBlock("line", np.array([[0, 2]])))
    for name, members in raw.cell_sets.items():
        raw.cell_sets[name] = [*members, np.array([], int)]
    raw.cell_sets["cut"] = [[], [], [], [0]]
    mesh, boundaries = from_meshio(raw)
    assert "cut" not in boundaries
    assert len(mesh.boundaries["cut"]) == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda raw: raw.cells.append(meshio.CellBlock("quad", np.array([[0, 1, 2, 3]]))), "quad, triangle"),
        (lambda raw: raw.cells.append(meshio.CellBlock("wedge", np.array([[0, 1, 2, 3, 4, 0]]))), "wedge"),
        (lambda raw: raw.cells.append(meshio.CellBlock("polygon", np.array([[0, 1, 2, 3, 4]]))), "polygon"),
        (lambda raw: raw.points.__setitem__((2, 2), 0.5), "lie flat"),
        (lambda raw: raw.cells[1].data.__setitem__(0, [1, 3]), "no cell"),
        (lambda raw: raw.cells.__delitem__(slice(1, None)), "no cells"),
    ],
)
def test_what_cannot_be_used_is_refused(change, words):
    raw = raw_triangles()
    change(raw)
    with pytest.raises(fg.InputError, match=words):
        from_meshio(raw)


def test_files_with_faults_name_themselves(tmp_path):
    with pytest.raises(fg.InputError, match=r"absent\.msh: cannot be read: No such file"):
        File(path=str(tmp_path / "absent.msh"))
    noise = tmp_path / "noise.msh"
    noise.write_text("no mesh\n")
    with pytest.raises(fg.InputError, match=r"noise\.msh"):
        File(path=str(noise))
    odd = tmp_path / "mesh.odd"
    odd.write_text("?")
    with pytest.raises(fg.InputError, match=r"mesh\.odd"):
        File(path=str(odd))
    bare = named(MeshTri)
    bare = type(bare)(bare.p, bare.t).with_boundaries({"left": bare.boundaries["left"]})
    assert read(write(bare, tmp_path / "bare.msh")).boundaries == ("left", "rest")  # see test_mesh_rest.py
    with pytest.raises(fg.InputError, match=r"\.msh or \.vtu"):
        write(bare, tmp_path / "mesh.stl")


def table(path, **boundary):
    return (
        f'[mesh]\nshape = "file"\npath = "{path}"\n[film]\ndelta = 1.0\neta = 0.1\n[time]\nt_end = 0.2\n[boundary]\n'
        + "\n".join(f'{name} = "{kind}"' for name, kind in boundary.items())
        + "\n[drive]\ncurrent = 0.2\n"
    )


def test_a_problem_on_a_mesh_file_runs_and_resumes(tmp_path):
    write(named(MeshTri), tmp_path / "mesh.msh")
    problem = tmp_path / "problem.toml"
    problem.write_text(table("mesh.msh", left="bank", right="bank", side="insulating"))
    result = fg.run(problem, tmp_path / "out")
    assert result.mesh.p.shape == (2, 16)
    assert str(tmp_path / "mesh.msh") in result.problem_text
    assert fg.resume(tmp_path / "out", until=0.3).summary["t_end"] == 0.3
    problem.write_text(table("mesh.msh", left="bank", right="bank", sides="insulating"))
    with pytest.raises(fg.InputError, match="'sides'; did you mean 'side'") as error:
        toml.load(problem)
    assert error.value.file == str(problem)
    problem.write_text(table("none.msh", left="bank", right="bank"))
    with pytest.raises(fg.InputError, match=r"none\.msh") as error:
        toml.load(problem)
    assert error.value.key == "mesh.path"


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("shape", ["line", "triangle", "quad", "tetra", "hexahedron"])
def test_files_of_gmsh(shape, order, tmp_path):
    gmsh = pytest.importorskip("gmsh")
    gmsh.initialize(interruptible=False)
    try:
        gmsh.option.setNumber("General.Terminal", 0)
        geo = gmsh.model.geo
        start = geo.addPoint(0, 0, 0)
        structured = {"numElements": [3], "recombine": shape in ("quad", "hexahedron")}
        line = geo.extrude([(0, start)], 1, 0, 0, **structured)
        groups = [(0, [start], "left"), (0, [line[0][1]], "right"), (1, [line[1][1]], "metal")]
        if shape != "line":
            plane = geo.extrude([line[1]], 0, 1, 0, **structured)
            groups = [(1, [plane[0][1], line[1][1]], "walls"), (1, [plane[2][1], plane[3][1]], "ends")]
            groups += [(2, [plane[1][1]], "metal")]
        if shape in ("tetra", "hexahedron"):
            body = geo.extrude([plane[1]], 0, 0, 1, **structured)
            groups = [(2, [body[0][1], plane[1][1]], "ends"), (2, [tag for _, tag in body[2:]], "walls")]
            groups += [(3, [body[1][1]], "metal")]
        geo.synchronize()
        for dim, tags, name in groups:
            gmsh.model.addPhysicalGroup(dim, tags, name=name)
        gmsh.model.mesh.generate(3)
        gmsh.model.mesh.setOrder(order)
        gmsh.write(str(tmp_path / "mesh.msh"))
    finally:
        gmsh.finalize()
    recipe = read(tmp_path / "mesh.msh", order=order)
    mesh = recipe.build()
    assert set(recipe.boundaries) == {name for dim, _, name in groups if dim < recipe.dim}
    assert recipe.regions == ("metal",)
    assert Quality.of(mesh).volume == pytest.approx(1.0)
    assert Quality.of(mesh).kind == {"triangle": "tri", "tetra": "tet", "hexahedron": "hex"}.get(shape, shape)


def gmsh_file(path, cells, names, tags):
    """A file as gmsh makes it: cells of some types, groups by name and dimension, their numbers on the cells."""
    points = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], float)
    data = {"gmsh:physical": tags, "gmsh:geometrical": tags}
    meshio.write(path, meshio.Mesh(points, cells, cell_data=data, field_data=names), "gmsh22", binary=False)
    return path


EDGES, TRIANGLES = ("line", [[0, 1], [1, 2], [2, 3], [3, 0]]), ("triangle", [[0, 1, 2], [0, 2, 3]])


@pytest.mark.parametrize(
    ("cells", "names", "tags", "said"),
    [
        ([EDGES], {"left": [1, 1]}, [np.full(4, 1)], r"holds 4 x line; groups 'left'.*Physical Surface"),
        ([TRIANGLES], {}, [np.zeros(2, int)], r"no named boundary: it holds 2 x triangle; no group.*Physical Curve\("),
        ([TRIANGLES], {}, [np.array([3, 3])], r"no named boundary: .*groups without a name: 3 .*Physical Curve\("),
    ],
    ids=["only curves", "nothing", "numbers"],
)  # fmt: skip
def test_a_file_of_gmsh_without_the_names_says_what_it_holds(tmp_path, cells, names, tags, said):
    with pytest.raises(fg.InputError, match=said):
        read(gmsh_file(tmp_path / "m.msh", cells, names, tags))
