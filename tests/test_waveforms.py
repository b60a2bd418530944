"""Waveforms that are smooth: sines, expressions, Python functions; pulse trains; in runs, files and resumed runs."""

import json
import math
import random
import tomllib

import numpy as np
import pytest
from conftest import PROBLEMS, complex_step
from test_expressions import text_of

import femtdgl as fg
from femtdgl.problem import toml
from femtdgl.problem.drive import waveform
from femtdgl.problem.problem import describe
from femtdgl.solve.march import March

SINE = {"sine": {"offset": 1.5, "amplitude": 0.3, "frequency": 0.05}}
TEXT = "1.5 + 0.3*sin(2*pi*0.05*t)"


def wave(t):
    return 1.5 + 0.3 * math.sin(2 * math.pi * 0.05 * t)


def slope_by_difference(function, t, h=1e-5):
    return (function(t + h) - function(t - h)) / (2 * h)


@pytest.mark.parametrize(
    "value",
    [
        SINE,
        {"sine": {"mean": 0.2, "amplitude": 0.3, "period": 4.0, "phase": 0.5, "ramp_in": 7.0}},
        TEXT,
        "0.1*exp(-t/5)*cos(t)",
        wave,
        fg.Function(wave, rate=lambda t: 0.3 * 2 * math.pi * 0.05 * math.cos(2 * math.pi * 0.05 * t)),
    ],
    ids=["sine", "sine that rises", "text", "text that decays", "function", "function with its rate"],
)
def test_slopes(value):
    made = waveform(value)
    assert made.corners == () and made.rests_from == math.inf
    for t in (0.0, 0.3, 3.1, 6.9, 7.1, 40.0):
        assert made.slope(t) == pytest.approx(slope_by_difference(made, t), rel=1e-6, abs=1e-9)


def test_one_sine_in_four_forms():
    forms = [waveform(value) for value in (SINE, TEXT, wave, {"sine": {"mean": 1.5, "amplitude": 0.3, "period": 20}})]
    for t in np.linspace(0, 50, 11):
        assert [form(t) for form in forms] == pytest.approx([wave(t)] * 4, rel=1e-14)
        assert [form.slope(t) for form in forms] == pytest.approx([forms[0].slope(t)] * 4, abs=1e-10)
    assert forms[0].repeats_after == forms[3].repeats_after == 20.0


def test_a_sine_rises_smoothly():
    made = waveform({"sine": {"offset": 1.0, "amplitude": 0.5, "period": 3.0, "ramp_in": 10.0}})
    plain = waveform({"sine": {"offset": 1.0, "amplitude": 0.5, "period": 3.0}})
    assert made(0.0) == made.slope(0.0) == 0.0
    assert made(5.0) == pytest.approx(plain(5.0) / 2)
    assert (made(10.0), made(11.0), made.slope(10.0)) == (plain(10.0), plain(11.0), plain.slope(10.0))


def test_the_slope_of_a_function_does_not_reach_over_its_corners():
    made = fg.Function(lambda t: math.sin(t) if t < 2 else 5 + math.cos(t), corners=(2.0,))
    for t in (1.9999, 2.0, 2.0005, 3.0):
        assert made.slope(t) == pytest.approx(math.cos(t) if t < 2 else -math.sin(t), abs=1e-9)


def test_what_stands_still_rests():
    assert waveform("0.3*2").rests_from == -math.inf
    assert waveform({"sine": {"offset": 1.0, "amplitude": 0.0, "period": 1.0}}).rests_from == -math.inf


def test_a_train_of_pulses():
    train = waveform({"pulses": [0.2, 0.6], "start": 10.0, "period": 8.0, "width": 2.0, "count": 3, "rise": 0.5})
    one = fg.Pulse(0.2, 0.6, start=10.0, width=2.0, rise=0.5)
    for t in np.linspace(0.0, 40.0, 401):
        phase = t if t < 10 or t >= 34 else 10 + (t - 10) % 8
        assert train(t) == pytest.approx(0.2 if t >= 34 else one(phase), abs=1e-12)
    assert len(train.corners) == 12 and train.rests_from == 29.0
    assert waveform(train.described()) == train


BAD = [
    ("high", "is no waveform"),
    ("12 uA", "has a unit"),
    ("12 foo", "has a unit"),
    ("0.1 + x", "position 7: 'x' is not known"),
    ("step(t - 5)", "jumps or bends"),
    ({"expression": "abs(sin(t))"}, "jumps or bends"),
    ({"sine": {"amplitude": 0.1}}, "one of frequency and period"),
    ({"sine": {"amplitude": 0.1, "period": 1.0, "frequency": 1.0}}, "one of frequency and period"),
    ({"sine": {"amplitude": 0.1, "period": 0.0}}, "a number > 0"),
    ({"sine": {"amplitude": 0.1, "period": 1.0, "mean": 1.0, "offset": 1.0}}, "one of them"),
    ({"sine": {"amplitude": 0.1, "period": 1.0, "phas": 1.0}}, "did you mean 'phase'"),
    ({"sine": 3.0}, "a table with amplitude"),
    ({"pulses": [0, 1], "period": 5.0, "width": 5.1, "count": 2}, "longer than the period"),
    ({"pulses": [0, 1], "period": 5.0, "width": 1.0, "count": 0}, "a whole number"),
    ({"pulses": [0, 1], "period": 5.0, "width": 1.0, "count": 1e9}, "a whole number"),
    ({"python_function": "f"}, "no file holds"),
    (lambda: 1.0, "does not work at t = 0"),
    (lambda t: "a", "does not work at t = 0"),
    (lambda t: math.nan, "is nan at t = 0"),
]


@pytest.mark.parametrize(("value", "says"), BAD, ids=[str(k) for k in range(len(BAD))])
def test_what_is_no_waveform(value, says):
    with pytest.raises(fg.InputError, match=r".*".join(says.split())):
        waveform(value)


def test_what_leaves_the_finite_in_the_run_is_refused(filament):
    with pytest.raises(fg.InputError, match=r"drive.current: is -?inf at t = 0"):
        filament(current="log(t)")
    with pytest.raises(fg.InputError, match=r"drive.current: is nan at t = 5\.01"):
        filament(current="sqrt(5 - t)")
    filament(current="sqrt(10 - t)")


def test_no_text_is_more_than_a_waveform_or_an_error():
    seeded = random.Random(5)
    for _ in range(1000):
        text = text_of(seeded)
        try:
            made = waveform(text)
        except fg.InputError:
            continue
        assert isinstance(made, fg.Waveform) and waveform(made.described()) == made


# ---- in runs --------------------------------------------------------------------------------------------------


def moving(filament, current, rtol=1e-4, t_end=60.0, **keys):
    time = fg.Time(t_end=t_end, rtol=rtol, checkpoint=1000.0)
    film = fg.Film(delta=1 / 0.3, eta=0.1, interference="published")
    return filament(length=1.1, elements=20, current=current, time=time, film=film, **keys)


@pytest.mark.parametrize("current", [SINE, TEXT, wave], ids=["sine", "text", "function"])
def test_a_smooth_drive_costs_no_restart_and_few_steps(filament, current):
    """At most 1.2 times the steps of the same run with its mean, which slips at that."""
    plain = fg.run(moving(filament, 1.5)).summary
    problem = moving(filament, current)
    starts = []
    march = March(fg.System(problem))
    original = march.integrator.start
    march.integrator.start = lambda *a: (starts.append(a[0]), original(*a))
    y = march.system.initial(np.ones(march.system.space.N, dtype=complex))
    for step in march.steps(0.0, y):
        last = step.t
    assert starts == [0.0] and last == 60.0
    driven = fg.run(problem).summary
    assert plain["state"] == "periodic" and driven["state"] == "driven"
    assert driven["steps"] <= 1.2 * plain["steps"]


def test_whole_periods_of_a_sine_are_measured(filament):
    """A normal wire: V = J L at every moment, so that the mean of V is that of J over whole periods, exactly."""
    sine = {"sine": {"offset": 1.0, "amplitude": 1.0, "period": 7.0}}
    time = fg.Time(t_end=40.0, rtol=1e-6, max_step=0.1)
    problem = filament(
        current=sine, left=fg.NormalContact(), right=fg.NormalContact(), film=fg.Film(delta=0.0), time=time,
        initial=fg.Initial(dips=(fg.Spot(depth=1.0, width=1e4),)), measure=fg.Measure(discard=10.0),
    )  # fmt: skip
    summary = fg.run(problem).summary
    assert summary["mean_voltage"] == pytest.approx(2.0, rel=1e-6)


def strip(**drive):
    return fg.Problem(
        mesh=fg.mesh.strip(length=4.0, width=3.0, h=1.0, order=2),
        film=fg.Film(model="gapless", eta=0.1),
        boundary={name: fg.Insulating() for name in ("left", "right", "top", "bottom")},
        drive=fg.Drive(**drive),
        initial=fg.Initial(noise=0.1, seed=3),
        time=fg.Time(t_end=4.0, rtol=1e-5),
    )


def test_the_slope_of_a_field_enters():
    """Text, sine and function: the same system and eddy currents; the Jacobian stays that of the residual."""
    forms = [
        "0.1 + 0.2*sin(0.5*t)",
        {"sine": {"offset": 0.1, "amplitude": 0.2, "period": 4 * math.pi}},
        lambda t: 0.1 + 0.2 * math.sin(0.5 * t),
    ]
    systems = [fg.System(strip(field=form), compiled=False) for form in forms]
    rng = np.random.default_rng(2)
    y, yp = rng.normal(size=(2, systems[0].size))
    parts = [system.residual(1.7, y, yp) for system in systems]
    assert np.abs(parts[1] - parts[0]).max() < 1e-12 and np.abs(parts[2] - parts[0]).max() < 1e-9
    still = fg.System(strip(field=0.1 + 0.2 * math.sin(0.85)), compiled=False)
    assert np.abs(still.residual(1.7, y, yp) - parts[0]).max() > 1e-3
    J = complex_step(systems[0], 1.7, y, yp, 2.0)
    assert np.abs(systems[0].matrix(systems[0].jacobian(1.7, y, yp, 2.0)).toarray() - J).max() < 1e-11 * np.abs(J).max()


def test_terminals_with_expressions_and_functions():
    def film(left, right):
        return fg.Problem(
            mesh=fg.mesh.line(length=2.0, elements=4),
            film=fg.Film(delta=0.0),
            boundary={"left": fg.Bank(current=left), "right": fg.Bank(current=right)},
            time=fg.Time(t_end=3.0),
        )

    film("0.1*sin(t)", "-0.1*sin(t)")
    film(lambda t: 0.1 * math.sin(t), "-0.1*sin(t)")
    three = {name: fg.NormalContact(current=fg.Ramp(0, J, over=5)) for name, J in (("a", 3), ("b", -2), ("c", -1))}
    edges = {"a": [-2.0, 0.0], "b": [2.0, 0.0], "c": [0.0, 1.0]}  # ramps have all but nothing next to their corners
    mesh = fg.mesh.plane(parts=[fg.mesh.Rectangle(size=(4, 2))], edges=edges, h=1.0)
    fg.Problem(mesh=mesh, film=fg.Film(delta=0.0), boundary=three, time=fg.Time(t_end=9.0))
    with pytest.raises(fg.InputError, match="add up to"):
        film("0.1*sin(t)", "-0.1*cos(t)")
    biased = fg.Problem(
        mesh=fg.mesh.line(length=2.0, elements=4),
        film=fg.Film(delta=0.0),
        boundary={"left": fg.NormalContact(voltage="0.2*sin(t)"), "right": fg.NormalContact(voltage=0.0)},
        time=fg.Time(t_end=3.0, rtol=1e-6),
    )
    probes = fg.run(biased).probes
    assert probes["voltage"] == pytest.approx(0.2 * np.sin(probes["t"]), abs=1e-9)


# ---- in files -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("current", [SINE, TEXT, {"expression": "0.4*step(t - 1)", "corners": [1.0]}])
def test_files_hold_them(filament, current, tmp_path):
    """Also a run that is resumed is the one without the stop, to the bit."""
    problem = filament(current=current, time=fg.Time(t_end=2.0, rtol=1e-5, checkpoint=1.0))
    text = toml.dump(problem)
    assert toml.build(toml.parse(text)) == problem
    fg.run(problem, tmp_path / "whole")
    fg.run(problem, tmp_path / "half", until=1.0)
    again = fg.resume(tmp_path / "half", until=2.0)
    assert np.array_equal(again.last_psi(), fg.Result(tmp_path / "whole").last_psi())
    assert json.loads((tmp_path / "half" / "summary.json").read_text())["t_end"] == 2.0


def test_a_run_with_a_function_resumes_with_it(filament, tmp_path):
    problem = filament(current=wave, time=fg.Time(t_end=2.0, rtol=1e-5, checkpoint=1.0))
    fg.run(problem, tmp_path / "whole")
    fg.run(problem, tmp_path / "half", until=1.0)
    before = (tmp_path / "half" / "result.h5").read_bytes()
    with pytest.raises(fg.InputError, match=r"drive\.current: was run with 'wave' in Python.*drive__current=wave"):
        fg.resume(tmp_path / "half", until=2.0)
    assert (tmp_path / "half" / "result.h5").read_bytes() == before
    again = fg.resume(tmp_path / "half", until=2.0, drive__current=wave)
    assert np.array_equal(again.last_psi(), fg.Result(tmp_path / "whole").last_psi())
    assert 'python_function = "wave"' in again.problem_text
    again = fg.resume(tmp_path / "half", until=2.5, drive__current=wave)  # the text still says so
    assert again.t[-1] == 2.5


def test_functions_in_several_places(filament):
    def half(t):
        return 0.1 * math.sin(t)

    problem = fg.Problem(
        mesh=fg.mesh.line(length=2.0, elements=4),
        film=fg.Film(delta=0.0),
        boundary={"left": fg.Bank(current=half), "right": fg.Bank(current=lambda t: -half(t))},
        time=fg.Time(t_end=1.0),
    )
    table = describe(problem)
    assert table["boundary"]["left"]["current"] == {"python_function": "half"}
    result = fg.run(problem, film__eta=0.2)
    assert result.summary["eta"] == 0.2
    assert result.probes["current"][-1] == pytest.approx(half(1.0))
    with pytest.raises(fg.InputError, match=r"boundary\.left\.current"):
        toml.build(toml.parse(toml.dump(problem)))


def test_a_function_as_an_override_and_no_sweep_of_one(filament):
    problem = filament(time=fg.Time(t_end=1.0))
    result = fg.run(problem, drive__current=wave)
    assert result.probes["current"][-1] == pytest.approx(wave(1.0))
    with pytest.raises(fg.InputError, match=r"drive\.current.*no point of a study"):
        fg.sweep(filament(current=wave), {"film.eta": [0.1, 0.2]})


def test_a_function_does_not_go_with_a_file():
    with pytest.raises(fg.InputError, match=r"drive\.current: is a Python function, which goes with a Problem"):
        fg.run(PROBLEMS / "psc_gapless.toml", drive__current=wave)


# ---- Shapiro steps --------------------------------------------------------------------------------------------


def test_the_first_shapiro_step_is_wide():
    """V = omega, to 1e-3, from J = 0.8 to 1.1; 30 % above and below that V is not."""
    table = tomllib.loads((PROBLEMS / "shapiro.toml").read_text())
    del table["sweep"]
    problem = toml.build(table)
    V = [fg.run(problem, drive__current__sine__offset=J).summary["mean_voltage"] for J in (0.7, 0.8, 1.1, 1.2)]
    locked = np.array(V) / (2 * math.pi * 0.05)
    assert abs(locked[0]) < 1e-3 and np.abs(locked[1:3] - 1).max() < 1e-3 and locked[3] > 1.1


@pytest.mark.slow
def test_shapiro():
    """The whole sweep: steps at V = n omega, the first over 8 points of J, the second over 5."""
    table = fg.sweep(PROBLEMS / "shapiro.toml").table
    V = table["mean_voltage"] / (2 * math.pi * 0.05)
    counts = [int(np.sum(np.abs(V - n) < 1e-3)) for n in (0, 1, 2, 3)]
    assert counts[0] >= 6 and counts[1] == 8 and counts[2] >= 4 and counts[3] >= 1
    assert np.all(np.diff(V) > -1e-3)
