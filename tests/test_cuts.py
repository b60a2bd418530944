"""Where a run is cut: times that rounding parts are one, ramps too short to see are steps, no time is passed over."""

import itertools
import math
import signal
import subprocess
import sys
import time
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from conftest import PROBLEMS, numbers
from hypothesis import given, settings
from hypothesis import strategies as st

import femtdgl as fg
from femtdgl.errors import SolverStopped
from femtdgl.kinds.filament.simulation import Simulation
from femtdgl.problem.problem import Problem
from femtdgl.solve.cuts import Cuts, resolution
from femtdgl.solve.integrate import Integrator

TINY = {"mesh__elements": 4, "mesh__order": 1, "output__fields": 1.0}


def walk(cuts: Cuts, limit: int = 100_000):
    """The cuts of a run one after the other."""
    t, found = cuts.start, []
    while t < cuts.t_end:
        cut = cuts.after(t)
        assert cut.t >= t + resolution(t), "two cuts that cannot be told apart"
        found.append(cut)
        t = cut.t
        assert len(found) < limit
    return found


def triples(count: int):
    """t_end, checkpoint and corner with one, two or three decimals up to 10, as texts."""
    rng = np.random.default_rng(5)
    for k in range(count):
        digits = 1 + k % 3
        yield [f"{n / 10**digits:.{digits}f}" for n in rng.integers(1, 10 * 10**digits, size=3)]


def test_triples_of_decimals():
    """10,000 of them: the end is exact, each checkpoint is there once, and so is the corner, at its very time."""
    for t_end, checkpoint, corner in triples(10_000):
        found = walk(Cuts(float(t_end), float(checkpoint), [float(corner)]))
        assert found[-1].t == float(t_end)
        due = [float(k * Decimal(checkpoint)) for k in range(1, math.floor(Decimal(t_end) / Decimal(checkpoint)) + 1)]
        assert [cut.t for cut in found if cut.is_checkpoint] == due
        assert {cut.t for cut in found} == {
            *due,
            float(t_end),
            *([float(corner)] if Decimal(corner) < Decimal(t_end) else []),
        }


def test_sums_that_rounding_parts_from_the_end():
    """0.1 + 0.7 and 0.8, 3 x 0.3 and 0.9: the end counts."""
    assert [cut.t for cut in walk(Cuts(0.8, 50.0, [0.1, 0.1 + 0.7]))] == [0.1, 0.8]
    assert walk(Cuts(0.9, 0.3, [0.3 * 3]))[-1] == (0.9, True, 0.3 * 3, 0.3 * 3)
    for k in range(1, 300):
        assert Cuts(1e3, 0.1).multiple(k) == float(f"{k / 10:.1f}")


def test_a_ramp_too_short_to_see_is_one_cut_with_both_corners():
    found = walk(Cuts(6.0, 50.0, [5.0, 5.0 + 3e-12]))
    assert [cut.t for cut in found] == [5.0, 6.0]
    assert found[0][2:] == (5.0, 5.0 + 3e-12)


def test_finely_spaced_corners_are_not_one_cut():
    found = walk(Cuts(1.0, 50.0, np.arange(2000) * 1e-8))
    assert 0.9 < len(found) / (2000 * 1e-8 / resolution(0)) < 1.01


@given(
    st.floats(1e-6, 1e6), st.floats(1e-3, 1e3), st.lists(st.floats(-10, 1e6), max_size=8),
    st.lists(st.floats(-2e-7, 2e-7), max_size=4), st.floats(0, 0.99),
)  # fmt: skip
@settings(max_examples=300, deadline=None)
def test_cuts_go_on_and_end_at_the_end(t_end, interval, corners, near, share):
    """Corners anywhere, also next to each other, to checkpoints and to the end; from the start or taken up later."""
    checkpoint = max(interval, t_end / 1000)
    many = [*corners, *(t_end + shift for shift in near), *(7 * checkpoint + shift for shift in near)]
    start = share * t_end
    if t_end - start < resolution(t_end):
        start = 0.0
    found = walk(Cuts(t_end, checkpoint, many, start=start))
    assert found[-1].t == t_end
    seen = [(cut.first, cut.last) for cut in found if cut.first <= cut.last]
    assert all(a[1] <= b[0] or b[0] == b[1] for a, b in itertools.pairwise(seen))
    for corner in many:
        if start + resolution(start) < corner < t_end - resolution(t_end):
            assert any(first <= corner <= last for first, last in seen), "a corner was passed over"


def short_run(t_end, checkpoint, corner):
    file = PROBLEMS / "psc_filament.toml"
    current = {"table": [[0.0, 0.2], [float(corner), 0.6], [float(corner), 0.1]]}
    result = fg.run(
        file, **TINY, drive__current=current, time__t_end=float(t_end), time__checkpoint=float(checkpoint),
        time__rtol=1e-4, output__probes=float(t_end) / 4,
    )  # fmt: skip
    assert result.summary["t_end"] == float(t_end)
    assert result.summary["stop_reason"] == "t_end"


@pytest.mark.parametrize("triple", [*triples(3), ("0.8", "0.3", "0.8"), ("0.9", "0.3", "0.6")], ids=str)
def test_short_runs_end_at_t_end(triple):
    short_run(*triple)


@pytest.mark.slow
def test_many_short_runs_end_at_t_end():
    for triple in triples(200):
        short_run(*triple)


@pytest.mark.parametrize("over", [3e-12, 1e-9])
def test_a_short_ramp_is_the_step(filament, over):
    def run(current):
        return fg.run(filament(current=current, time=fg.Time(t_end=4.0)))

    ramp, step = run(fg.Ramp(0.0, 1.5, over=over, at=2.0)), run(fg.Table((2.0, 2.0), (0.0, 1.5)))
    np.testing.assert_array_equal(ramp.probes["voltage"], step.probes["voltage"])
    assert ramp.probes["current"][ramp.probes["t"] <= 2.0].max() == 0.0, "what is recorded at the step is before it"


def test_the_end_of_a_ramp_is_the_end_of_the_run(filament):
    """Corner 0.1 + 0.7 = 0.7999999999999999, t_end 0.8: IDA refuses to go from one to the other."""
    summary = fg.run(filament(current=fg.Ramp(0.0, 1.5, over=0.7, at=0.1), time=fg.Time(t_end=0.8))).summary
    assert (summary["t_end"], summary["stop_reason"]) == (0.8, "t_end")


def kinked(x, t):
    """A that rises until t = 1: its rate jumps there.  (A part that is the same everywhere is gauged away.)"""
    return 0.4 * min(t, 1.0) * x, 0.4 * (t < 1.0) * x


def steep(x, t):
    """A as the root of t - 1: its rate has no bound there."""
    root = abs(t - 1) ** 0.5
    return 0.4 * np.sign(t - 1) * root * x, 0.2 / (root + 1e-150) * x


def test_a_vector_potential_that_no_step_can_follow_stops_in_words(filament):
    problem = filament(current=0.0, vector_potential=steep, time=fg.Time(t_end=2.0))
    with pytest.raises(SolverStopped, match=r"t = 1: .*`corners`") as stopped:
        fg.run(problem)
    assert stopped.value.time == pytest.approx(1.0, abs=1e-6)


def test_a_vector_potential_that_jumps_ends_and_is_cut_at_its_corners(filament):
    assert fg.run(filament(current=0.0, vector_potential=kinked, time=fg.Time(t_end=2.0))).summary["t_end"] == 2.0
    known = filament(current=0.0, vector_potential=fg.VectorPotential(kinked, corners=[1.0]), time=fg.Time(t_end=2.0))
    result = fg.run(known)
    assert result.summary["stop_reason"] == "t_end"
    assert 1.0 in result.probes["t"]


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda x, t: x, "does not work|returns"),
        (lambda x: (x, x), "does not work"),
        (lambda x, t: (x[:, :1], x), "returns"),
        (lambda x, t: (x * np.nan, x), "not finite"),
        (3.0, "no function"),
    ],
)
def test_what_is_no_vector_potential_is_refused(filament, function, said):
    with pytest.raises(fg.InputError, match=f"vector_potential: .*({said})"):
        fg.run(filament(current=0.0, vector_potential=function))


def test_no_progress_is_said(filament, monkeypatch):
    """An integrator that returns the same time for ever is given up after some steps."""
    step = Integrator._step

    def stuck(self, t_stop):
        result = step(self, t_stop)
        result.t = min(result.t, 0.5)
        return result

    monkeypatch.setattr(Integrator, "_step", stuck)
    with pytest.raises(SolverStopped, match=r"t = 0\.5: no progress in 1000 steps"):
        fg.run(filament(time=fg.Time(t_end=2.0)))


@given(
    at=numbers(0, 3).map(lambda t: round(t, 13)), over=st.floats(-13, 0.5).map(lambda e: 10**e), jump=numbers(-2, 2),
    t_end=st.floats(0.01, 4),
    checkpoint=st.sampled_from([0.1, 0.3, 1.0, 50.0]),
)  # fmt: skip
@settings(max_examples=6, deadline=None)
@pytest.mark.slow
def test_any_ramp_ends_or_stops_in_words(at, over, jump, t_end, checkpoint):
    """Within seconds, whatever it is."""
    problem = Problem(
        mesh=fg.mesh.line(length=1.1, elements=4, order=1), film=fg.Film(delta=3.0),
        boundary={"left": fg.Bank(), "right": fg.Bank()},
        drive=fg.Drive(current=fg.Ramp(0.2, 0.2 + jump, over=over, at=at)),
        time=fg.Time(t_end=t_end, checkpoint=max(checkpoint, t_end / 20), rtol=1e-5), output=fg.Output(fields=t_end),
    )  # fmt: skip
    begun = time.process_time()
    try:
        assert fg.run(problem).summary["t_end"] == t_end
    except SolverStopped as stopped:
        assert ";" in str(stopped)
    assert time.process_time() - begun < 20


MESHES = {"line": fg.mesh.line(length=2.0, elements=4), "strip": fg.mesh.strip(length=2.0, width=1.0, h=0.5)}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("mesh", MESHES.values(), ids=MESHES)
def test_a_signal_ends_the_step_under_way(monkeypatch, mesh, number):
    """It comes in the middle of a residual: that is the last one of the run."""
    sides = {name: fg.Insulating() for name in mesh.boundaries if name not in ("left", "right")}
    problem = fg.Problem(
        mesh=mesh, film=fg.Film(), boundary={"left": fg.NormalContact(), "right": fg.NormalContact(), **sides},
        drive=fg.Drive(current=0.1), time=fg.Time(t_end=5.0),
    )  # fmt: skip
    residual, count = Integrator._residual, [0]

    def signalled(self, t, y, yp, F):
        count[0] += 1
        if count[0] == 50:
            signal.raise_signal(number)
        residual(self, t, y, yp, F)

    monkeypatch.setattr(Integrator, "_residual", signalled)
    with pytest.raises(KeyboardInterrupt) as stop:
        fg.run(problem)
    assert count[0] == 50
    assert stop.value.result.summary["stop_reason"] == "interrupted"
    assert 0 < stop.value.result.probes["t"][-1] == stop.value.result.summary["t_end"] < 5.0


@pytest.mark.parametrize("iterative", [False, True])
def test_interrupted_in_any_callback_nothing_crashes(iterative):
    """Not at the end of the process either."""
    code = f"""
import functools
import femtdgl as fg
from femtdgl.solve.march import March
from femtdgl.solve.integrate import StepInterrupted
problem = fg.Problem(mesh=fg.mesh.line(length=2.0, elements=4), film=fg.Film(),
    boundary={{"left": fg.Bank(), "right": fg.Bank()}}, drive=fg.Drive(current=0.5))
for calls in range(1, 12):
    system = fg.System(problem, iterative={iterative})
    march = March(system)
    integrator, guarded, count = march.integrator, march.integrator._guarded, [0]
    def counted(callback):
        inner = guarded(callback)
        @functools.wraps(callback)
        def counting(*arguments):
            count[0] += 1
            inner(*arguments)
            integrator.interrupted = count[0] >= calls
        return counting
    integrator._guarded = counted
    steps = march.steps(0.0, system.initial(system.space.nodes[0] * 0 + 1.0))
    try:
        for step in steps: pass
    except StepInterrupted:
        print("interrupted", count[0] - calls <= 1)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (0, "interrupted True\n" * 11), done.stderr


# ---- what a cut costs ------------------------------------------------------------------------------------------------


def starts_of(problem):
    """Times at which the integrator started anew, and the run's steps."""
    times = []

    class Noted(Integrator):
        def start(self, t, y, yp, pace=None):
            times.append(t)
            super().start(t, y, yp, pace)

    simulation = Simulation(problem)
    simulation.march.integrator = Noted(simulation.system)
    y, steps = simulation.y, []
    for cut in walk(Cuts(problem.time.t_end, problem.time.checkpoint, problem.corners)):
        for step in simulation.march.steps(steps[-1].t if steps else 0.0, y):
            steps.append(step)
            y = step.y
        assert step.t == cut.t
    return times, steps


@pytest.mark.parametrize(
    ("current", "anew"),
    [
        (fg.Ramp(0.0, 0.3, over=1.0, at=0.5), [0.0]),
        (fg.Table((0.0, 1.0, 1.0, 2.0), (0.0, 0.2, 0.3, 0.3)), [0.0, 1.0]),
        (fg.Formula("0.1*max(t - 1, 0)**2*max(1.5 - t, 0)", corners=(1.0, 1.5)), [0.0, 1.0, 1.5]),
    ],
    ids=["ramp", "jump", "not straight"],
)  # fmt: skip
def test_the_integrator_starts_anew_only_where_it_must(filament, current, anew):
    """Where F jumps, and where a drive that is not straight begins, which a long step could pass over."""
    assert starts_of(filament(current=current, time=fg.Time(t_end=3.0)))[0] == anew


def test_a_corner_that_is_passed_costs_no_accuracy(filament):
    """The end of a ramp in the middle of the slips: the state 2 t0 later, against a run of a tight tolerance."""
    current = fg.Ramp(0.0, 1.5, over=3.0)
    ends = {rtol: starts_of(filament(current=current, time=fg.Time(t_end=5.0, rtol=rtol)))[1] for rtol in (1e-5, 1e-9)}
    loose, tight = (steps[-1].y for steps in ends.values())
    assert np.abs(loose - tight).max() < 1e-4


def test_a_checkpoint_costs_few_steps(filament):
    """The first step fits how the last one was bent: four of them add few steps, where from 1e-3 t0 they added 47."""
    problem = filament(current=fg.Ramp(0.0, 0.6, over=1.0), time=fg.Time(t_end=40.0, rtol=1e-4))
    cut = replace(problem, time=replace(problem.time, checkpoint=8.0))
    times, steps = starts_of(cut)
    whole = len(starts_of(problem)[1])
    assert times == [0.0, 8.0, 16.0, 24.0, 32.0]
    assert len(steps) <= whole + 6 * 4, (len(steps), whole)


def test_a_bump_after_a_long_rest_is_not_stepped_over(filament):
    """A formula has no corners: after a checkpoint, at rest, steps grow from a small one as they did before it."""
    bump = fg.Formula("1.3*exp(-(t - 214)**2)")
    problem = filament(current=bump, time=fg.Time(t_end=220.0))
    steps = starts_of(problem)[1]
    behind = [step for step in steps if step.t > 200]
    assert min(step.t - step.t_old for step in behind) < 1.01e-3
    result = fg.run(problem)
    assert np.abs(result.probes["voltage"][result.probes["t"] > 200]).max() > 0.5
