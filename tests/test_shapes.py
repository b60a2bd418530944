"""Shapes from Netgen: parts, names, regions, sizes, the same each time."""

import hashlib
import math
import os
import subprocess
import sys

import numpy as np
import pytest
import skfem
from shape_cases import ANGLE, BRICK, DISC, FILM, extent, size

from femtdgl.mesh import Disc, Finer, Where, plane, solid
from femtdgl.problem import toml

# --- parts


@pytest.mark.parametrize(
    ("words", "area"),
    [
        ({"parts": [FILM]}, 40.0),
        ({"parts": [FILM | {"angle": 30.0, "at": [3, 1]}]}, 40.0),
        ({"parts": [FILM | {"rounded": 1.0}]}, 36.0 + math.pi),
        ({"parts": [FILM | {"rounded": 2.0}]}, 24.0 + 4 * math.pi),  # nothing is left of two sides
        ({"parts": [FILM | {"rounded": [1.0, 0.0, 0.0, 0.0]}]}, 39.0 + math.pi / 4),
        ({"parts": [{"shape": "polygon", "points": [[0, 0], [4, 0], [0, 3]]}]}, 6.0),
        ({"parts": [{"shape": "polygon", "points": [[0, 0], [0, 3], [4, 0], [0, 0]]}]}, 6.0),  # clockwise, closed
        (
            {"parts": [{"shape": "polygon", "points": ANGLE, "rounded": 0.5}]},
            12.0 - 4 * 0.25 * (1 - math.pi / 4),  # five corners out, one in
        ),
        ({"parts": [FILM, {"shape": "rectangle", "at": [0, 3], "size": [2, 4]}]}, 46.0),
        ({"parts": [FILM | {"holes": [DISC]}, DISC | {"at": [5, 0]}]}, 40 - math.pi / 2),
        ({"parts": [FILM], "holes": [{"shape": "disc", "radius": 0.5, "at": [x, 0]} for x in (-3, -1, 1, 3)]},
         40 - math.pi),
        ({"parts": [FILM], "holes": [{"shape": "ellipse", "radii": [0.5, 1.0], "angle": 20.0}]}, 40 - math.pi / 2),
        ({"parts": [FILM], "holes": [{"shape": "rectangle", "at": [0, 2], "size": [2, 2]}],
          "rounded": [{"at": [[-1, 1], [1, 1]], "radius": 0.5}, {"at": [5, 2], "radius": 1.0}]},
         38 + 0.5 * (1 - math.pi / 4) - (1 - math.pi / 4)),
    ],
)  # fmt: skip
def test_areas_of_shapes(words, area):
    assert size(plane(h=0.25, order=2, **words).build()) == pytest.approx(area, abs=5e-4)


@pytest.mark.parametrize(
    ("words", "volume"),
    [
        ({"parts": [BRICK]}, 6.0),
        ({"parts": [BRICK], "holes": [{"shape": "cylinder", "ends": [[0, 0, -1], [0, 0, 1]], "radius": 0.5}]},
         6.0 - math.pi / 4),
        ({"parts": [BRICK], "rounded": [{"at": [[1.5, 1, 0], [1.5, -1, 0]], "radius": 0.5}]},
         6 - 0.5 * (1 - math.pi / 4)),
        ({"parts": [BRICK, {"shape": "ball", "radius": 0.25, "at": [1.5, 0, 0]}]}, 6 + 2 / 3 * math.pi / 64),
        ({"parts": [{"shape": "extrusion", "axis": "x", "along": [-1, 2],
                     "of": [{"shape": "rectangle", "size": [2, 1], "holes": [{"shape": "disc", "radius": 0.25}]}]}]},
         6 - 3 * math.pi / 16),
    ],
)  # fmt: skip
def test_volumes_of_bodies(words, volume):
    assert size(solid(h=0.3, order=2, **words).build()) == pytest.approx(volume, abs=2e-3)


@pytest.mark.parametrize(("axis", "low"), [("x", (-1, 0.5, 4)), ("y", (4, -1, 0.5)), ("z", (0.5, 4, -1))])
def test_an_extrusion_goes_along_its_axis(axis, low):
    figure = {"shape": "rectangle", "at": [1, 5], "size": [1, 2]}
    mesh = solid(parts=[{"shape": "extrusion", "axis": axis, "along": [-1, 2], "of": [figure]}], h=1.0).build()
    assert mesh.p.min(axis=1) == pytest.approx(low)
    assert mesh.p.max(axis=1) - mesh.p.min(axis=1) == pytest.approx(np.roll((1, 2, 3), {"x": 1, "y": 2, "z": 0}[axis]))


def test_a_step_file_is_a_part(tmp_path):
    from netgen.occ import Box, Pnt

    Box(Pnt(0, 0, 0), Pnt(2, 1, 1)).WriteStep(str(tmp_path / "brick.step"))
    words = {"shape": "step", "path": str(tmp_path / "brick.step")}
    for part, volume, high in ((words, 2.0, 2.0), (words | {"scale": 0.5, "at": [1, 0, 0]}, 0.25, 2.0)):
        shape = solid(parts=[part], h=0.5)
        mesh = shape.build()
        assert size(mesh) == pytest.approx(volume)
        assert mesh.p[0].max() == pytest.approx(high)
    assert shape.build() is mesh
    Box(Pnt(0, 0, 0), Pnt(4, 1, 1)).WriteStep(str(tmp_path / "brick.step"))
    os.utime(tmp_path / "brick.step", ns=(1, 1))
    assert size(shape.build()) == pytest.approx(0.5)  # it is read again when it has changed


def test_a_step_file_beside_its_problem_is_found(tmp_path):
    from netgen.occ import Box, Pnt

    Box(Pnt(0, 0, 0), Pnt(2, 1, 1)).WriteStep(str(tmp_path / "brick.step"))
    (tmp_path / "mesh.toml").write_text(
        '[mesh]\nshape = "solid"\nh = 0.5\nparts = [{ shape = "step", path = "brick.step" }]\n'
    )
    assert toml.load_mesh(tmp_path / "mesh.toml").parts[0].path == str(tmp_path / "brick.step")


# --- names and regions


def test_edges_are_named_by_points_and_boxes_in_the_order_of_the_words():
    shape = plane(
        parts=[FILM],
        holes=[Disc(radius=0.5, at=(x, 0.0)) for x in (-2.0, 2.0)],
        edges={"right": [5, 0], "left": {"at": [[-5, 1]]}, "holes": {"box": [[-3, -1], [3, 1]]}},
        h=0.5,
        order=2,
    )
    assert shape.boundaries == ("right", "left", "holes", "rest")
    mesh = shape.build()
    lengths = {name: extent(mesh, name) for name in shape.boundaries}
    assert lengths == pytest.approx({"right": 4, "left": 4, "holes": 2 * math.pi, "rest": 20}, rel=1e-4)
    assert plane(parts=[FILM], edges={"all": Where(box=((-5, -2), (5, 2)))}, h=1).boundaries == ("all",)


def test_faces_are_named_by_points_and_boxes():
    faces = {"left": [-1.5, 0, 0], "right": {"box": [[1.5, -1, -0.5], [1.5, 1, 0.5]]}}
    shape = solid(parts=[BRICK], faces=faces, h=0.5)
    mesh = shape.build()
    lengths = {name: extent(mesh, name) for name in shape.boundaries}
    assert lengths == pytest.approx({"left": 2, "right": 2, "rest": 18})


def test_named_parts_are_regions_and_the_later_one_counts():
    shape = plane(
        parts=[
            FILM,
            {"shape": "disc", "radius": 1.0, "name": "weak"},
            {"shape": "rectangle", "size": [1, 8], "name": "bar"},
        ],
        edges={"top of the bar": [0, 4], "between": {"box": [[0.5, -1], [1, 1]]}},
        h=0.4,
        order=2,
    )
    mesh = shape.build()
    assert shape.regions == ("weak", "bar")
    areas = {
        name: skfem.Basis(mesh, skfem.ElementTriP0(), elements=cells, intorder=4).dx.sum()
        for name, cells in mesh.subdomains.items()
    }
    segment = math.asin(0.5) + 0.5 * math.sqrt(0.75)  # half of what the bar takes of the disc
    assert areas == pytest.approx({"weak": math.pi - 2 * segment, "bar": 8.0}, rel=1e-3)
    assert size(mesh) == pytest.approx(44.0, rel=1e-6)
    assert shape.boundaries == ("top of the bar", "rest")  # "between" lies inside: a place to measure at
    assert extent(mesh, mesh.boundaries["between"]) == pytest.approx(2 * math.acos(0.5) + math.sqrt(3), rel=1e-3)


def test_a_circle_is_one_edge_wherever_it_begins():
    """What is left of a circle, at a hole and between regions: where it is drawn from is no corner."""
    hole = Disc(radius=0.8, at=(1.2, 0.0))
    bar = {"shape": "rectangle", "size": [1, 10], "name": "bar"}
    shape = plane(
        parts=[Disc(radius=3.0), bar], holes=[hole], edges={"rim": [2.0, 0.0], "far": [3.0, 0.0]}, h=0.5, order=2
    )
    mesh = shape.build()
    half = math.acos(0.7 / 0.8)  # of the arc that lies in the bar
    assert extent(mesh, "rim") == pytest.approx(0.8 * 2 * (math.pi - half), rel=1e-4)
    assert extent(mesh, "far") == pytest.approx(3.0 * 2 * math.acos(0.5 / 3.0), rel=1e-4)


def test_regions_of_bodies_share_their_faces():
    shape = solid(
        parts=[BRICK, {"shape": "box", "size": [1, 1, 1], "at": [2, 0, 0], "name": "cap"}],
        faces={"joint": [1.5, 0, 0]},
        h=0.5,
    )
    mesh = shape.build()
    assert size(mesh) == pytest.approx(7.0)
    assert shape.boundaries == ("rest",)
    assert extent(mesh, mesh.boundaries["joint"]) == pytest.approx(1.0)
    assert shape.regions == ("cap",)


# --- sizes of cells


def sides_near(mesh, at):
    """Median side of the cells nearest to a point."""
    middles = mesh.p[:, mesh.t].mean(axis=1)
    cells = np.argsort(np.linalg.norm(middles - np.array(at)[:, None], axis=0))[:6]
    corners = mesh.p[:, mesh.t[:, cells]]
    return float(np.median(np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=0)))


@pytest.mark.parametrize(
    "finer",
    [
        {"h": 0.1, "at": [2.0, 1.0]},
        {"h": 0.1, "at": [[2.0, 1.0]], "radius": 0.5},
        {"h": 0.1, "box": [[2.5, 1.5], [1.5, 0.5]]},
        {"h": 0.1, "along": ["hole"]},
        {"h": 0.1, "along": ["spot"]},
    ],
)
def test_cells_are_small_where_it_is_asked(finer):
    shape = plane(
        parts=[FILM, {"shape": "rectangle", "at": [2, 1], "size": [0.5, 0.5], "name": "spot"}],
        holes=[{"shape": "rectangle", "at": [2, 0.5], "size": [0.5, 0.5]}],
        edges={"hole": {"box": [[1.7, 0.2], [2.3, 0.8]]}},
        finer=[finer],
        h=0.8,
    )
    mesh = shape.build()
    assert sides_near(mesh, (2.0, 0.85)) < 0.2
    assert 0.5 < sides_near(mesh, (-4.0, 0.0)) < 1.2
    middle = sides_near(mesh, (3.2, 0.0))
    assert 0.2 < middle < 0.7  # and the size grows slowly


def test_cells_of_a_body_are_small_along_a_face():
    plain, fine = (
        solid(parts=[BRICK], faces={"left": [-1.5, 0, 0]}, finer=finer, h=0.5).build()
        for finer in ([], [Finer(h=0.15, along=("left",))])
    )
    assert sides_near(fine, (-1.5, 0, 0)) < 0.25 < sides_near(plain, (-1.5, 0, 0))
    assert sides_near(fine, (1.5, 0, 0)) > 0.3


def test_a_length_of_the_words_is_so_many_xi():
    small = plane(parts=[{"shape": "disc", "radius": 1e-6}], h=2e-7, order=2, scale=1e6, edges={"rim": [1e-6, 0]})
    mesh = small.build()
    assert size(mesh) == pytest.approx(math.pi, rel=1e-4)
    assert np.abs(mesh.p).max() == pytest.approx(1.0)
    assert small.boundaries == ("rim",)


# --- the same each time

MESH = """
import hashlib
import femtdgl as fg
for make in (
    lambda: fg.mesh.plane(parts=[fg.mesh.Disc(radius=2.0)], holes=[fg.mesh.Disc(radius=0.5)], h=0.3, order=2),
    lambda: fg.mesh.solid(parts=[fg.mesh.Box(size=(3, 2, 1))], holes=[fg.mesh.Ball(radius=0.4)], h=0.4, order=2),
):
    mesh = make().build()
    print(hashlib.sha256(mesh.p.tobytes() + mesh.t.tobytes() + mesh.boundaries["rest"].tobytes()).hexdigest())
"""


def test_the_same_words_make_the_same_mesh_to_the_bit():
    found = {
        subprocess.run(
            [sys.executable, "-c", MESH], env=os.environ | extra, capture_output=True, text=True, check=True
        ).stdout
        for extra in ({}, {"OMP_NUM_THREADS": "2", "NGS_NUM_THREADS": "2"}, {"PYTHONHASHSEED": "7"})
    }
    assert len(found) == 1
    here = plane(parts=[Disc(radius=2.0)], holes=[Disc(radius=0.5)], h=0.3, order=2).build()
    made = hashlib.sha256(here.p.tobytes() + here.t.tobytes() + here.boundaries["rest"].tobytes()).hexdigest()
    assert found.pop().split()[0] == made  # after all the meshes before it, too
