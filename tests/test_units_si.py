"""Quantities of a problem file as text with units: twins in reduced numbers, every dimension, refusals, the parser."""

import copy
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import femtdgl as fg
from femtdgl.errors import InputError
from femtdgl.input.quantities import has_unit, parse
from femtdgl.kinds.filament.kind import FilamentJob
from femtdgl.problem import toml
from femtdgl.problem.problem import describe
from femtdgl.units import DEPAIRING, E_CHARGE, HBAR, K_B, MU_0, Scales, told

FILM = {
    "Tc": "9 K",
    "T0": "8.5 K",
    "D": "0.5 cm^2/s",
    "resistivity": "200 uOhm cm",
    "tau_eps": "15 ps",
    "width": "100 nm",
    "thickness": "5 nm",
}
LINE = {"mesh": {"shape": "line", "length": 6.0, "elements": 8}, "boundary": {"left": "bank", "right": "bank"}}
EDGES = {"left": "normal", "right": "normal", "bottom": "insulating", "top": "insulating"}
STRIP = {"mesh": {"shape": "strip", "length": 6.0, "width": 4.0, "h": 1.0}, "boundary": EDGES}
WIRE = {
    "mesh": {"shape": "wire", "length": 4.0, "width": 2.0, "height": 1.0, "h": 1.0},
    "boundary": {"left": "normal", "right": "normal", "side": "insulating"},
}


def built(base=LINE, film=FILM, **sections):
    return toml.build({**copy.deepcopy(base), "film": film, **sections}, file="some.toml")


@pytest.fixture(scope="module")
def scales():
    return built().film.scales


def text(value, unit):
    """SI as text that holds every digit."""
    return f"{value!r} {unit}"


def same(one, other, where=""):
    """Descriptions agree to 1e-12."""
    if isinstance(one, dict):
        assert set(one) == set(other), where
        for key in one:
            same(one[key], other[key], f"{where}.{key}")
    elif isinstance(one, list | tuple):
        assert len(one) == len(other), where
        for k, (a, b) in enumerate(zip(one, other, strict=True)):
            same(a, b, f"{where}.{k}")
    elif isinstance(one, float):
        assert other == pytest.approx(one, rel=1e-12, abs=0), where
    else:
        assert one == other, where


def test_every_dimension_is_converted_by_its_scale(scales):
    problem = built(
        STRIP,
        time={"t_end": "3 ps", "max_step": "20 fs", "checkpoint": "1 ps"},
        output={"fields": "0.5 ps", "probes": "0.1 ps"},
        measure={"discard": "1 ps", "path": [["-30 nm", 0.0], ["30 nm", "1 nm"]]},
        drive={"current": "3 GA/m^2", "field": {"ramp": [0, "20 mT"], "over": "1 ps"}, "shunt": "5 Ohm"},
        weak_spot=[{"depth": 0.1, "at": ["4 nm", 0.5], "width": "2 nm"}],
        initial={"dips": [{"depth": 0.1, "at": "1 nm"}]},
        noise={"temperature": "1.2 K", "step": "10 fs"},
        probes=[
            {"name": "v", "kind": "voltage", "between": [["-5 nm", 0.0], ["5 nm", 0.0]]},
            {"name": "i", "kind": "current", "at": ["1 nm", 0.0], "normal": [1.0, 0.0], "radius": "8 nm"},
        ],
    )
    xi, t0 = scales.length, scales.time
    assert [problem.time.t_end, problem.time.max_step, problem.time.checkpoint] == pytest.approx(
        [3e-12 / t0, 20e-15 / t0, 1e-12 / t0], rel=1e-14
    )
    assert [problem.output.fields, problem.output.probes, problem.measure.discard] == pytest.approx(
        [0.5e-12 / t0, 0.1e-12 / t0, 1e-12 / t0], rel=1e-14
    )
    assert problem.measure.path[1] == pytest.approx((30e-9 / xi, 1e-9 / xi), rel=1e-14)
    assert problem.drive.current.value == pytest.approx(3e9 / scales.current_density, rel=1e-14)
    assert problem.drive.field.times[1] == pytest.approx(1e-12 / t0, rel=1e-14)
    assert problem.drive.field.values[1] == pytest.approx(0.02 / scales.field, rel=1e-14)
    one_square = xi / (scales.sigma_n * xi * 5e-9 * 4)  # Ohm of one xi of a strip that is 4 xi wide
    assert problem.drive.shunt == pytest.approx(5 / one_square, rel=1e-12)
    spot = problem.weak_spot[0]
    assert (*spot.at, spot.width) == pytest.approx((4e-9 / xi, 0.5, 2e-9 / xi), rel=1e-14)
    assert problem.initial.dips[0].at == pytest.approx(1e-9 / xi, rel=1e-14)
    assert problem.noise.step == pytest.approx(10e-15 / t0, rel=1e-14)
    assert problem.noise.kelvin == pytest.approx(1.2)
    assert problem.probes[0].between[1] == pytest.approx((5e-9 / xi, 0.0), rel=1e-14)
    assert problem.probes[1].radius == pytest.approx(8e-9 / xi, rel=1e-14)
    assert problem.probes[1].normal == (1.0, 0.0)


@pytest.mark.parametrize("base", [LINE, STRIP, WIRE], ids=["1D", "2D", "3D"])
def test_total_current_is_density_times_the_area_of_the_terminal(base, scales):
    xi = scales.length
    area = {"line": 100e-9 * 5e-9, "strip": 4 * xi * 5e-9, "wire": 2 * xi * xi}[base["mesh"]["shape"]]
    problem = built(base, drive={"current": "2 uA"})
    assert problem.drive.current.value == pytest.approx(2e-6 / area / scales.current_density, rel=1e-12)


@pytest.mark.parametrize("base", [LINE, STRIP, WIRE], ids=["1D", "2D", "3D"])
def test_currents_and_voltages_of_terminals(base, scales):
    xi = scales.length
    one = {"line": 100e-9 * 5e-9, "strip": xi * 5e-9, "wire": xi * xi}[base["mesh"]["shape"]]
    given = {"left": {"kind": "normal", "current": "2 uA"}, "right": {"kind": "normal", "current": "-2 uA"}}
    problem = built({**base, "boundary": base["boundary"] | given})
    assert problem.boundary["left"].current.value == pytest.approx(2e-6 / one / scales.current_density, rel=1e-12)
    given["right"] = {"kind": "normal", "voltage": {"pulse": [0, "0.3 mV"], "start": "1 ps", "width": "2 ps"}}
    voltage = built({**base, "boundary": base["boundary"] | given}).boundary["right"].voltage
    assert max(voltage.values) == pytest.approx(0.3e-3 / scales.potential, rel=1e-12)
    assert voltage.times[-1] == pytest.approx(3e-12 / scales.time, rel=1e-12)


def test_the_power_of_a_run_is_current_times_voltage():
    """W, A and V of a summary are converted each by itself."""
    film = FILM | {"tau_eps": "1.5 ps"}
    time = {"t_end": "30 ps", "rtol": 1e-5}
    edges = {"left": "normal", "right": "normal"}
    problem = built({"mesh": LINE["mesh"], "boundary": edges}, film, time=time, drive={"current": "3 uA"})
    result = fg.run(problem)
    si = result.summary["si"]
    assert si["current"] == pytest.approx(3e-6, rel=1e-12)
    assert si["mean_joule"] == pytest.approx(si["current"] * si["mean_voltage"], rel=1e-6)
    assert si["t_end"] == pytest.approx(30e-12, rel=1e-9)
    scales = problem.film.scales
    ohm = scales.length * 6 / (scales.sigma_n * 100e-9 * 5e-9)
    assert 0 < si["mean_voltage"] < 1.01 * 3e-6 * ohm
    assert si["depairing_current"] == pytest.approx(DEPAIRING * scales.current_density * 5e-16, rel=1e-12)
    assert "field" not in si
    assert "si" not in fg.run(fg.Problem(mesh=problem.mesh, film=fg.Film(), boundary=problem.boundary,
                                         time=fg.Time(t_end=1.0))).summary  # fmt: skip


SHAPE = {"shape": "plane", "parts": [{"shape": "rectangle", "size": ["120 nm", "60 nm"]}], "h": "30 nm",
         "edges": {"left": ["-60 nm", 0], "right": {"at": [["60 nm", 0]]}},
         "holes": [{"shape": "disc", "radius": "10 nm", "at": [0, "5 nm"]}],
         "finer": [{"h": "15 nm", "at": [0, "15 nm"], "radius": "5 nm"}]}  # fmt: skip


def lengths_scaled(value, factor):
    """Text in nm as numbers, times a factor."""
    if isinstance(value, dict):
        return {key: lengths_scaled(item, factor) for key, item in value.items()}
    if isinstance(value, list):
        return [lengths_scaled(item, factor) for item in value]
    return parse(value, "length") * factor if has_unit(value) else value


def test_lengths_of_shapes_with_a_unit_of_their_own_or_none(scales):
    """Text is SI whatever unit the numbers beside it have."""
    edges = {"left": "normal", "right": "normal"}
    drive = {"current": "2 uA"}
    alone = built({"mesh": SHAPE, "boundary": edges}, drive=drive)
    numbers_in_xi = built({"mesh": lengths_scaled(SHAPE, 1 / scales.length), "boundary": edges})
    same(describe(numbers_in_xi)["mesh"], describe(alone)["mesh"])
    mixed = built({"mesh": {**SHAPE, "h": 0.03, "unit": "um"}, "boundary": edges}, drive=drive)
    assert mixed.mesh.h * mixed.mesh.scale == pytest.approx(alone.mesh.h, rel=1e-12)
    assert mixed.mesh.parts[0].size[0] == pytest.approx(0.12, rel=1e-12)
    assert mixed.mesh.scale == pytest.approx(1e-6 / scales.length, rel=1e-12)
    for problem in (alone, mixed):  # the left edge is 60 nm long
        density = 2e-6 / (60e-9 * 5e-9)
        assert problem.drive.current.value == pytest.approx(density / scales.current_density, rel=1e-9)


def test_fields_of_three_components_are_converted_one_by_one(scales):
    field = built(WIRE, drive={"field": ["1 mT", 0.5, {"table": [[0, 0], ["1 ps", "2 mT"]]}]}).drive.field
    assert field[0].value == pytest.approx(1e-3 / scales.field, rel=1e-14)
    assert field[1].value == 0.5
    assert field[2].values[1] == pytest.approx(2e-3 / scales.field, rel=1e-14)


def test_stored_text_is_what_was_written_and_resumes_the_same(tmp_path):
    source = tmp_path / "si.toml"
    lines = [f'{key} = "{value}"' for key, value in FILM.items()]
    source.write_text("\n".join(["[film]", *lines, """
[mesh]
shape = "line"
length = "100 nm"
elements = 8
[boundary]
left = "bank"
right = "bank"
[drive]
current = { ramp = [0.0, "2 uA"], over = "1 ps" }
[time]
t_end = "4 ps"
checkpoint = "2 ps"
"""]))  # fmt: skip
    result = fg.run(source, tmp_path / "half", until=2.0)
    assert 'length = "100 nm"' in result.problem_text
    whole = fg.run(source, tmp_path / "whole")
    fg.resume(tmp_path / "half", until=whole.summary["t_end"])
    assert whole.problem_text == source.read_text()
    assert fg.Result(tmp_path / "half").probes["voltage"][-1] == pytest.approx(whole.probes["voltage"][-1], rel=1e-5)


WRONG = [
    ({"mesh.length": "5 ps"}, "mesh.length", "'5 ps' is a time, not a length"),
    ({"mesh.length": "2 parsec"}, "mesh.length", "has the unit 'parsec'"),
    ({"time.t_end": "5 nm"}, "time.t_end", "is a length, not a time"),
    ({"drive.current": "5 uK"}, "drive.current", "'5 uK' is a temperature, not a current density nor a current"),
    ({"drive.current": {"ramp": [0, "5 uA"], "over": "1 uA"}}, "drive.current.over", "is a current, not a time"),
    ({"drive.current": {"ramp": [0, "5 ps"], "over": "1 ps"}}, "drive.current.ramp.1", "is a time, not a current"),
    ({"drive.current": {"table": [["1 uA", 0], [2, 1]]}}, "drive.current.table.0.0", "is a current, not a time"),
    ({"drive.shunt": "5 A"}, "drive.shunt", "is a current, not a resistance"),
    ({"noise.temperature": "5 uA"}, "noise.temperature", "is a current, not a temperature"),
    ({"boundary.left": {"kind": "bank", "voltage": "1 T"}}, "boundary.left.voltage", "is a field, not a potential"),
    ({"boundary.left": {"kind": "bank", "current": "1 A/m^2"}}, "boundary.left.current", "not a current"),
    ({"weak_spot": [{"depth": 0.1, "width": "1 V"}]}, "weak_spot.0.width", "is a potential, not a length"),
    ({"weak_spot": [{"depth": "1 nm"}]}, "weak_spot.0.depth", "'1 nm' has a unit"),
    ({"probes": [{"name": "v", "kind": "voltage", "between": [["1 s"], [0]]}]}, "probes.0.between.0.0", "not a length"),
    ({"film.width": "1 s"}, "film.width", "is a time, not a length"),
    ({"film.resistivity": "20 Ohm"}, "film.resistivity", "is a resistance, not a resistivity"),
    ({"film.Tc": "9 mV"}, "film.Tc", "is a potential, not a temperature"),
]


@pytest.mark.parametrize(("changes", "key", "says"), WRONG, ids=[f"{w[1]}-{k}" for k, w in enumerate(WRONG)])
def test_units_that_do_not_fit_are_refused_by_name(changes, key, says):
    table = {**copy.deepcopy(LINE), "film": dict(FILM), "drive": {}, "time": {"t_end": 10.0}}
    toml.override(table, changes)
    with pytest.raises(InputError) as error:
        toml.build(table, file="some.toml")
    assert error.value.file == "some.toml"
    assert error.value.key == key
    assert says in str(error.value)
    assert error.value.allowed


@pytest.mark.parametrize(
    ("sections", "key"),
    [
        ({"mesh": {**LINE["mesh"], "length": "50 nm"}}, "mesh.length"),
        ({"drive": {"current": "5 uA"}}, "drive.current"),
        ({"time": {"t_end": "1 ns"}}, "time.t_end"),
        ({"initial": {"dips": [{"depth": 0.5, "width": "1 nm"}]}}, "initial.dips.0.width"),
    ],
)
def test_a_film_without_scales_takes_no_units(sections, key):
    with pytest.raises(InputError, match="has a unit, the film has none") as error:
        built(film={"delta": 1.0, "eta": 0.1}, **sections)
    assert error.value.key == key
    assert "preset" in error.value.allowed
    assert "Tc, T0" in error.value.allowed


def test_a_current_needs_the_cross_section():
    film = {key: value for key, value in FILM.items() if key not in ("width", "thickness")}
    for base, missing in ((LINE, "film.width and film.thickness"), (STRIP, "film.thickness")):
        with pytest.raises(InputError) as error:
            built(base, film, drive={"current": "5 uA"})
        assert error.value.key == "drive.current"
        assert missing in error.value.allowed
    assert built(WIRE, film, drive={"current": "5 uA"}).drive.current.value > 0


def test_measured_films_by_their_formulas(scales):
    """One film by D, by xi, by the slope of Bc2; by resistivity and by sheet resistance; by tau_eps and by delta."""
    assert pytest.approx(0.5e-4, rel=1e-14) == scales.D
    assert 1 / scales.sigma_n == pytest.approx(2e-6, rel=1e-14)
    slope = 4 * K_B / (math.pi * E_CHARGE * scales.D)
    assert slope == pytest.approx(scales.field / 0.5, rel=1e-12)  # Bc2 is a straight line to Tc
    for key, value in {"xi": text(scales.length, "m"), "Bc2_slope": text(slope, "T/K")}.items():
        film = {name: each for name, each in FILM.items() if name != "D"} | {key: value}
        assert pytest.approx(scales.D, rel=1e-12) == built(film=film).film.scales.D
    film = {name: each for name, each in FILM.items() if name != "resistivity"} | {"sheet_resistance": "400 Ohm/sq"}
    assert built(film=film).film.scales.sigma_n == pytest.approx(scales.sigma_n, rel=1e-12)
    film = {name: each for name, each in FILM.items() if name != "tau_eps"} | {"delta": scales.delta}
    assert built(film=film).film.scales.tau_eps == pytest.approx(15e-12, rel=1e-12)
    assert built().film.delta == pytest.approx(2 * 15e-12 * scales.gap / HBAR, rel=1e-12)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"D": None}, "D"),
        ({"xi": "10 nm"}, "xi"),
        ({"resistivity": None}, "resistivity"),
        ({"resistivity": None, "sheet_resistance": 400, "thickness": None, "width": None}, "thickness"),
        ({"tau_eps": None}, "tau_eps"),
        ({"delta": 3.0}, "delta"),
        ({"eta": 0.1}, "eta"),
        ({"Tc": None}, "Tc"),
        ({"T0": None}, "T0"),
        ({"T0": "9.5 K"}, "T0"),
        ({"D": "-1 cm^2/s"}, "D"),
        ({"tau_eps": "-1 ps"}, "tau_eps"),
        ({"thickness": "0 nm"}, "thickness"),
        ({"tickness": "1 nm"}, "tickness"),
    ],
)
def test_measured_films_that_cannot_be(change, key):
    film = {name: value for name, value in (FILM | change).items() if value is not None}
    with pytest.raises(InputError) as error:
        built(film=film)
    assert error.value.key == f"film.{key}"
    assert error.value.file == "some.toml"


def test_penetration_depth_is_that_of_the_dirty_limit(scales):
    """1/lambda^2 = pi mu0 sigma_n Delta0^2/(2 hbar kB Tc), and j0 = hbar/(2 e mu0 lambda^2 xi)."""
    dirty = math.pi * MU_0 * scales.sigma_n * scales.gap**2 / (2 * HBAR * K_B * scales.Tc)
    assert scales.penetration_depth == pytest.approx(dirty**-0.5, rel=1e-12)
    london = HBAR / (2 * E_CHARGE * MU_0 * scales.penetration_depth**2 * scales.length)
    assert london == pytest.approx(scales.current_density, rel=1e-12)
    k = np.linspace(0, 1, 100001)
    assert scales.depairing == pytest.approx(((1 - k**2) * k).max() * scales.current_density, rel=1e-9)


def test_check_tells_the_film_in_si(scales):
    said = "\n".join(FilamentJob(built(STRIP), "").describe())
    for words in ("xi 17.3", "t0 1.0", "V0 317", "j0 9.167e+09 A/m^2", "Bc2 1.09", "lambda 1.28"):
        assert words in said
    amperes = DEPAIRING * scales.current_density * 4 * scales.length * 5e-9
    assert f"depairing   {told(amperes, 'A')}" in said


def test_numbers_are_told_with_prefixes():
    assert told(1.23456e-5, "A") == "12.35 uA"
    assert told(-2e-3, "V") == "-2 mV"
    assert told(0.0, "T") == "0 T"
    assert told(3e-16, "s") == "0.3 fs"
    assert told(1.5, "K") == "1.5 K"


@given(
    st.floats(1.0, 1e3),
    st.sampled_from(["nm", "um"]),
    st.floats(0.1, 20.0),
    st.sampled_from(["0.5 cm^2/s", "1e-4 m^2/s"]),
)
def test_text_and_number_are_twins_for_any_film(length, unit, kelvin_below, D):
    film = FILM | {"Tc": "30 K", "T0": f"{30 - kelvin_below!r} K", "D": D}
    scales: Scales = built(film=film).film.scales
    written = built(film=film, mesh={**LINE["mesh"], "length": f"{length!r} {unit}"}).mesh.length
    assert written == pytest.approx(length * {"nm": 1e-9, "um": 1e-6}[unit] / scales.length, rel=1e-12)


def test_every_waveform_takes_units(scales):
    """Sines, trains of pulses and the mean of a sine; expressions stay as they are, with the times of their corners."""
    t0, j0, Bc2 = scales.time, scales.current_density, scales.field

    def current(form):
        return describe(built(STRIP, drive={"current": form}).drive.current)

    sine = {"amplitude": "1 GA/m^2", "mean": "2 GA/m^2", "frequency": "5 GHz", "phase": 0.3, "ramp_in": "4 ps"}
    same(
        {
            "sine": {
                "amplitude": 1e9 / j0,
                "offset": 2e9 / j0,
                "frequency": 5e9 * t0,
                "phase": 0.3,
                "ramp_in": 4e-12 / t0,
            }
        },
        current({"sine": sine}),
    )
    train = {"pulses": [0.0, "1 GA/m^2"], "period": "9 ps", "width": "4 ps", "rise": "1 ps", "start": "2 ps"}
    pairs = current({**train, "count": 2})["table"]
    same([2e-12, 3e-12, 7e-12, 8e-12, 11e-12, 12e-12, 16e-12, 17e-12], [t * t0 for t, _ in pairs])
    assert max(j for _, j in pairs) == pytest.approx(1e9 / j0, rel=1e-12)
    formula = current({"expression": "0.1*step(t - 5)", "corners": ["3 ps"]})
    same({"expression": "0.1*step(t - 5)", "corners": [3e-12 / t0]}, formula)
    field = built(STRIP, drive={"field": {"sine": {"amplitude": "20 mT", "period": "1 ns"}}}).drive.field
    assert (field.amplitude, field.period) == pytest.approx((20e-3 / Bc2, 1e-9 / t0), rel=1e-12)


def test_magnets_are_converted_by_the_field_that_they_make(scales):
    """In the middle of a loop B = mu0 I/(2 a), and that of a dipole on its axis is mu0 m/(2 pi z^3)."""
    I, a, m, z = 2e-3, 40e-9, 3e-18, 70e-9
    magnets = {
        "coil": {"kind": "loop", "at": [0.0, 0.0, "30 nm"], "radius": "40 nm", "current": "2 mA"},
        "tip": {"kind": "dipole", "at": ["1 nm", 0.0, "70 nm"], "moment": {"ramp": [0, "3e-18 A m^2"], "over": "1 ps"}},
    }
    made = built(STRIP, drive={"magnets": magnets}).drive.magnets
    coil, tip = made["coil"], made["tip"]
    assert coil.at[2] == pytest.approx(30e-9 / scales.length, rel=1e-12)
    assert coil.current(0.0) / (2 * coil.radius) * scales.field == pytest.approx(MU_0 * I / (2 * a), rel=1e-12)
    on_axis = tip.moment(1e-12 / scales.time) / (2 * math.pi * tip.at[2] ** 3) * scales.field
    assert on_axis == pytest.approx(MU_0 * m / (2 * math.pi * z**3), rel=1e-12)
    magnets["coil"]["current"] = "2 mT"
    with pytest.raises(InputError, match="is a field, not a current of a magnet") as error:
        built(STRIP, drive={"magnets": magnets})
    assert error.value.key == "drive.magnets.coil.current"


def test_maps_and_heat_take_units(scales):
    xi, t0 = scales.length, scales.time
    fields = {
        "grains": {"random": 0.1, "length": "12 nm"},
        "rising": {"table": [["-5 nm", 0.0], ["5 nm", 1.0]]},
    }
    pulse = {"energy": "1e-19 J", "start": "1 ps", "duration": "2 ps", "at": ["3 nm"], "width": "8 nm"}
    laser = {"power": {"ramp": [0, "2 nW"], "over": "3 ps"}, "profile": "exp(-x**2)"}
    nodes = {"plate": {"temperature": {"ramp": ["8.5 K", "8.6 K"], "over": "5 ps"}}}
    bath = {"ramp": [0.9, 0.95], "over": "6 ps"}
    heat = {"sources": {"photon": pulse, "laser": laser}, "nodes": nodes, "bath": bath}
    problem = built(map={"conductivity": "1 + grains + 0.1*rising", "fields": fields}, heat=heat)
    assert problem.map.fields["grains"].length == pytest.approx(12e-9 / xi, rel=1e-12)
    assert problem.map.fields["rising"].table[1] == pytest.approx((5e-9 / xi, 1.0), rel=1e-12)
    photon, power = problem.heat.sources["photon"], problem.heat.sources["laser"].power
    found = (photon.energy, photon.start, photon.duration, photon.at[0], photon.width)
    assert found == pytest.approx((1e-19, 1e-12 / t0, 2e-12 / t0, 3e-9 / xi, 8e-9 / xi), rel=1e-12)
    assert (power(1e9), power.times[1]) == pytest.approx((2e-9, 3e-12 / t0), rel=1e-12)
    course = problem.heat.nodes["plate"].course
    assert (*course.values, course.times[1]) == pytest.approx((8.5, 8.6, 5e-12 / t0), rel=1e-12)
    assert problem.heat.bath.times[1] == pytest.approx(6e-12 / t0, rel=1e-12)


def test_words_in_python_take_units_as_a_file_does():
    words = {
        "mesh": {"shape": "strip", "length": "100 nm", "width": "60 nm", "h": "15 nm"},
        "boundary": EDGES,
        "drive": {"current": {"ramp": [0, "5 uA"], "over": "5 ps"}, "field": "20 mT"},
        "time": {"t_end": "1 ns"},
    }
    in_file = toml.build({**words, "film": FILM})
    assert fg.Problem(**words, film=FILM) == in_file
    film, edges = fg.Film(**FILM), {**EDGES, "left": in_file.boundary["left"]}
    assert fg.Problem(**{**words, "boundary": edges}, film=film) == in_file
    assert fg.Problem(**{**words, "mesh": in_file.mesh}, film=film) == in_file
    with pytest.raises(InputError, match="is a time, not a length") as error:
        fg.Problem(**{**words, "mesh": {**words["mesh"], "width": "60 ns"}}, film=film)
    assert error.value.key == "mesh.width"
    with pytest.raises(InputError, match="the film has none"):
        fg.Problem(**words, film=fg.Film(delta=1.0, eta=0.1))
