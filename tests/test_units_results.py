"""Results and figures of a film in SI: numbers, units of columns, labels and ticks of axes, the report of a run."""

import math
import re

import numpy as np
import pytest
from matplotlib import pyplot as plt
from test_units_si import EDGES, FILM, LINE

import femtdgl as fg
from femtdgl.errors import InputError
from femtdgl.figures import alone, axes, fields, filament, sweep, traces
from femtdgl.figures.units import Unit, _read, in_units, prefixed, shown_in, units_of
from femtdgl.files.reader import MADE_OF_PSI
from femtdgl.kinds import report
from femtdgl.problem.in_si import units_in_si


@pytest.fixture(scope="module")
def line():
    problem = fg.Problem(
        **LINE, film={**FILM, "tau_eps": "1.5 ps"}, output={"fields": "0.5 ps"}, time={"t_end": "12 ps", "rtol": 1e-5},
        drive={"current": {"table": [[0, 0], ["6 ps", "14 uA"], ["12 ps", 0]]}},
    )  # fmt: skip
    return fg.run(problem)


@pytest.fixture(scope="module")
def strip():
    problem = fg.Problem(
        mesh={"shape": "strip", "length": "200 nm", "width": "120 nm", "h": "15 nm"}, film=FILM, boundary=EDGES,
        drive={"current": "9 uA", "field": {"ramp": [0, "330 mT"], "over": "5 ps"}}, output={"fields": "1 ps"},
        time={"t_end": "6 ps", "rtol": 1e-4},
        probes=[{"kind": "moment", "name": "m"}, {"kind": "current", "name": "cut", "at": [0, 0], "normal": [1, 0]},
                {"kind": "vortices", "name": "nv"}],
    )  # fmt: skip
    return fg.run(problem)


# ---- numbers ------------------------------------------------------------------------------------------------------


def test_reduced_units_follow_from_each_other(line):
    """Powers are currents times voltages, energies powers times times, moments currents times areas."""
    film = line.film
    for dim in (1, 2, 3):
        si = {unit: size for unit, (size, _) in units_in_si(film, dim).items()}
        assert si["j0V0xi^(d-1)"] == pytest.approx(si["j0xi^(d-1)"] * si["V0"], rel=1e-14)
        assert si["j0V0t0xi^(d-1)"] == pytest.approx(si["j0V0xi^(d-1)"] * si["t0"], rel=1e-14)
        assert si["j0xi^(d+1)"] == pytest.approx(si["j0xi^(d-1)"] * si["xi"] ** 2, rel=1e-14)
    areas = {1: 100e-9 * 5e-9, 2: film.scales.length * 5e-9, 3: film.scales.length**2}
    for dim, area in areas.items():
        assert units_in_si(film, dim)["j0xi^(d-1)"].size == pytest.approx(film.scales.current_density * area, rel=1e-14)
    assert "j0xi^(d-1)" not in units_in_si(fg.Film(**{**FILM, "thickness": None} | {"width": None}), 2)
    assert units_in_si(fg.Film(delta=1.0), 2) == {}


@pytest.mark.parametrize("name", ["psi", "phi", "j_s", "j", "w", *MADE_OF_PSI])
def test_fields_in_si_are_the_reduced_ones_times_their_unit(strip, name):
    si, s = strip.in_si(), strip.scales
    size = {"psi": s.gap, "phi": s.potential, "j_s": s.current_density, "j": s.current_density, "w": s.power_density,
            "|psi|": s.gap, "|psi|^2": s.gap**2, "arg psi": 1.0}[name]  # fmt: skip
    points, t = np.array([[20e-9, 10e-9], [-60e-9, 30e-9]]), 3.3e-12
    found = si.at(points, t, name)
    np.testing.assert_allclose(found, size * strip.at(points / s.length, t / s.time, name), rtol=1e-12)
    np.testing.assert_allclose(si.at([["20 nm", "10 nm"], ["-60 nm", "30 nm"]], "3.3 ps", name), found, rtol=1e-9)
    np.testing.assert_allclose(
        strip.at([["20 nm", "10 nm"], ["-60 nm", "30 nm"]], "3.3 ps", name) * size, found, rtol=1e-9
    )
    cut = si.line((-50e-9, 0), ("50 nm", 0), 5, "3.3 ps", name)
    assert cut.s[-1] == pytest.approx(100e-9) and cut.x[0, 0] == pytest.approx(-50e-9)
    one = strip.line(cut.x[0] / s.length, cut.x[-1] / s.length, 5, "3.3 ps", name)
    np.testing.assert_allclose(cut.values, size * one.values, rtol=1e-9, atol=1e-12 * size)


def test_times_and_places_in_si(line):
    si, s = line.in_si(), line.scales
    np.testing.assert_allclose(si.t, line.t * s.time)
    np.testing.assert_allclose(si.nodes, line.nodes * s.length)
    np.testing.assert_allclose(si.psi(si.t[-1]), line.psi(line.t[-1]) * s.gap)  # the end, whatever is rounded
    np.testing.assert_allclose(si.phi("3 ps"), line.phi(3e-12 / s.time) * s.potential)
    seen = si.space_time(name="|psi|")
    assert seen.t[-1] == pytest.approx(12e-12) and np.ptp(seen.s) == pytest.approx(np.ptp(si.nodes))
    np.testing.assert_allclose(line.psi(["1 ps", "2 ps"]), line.psi([1e-12 / s.time, 2e-12 / s.time]))
    assert si.scales["length"] == s.length and si.scales["temperature"] == 9.0
    assert si.scales["power"] == pytest.approx(si.scales["current"] * si.scales["potential"], rel=1e-14)
    assert si.summary["mean_voltage"] == line.summary["mean_voltage"] * s.potential


def test_probes_in_si_are_amperes_volts_and_watts(line, strip):
    for result in (line, strip):
        probes = result.in_si().probes
        assert {name: probes.units[name] for name in ("t", "voltage", "current", "work", "psi_max")} == {
            "t": "s", "voltage": "V", "current": "A", "work": "W", "psi_max": "J"
        }  # fmt: skip
        late = probes["t"] > 0.85 * probes["t"][-1]  # the field, which does work too, has come to rest
        joule = probes["current"] * probes["voltage"]
        np.testing.assert_allclose(probes["work"][late], joule[late], atol=2e-3 * np.abs(joule).max())
    probes = strip.in_si().probes
    np.testing.assert_allclose(probes["cut"], 9e-6, rtol=1e-3)  # as rtol of the run goes
    assert probes["current"][-1] == pytest.approx(9e-6, rel=1e-9) and probes["field"][-1] == pytest.approx(0.33)
    assert probes.units["m"] == "A m^2" and probes.units["nv"] == "vortices" and probes["nv"].dtype.kind == "i"
    np.testing.assert_allclose(strip.in_si().magnetic_moment("6 ps"), probes["m"][-1], rtol=5e-3)


def test_a_film_without_scales_has_no_si():
    result = fg.run(fg.Problem(**LINE, film=fg.Film(delta=1.0), time=fg.Time(t_end=1.0)))
    with pytest.raises(InputError, match="the film has no scales"):
        result.in_si()
    with pytest.raises(InputError, match="'1 ps' has a unit, the film has none"):
        result.psi("1 ps")
    with pytest.raises(InputError, match="units: the film has no scales"):
        result.plot.voltage(units="SI")
    assert units_of(result) == {} and result.scales is None


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda r: r.psi("1 nm"), "t: '1 nm' is a length, not a time"),
        (lambda r: r.at("1 ps", "1 ps"), "points: '1 ps' is a time, not a length"),
        (lambda r: r.psi("soon"), "t: 'soon' is not a time"),
        (lambda r: r.in_si().psi("1 nm"), "t: '1 nm' is a length, not a time"),
        (lambda r: r.in_si().at("1 ps", 1e-12), "points: '1 ps' is a time, not a length"),
        (lambda r: r.in_si().psi(1.0), "lies outside the stored times"),
        (lambda r: r.plot.order_parameter("1 nm"), "is a length, not a time"),
    ],
)
def test_nonsense_is_refused(line, ask, says):
    with pytest.raises(InputError, match=says):
        ask(line)


def test_tables_say_the_units_of_their_columns(strip):
    pytest.importorskip("pandas")
    xarray = pytest.importorskip("xarray")
    frame, reduced = strip.in_si().to_pandas(), strip.to_pandas()
    assert frame.attrs["units"]["voltage"] == "V" and reduced.attrs["units"]["voltage"] == "V0"
    assert frame.index[-1] == pytest.approx(6e-12) and set(frame.columns) == set(reduced.columns)
    data, own = strip.in_si().to_xarray(), strip.to_xarray()
    assert isinstance(data, xarray.Dataset) and set(data) == set(own)
    assert (data["j_s"].attrs["units"], own["j_s"].attrs["units"]) == ("A/m^2", "j0")
    assert (data["x"].attrs["units"], data["t"].attrs["units"], own["x"].attrs["units"]) == ("m", "s", "xi")
    np.testing.assert_allclose(data["phi"], own["phi"] * strip.scales.potential)
    assert data["x"].max() == pytest.approx(100e-9) and data["current"][-1] == pytest.approx(9e-6, rel=1e-9)


# ---- figures ------------------------------------------------------------------------------------------------------


def labels(figure):
    return {text for ax in figure.axes for text in (ax.get_xlabel(), ax.get_ylabel()) if text}


def told(side):
    """Places and texts of the ticks of an axis that are seen."""
    side.axes.figure.canvas.draw()
    low, high = sorted(side.get_view_interval())
    ticks = [(tick.get_loc(), tick.label1.get_text()) for tick in side.get_major_ticks()]
    return [
        (place, float(text.replace("\N{MINUS SIGN}", "-"))) for place, text in ticks if low <= place <= high and text
    ]


def test_figures_are_in_si_and_reduced_on_request(line, strip):
    made = [filament.psc_fig1(line), filament.space_time_map(line), traces.traces(line), sweep.current_voltage(line),
            *fields.stills(strip, [5.0]).values(), traces.traces(strip), alone.space_time(line, "j_s")]  # fmt: skip
    seen = set().union(*map(labels, made))
    assert {"$t$ (ps)", "$x$ (nm)", "$y$ (nm)", "$V$ (mV)", r"$I$ (µA)", "mean $V$ (mV)", "$|j_s|$ (GA/m²)"} <= seen
    assert {"$B$ (mT)", r"$|\psi|/\Delta_0$", "count"} <= seen
    assert not [text for text in seen for unit in (r"\xi", "t_0", "V_0", "j_0", "B_{c2}") if unit in text]
    with shown_in("reduced"):
        again = [filament.psc_fig1(line), traces.traces(strip), *fields.stills(strip, [5.0]).values()]
    seen = set().union(*map(labels, again))
    assert {"$t/t_0$", r"$x/\xi$", "$V/V_0$", "$J/j_0$", "$B/B_{c2}$"} <= seen and not [x for x in seen if "nm" in x]
    plt.close("all")


def test_ticks_tell_si_at_their_places(line, strip):
    """What stands at a tick is its place times the unit, to the digits that are shown."""
    figure, s = traces.traces(line), line.scales
    for side, size in ((figure.axes[0].yaxis, s.potential / 1e-3), (figure.axes[-1].xaxis, s.time / 1e-12)):
        ticks = told(side)
        assert len(ticks) >= 3
        for place, number in ticks:
            assert number == pytest.approx(place * size, abs=1e-6 * max(abs(n) for _, n in ticks))
    current = figure.axes[1].yaxis
    ampere = 1e6 * s.current_density * 100e-9 * 5e-9
    assert all(number == pytest.approx(place * ampere, abs=1e-6) for place, number in told(current))
    image = fields.stills(strip, [5.0])["current"].axes[0]
    assert all(number == pytest.approx(place * s.length / 1e-9, abs=1e-4) for place, number in told(image.xaxis))


def test_headings_say_si(line, strip):
    from femtdgl.figures import heading

    assert "$I$ = 0 $\\to$ 14 $\\to$ 0 µA" in list(heading.parameters(line))
    assert "$B$ = 0 $\\to$ 330 mT" in list(heading.parameters(strip)) and "$I$ = 9 µA" in list(
        heading.parameters(strip)
    )
    t = 3e-12 / strip.scales.time
    assert heading.moment(strip, t).startswith("$t$ = 3 ps, $B$ = 198 mT")


@pytest.mark.parametrize("units", ["SI", "reduced"])
def test_plots_into_axes_have_the_numbers_of_their_axes(line, strip, units):
    s = line.scales if units == "SI" else None
    ax = line.plot.voltage(units=units)
    by_t, by_V = (s.time / 1e-12, s.potential / 1e-3) if s else (1.0, 1.0)
    np.testing.assert_allclose(ax.lines[0].get_xdata(), line.probes["t"] * by_t)
    np.testing.assert_allclose(ax.lines[0].get_ydata(), line.probes["voltage"] * by_V)
    assert ax.get_ylabel() == ("$V$ (mV)" if s else "$V/V_0$")
    ax = line.plot.currents(3.0, units=units)
    assert ax.get_ylabel() == ("$j$ (GA/m²)" if s else "$j/j_0$")
    np.testing.assert_allclose(ax.lines[0].get_xdata(), line.nodes[0] * (s.length / 1e-9 if s else 1.0))
    ax = strip.plot.order_parameter("5 ps", units=units)
    assert ax.get_xlim()[1] == pytest.approx(100.0 if s else 100e-9 / strip.scales.length)
    ax = strip.plot.space_time(p=("-90 nm", 0), q=("90 nm", 0), units=units)
    assert ax.get_ylim()[1] == pytest.approx(180.0 if s else 180e-9 / strip.scales.length, rel=0.01)
    plt.close("all")


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("$t/t_0$", "$t$ (ps)"),
        (r"$w$ ($j_0 V_0/\xi$)", "$w$ (TW/m³)"),
        ("EMF around\nthe path ($V_0$)", "EMF around\nthe path (µV)"),
        (r"$I$ ($j_0\xi$)", "$I$ (nA)"),
        ("$T$$/T_c$, line at 1", "$T$ (K), line at $T_c$"),
        ("j0 xi^3", "10$^{-24}$ A m²"),
        (r"energy ($j_0 V_0 t_0\,\xi^{d-1}$)", "energy (10$^{-21}$ J)"),
        (r"$|\psi|/\Delta_0$", None),
        (r"$\omega/\Delta_0$", None),
        ("count", None),
        ("Lmax (of the run)", None),
    ],
)
def test_labels_say_what_is_converted(strip, label, shown):
    figure, ax = plt.subplots()
    ax.plot([0, 1], [0, 1])
    ax.set_ylabel(label)
    in_units([ax], strip)
    found = ax.get_ylabel()
    if shown is None:
        assert found == label and _read(label, units_of(strip)) is None
    else:
        powers = ("10$", "p", "n", "µ", "m", "G", "T", "f", "K", "M", "k", "a")
        assert found.split("(")[0] == shown.split("(")[0] and any(power in found for power in powers)
        assert "_0" not in found and "xi" not in found
    plt.close(figure)


@pytest.mark.parametrize(
    ("unit", "largest", "words", "number"),
    [
        (Unit(1e-12, "s"), 3.0, "ps", 3.0),
        (Unit(1e-12, "s"), 3e3, "ns", 3.0),
        (Unit(2e-8, "m"), 40.0, "nm", 800.0),
        (Unit(2e-8, "m"), 60.0, "µm", 1.2),
        (Unit(9.0, "K"), 1e-3, "K", 9e-3),
        (Unit(1e-21, "J"), 4.0, "10$^{-21}$ J", 4.0),
        (Unit(1.0, "V"), 0.0, "V", 0.0),
    ],
)
def test_prefixes_leave_numbers_from_1_to_1000(unit, largest, words, number):
    factor, shown = prefixed(unit, largest)
    assert shown == words and factor * largest == pytest.approx(number, rel=1e-12)


def test_the_choice_ends_with_its_block(line):
    with shown_in("reduced"):
        assert units_of(line) == {}
    assert units_of(line)["t0"].size == line.scales.time
    with pytest.raises(InputError, match="SI or reduced"), shown_in("cgs"):
        pass
    assert axes.axis(line, "$V/V_0$", [0.0])[0] == pytest.approx(line.scales.potential)
    assert math.isclose(axes.axis(line, "count", [3])[0], 1.0)


def test_the_line_of_progress_is_in_si(line):
    words = []
    fg.run(line.problem, until="1 ps", watch=lambda progress: words.append(progress.words()))
    assert words[-1].startswith("t = 1 ps of 1 ps   step ") and re.search(r"V = [\d.]+ [um]V$", words[-1])
    reduced = fg.Problem(**LINE, film=fg.Film(delta=1.0), time=fg.Time(t_end=1.0))
    fg.run(reduced, watch=lambda progress: words.append(progress.words()))
    assert words[-1].startswith("t = 1 of 1 t0") and words[-1].endswith("V0")


def test_the_report_tells_si_before_the_reduced_numbers(line):
    text = "\n".join(report.lines(line))
    end, mean = line.summary["t_end"], line.summary["mean_voltage"]
    assert f"t = 12 ps ({end:.6g} t0)" in text and f"({mean:.6g} V0)" in text and "mean voltage" in text
    assert "mV (" in text or "uV (" in text
