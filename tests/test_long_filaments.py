"""Long filaments: the potential adds up along a wire, and its error must not be taken for that of a step."""

import numpy as np
import pytest
from conftest import PROBLEMS

import femtdgl as fg
from femtdgl.kinds.filament.simulation import initial_psi
from femtdgl.measure.measured import Series
from femtdgl.solve.integrate import POTENTIAL, Integrator
from femtdgl.solve.system import System

FILM = fg.Film(delta=10.0, eta=0.1, interference="off", conductance="normal")
SIDES = {1: (), 2: ("top", "bottom"), 3: ("side",)}


def wire(mesh, dim, rtol, t_end=30.0):
    """One dip in a long wire between banks, its current ramped to 0.4 over 3 t0."""
    return fg.Problem(
        mesh=mesh,
        film=FILM,
        boundary={"left": fg.Bank(), "right": fg.Bank()} | {name: fg.Insulating() for name in SIDES[dim]},
        drive=fg.Drive(current=fg.Ramp(0, 0.4, over=3.0)),
        initial=fg.Initial(dips=(fg.Spot(depth=0.9),)),
        time=fg.Time(t_end=t_end, rtol=rtol),
        output=fg.Output(fields=t_end),
    )


def line(length, rtol=1e-5, t_end=30.0):
    return wire(fg.mesh.line(length=length, elements=round(4 * length), order=1), 1, rtol, t_end)


def strip(length, rtol=1e-5):
    return wire(fg.mesh.strip(length=length, width=1.0, h=0.5), 2, rtol)


def rod(length, rtol=1e-5):
    return wire(fg.mesh.wire(length=length, width=1.0, h=0.5), 3, rtol)


def mean_voltage(result, start=20.0, stop=30.0):
    return Series(result.probes["t"], result.probes["voltage"]).mean(start, stop)


@pytest.mark.parametrize("rtol", [1e-5, 1e-6, 1e-7])
def test_voltage_of_a_long_wire_does_not_depend_on_the_tolerance(rtol):
    """L = 100.  With phi in the error test: 1.439, 1.404, 0.941, with 8,272, 23,966 and 67,351 steps."""
    result = fg.run(line(100.0, rtol))
    assert mean_voltage(result) == pytest.approx(1.388, abs=1e-3)
    assert result.summary["steps"] < 1000


@pytest.mark.parametrize("rtol", [1e-5, *(pytest.param(rtol, marks=pytest.mark.slow) for rtol in (1e-6, 1e-7))])
def test_steps_of_a_wire_hardly_grow_with_its_length(rtol):
    short, long = (fg.run(line(length, rtol)).summary["steps"] for length in (50.0, 200.0))
    assert long < 1.6 * short


def test_a_wire_of_400_takes_seconds():
    assert fg.run(line(400.0)).summary["cpu_seconds"] < 8.0


@pytest.mark.slow
@pytest.mark.parametrize("rtol", [1e-6, 1e-7])
def test_a_wire_of_400_takes_seconds_at_tight_tolerances(rtol):
    assert fg.run(line(400.0, rtol)).summary["cpu_seconds"] < 8.0


@pytest.mark.parametrize("build", [strip, pytest.param(rod, marks=pytest.mark.slow)])
def test_planes_and_solids_behave_as_wires(build):
    """A strip of 100 x 1, a wire of 100 x 1 x 1: the same at rtol 1e-5 and 1e-6, at a few hundred steps."""
    runs = [fg.run(build(100.0, rtol)) for rtol in (1e-5, 1e-6)]
    one, other = (mean_voltage(result) for result in runs)
    assert one == pytest.approx(other, abs=1e-3)
    assert [result.summary["steps"] < 1000 for result in runs] == [True, True]


@pytest.mark.slow
@pytest.mark.parametrize("build", [strip, rod])
def test_steps_in_planes_and_solids_hardly_grow_with_the_length(build):
    short, long = (fg.run(build(length)).summary["steps"] for length in (50.0, 200.0))
    assert long < 1.6 * short


def marched(problem, stop, action):
    """Steps to `stop`, and what `action(system, step)` says of the later half of them."""
    system = System(problem)
    integrator = Integrator(system)
    y, found = system.initial(initial_psi(problem, system)), []
    for start, end in ((0.0, 3.0), (3.0, stop)):
        y, yp = system.consistent(start, y)
        integrator.start(start, y, yp)
        for step in integrator.steps(end):
            y = step.y
            if step.t > stop / 2:
                found.append(action(system, step))
    return integrator.step_count, found


def potential_error(system, step):
    """V less that of the phi which satisfies its own rows exactly, at the psi and d_t psi of the step."""
    places = system.layout.algebraic
    J = system.matrix(system.jacobian(step.t, step.y, step.yp, 0.0)).toarray()[np.ix_(places, places)]
    rest = np.linalg.solve(J, system.residual(step.t, step.y, step.yp)[places])
    return abs(system.layout.voltage[places] @ rest)


@pytest.mark.parametrize("problem", [line(20.0, 1e-5), strip(10.0)], ids=["line", "strip"])
def test_newton_converges_on_phi_without_the_error_test(problem):
    """phi of an accepted step is that of its psi: the wide tolerance is not what Newton leaves."""
    _, errors = marched(problem, 8.0, potential_error)
    assert max(errors) < 0.2 * POTENTIAL
    assert np.sqrt(np.mean(np.square(errors))) < 0.05 * POTENTIAL


@pytest.mark.parametrize("width", [1e-3, 1.0])
def test_the_tolerance_of_phi_does_not_matter(monkeypatch, width):
    steps, voltage = [], []
    for value in (POTENTIAL, width):
        monkeypatch.setattr("femtdgl.solve.integrate.POTENTIAL", value)
        result = fg.run(line(50.0))
        steps.append(result.summary["steps"])
        voltage.append(mean_voltage(result))
    assert steps[1] == pytest.approx(steps[0], rel=0.1)
    assert voltage[1] == pytest.approx(voltage[0], abs=5e-4)


def test_a_tolerance_of_the_user_is_never_tightened_for_phi():
    system = System(line(10.0))
    tolerances = Integrator(system)._tolerances()
    assert np.all(tolerances[system.layout.algebraic] == POTENTIAL)
    assert np.all(np.delete(tolerances, system.layout.algebraic) == 1e-5)


def test_the_jacobian_follows_psi():
    """Where psi turns by phi dt the Jacobian is made anew; where nothing moves it is kept."""
    moving = System(line(20.0))
    counts = moving.newton.counts
    y, yp = moving.consistent(0.0, moving.initial(np.ones(moving.space.N, dtype=complex)))
    for size, made in ((0.0, 1), (1e-4, 1), (0.1, 2), (0.1, 2)):
        z = y.copy()
        z[moving.layout.gather[5, 0]] += size
        moving.newton.refresh(0.0, z, yp, z, 10.0)
        assert counts["setup"] == made
    far = y.copy()
    far[moving.layout.algebraic] += 5.0
    far[moving.layout.theta] += 5.0
    far[moving.layout.gather[5, 0]] += 0.1
    moving.newton.refresh(0.0, far, yp, far, 10.0)
    assert counts["setup"] == 2  # potentials and phases of banks are not what it turns with
    moving.newton.restart()
    moving.newton.refresh(0.0, far, yp, far, 10.0)
    assert counts["setup"] == 3


def test_within_a_step_a_jacobian_serves_two_iterations():
    """The second correction may be made with it, wherever the first one led; a third one, or another step, may not."""
    system = System(line(20.0))
    y, yp = system.consistent(0.0, system.initial(np.ones(system.space.N, dtype=complex)))
    for t, size, made in ((0.0, 0.0, 1), (0.0, 0.1, 1), (0.0, 0.1, 2), (0.1, 0.2, 3), (0.1, 0.3, 3), (0.2, 0.3, 4)):
        z = y.copy()
        z[system.layout.gather[5, 0]] += size
        system.newton.refresh(t, z, yp, z, 10.0)
        assert system.newton.counts["setup"] == made, t


def test_psc_filament_in_fewer_steps():
    summary = fg.run(PROBLEMS / "psc_filament.toml").summary
    assert summary["period"] == pytest.approx(11.93704, rel=1e-5)
    assert summary["steps"] < 2500


def test_a_film_in_which_only_the_phase_turns_is_no_work():
    """delta 37: the mass along psi is 1,370 times that across, and a Jacobian that is kept mixes them up."""
    problem = fg.Problem(
        mesh=fg.mesh.strip(length=20.0, width=10.0, h=0.8),
        film=fg.Film(delta=37.0, eta=0.1, interference="off", conductance="normal"),
        boundary={
            "left": fg.NormalContact(),
            "right": fg.NormalContact(),
            "top": fg.Insulating(),
            "bottom": fg.Insulating(),
        },
        drive=fg.Drive(current=fg.Ramp(0, 0.02, over=1.0), field=0.2),
        time=fg.Time(t_end=60.0, rtol=1e-6),
        output=fg.Output(fields=60.0),
    )
    assert fg.run(problem).summary["steps"] < 300  # 888 where delta does not count


def test_every_tolerance_counts(monkeypatch):
    """scikit-sundae is shown one of them when it looks at their types, see `integrate`."""
    few = fg.run(line(10.0, t_end=5.0)).summary["steps"]
    asked = Integrator._tolerances

    def tight(self):
        made = asked(self)
        made[1:] *= 1e-4
        return made

    monkeypatch.setattr(Integrator, "_tolerances", tight)
    monkeypatch.setattr("femtdgl.solve.integrate.Integrator._first_step", lambda *_: 1e-4)
    assert fg.run(line(10.0, t_end=5.0)).summary["steps"] > 1.2 * few
