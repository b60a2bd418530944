"""Shapes in Python and in problem files, and what is refused."""

import pickle
import subprocess
import sys

import pytest
from shape_cases import BRICK, FILM, size

import femtdgl as fg
from femtdgl.mesh import Disc, Finer, Rectangle, Rounded, Solid, Where, plane, solid
from femtdgl.problem import toml

# --- Python and TOML


def test_python_has_the_words_of_problem_files():
    tables = plane(
        parts=[FILM], holes=[{"shape": "disc", "radius": 1}], rounded=[{"at": [5, 2], "radius": 1}],
        finer=[{"h": 0.2, "at": [0, 1]}], edges={"left": [-5, 0]}, h=0.5,
    )  # fmt: skip
    objects = plane(
        parts=[Rectangle(size=(10, 4))], holes=[Disc(radius=1)], rounded=[Rounded(at=((5, 2),), radius=1)],
        finer=[Finer(h=0.2, at=((0, 1),))], edges={"left": Where(at=((-5, 0),))}, h=0.5,
    )  # fmt: skip
    assert tables == objects
    problem = fg.Problem(mesh=tables, film=fg.Film(), boundary={})
    assert toml.build(toml.parse(toml.dump(problem))) == problem
    assert pickle.loads(pickle.dumps(problem)) == problem
    assert isinstance(solid(parts=[BRICK], h=1), Solid)


def test_polygons_of_shapely():
    shapely = pytest.importorskip("shapely")
    film = shapely.box(0, 0, 4, 2).difference(shapely.Point(1, 1).buffer(0.5))
    assert size(plane(parts=film, h=0.5).build()) == pytest.approx(film.area)
    two = shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(2, 0, 3, 1)])
    assert size(plane(parts=[FILM], holes=[two], h=0.5).build()) == pytest.approx(38.0)
    with pytest.raises(fg.InputError, match="is a Point"):
        plane(parts=[shapely.Point(0, 0)], h=0.5)


def test_netgen_is_loaded_for_shapes_only():
    code = "import femtdgl as fg, sys; fg.mesh.strip(length=2, width=1, h=0.5).build(); print('netgen' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


# --- bad input

POLYGON = {"shape": "polygon", "points": [[0, 0], [1, 1], [1, 0], [0, 1]]}


@pytest.mark.parametrize(
    ("words", "key", "says"),
    [
        ({"edges": {"left": [-4, 0]}}, "edges.left.at", r"lies on no edge: the nearest is 1 away .*about \(-5, 0\)"),
        ({"edges": {"left": [-5, 2]}}, "edges.left.at", "where 2 edges meet"),
        ({"edges": {"a": [-5, 0], "b": [-5, 1]}}, "edges.b", r"about \(-5, 0\), which is in 'a' too"),
        ({"edges": {"rest": [-5, 0]}}, "edges.rest", "all that has no other"),
        ({"edges": {"a": {"box": [[0, 0], [1, 1]]}}}, "edges.a.box", "holds no edge"),
        ({"edges": {"a": {}}}, "edges.a.at", "missing"),
        ({"edges": {"a": [0, 0, 0]}}, "edges.a.at", "2 coordinates"),
        ({"edges": {"a": "left"}}, "edges.a", "'left'"),
        ({"parts": [FILM, {"shape": "disc", "at": [9, 0], "radius": 1}]}, "parts", r"2 pieces .*\(9, 0\)"),
        ({"parts": [FILM, {"shape": "disc", "at": [6, 0], "radius": 1}]}, "parts", "2 pieces"),  # at one point only
        ({"holes": [{"shape": "rectangle", "size": [1, 5]}]}, "parts", "2 pieces"),
        ({"holes": [{"shape": "rectangle", "size": [20, 5]}]}, "holes", "leave nothing"),
        ({"holes": [{"shape": "rectangle", "size": [1, -5]}]}, "holes.0.size", "two numbers > 0"),
        ({"parts": []}, "parts", "one part or more"),
        ({"parts": [FILM | {"rounded": 3.0}]}, "parts.0.rounded", "takes more than the side"),
        ({"parts": [FILM | {"rounded": [1.0, 2.0]}]}, "parts.0.rounded", "2 radii for 4 corners"),
        ({"parts": [POLYGON]}, "parts.0.points", "crosses or touches itself"),
        ({"parts": [POLYGON | {"points": [[0, 0], [1, 1]]}]}, "parts.0.points", "three points or more"),
        ({"parts": [POLYGON | {"points": [[0, 0], [2, 0], [1, 0], [1, 1]]}]}, "parts.0.points", "touches itself"),
        ({"parts": [{"shape": "disk", "radius": 1}]}, "parts.0", '"disc"'),
        ({"parts": [{"shape": "disc", "radios": 1}]}, "parts.0.radius", "missing"),
        ({"parts": [FILM | {"name": "a"}, FILM | {"name": "b"}]}, "parts", "cover all of 'a'"),
        ({"parts": [FILM | {"holes": [{"shape": "disc", "radius": 9}]}]}, "parts.0.holes", "nothing of the part"),
        ({"rounded": [{"at": [0, 0], "radius": 1}]}, "rounded", r"no corner .*\(-5, -2\)"),
        ({"rounded": [{"at": [[-5, -2], [-5, 2]], "radius": 2.5}]}, "rounded", "has room for"),
        ({"finer": [{"h": 0.1, "along": ["lift"]}], "edges": {"left": [-5, 0]}}, "finer.0.along", "mean 'left'"),
        ({"finer": [{"h": 0.1}]}, "finer.0.at", "at, box or along"),
        ({"h": 1e-6}, "h", "cells, which take more than"),
        ({"h": 0.0}, "h", "number > 0"),
    ],
)
def test_wrong_planes_are_refused_in_words(words, key, says):
    with pytest.raises(fg.InputError, match=says) as error:
        plane(**({"parts": [FILM], "h": 0.5} | words))
    assert error.value.key == key


@pytest.mark.parametrize(
    ("words", "key", "says"),
    [
        ({"faces": {"left": [0, 0, 0]}}, "faces.left.at", "lies on no face: the nearest is 0.5 away"),
        ({"parts": [{"shape": "step", "path": "nowhere.step"}]}, "parts.0.path", "No such file"),
        ({"parts": [{"shape": "step", "path": __file__}]}, "parts.0.path", "is no STEP file"),
        ({"parts": [BRICK, BRICK | {"at": [9, 0, 0]}]}, "parts", "share a face"),
        ({"rounded": [{"at": [[1.5, 1, 0], [1.5, -1, 0]], "radius": 1.0}]}, "rounded", "more than there is room for"),
        ({"rounded": [{"at": [0, 0, 0], "radius": 1.0}]}, "rounded.0.at", "lies on no edge"),
        ({"parts": [{"shape": "extrusion", "of": [FILM], "along": [1, 0]}]}, "parts.0.along", "the lower first"),
        ({"parts": [{"shape": "cylinder", "ends": [[0, 0, 0], [0, 0, 0]], "radius": 1}]}, "parts.0.ends", "same"),
    ],
)
def test_wrong_bodies_are_refused_in_words(words, key, says):
    with pytest.raises(fg.InputError, match=says) as error:
        solid(**({"parts": [BRICK], "h": 0.5} | words))
    assert error.value.key == key


def test_a_box_beyond_the_memory_is_refused_before_it_is_meshed():
    shape = plane(parts=[FILM], h=0.5, finer=[{"h": 1e-6, "box": [[0, 0], [1, 1]]}])
    with pytest.raises(fg.InputError, match="cells, which take more than") as error:
        shape.build()
    assert error.value.key == "finer.0.h"
