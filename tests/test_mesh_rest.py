"""Facets of a mesh file that no group covers are a boundary of their own, "rest", and insulating."""

import numpy as np
import pytest

import femtdgl as fg
from femtdgl.files.mesh import write
from femtdgl.kinds.filament.kind import FilamentJob
from femtdgl.mesh import Strip, read
from femtdgl.problem import toml

STRIP = Strip(length=6.0, width=3.0, h=0.8)
CONTACTS = {"left": "normal", "right": "normal"}


def some(mesh, *names):
    """The mesh with these of its boundaries alone."""
    return type(mesh)(mesh.p, mesh.t).with_boundaries({name: mesh.boundaries[name] for name in names})


def film(path, boundary):
    return toml.build(
        {
            "mesh": {"shape": "file", "path": str(path)},
            "film": {"delta": 1.0, "eta": 0.1},
            "boundary": boundary,
            "drive": {"current": 0.2},
            "time": {"t_end": 3.0},
        }
    )


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    return write(some(STRIP.build(), "left", "right"), tmp_path_factory.mktemp("rest") / "bare.msh")


def test_what_no_group_covers_is_rest(bare):
    recipe, mesh = read(bare), STRIP.build()
    assert recipe.boundaries == ("left", "right", "rest")
    found = recipe.build()
    middles = np.sort(found.p[:, found.facets[:, found.boundaries["rest"]]].mean(axis=1), axis=1)
    sides = np.concatenate([mesh.boundaries["bottom"], mesh.boundaries["top"]])
    np.testing.assert_allclose(middles, np.sort(mesh.p[:, mesh.facets[:, sides]].mean(axis=1), axis=1), atol=1e-12)


def test_it_is_insulating_and_check_lists_it(bare, tmp_path):
    problem = film(bare, CONTACTS)
    assert problem.unnamed == ("rest",)
    assert "  insulating  rest: not in [boundary]" in list(FilamentJob(problem, "").describe())
    whole = write(STRIP.build(), tmp_path / "whole.msh")
    one = fg.run(problem)
    other = fg.run(film(whole, CONTACTS | {"bottom": "insulating", "top": "insulating"}))
    np.testing.assert_allclose(one.probes["voltage"], other.probes["voltage"], rtol=0, atol=1e-12)
    weakened = fg.run(film(bare, CONTACTS | {"rest": {"kind": "de-gennes", "b": 0.1}}))
    assert weakened.probes["psi_max"][-1] < 0.97 * one.probes["psi_max"][-1]


def test_a_group_of_that_name_is_left_as_it_is(tmp_path):
    mesh = STRIP.build()
    sides = {"left": mesh.boundaries["left"], "rest": mesh.boundaries["right"]}
    path = write(type(mesh)(mesh.p, mesh.t).with_boundaries(sides), tmp_path / "m.msh")
    with pytest.raises(fg.InputError, match="boundary facets have no name"):
        read(path)


def test_a_mesh_without_any_group_is_still_refused(tmp_path):
    import meshio

    mesh = STRIP.build()
    cells = [("triangle", mesh.t.T)]
    meshio.write(tmp_path / "m.vtu", meshio.Mesh(np.c_[mesh.p.T, np.zeros(mesh.p.shape[1])], cells))
    with pytest.raises(fg.InputError, match="no named boundary"):
        read(tmp_path / "m.vtu")
