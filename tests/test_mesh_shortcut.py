"""Strips with more than a grid can have: several holes of any shape, rounded corners, finer cells, by Netgen."""

import math

import numpy as np
import pytest

import femtdgl as fg
from femtdgl.mesh.quality import Quality
from femtdgl.problem import toml

ROUND = {"shape": "disc", "radius": 0.8, "at": [-3.0, 0.5]}
OVAL = {"shape": "ellipse", "radii": [1.1, 0.6], "at": [2.0, -0.7], "angle": 30}
SQUARE = {"shape": "rectangle", "size": [1.0, 0.8], "at": [0.0, 1.4], "name": "square"}


def strip(**words):
    return fg.mesh.strip(**{"length": 12, "width": 6, "h": 0.6, "order": 2, **words})


def test_every_hole_has_its_name_and_all_that_is_left_is_bottom_or_top():
    recipe = strip(hole={"radius": 0.5, "at": [4.5, 1.0]}, holes=[ROUND, SQUARE, OVAL])
    assert recipe.boundaries == ("left", "right", "bottom", "top", "hole", "hole_1", "square", "hole_3")
    mesh = recipe.build()
    assert set(mesh.boundaries) == set(recipe.boundaries)
    middle = {name: mesh.p[:, mesh.facets[:, facets]].mean(axis=(1, 2)) for name, facets in mesh.boundaries.items()}
    for name, at in (("left", (-6, 0)), ("right", (6, 0)), ("bottom", (0, -3)), ("top", (0, 3)), ("hole", (4.5, 1.0)),
                     ("hole_1", (-3, 0.5)), ("square", (0, 1.4)), ("hole_3", (2, -0.7))):  # fmt: skip
        np.testing.assert_allclose(middle[name], at, atol=0.1, err_msg=name)


@pytest.mark.parametrize(
    ("words", "less"),
    [
        ({"holes": [ROUND, OVAL]}, math.pi * (0.8**2 + 1.1 * 0.6)),
        ({"holes": [ROUND], "hole": {"radius": 0.5, "at": [3, 0]}}, math.pi * (0.8**2 + 0.5**2)),
        ({"holes": [SQUARE], "notch": {"depth": 1.0, "width": 2.0, "at": -2.0}}, 0.8 + 2.0),
        ({"rounded": [{"at": [[-6, 3], [6, 3], [6, -3], [-6, -3]], "radius": 1.0}]}, 4 - math.pi),
        ({"finer": [{"h": 0.2, "at": [0, 0]}]}, 0.0),
    ],
    ids=["two holes", "hole and holes", "notch", "rounded", "finer"],
)
def test_areas_are_those_of_the_closed_form(words, less):
    assert Quality.of(strip(**words).build()).volume == pytest.approx(72 - less, rel=2e-4)


def test_cells_are_finer_where_it_was_asked_for():
    plain, fine = strip(holes=[ROUND]).build(), strip(holes=[ROUND], finer=[{"h": 0.15, "along": ["hole_1"]}]).build()
    assert fine.boundaries["hole_1"].size > 2 * plain.boundaries["hole_1"].size
    notched = strip(notch={"depth": 1.0, "width": 2.0}, h_fine=0.1, rounded=[{"at": [[0, 2], [0, -2]], "radius": 0.3}])
    assert set(notched.build().boundaries) == {"left", "right", "bottom", "top"}


def test_what_a_grid_can_do_is_as_it_was():
    """Without any of the three the cells are those of the grid, and a hole beside an edge is refused as ever."""
    recipe = strip(hole={"radius": 0.5}, order=1)
    assert recipe == fg.mesh.Strip(length=12.0, width=6.0, h=0.6, hole=fg.mesh.Hole(radius=0.5))
    assert type(recipe.build()).__name__ == "MeshTri1" and "rest" not in recipe.build().boundaries
    near = {"radius": 1.0, "at": [0.0, 1.9]}
    with pytest.raises(fg.InputError, match="leaves too little"):
        strip(hole=near)
    assert "hole" in strip(hole=near, finer=[{"h": 0.3, "along": ["hole"]}]).build().boundaries


@pytest.mark.parametrize(
    ("words", "key", "says"),
    [
        ({"holes": [ROUND], "free": True}, "free", "not for holes, rounded and finer"),
        ({"holes": [ROUND], "cells": "quad"}, "cells", "'quad' is not for holes"),
        ({"holes": [{"shape": "disc", "radius": 0.5, "at": [30, 0]}]}, "", "edges"),
        ({"holes": [{"shape": "disk", "radius": 0.5}]}, "holes.0", "disk"),
        ({"rounded": [{"at": [0, 0], "radius": 0.5}]}, "rounded", "no corner"),
    ],
    ids=["free", "quad", "outside", "unknown", "no corner"],
)
def test_what_cannot_be_is_refused(words, key, says):
    with pytest.raises(fg.InputError) as error:
        strip(**words)
    assert error.value.key.startswith(key) and (says in str(error.value) or key == "")


def test_a_film_with_two_holes_runs_by_text(tmp_path):
    path = tmp_path / "holes.toml"
    path.write_text("""
[mesh]
shape = "strip"
length = 8.0
width = 4.0
h = 0.8
holes = [{ shape = "disc", radius = 0.6, at = [-2.0, 0.0] }, { shape = "disc", radius = 0.6, at = [2.0, 0.0] }]
[film]
delta = 1.0
[boundary]
left = "insulating"
right = "insulating"
bottom = "insulating"
top = "insulating"
hole_1 = "insulating"
hole_2 = "insulating"
[drive]
field = 0.1
[time]
t_end = 2.0
rtol = 1e-4
[[probes]]
kind = "fluxoid"
name = "quanta"
boundary = "hole_2"
""")
    problem = fg.load(path)
    assert toml.build(toml.parse(toml.dump(problem))) == problem
    result = fg.run(path)
    assert np.all(result.probes["quanta"] == 0) and result.fluxoid(2.0, "hole_1") == 0
