"""Odd but valid heat, and what an earlier run hands over."""

import json

import numpy as np
import pytest
from conftest import PROBLEMS
from test_heat_system import LAWS

import femtdgl as fg
from femtdgl.kinds import report
from femtdgl.problem import toml
from femtdgl.problem.heat import Carriers, Heat, Join
from femtdgl.problem.presets import MATERIALS
from femtdgl.solve.system import System
from femtdgl.thermal import Kapitza, Node

REAL = {"scales": MATERIALS["aluminium"].scales(1.05), "lattice": MATERIALS["aluminium"].lattice(2e-8)}
MESHES = {
    1: lambda: fg.mesh.line(length=1.1, elements=10),
    2: lambda: fg.mesh.strip(length=1.5, width=1.0, h=0.5),
    3: lambda: fg.mesh.wire(length=1.0, width=0.6, h=0.5),
}


@pytest.mark.parametrize("dim", MESHES)
def test_a_real_film_runs_in_every_dimension_with_what_sizes_it_has(dim, tmp_path):
    """Only the thickness in the plane, nothing in space: the summary is there, and is JSON."""
    sizes = {1: {"width": 1e-6, "thickness": 2e-8}, 2: {"thickness": 2e-8}, 3: {}}[dim]
    mesh = MESHES[dim]()
    walls = [name for name in mesh.boundaries if name not in ("left", "right")]
    film = fg.Film(**REAL, **sizes)
    nodes = {"bath": Node(temperature=1.05)}
    link = Join(
        between=("surface" if dim < 3 else walls[0], "bath"), link=Kapitza(area=1.0, sigma_K=98.0), per_size=True
    )
    problem = fg.Problem(
        mesh=mesh, film=film, drive=fg.Drive(current=0.3), time=fg.Time(t_end=0.5, rtol=1e-4),
        boundary={"left": fg.Bank(), "right": fg.Bank(), **dict.fromkeys(walls, fg.Insulating())},
        heat=Heat(temperatures="two", nodes=nodes, links={"out": link}),
    )  # fmt: skip
    fg.run(problem, tmp_path)
    units = json.loads((tmp_path / "summary.json").read_text())["heat"]["units"]
    assert units["temperature"] == 1.175 and set(sizes) <= set(units)


@pytest.mark.parametrize("changes", [{"coupling": 0.0}, {"electrons": Carriers(capacity=3.0, conductivity=0.0)}])
def test_nothing_may_be_zero(filament, changes):
    """No coupling, or heat that stays where it arises."""
    heat = Heat(**{"temperatures": "two", "coupling": 0.9, **LAWS, **changes})
    summary = fg.run(filament(heat=heat, time=fg.Time(t_end=5.0))).summary
    assert summary["heat"]["ledger_of_run"]["mismatch"] < 1e-4
    if "coupling" in changes:
        assert summary["heat"]["flows"]["electrons_to_phonons"] == 0.0


def test_phonons_may_be_free_where_electrons_are_held(filament):
    """Then nothing holds them, and all that they lose is what the electrons gave."""
    heat = Heat(temperatures="two", coupling=0.9, hold_phonons=(), **LAWS)
    system = System(filament(heat=heat))
    electrons, phonons = system.heat.temperatures.held
    assert electrons.size == 2 and phonons.size == 0
    flows = fg.run(filament(heat=heat, time=fg.Time(t_end=20.0))).summary["heat"]["flows"]
    assert flows["held_phonons"] == 0.0 and flows["held"] > 0 and flows["electrons_to_phonons"] > 0


def test_steady_means_that_eps_is_at_rest(filament):
    """eta = 0.01: T in Tc creeps a hundred times slower than eps, and the run must not stop before it has arrived.

    A normal filament without heat through its ends: J^2 = sigma (T^4 - T_b^4).
    """
    link = Join(between=("surface", "bath"), link=Kapitza(area=1.0, sigma_K=5.0), per_size=True)
    heat = Heat(
        hold=(), nodes={"bath": Node(temperature=0.99)}, electrons=Carriers(capacity=300.0), links={"out": link}
    )
    problem = filament(
        film=fg.Film(model="gapless", eta=0.01), left=fg.NormalContact(), right=fg.NormalContact(), length=1.0,
        current=0.4, heat=heat, time=fg.Time(t_end=1000.0), stop=fg.Stop(steady=1e-4),
    )  # fmt: skip
    result = fg.run(problem)
    rest = (0.99**4 + 0.4**2 / 5.0) ** 0.25
    assert result.summary["stop_reason"] == "steady"
    assert result.field("T")[-1].mean() - 0.99 == pytest.approx(rest - 0.99, rel=0.02)


def test_a_start_from_another_run_takes_its_nodes_and_serves_both_temperatures(filament, tmp_path):
    nodes = {"plate": Node(capacity=0.5)}
    links = {"top": Join(between=("surface", "plate"), link=Kapitza(area=1.0, sigma_K=1.0), per_size=True)}
    one = Heat(nodes=nodes, links=links, electrons=LAWS["electrons"], source="w")
    first = fg.run(filament(heat=one, time=fg.Time(t_end=6.0)), tmp_path / "one")
    two = Heat(temperatures="two", coupling=0.9, nodes=nodes, links=links, **LAWS)
    start = fg.Initial(file=str(tmp_path / "one"))
    second = fg.run(filament(heat=two, initial=start, time=fg.Time(t_end=0.5)), tmp_path / "two")
    assert second.probes["T_node_plate"][0] == pytest.approx(first.probes["T_node_plate"][-1], rel=1e-12)
    assert first.probes["T_node_plate"][-1] > 0.901
    for name in ("T_e", "T_p"):
        np.testing.assert_allclose(second.field(name)[0][1:-1], first.field("T")[-1][1:-1], rtol=1e-12)


def test_a_link_with_its_own_size_needs_no_size_of_its_place():
    table = toml.parse((PROBLEMS / "psc_plates.toml").read_text())
    del table["film"]["width"], table["film"]["thickness"]
    table["film"]["cross_section"] = 2e-15
    with pytest.raises(fg.InputError, match=r"film\.width"):
        System(toml.build(table))
    for link in table["heat"]["links"].values():
        link["area"] = 2e-12
    assert System(toml.build(table)).heat is not None


def test_a_very_cold_filament_is_outside_the_expansion():
    summary = fg.run(PROBLEMS / "heated_filament.toml", heat__bath=0.5, time__t_end=2.0, mesh__elements=10).summary
    assert any("eps reaches 5" in warning for warning in summary["warnings"])


def test_kelvin_where_tc_is_meant_is_pointed_out():
    changes = {"heat__nodes__substrate__temperature": 380.0, "time__t_end": 2.0, "mesh__elements": 10}
    summary = fg.run(PROBLEMS / "heated_filament.toml", **changes).summary
    assert any("temperatures of a reduced film are in Tc" in warning for warning in summary["warnings"])


def test_an_early_end_still_has_a_summary_and_figures(tmp_path):
    short = fg.run(PROBLEMS / "heated_filament.toml", tmp_path / "short", time__t_end=1e-6)
    assert report.figures(short)
