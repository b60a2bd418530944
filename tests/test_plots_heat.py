"""Figures of heated runs are written, and what they show is right."""

import importlib

import matplotlib.pyplot as plt
import numpy as np
import pytest

import femtdgl as fg
from femtdgl.figures import fields as plots_fields
from femtdgl.figures import heat as plots_heat
from femtdgl.figures import sweep as plots_sweep
from femtdgl.figures.units import shown_in
from femtdgl.files.paraview import export
from femtdgl.kinds import report
from femtdgl.measure.heat import ledger_series
from femtdgl.problem.boundary import Insulating
from femtdgl.problem.heat import Carriers, Heat, Join
from femtdgl.thermal import ElectronPhonon, Kapitza, Node

pyvista = importlib.import_module("pyvista")

COOLED = Heat(
    electrons=Carriers(capacity=2.0, conductivity=0.5),
    nodes={"bath": Node(temperature=0.9), "plate": Node(capacity=5.0, initial=0.9)},
    links={
        "surface": Join(between=("volume", "plate"), link=ElectronPhonon(Sigma=0.2, volume=1.0), per_size=True),
        "out": Join(between=("plate", "bath"), link=Kapitza(area=1.0, sigma_K=1.0)),
    },
)


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """One temperature; the current goes up and down, the middle is heated above Tc."""
    problem = fg.Problem(
        title="swept",
        mesh=fg.mesh.line(length=4.0, elements=24, order=2),
        film=fg.Film(delta=3.0, eta=0.1),
        boundary={"left": fg.Bank(), "right": fg.Bank()},
        drive=fg.Drive(current=fg.Table((0.0, 30.0, 60.0), (0.0, 1.5, 0.0))),
        time=fg.Time(t_end=60.0, rtol=1e-5),
        output=fg.Output(fields=0.5),
        heat=COOLED,
    )
    return fg.run(problem, tmp_path_factory.mktemp("swept") / "run")


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """Two temperatures of an aluminium film, so that there are kelvins."""
    text = """
        title = "two"
        kind = "filament"
        film = { preset = "aluminium", T0 = "1.0575 K", tau_eps = "88 ps", width = "1 um", thickness = "20 nm" }
        mesh = { shape = "line", length = 1.1, elements = 12, order = 2 }
        boundary = { left = "bank", right = "bank" }
        drive = { current = { ramp = [0.0, 1.5], over = 1.0 } }
        time = { t_end = 6.0, rtol = 1e-8 }
        heat = { temperatures = "two", electrons = { bcs = true } }
    """
    folder = tmp_path_factory.mktemp("two")
    (folder / "two.toml").write_text(text)
    return fg.run(folder / "two.toml", folder / "run")


@pytest.fixture(scope="module")
def strip(tmp_path_factory):
    problem = fg.Problem(
        title="strip",
        mesh=fg.mesh.strip(length=3.0, width=1.0, h=0.4, order=2),
        film=fg.Film(delta=3.0, eta=0.1),
        boundary={"left": fg.Bank(), "right": fg.Bank(), "top": Insulating(), "bottom": Insulating()},
        drive=fg.Drive(current=fg.Ramp(0.0, 2.0, over=1.0)),
        time=fg.Time(t_end=4.0, rtol=1e-4),
        output=fg.Output(fields=0.5),
        heat=Heat(electrons=Carriers(capacity=2.0, conductivity=0.5)),
    )
    return fg.run(problem, tmp_path_factory.mktemp("strip") / "run")


def test_a_heated_line_has_its_figures(swept, two):
    names = [path.name for path in report.figures(swept)]
    own = ["temperature_map.png", "temperature_profiles.png", "energy_ledger.png"]
    assert names == ["fig1.png", "space_time.png", "voltage.png", *own, "current_voltage.png"]
    assert [path.name for path in plots_heat.write_figures(two)] == own
    for result in (swept, two):
        assert all(path.stat().st_size > 5000 for path in (result.directory / "figures").glob("*.png"))


def test_an_isothermal_run_has_the_figures_it_had(tmp_path, filament):
    plain = fg.run(filament(time=fg.Time(t_end=2.0)), tmp_path / "run")
    assert plots_heat.write_figures(plain) == []
    assert [path.name for path in report.figures(plain)] == ["fig1.png", "space_time.png"]


def contours(ax):
    return [c for c in ax.collections if hasattr(c, "levels")]


def test_the_map_shows_the_stored_temperature_and_where_it_is_Tc(swept):
    figure = plots_heat.temperature_map(swept)
    ax = figure.axes[0]
    order = np.argsort(swept.nodes[0])
    np.testing.assert_allclose(np.ravel(ax.images[0].get_array()), swept.field("T")[:, order].T.ravel())
    (line,) = contours(ax)
    assert swept.field("T").max() > 1.05  # the middle is normal for a while
    t, x = np.concatenate([path.vertices for path in line.get_paths()]).T
    rows = [swept.between_frames("T", time)[order] for time in t]
    on_the_line = [np.interp(place, swept.nodes[0][order], row) for place, row in zip(x, rows, strict=True)]
    assert np.abs(np.array(on_the_line) - 1).max() < 1e-9  # straight between frames and between nodes
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert any("T_c" in label for label in labels)
    plt.close(figure)


def test_without_a_crossing_there_is_no_line(two):
    assert two.field("T_e").max() < 1
    figure = plots_heat.temperature_map(two)
    assert not contours(figure.axes[0])
    plt.close(figure)


def test_kelvins_where_the_film_has_scales(swept, two):
    assert plots_heat.kelvin(swept) is None
    with shown_in("reduced"):
        Tc = plots_heat.kelvin(two)
        assert Tc == pytest.approx(1.0575 / 0.9)
        figure = plots_heat.temperature_map(two)
    figure.canvas.draw()
    (scale,) = figure.axes[4].child_axes
    np.testing.assert_allclose(scale.get_ylim(), np.multiply(figure.axes[4].get_ylim(), Tc))
    plt.close(figure)
    assert plots_heat.kelvin(two) is None  # the scale itself is in K
    figure = plots_heat.temperature_map(two)
    below, ticks = figure.axes[4], figure.axes[4].yaxis.get_major_formatter()
    assert not below.child_axes and below.get_ylabel() == "$T$ (K)"
    assert float(ticks(1.0)) == pytest.approx(Tc, rel=1e-3)
    plt.close(figure)


def test_the_lines_are_the_probes(swept):
    figure, ax = plt.subplots()
    plots_heat.temperatures_over_time(ax, swept)
    lines = {line.get_label(): line for line in ax.lines}
    np.testing.assert_array_equal(lines["$T$, largest"].get_ydata(), swept.probes["T_max"])
    np.testing.assert_array_equal(lines["plate"].get_ydata(), swept.probes["T_node_plate"])
    assert "bath" not in lines and "$T_c$" in lines
    plt.close(figure)


@pytest.mark.parametrize(("name", "closes"), [("swept", 5e-4), ("two", 2e-5), ("strip", 3e-3)])
def test_the_ledger_that_is_drawn_closes(name, closes, request):
    result = request.getfixturevalue(name)
    series = ledger_series(result.probes)
    figure = plots_heat.energy_ledger(result)
    ax, small = figure.axes
    drawn = {line.get_label().rpartition(":")[0]: line.get_ydata() for line in ax.lines}
    work = next(y for label, y in drawn.items() if "work" in label)
    np.testing.assert_array_equal(work, series["work"])
    into = drawn.get("sum of the solid", work)
    turned = np.trapezoid(np.abs(result.probes["work"]), result.probes["t"])
    assert np.abs(into[-1] - drawn["sum of the dashed"][-1]) < closes * turned
    power = float(small.get_ylabel().split("{")[1].split("}")[0])
    rest = small.lines[0].get_ydata() * 10**power
    np.testing.assert_allclose(rest * turned, series["unaccounted"], atol=1e-12 * turned)
    assert 0.9 < np.abs(small.lines[0].get_ydata()).max() < 10
    plt.close(figure)


def test_branches_of_the_sweep_meet_at_the_top(swept, two):
    assert plots_sweep.current_voltage(two) is None
    figure = plots_sweep.current_voltage(swept)
    ax, warm = figure.axes
    up, down = (next(line for line in ax.lines if line.get_label() == name) for name in ("up", "down"))
    assert up.get_xdata()[0] == 0 and up.get_xdata()[-1] == down.get_xdata()[0] == pytest.approx(1.5)
    assert up.get_ydata()[-1] == pytest.approx(down.get_ydata()[0])
    assert max(np.max(line.get_ydata()) for line in warm.lines) == pytest.approx(swept.probes["T_max"].max())
    plt.close(figure)


def test_maps_of_the_plane(strip):
    times = [1.0, 4.0]
    names = [path.name for path in report.figures(strip, times=times)]
    own = ["voltage.png", "temperatures.png", "energy_ledger.png"]
    assert names[:4] == ["fields.pvd", *own] and names[-1] == "fields_T.png"
    figure = plots_fields.stills(strip, times)["T"]
    T = np.stack([strip.field("T", t) for t in times])
    assert T.max() > 1 > T.min()
    for ax, values in zip(figure.axes, T, strict=False):
        image = ax.collections[0]
        np.testing.assert_array_equal(image.get_array(), values)
        np.testing.assert_allclose(image.get_clim(), (T.min(), T.max()))
        assert bool(contours(ax)) == bool(values.min() < 1 < values.max())
    plt.close("all")


@pytest.mark.parametrize("name", ["strip", "two"])
def test_paraview_gets_the_temperatures(name, request):
    result = request.getfixturevalue(name)
    reader = pyvista.get_reader(export(result, times=[result.t[-1]]))
    reader.set_active_time_value(reader.time_values[-1])
    grid = reader.read()[0]
    names = {"T"} if name == "strip" else {"T_e", "T_p"}
    assert {"T", "T_e", "T_p"} & {*grid.point_data} == names
    for field in names:
        np.testing.assert_array_equal(grid.point_data[field], result.read(f"fields/{field}", -1))


def test_the_report_tells_temperatures_and_where_the_heat_goes(swept, two):
    text = "\n".join(report.lines(swept))
    heat = swept.summary["heat"]
    assert f"T: mean {heat['T']['mean']:.5g} Tc, largest {heat['T']['max']:.5g} Tc" in text
    assert f"surface {heat['powers']['surface']:.4g}" in text and "plate" in text
    share = 100 * heat["ledger"]["through_held"] / heat["ledger"]["work"]
    assert f"held boundaries {share:.3g} %" in text and "ledger mismatch" in text
    kelvin = "\n".join(report.lines(two))
    assert f"({two.summary['heat']['kelvin']['T_e']['mean']:.5g} K)" in kelvin


def test_the_check_tells_the_laws_and_the_links(swept, two, tmp_path):
    (tmp_path / "swept.toml").write_text(swept.problem_text)
    text = "\n".join(report.describe_file(str(tmp_path / "swept.toml"), ()))
    assert "one temperature, source first-law, bath 0.9 Tc, held at: left, right" in text
    assert "C = 2 (T/Tc)^1, k = 0.5 (T/Tc)^1" in text
    assert "plate: free from 0.9 Tc" in text and "bath: held at 0.9 Tc" in text
    assert "surface: ElectronPhonon between volume and plate" in text
    (tmp_path / "two.toml").write_text(two.problem_text)
    text = "\n".join(report.describe_file(str(tmp_path / "two.toml"), ()))
    assert "two temperatures, source first-law" in text and "(1.0575 K)" in text
    assert "phonons" in text and "less below Tc by the gap" in text and "(T_e^5 - T_p^5)" in text
