"""Text with units where Python has values: constructors, waveforms, meshes, until, times of results, sweeps."""

import copy
import pickle

import numpy as np
import pytest
from test_units_si import FILM, LINE

import femtdgl as fg
from femtdgl.errors import InputError
from femtdgl.input.unsettled import Words
from femtdgl.problem import toml
from femtdgl.studies import report as study_report
from femtdgl.studies.plan import Plan
from femtdgl.studies.values import bracket, values

TABLE = {
    "mesh": {"shape": "strip", "length": "100 nm", "width": "60 nm", "h": "15 nm", "hole": {"radius": "10 nm"}},
    "film": FILM,
    "boundary": {
        "left": {"kind": "normal", "current": {"sine": {"amplitude": "2 uA", "period": "10 ps"}}},
        "right": {"kind": "normal", "current": {"sine": {"amplitude": "-2 uA", "period": "10 ps"}}},
        "top": "insulating",
        "bottom": {"kind": "de-gennes", "b": "30 nm"},
        "hole": "insulating",
    },
    "drive": {
        "field": {"pulse": [0, "10 mT"], "start": "1 ps", "width": "2 ps"},
        "magnets": {"coil": {"kind": "loop", "at": [0, 0, "30 nm"], "radius": "40 nm", "current": "1 mA"}},
    },
    "time": {"t_end": "3 ps", "max_step": "0.1 ps"},
    "output": {"fields": "1 ps"},
    "measure": {"discard": "1 ps", "path": [["-40 nm", "20 nm"], ["40 nm", "20 nm"]]},
    "initial": {"dips": [{"depth": 0.3, "at": ["3 nm", 0], "width": "4 nm"}]},
    "weak_spot": [{"depth": 0.1, "at": ["3 nm", 0], "width": "4 nm"}],
    "probes": [{"kind": "voltage", "name": "v", "between": [["-30 nm", "20 nm"], ["30 nm", "20 nm"]]}],
}


def made():
    """The same by constructors."""
    dip = {"depth": 0.3, "at": ("3 nm", 0), "width": "4 nm"}
    return fg.Problem(
        mesh=fg.mesh.strip(length="100 nm", width="60 nm", h="15 nm", hole=fg.mesh.Hole(radius="10 nm")),
        film=fg.Film(**FILM),
        boundary={
            "left": fg.NormalContact(current=fg.Sine(amplitude="2 uA", period="10 ps")),
            "right": fg.NormalContact(current=fg.Sine(amplitude="-2 uA", period="10 ps")),
            "top": fg.Insulating(),
            "bottom": fg.DeGennes(b="30 nm"),
            "hole": "insulating",
        },
        drive=fg.Drive(
            field=fg.Pulse(0, "10 mT", "1 ps", "2 ps"),
            magnets={"coil": fg.Loop(at=(0, 0, "30 nm"), radius="40 nm", current="1 mA")},
        ),
        time=fg.Time(t_end="3 ps", max_step="0.1 ps"),
        output=fg.Output(fields="1 ps"),
        measure=fg.Measure(discard="1 ps", path=(("-40 nm", "20 nm"), ("40 nm", "20 nm"))),
        initial=fg.Initial(dips=[fg.Spot(**dip)]),
        weak_spot=(fg.Spot(**dip | {"depth": 0.1}),),
        probes=[fg.VoltageProbe(name="v", between=(("-30 nm", "20 nm"), ("30 nm", "20 nm")))],
    )


def test_constructors_take_the_text_of_a_file():
    assert made() == toml.build(copy.deepcopy(TABLE))


WAVES = [
    (lambda: fg.Ramp(0, "5 uA", over="2 ps"), {"ramp": [0, "5 uA"], "over": "2 ps"}),
    (lambda: fg.Ramp(0, "5 uA", over="2 ps", at=1.0), {"ramp": [0, "5 uA"], "over": "2 ps", "at": 1.0}),
    (lambda: fg.Pulse(0, "5 uA", 1.0, "2 ps", rise="1 fs"),
     {"pulse": [0, "5 uA"], "start": 1.0, "width": "2 ps", "rise": "1 fs"}),
    (lambda: fg.Pulses(0, "5 uA", "9 ps", "4 ps", 3), {"pulses": [0, "5 uA"], "period": "9 ps", "width": "4 ps",
                                                        "count": 3}),
    (lambda: fg.Table([(0, 0), ("1 ps", "5 uA")]), {"table": [[0, 0], ["1 ps", "5 uA"]]}),
    (lambda: fg.Table([0, "1 ps"], [0, "5 uA"]), {"table": [[0, 0], ["1 ps", "5 uA"]]}),
    (lambda: fg.Sine(amplitude="5 uA", frequency="1 THz", offset="1 uA", ramp_in="1 ps"),
     {"sine": {"amplitude": "5 uA", "frequency": "1 THz", "offset": "1 uA", "ramp_in": "1 ps"}}),
]  # fmt: skip


@pytest.mark.parametrize(("make", "form"), WAVES, ids=[str(k) for k in range(len(WAVES))])
def test_waveforms_of_python_are_those_of_a_file(make, form):
    words = {**LINE, "film": FILM}
    assert fg.Problem(**words, drive=fg.Drive(current=make())) == toml.build({**words, "drive": {"current": form}})
    assert fg.Problem(**words, drive={"current": make()}) == fg.Problem(**words, drive={"current": form})


def test_a_constant_is_a_current_that_never_moves():
    problem = fg.Problem(**LINE, film=FILM, drive=fg.Drive(current=fg.Constant("2 uA")))
    other = fg.Problem(**LINE, film=FILM, drive={"current": "2 uA"})
    assert problem.drive.current(3.0) == other.drive.current(3.0) and problem.drive.current.corners == (0.0,)


def test_words_that_wait_say_what_for():
    waits = fg.Sine(amplitude="2 uA", period="10 ps")
    assert isinstance(waits, Words) and repr(waits) == "Sine(sine={'amplitude': '2 uA', 'period': '10 ps'})"
    for again in (copy.deepcopy(waits), pickle.loads(pickle.dumps(waits))):
        assert again == waits and repr(again) == repr(waits)
    with pytest.raises(AttributeError, match=r"has text with units.*no 'corners'"):
        waits.corners  # noqa: B018
    assert isinstance(fg.Drive(current=waits), Words) and isinstance(fg.Drive(current="0.4 + 0.1*sin(t)"), fg.Drive)
    assert isinstance(fg.Film(**FILM), fg.Film) and isinstance(made(), fg.Problem)
    with pytest.raises(InputError, match=r"drive\.current\.sine\.amplitude: '2 uA' has a unit, the film has none"):
        fg.Problem(**LINE, film=fg.Film(delta=1.0), drive=fg.Drive(current=waits))


WRONG = [
    ({"drive": fg.Drive(current=fg.Sine(amplitude="5 uK", period="1 ps"))}, "drive.current.sine.amplitude",
     "'5 uK' is a temperature, not a current density nor a current"),
    ({"drive": fg.Drive(current=fg.Ramp(0, "5 uA", over="5 mV"))}, "drive.current.over", "is a potential, not a time"),
    ({"drive": fg.Drive(current=fg.Table([(0, 0), ("1 nm", 1)]))}, "drive.current.table.1.0", "is a length, not"),
    ({"mesh": fg.mesh.line(length="5 mT", elements=8)}, "mesh.length", "is a field, not a length"),
    ({"time": fg.Time(t_end="5 nm")}, "time.t_end", "is a length, not a time"),
    ({"initial": fg.Initial(dips=[fg.Spot(depth=0.1, width="5 A")])}, "initial.dips.0.width", "is a current"),
    ({"probes": [fg.VoltageProbe(name="v", between=(("1 K",), (0,)))]}, "probes.0.between.0.0", "is a temperature"),
    ({"boundary": {"left": fg.Bank(voltage="1 A"), "right": "bank"}}, "boundary.left.voltage", "is a current"),
    ({"boundary": {"left": "bank", "right": fg.DeGennes(b="1 V")}}, "boundary.right.b", "is a potential, not a length"),
    ({"stop": {"steady": "1 ps"}}, "stop.steady", "'1 ps' has a unit"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "key", "says"), WRONG, ids=[case[1] for case in WRONG])
def test_nonsense_is_refused_by_its_dimension(words, key, says):
    with pytest.raises(InputError) as error:
        fg.Problem(**{**LINE, "film": FILM, **words})
    assert error.value.key == key and says in str(error.value)


def test_the_length_of_de_gennes_in_si():
    """b is an extrapolation length: text is divided by xi."""
    ends = {"left": "insulating", "right": {"kind": "de-gennes", "b": "-40 nm"}}
    problem = fg.Problem(mesh=LINE["mesh"], film=FILM, boundary=ends)
    assert problem.boundary["right"].b == pytest.approx(-40e-9 / problem.film.scales.length, rel=1e-12)


@pytest.fixture(scope="module")
def short():
    return fg.Problem(**LINE, film=FILM, drive={"current": "1 uA"}, time={"t_end": "2 ps"}, output={"fields": "0.5 ps"})


def test_until_is_a_time_with_its_unit(short, tmp_path):
    t0 = short.film.scales.time
    result = fg.run(short, tmp_path / "run", until="1 ps")
    assert result.summary["t_end"] * t0 == pytest.approx(1e-12, rel=1e-12)
    more = fg.resume(tmp_path / "run", until="1.5 ps")
    assert more.summary["t_end"] * t0 == pytest.approx(1.5e-12, rel=1e-12)
    for wrong, says in (("1 nm", "is a length, not a time"), ("1 parsec", "has the unit 'parsec'")):
        with pytest.raises(InputError, match=says) as error:
            fg.run(short, until=wrong)
        assert error.value.key == "time.t_end"
        with pytest.raises(InputError, match=says):
            fg.resume(tmp_path / "run", until=wrong)
    with pytest.raises(InputError, match="until: 'soon' is not possible"):
        fg.run(short, until="soon")
    reduced = fg.Problem(**LINE, film=fg.Film(delta=1.0, eta=0.1))
    with pytest.raises(InputError, match="the film has none"):
        fg.run(reduced, until="1 ps")


def test_the_command_line_takes_times_with_units(short, tmp_path):
    from typer.testing import CliRunner

    from femtdgl.cli import app

    fg.run(short, tmp_path / "run", until="1 ps")
    done = CliRunner().invoke(app, ["resume", str(tmp_path / "run"), "--until", "2 ps", "--quiet"])
    assert done.exit_code == 0, done.output
    assert fg.Result(tmp_path / "run").summary["si"]["t_end"] == pytest.approx(2e-12, rel=1e-12)
    done = CliRunner().invoke(app, ["plot", str(tmp_path / "run"), "--of", "psi", "--times", "1 ps,0.5"])
    assert done.exit_code == 0, done.output
    done = CliRunner().invoke(app, ["plot", str(tmp_path / "run"), "--times", "1 mV"])
    assert done.exit_code == 2 and "is a potential, not a time" in done.output
    done = CliRunner().invoke(app, ["plot", str(tmp_path / "run"), "--units", "cgs"])
    assert done.exit_code == 2 and "SI or reduced" in done.output


# ---- sweeps -------------------------------------------------------------------------------------------------------


def test_values_of_a_sweep_have_units():
    assert values(["1 uA", {"from": "2 uA", "to": "4 uA", "count": 3}]) == ("1 uA", "2.0 uA", "3.0 uA", "4.0 uA")
    plan = Plan.read({"drive.current": ["1 uA", "2 mA"], "film.delta": [1.0]})
    assert plan.numbers == {"drive.current": [1e-6, 2e-3], "film.delta": [1.0]}
    assert [plan.label(key) for key in plan.values] == ["drive.current (A)", "film.delta"]
    found = bracket({"from": "1 uA", "to": "5 uA", "tolerance": "0.5 uA"})
    assert found.ends == pytest.approx((1e-6, 5e-6)) and found.said(2e-6) == "2e-06 A"
    for mixed in (["1 uA", "1 uK"], ["1 uA", 2.0], [{"from": "1 uA", "to": 4, "count": 3}]):
        with pytest.raises(InputError, match="holds '1 uA' and"):
            values(mixed)


def test_a_sweep_of_currents_in_amperes(short, tmp_path):
    swept = fg.sweep(short, {"drive.current": ["1 uA", "2 uA"]}, tmp_path / "sweep", workers=1)
    np.testing.assert_allclose(swept.table["drive.current"], [1e-6, 2e-6])
    np.testing.assert_allclose(swept.table["si.current"], [1e-6, 2e-6], rtol=1e-12)
    (drawn,) = study_report.figures(swept)
    assert drawn.name == "sweep.png"
    with pytest.raises(InputError, match="is a temperature, not a current density nor a current"):
        fg.sweep(short, {"drive.current": ["1 uK", "2 uK"]}, tmp_path / "no", workers=1)


def test_axes_of_a_sweep_have_prefixes():
    from matplotlib.figure import Figure

    from femtdgl.figures.study import _with_prefixes

    ax = Figure().add_subplot()
    ax.plot([1e-6, 2e-6], [0.0, 3e-4])
    ax.set(xlabel="drive.current (A)", ylabel="mean_voltage (V)")
    _with_prefixes(ax)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("drive.current", "mean_voltage")
    assert (ax.xaxis.get_major_formatter()(2e-6), ax.yaxis.get_major_formatter()(3e-4)) == ("2 µA", "300 µV")
    ax.set(xlabel="mesh.h")
    _with_prefixes(ax)
    assert ax.get_xlabel() == "mesh.h"
