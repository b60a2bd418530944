"""What a link takes from the field is what the node receives, to rounding: every kind, place, spread and direction."""

import math

import numpy as np
import pytest
from test_planes import brick, problem_on

import femtdgl as fg
from femtdgl.problem.heat import Carriers, Heat, Join
from femtdgl.problem.presets import MATERIALS
from femtdgl.solve.system import System
from femtdgl.thermal import (
    ElectronPhonon,
    Kapitza,
    Leak,
    NISLink,
    Node,
    SNLink,
    SuperconductorElectronPhonon,
)
from femtdgl.thermal.cooler_links import Pump

LINKS = {
    "Kapitza": Kapitza(area=1.3, sigma_K=0.8, p_backward=0.4),
    "Leak": Leak(k=0.4, S=1.7, d=2.0),
    "ElectronPhonon": ElectronPhonon(Sigma=0.6, volume=0.9),
    "SuperconductorElectronPhonon": SuperconductorElectronPhonon(Sigma=0.6, volume=0.9, Tc=1.0),
    "SNLink": SNLink(R_D=3.0, R_0=100.0, Tc=1.0),
    "NISLink": NISLink(chi=2.0, r0=1e-11, c=0.05, Tc=1.2),
    "Pump": Pump(kappa=0.2, P_joule=0.7),
}
REAL = fg.Film(scales=MATERIALS["titanium"].scales(0.36), width=5e-8, thickness=1e-8)
"""For the photonic links, which are in SI."""
PER_SIZE = ("Kapitza", "Leak", "ElectronPhonon", "SuperconductorElectronPhonon")


def system_of(filament, dim, **join):
    electrons = Carriers(capacity=3.0, conductivity=2.0)
    heat = Heat(electrons=electrons, nodes={"plate": Node(capacity=2.0)}, links={"link": Join(**join)})
    film = REAL if isinstance(join["link"], SNLink | NISLink) else fg.Film(delta=3.0, eta=0.1)
    if dim == 1:
        return System(filament(elements=3, heat=heat, left=fg.NormalContact(), film=film))
    return System(problem_on(brick("triangle", counts=(2, 1)), heat=heat, left=fg.NormalContact(), film=film))


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("dim", [1, 2])
@pytest.mark.parametrize("place", ["surface", "volume", "left"])
@pytest.mark.parametrize("spread", ["local", "mean"])
@pytest.mark.parametrize("kind", LINKS)
def test_what_leaves_arrives(filament, rng, kind, spread, place, dim, turned):
    between = ("plate", place) if turned else (place, "plate")
    for per_size in (False, True) if kind in PER_SIZE else (False,):
        system = system_of(filament, dim, between=between, link=LINKS[kind], spread=spread, per_size=per_size)
        temperatures, (attachment,) = system.heat.temperatures, system.heat.attachments
        T = system.heat.with_means(0.8 + 0.15 * rng.random(temperatures.fixed.size))
        R = np.zeros(T.size)
        attachment.add_rows(T, R)
        field, node = R[: temperatures.N], R[temperatures.nodes["plate"]]
        leaves, comes = attachment.power(T)
        work = comes - leaves
        if kind != "Pump":
            assert work == 0
        rest = math.fsum([*field, node, work])
        assert abs(node) > 0
        assert abs(rest) <= 1e-15 * math.fsum([*np.abs(field), abs(node)]), (rest, node)
        assert (-node if not turned else -field.sum()) == pytest.approx(comes, rel=1e-13)
        if spread == "mean":
            assert abs(R[temperatures.means["link"]]) < 1e-15
