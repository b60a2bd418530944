"""States, signs and warnings: every number of a summary means what its name says."""

import numpy as np
import pytest
from conftest import PROBLEMS

import femtdgl as fg
from femtdgl.kinds.filament.warnings import ENERGY_TOLERANCE
from femtdgl.measure.cycle import Cycle, Slips
from femtdgl.measure.heat import drifts
from femtdgl.measure.series import Series
from femtdgl.measure.state import state_of
from femtdgl.measure.vortices import vortices
from femtdgl.solve.crossings import Rim
from femtdgl.solve.slips import find_slips
from femtdgl.solve.space import Space

FILE = PROBLEMS / "psc_filament.toml"
SMALL = {"mesh__elements": 20, "output__fields": 0.5}


def ac(t, amplitude=1.6, period=40.0, corners=16):
    times = np.linspace(0.0, t, int(t / period * corners) + 1)
    return fg.Table(tuple(times), tuple(amplitude * np.sin(2 * np.pi * times / period)))


@pytest.fixture(scope="module")
def mirrored():
    runs = {}
    for sign in (1.0, -1.0):
        runs[sign] = fg.run(FILE, **SMALL, until=80.0, drive__current={"ramp": [0.0, sign * 1.5], "over": 1.0})
    return runs


def test_reversed_current_is_the_mirror_image(mirrored):
    forward, back = mirrored[1.0], mirrored[-1.0]
    a, b = forward.summary, back.summary
    assert a["mean_voltage"] > 0 > b["mean_voltage"]
    assert a["mean_voltage"] == pytest.approx(-b["mean_voltage"], rel=1e-9)
    assert a["period"] == pytest.approx(b["period"], rel=1e-9)
    np.testing.assert_allclose(forward.probes["voltage"], -back.probes["voltage"], atol=1e-9)
    assert a["josephson_mismatch"] < 1e-4 and b["josephson_mismatch"] < 1e-4
    assert a["net_winding"] == a["slips"] == -b["net_winding"] == b["slips"]
    assert a["warnings"] == b["warnings"]


def test_alternating_current_keeps_the_josephson_relation(filament):
    """Slips go forth and back; nothing is periodic in the sense of a state, and yet int V dt is known."""
    film = fg.Film(delta=1 / 0.3, eta=0.1, interference="published")
    problem = filament(length=1.1, elements=20, film=film, time=fg.Time(t_end=120.0), current=ac(120.0))
    s = fg.run(problem).summary
    assert s["state"] == "driven"
    assert s["period"] is None
    assert s["slips"] > abs(s["net_winding"])
    assert s["josephson_mismatch"] < 1e-4
    assert s["energy_balance"] < 1e-3


def test_josephson_is_null_where_it_does_not_apply(filament):
    contacts = {"left": fg.NormalContact(), "right": fg.NormalContact()}
    s = fg.run(
        filament(length=12.0, elements=40, current=0.25, time=fg.Time(t_end=20.0, rtol=1e-4), **contacts)
    ).summary
    assert s["josephson_mismatch"] is None


def test_negative_current_from_the_start_ends_well(filament):
    s = fg.run(filament(current=-0.5, time=fg.Time(t_end=1.0))).summary
    assert s["stop_reason"] == "t_end"
    assert s["sweep"] is None


def test_gapless_runs_name_what_they_used(filament):
    s = fg.run(filament(film=fg.Film(model="gapless"), time=fg.Time(t_end=1.0))).summary
    assert (s["model"], s["interference"], s["conductance"]) == ("gapless", "off", "normal")


def test_a_slow_approach_is_relaxing_and_its_end_stationary():
    still = {**SMALL, "measure__discard": 5.0, "drive__current": {"ramp": [0.0, 0.9], "over": 1.0}}
    assert fg.run(FILE, **still, until=20.0).summary["state"] == "relaxing"
    assert fg.run(FILE, **still, until=80.0).summary["state"] == "stationary"


def test_a_drive_that_never_rests_is_driven():
    s = fg.run(FILE, **SMALL, until=20.0, drive__current={"ramp": [0.0, 0.5], "over": 20.0}).summary
    assert s["state"] == "driven"
    rested = fg.run(FILE, **SMALL, until=20.0, drive__current={"table": [[0.0, 0.4], [15.0, 0.4]]}).summary
    assert rested["state"] == "stationary"


def test_normal_is_judged_where_no_bank_reaches(filament):
    """A normal wire between banks has |psi| = 1 at its ends."""
    film = fg.Film(model="gapless")
    time = fg.Time(t_end=60.0, rtol=1e-4)
    s = fg.run(filament(length=20.0, elements=60, film=film, current=fg.Ramp(0, 3.0, over=1.0), time=time)).summary
    assert s["state"] == "normal"


def series(**changes):
    t = np.linspace(0.0, 50.0, 501)
    base = {"psi_max_free": 1 + 0 * t, "rate_max": 1e-6 + 0 * t}
    return {name: Series(t, values + 0 * t) for name, values in {**base, **changes}.items()}, t


@pytest.mark.parametrize(
    ("changes", "slips", "state"),
    [
        ({}, [], "stationary"),
        ({"rate_max": 0.1}, [], "irregular"),
        ({"rate_max": "falling"}, [], "relaxing"),
        ({"T_mean": "falling"}, [], "relaxing"),
        ({"psi_max_free": 0.01}, [20.0, 30.0, 40.0], "normal"),
        ({}, [20.0, 30.0, 40.0], "periodic"),
        ({}, [20.0, 23.0, 40.0], "irregular"),
        ({}, [20.0, 30.0], "irregular"),
    ],
)
def test_states_of_made_up_records(changes, slips, state):
    t = np.linspace(0.0, 50.0, 501)
    changes = {k: np.exp(-t / 20) if v == "falling" else v for k, v in changes.items()}
    made, t = series(**changes)
    times = np.array(slips)
    cycle = Cycle.of(t, Slips(times, 0 * times, np.ones(times.size, int)), 10.0)
    assert state_of(cycle, made) == state
    assert (cycle.period is not None) == (state in ("periodic", "normal"))
    assert state_of(cycle, made, interrupted=True) == "interrupted"


def test_zeros_of_noise_are_no_slips():
    """psi = a(t) + i b x passes zero; scaled below the integrator's tolerance it means nothing."""
    x = np.linspace(-5, 5, 40)

    def psi(t, scale):
        return scale * (0.5 * (t - 0.5) + 1j * x)

    for scale, count in ((1.0, 1), (1e-3, 1), (1e-9, 0)):
        found = find_slips(
            0.0, psi(0.0, scale), 1.0, psi(1.0, scale), lambda t, s=scale: psi(t, s), None, x + 5.0, 1e-5
        )
        assert len(found) == count, scale


def test_a_dead_wire_has_no_slips(filament):
    """Driven normal, psi falls below every tolerance; its zeros were counted as 61 slips of a "period" once."""
    table = fg.Table((0.0, 20.0, 60.0), (0.0, 1.5, 1.5))
    contacts = {"left": fg.NormalContact(), "right": fg.NormalContact()}
    film = fg.Film(delta=3.0, eta=0.1, interference="off")
    problem = filament(
        length=12.0, elements=40, film=film, current=table, time=fg.Time(t_end=150.0, rtol=1e-5), **contacts
    )
    s = fg.run(problem).summary
    assert s["state"] == "normal"
    assert s["slips"] == 0 and s["period"] is None


def test_coarse_meshes_are_told():
    """Four cells over 20 xi give |psi| = 1.46 and a third of the voltage; nothing said so once."""
    s = fg.run(FILE, mesh__length=20.0, mesh__elements=4, mesh__order=1, time__t_end=4.0, time__rtol=1e-4).summary
    assert s["resolution"]["healing"] == pytest.approx(5 / np.sqrt(2))
    assert any("healing lengths" in w for w in s["warnings"])
    assert any("energy balance" in w for w in s["warnings"]) == (s["energy_balance"] > ENERGY_TOLERANCE)


def test_a_good_run_has_no_such_warnings(mirrored):
    s = mirrored[1.0].summary
    assert all("Omega tau_eps" in w for w in s["warnings"])
    assert s["resolution"]["healing"] < 0.1
    assert s["resolution"]["magnetic"] is None


def test_voltages_are_integrated_from_the_dense_output(mirrored):
    """Sampled so rarely that the samples say nothing, the mean is what it was."""
    fine = mirrored[1.0].summary
    rare = fg.run(
        FILE, **SMALL, until=80.0, drive__current={"ramp": [0.0, 1.5], "over": 1.0}, output__probes=3.7
    ).summary
    assert rare["mean_voltage"] == pytest.approx(fine["mean_voltage"], rel=1e-5)
    assert rare["josephson_mismatch"] < 1e-4


# ---- in the plane -------------------------------------------------------------------------------------------


def strip(order):
    import skfem

    mesh = skfem.MeshTri.init_tensor(np.linspace(-4, 4, 17), np.linspace(-3, 3, 13))
    return Space(mesh, order)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("sense", [1, -1])
def test_a_vortex_that_leaves_is_counted_once(order, sense):
    space = strip(order)
    rim = Rim(space, np.zeros(space.N, dtype=bool))
    x, y = space.nodes

    def psi(t):
        return (x - 0.13) + 1j * sense * (y - t)

    gained = lost = 0
    for a, b in zip(np.linspace(1.0, 5.0, 41)[:-1], np.linspace(1.0, 5.0, 41)[1:], strict=True):
        more = rim.crossings(psi(a)[rim.nodes], psi(b)[rim.nodes], 1e-6)
        gained, lost = gained + more.gained, lost + more.lost
    assert (gained, lost) == ((0, 1) if sense == 1 else (1, 0))


def test_held_edges_are_none():
    space = strip(1)
    held = space.nodes[0] < -3.99
    rim = Rim(space, held)
    assert not np.any(held[rim.nodes[rim.first]] & held[rim.nodes[rim.second]])
    assert rim.first.size == space.mesh.boundary_facets().size - 12


def test_zeros_on_a_contact_are_no_vortices():
    space = strip(1)
    x, y = space.nodes
    held = x < -3.99
    psi = np.where(held, 0.0, (x - 0.13) + 1j * (y - 0.2))
    found = vortices(space.mesh, psi, held=held)
    assert found.winding.tolist() == [1]
    np.testing.assert_allclose(found.x, [[0.13, 0.2]], atol=1e-9)
    assert vortices(space.mesh, 1e-9 * psi, held=held, noise=1e-6).winding.size == 0


def test_the_default_path_goes_around_a_hole():
    boundary = {"left": fg.Bank(), "right": fg.Bank(), "bottom": fg.Insulating(), "top": fg.Insulating()}
    boundary["hole"] = fg.Insulating()
    mesh = fg.mesh.strip(length=8.0, width=4.0, h=0.5, hole=fg.mesh.Hole(radius=0.8))
    problem = fg.Problem(
        mesh=mesh, film=fg.Film(model="gapless"), boundary=boundary,
        drive=fg.Drive(current=fg.Ramp(0.0, 0.9, over=1.0)), time=fg.Time(t_end=30.0, rtol=1e-4),
    )  # fmt: skip
    from femtdgl.solve.system import System

    path = System(problem).path
    assert path.whole and not path.closed
    assert np.hypot(*path.points).min() > 0.7
    np.testing.assert_allclose(path.corners[:, [0, -1]], [[-4.0, 4.0], [0.0, 0.0]], atol=0.3)
    s = fg.run(problem).summary
    assert s["slips"] > 0
    assert s["josephson_mismatch"] < 5e-3


def test_a_power_of_a_periodic_run_drifts_only_from_period_to_period():
    """Three periods of a power at rest: halves that cut a period in two would see a change of 40 %."""
    t = np.linspace(0.0, 40.0, 4001)
    slips = np.array([10.0, 18.0, 26.0, 34.0])
    cycle = Cycle.of(t, Slips(slips, 0 * slips, np.ones(4, int)), 5.0)
    assert cycle.halves == ((10.0, 18.0), (26.0, 34.0))
    steady = 1 + np.cos(2 * np.pi * (t - 10) / 8 - 1)
    found = drifts({"t": t, "work": 1 + 0 * t, "a": steady, "b": steady * (1 + t / 40)}, {"a": "a", "b": "b"}, cycle)
    assert found["a"] == pytest.approx(0.0, abs=1e-6)
    assert found["b"] == pytest.approx(0.26, abs=0.02)
    at_rest = Cycle.of(t, Slips(np.empty(0), np.empty(0), np.empty(0, int)), 20.0)
    assert at_rest.halves == ((20.0, 30.0), (30.0, 40.0))


def test_slips_at_one_moment_have_no_rate():
    """Two places of a symmetric filament slip at the same time, and nothing else happens."""
    t, slips = np.linspace(0.0, 10.0, 101), np.array([7.0, 7.0])
    cycle = Cycle.of(t, Slips(slips, np.array([-1.0, 1.0]), np.ones(2, int)), 3.0)
    assert cycle.slip_rate is None
    assert Cycle.of(t, Slips(slips + np.array([0.0, 1.0]), 0 * slips, np.ones(2, int)), 3.0).slip_rate == 1.0
