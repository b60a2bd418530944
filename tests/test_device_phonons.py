"""Phonons that act back on the stand-in for a device: residual, Jacobian and runs are those of the host."""

from dataclasses import replace

import numpy as np
import pytest
import test_phonon_escape
import test_phonons
from strict_arrays import Strict
from test_device import FILM, RAMPED, STEADY, assert_same_system, heated, march_on, place
from test_planes import brick, problem_on

import femtdgl as fg
from femtdgl.solve.march import March
from femtdgl.solve.system import System

LOCAL = replace(test_phonon_escape.VARIANTS["local"], lines=(test_phonon_escape.LINE,))
VARIANTS = {**test_phonons.VARIANTS, "local": LOCAL}
DRIVES = {"plain": fg.Drive(current=0.3), "B": STEADY, "B(t)": RAMPED}


def with_phonons(name, cells="triangle", **keys):
    """One of VARIANTS in a small body; that of the lattice with two temperatures."""
    if VARIANTS[name].follows_lattice:
        return replace(heated(cells, counts=keys.pop("counts", None)), phonons=VARIANTS[name], **keys)
    return problem_on(brick(cells, counts=keys.pop("counts", None)), film=FILM, phonons=VARIANTS[name], **keys)


@pytest.mark.parametrize("drive", DRIVES)
@pytest.mark.parametrize("name", VARIANTS)
def test_stand_in_is_the_host(rng, name, drive):
    assert_same_system(System(with_phonons(name, drive=DRIVES[drive])), rng)


@pytest.mark.parametrize("name", ["profile", "lattice", "local"])
def test_stand_in_is_the_host_in_space(rng, name):
    assert_same_system(System(with_phonons(name, "tetrahedron")), rng)


@pytest.mark.parametrize("name", ["line", "local"])
def test_stand_in_is_the_host_with_heat_too(rng, name):
    assert_same_system(System(replace(heated(), phonons=VARIANTS[name])), rng)


@pytest.mark.parametrize(("name", "strength"), [("lattice", 0.5), ("local", 0.05)])
def test_a_run_is_the_hosts(name, strength):
    """The same end of a short run, and not that without phonons."""
    strong = {name: replace(VARIANTS[name], strength=strength), "without": None}

    def end(key, device):
        problem = replace(with_phonons(name, time=fg.Time(t_end=2.0, rtol=1e-7)), phonons=strong[key])
        system = System(problem)
        march = March(system)
        place(march, device)
        y = system.initial(np.full(system.space.N, 0.5 + 0j))
        return [step.y for step in march.steps(0.0, y)][-1]

    host, there, without = end(name, "cpu"), end(name, "stand-in"), end("without", "stand-in")
    assert np.abs(there - host).max() < 1e-5
    assert np.abs(there - without).max() > 1e-3


@pytest.mark.parametrize("name", ["band", "lattice", "local"])
def test_arrays_of_device_and_host_are_never_mixed(name):
    march_on(Strict(), with_phonons(name, counts=(8, 4), time=fg.Time(t_end=0.3, rtol=1e-3), drive=RAMPED))
