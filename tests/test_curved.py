"""Curved cells of second order: areas, volumes and lengths, and points in them."""

import contextlib
import math

import numpy as np
import pytest
import skfem
from scipy.special import ellipe
from shape_cases import BRICK, FILM, extent, orders, size

import femtdgl as fg
from femtdgl.mesh import Ball, Cylinder, Disc, plane, solid
from femtdgl.mesh.curved import inverted, located, sound, vertices

# --- curved cells


def test_areas_and_lengths_in_the_plane_converge_at_order_three_or_better():
    found = []
    for h in (0.2, 0.1, 0.05):  # below the sizes that Netgen chooses for the curvature
        shape = plane(
            parts=[{"shape": "disc", "radius": 3.0}],
            holes=[{"shape": "ellipse", "at": [0.5, 0.0], "radii": [1.0, 0.6], "angle": 30.0}],
            edges={"rim": [3.0, 0.0], "hole": {"box": [[-1.0, -1.0], [2.0, 1.0]]}},
            h=h,
            order=2,
        )
        mesh = shape.build()
        ellipse = 4 * ellipe(1 - 0.36)
        found.append((size(mesh) - math.pi * 8.4, extent(mesh, "rim") - 6 * math.pi, extent(mesh, "hole") - ellipse))
    assert (orders(found) > 2.9).all()
    assert (orders(found)[-1] > 3.7).all()  # nodes on the curve make it the fourth
    assert np.abs(found[-1]).max() < 1e-6


@pytest.mark.slow
def test_volumes_and_areas_of_a_ball_converge_at_order_three_or_better():
    found = []
    for h in (0.4, 0.2, 0.1):
        mesh = solid(parts=[Ball(radius=1.0)], h=h, order=2).build()
        found.append((size(mesh) - 4 / 3 * math.pi, extent(mesh, "rest") - 4 * math.pi))
    assert (orders(found) > 3).all()


@pytest.mark.slow
def test_volumes_and_areas_of_a_tube_converge_at_order_three_or_better():
    found = []
    for h in (0.3, 0.15):
        shape = solid(
            parts=[Cylinder(ends=((0, 0, -0.5), (0, 0, 0.5)), radius=2.0)],
            holes=[Cylinder(ends=((0, 0, -1), (0, 0, 1)), radius=1.0)],
            faces={"bottom": [1.5, 0.0, -0.5], "bore": [1.0, 0.0, 0.0]},
            h=h,
            order=2,
        )
        mesh = shape.build()
        sizes = size(mesh) - 3 * math.pi, extent(mesh, "bottom") - 3 * math.pi, extent(mesh, "bore") - 2 * math.pi
        found.append(sizes)
    assert (orders(found) > 3).all()


def test_straight_cells_of_order_one_are_of_order_two_only():
    found = []
    for h in (0.2, 0.1):
        mesh = plane(parts=[Disc(radius=1.0)], h=h).build()
        assert type(mesh) is skfem.MeshTri
        found.append(size(mesh) - math.pi)
    assert orders(found) == pytest.approx(2.0, abs=0.3)


def test_nodes_lie_on_the_curve_and_straight_shapes_stay_straight():
    mesh = plane(parts=[Disc(radius=2.0, at=(1.0, 1.0))], edges={"rim": [3.0, 1.0]}, h=0.5, order=2).build()
    nodes = mesh.p[:, skfem.Basis(mesh, skfem.ElementTriP2()).get_dofs("rim").all()]
    assert np.hypot(*(nodes - 1.0)) == pytest.approx(2.0, abs=1e-14)
    assert type(mesh) is skfem.MeshTri2
    assert not inverted(mesh).any()
    assert type(plane(parts=[FILM], h=0.5, order=2).build()) is skfem.MeshTri
    assert type(solid(parts=[BRICK], h=0.5, order=2).build()) is skfem.MeshTet


def test_points_are_found_in_curved_cells():
    mesh = plane(parts=[Disc(radius=2.0)], holes=[Disc(radius=0.7, at=(0.5, 0.0))], h=0.5, order=2).build()
    points = np.random.default_rng(0).uniform(-2, 2, (2, 2000))
    cells, local = located(mesh, points)
    inside = (np.hypot(*points) < 2) & (np.hypot(points[0] - 0.5, points[1]) > 0.7)
    assert np.count_nonzero(inside != (cells >= 0)) <= 2  # the parabolas are the circles to 1e-3
    back = mesh.mapping().F(local[:, cells >= 0, None], cells[cells >= 0])[..., 0]
    assert back == pytest.approx(points[:, cells >= 0], abs=1e-10)


def test_cells_turned_inside_out_lose_their_curve():
    mesh = plane(parts=[Disc(radius=1.0)], h=0.5, order=2).build()
    assert vertices(mesh) < mesh.p.shape[1]
    p = mesh.p.copy()
    side = vertices(mesh) + mesh.boundary_facets()[0]
    p[:, side] *= 0.6
    wrong = type(mesh)(p, mesh.t)
    assert inverted(wrong).sum() == 1
    made = sound(wrong)
    assert not inverted(made).any()
    moved = np.flatnonzero((made.p != wrong.p).any(axis=0))
    assert side in moved
    assert len(moved) <= 3  # the sides of that cell, and no other
    p[:, side] -= 40.0  # beyond what halving mends
    straight = sound(type(mesh)(p, mesh.t))
    ends = mesh.p[:, mesh.facets[:, mesh.boundary_facets()[0]]]
    assert straight.p[:, side] == pytest.approx(ends.mean(axis=1), abs=1e-14)


def test_netgen_says_nothing_past_python(capfd):
    words = {"parts": [BRICK], "holes": [{"shape": "cylinder", "ends": [[0, 0, -1], [0, 0, 1]], "radius": 0.999}]}
    with contextlib.suppress(fg.InputError):  # walls of a thousandth: meshed, or refused in words
        solid(h=0.5, **words).build()
    assert capfd.readouterr() == ("", "")
