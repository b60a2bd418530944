"""Figures of a filament: what they show, that nothing lies over it, and that titles and axes say what it is."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb

import femtdgl as fg
from femtdgl.figures import fields as plots_fields
from femtdgl.figures import filament as plots
from femtdgl.figures import path as plots_path
from femtdgl.figures import sheet
from femtdgl.figures import sweep as plots_sweep
from femtdgl.figures import traces as plots_traces
from femtdgl.figures import volume as plots_volume
from femtdgl.figures.heading import course, head, letters, turning_points
from femtdgl.kinds import report
from femtdgl.measure.vortices import Vortices

LONG = (
    "A title that goes on and on, as titles do that say all there is to say of a filament between two banks, with heat"
)


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    """A phase-slip centre, with a probe of the voltage between two points."""
    problem = fg.Problem(
        title=LONG,
        mesh=fg.mesh.line(length=1.1, elements=16, order=2),
        film=fg.Film(delta=1 / 0.3, eta=0.1, interference="published"),
        boundary={"left": fg.Bank(), "right": fg.Bank()},
        drive=fg.Drive(current=fg.Ramp(0.0, 1.5, over=1.0)),
        time=fg.Time(t_end=50.0, rtol=1e-5),
        output=fg.Output(fields=0.2),
        probes=(fg.VoltageProbe(name="inner", between=((-0.3,), (0.3,))),),
    )
    return fg.run(problem, tmp_path_factory.mktemp("line") / "run")


def swept_line(folder, sign=1.0, table=((0.0, 0.0), (60.0, 0.8), (120.0, 0.0))):
    times, values = zip(*table, strict=True)
    problem = fg.Problem(
        title="swept",
        mesh=fg.mesh.line(length=4.0, elements=20, order=2),
        film=fg.Film(delta=0.0, eta=0.1),
        boundary={"left": fg.Bank(), "right": fg.Bank()},
        drive=fg.Drive(current=fg.Table(times, tuple(sign * v for v in values))),
        time=fg.Time(t_end=times[-1], rtol=1e-4),
    )
    return fg.run(problem, folder / "run")


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    return swept_line(tmp_path_factory.mktemp("swept"))


@pytest.fixture(scope="module")
def ring(tmp_path_factory):
    """Flux quanta enter a small ring while the field rises."""
    problem = fg.Problem(
        title="ring",
        mesh=fg.mesh.ring(inner=1.5, outer=2.5, h=0.5, order=2),
        film=fg.Film(delta=1.0, eta=0.1, interference="off"),
        boundary={"inner": fg.Insulating(), "outer": fg.Insulating()},
        drive=fg.Drive(field=fg.Table((0.0, 40.0), (0.0, 2.0))),
        time=fg.Time(t_end=40.0, rtol=1e-4),
        output=fg.Output(fields=2.0),
        weak_spot=(fg.Spot(depth=0.3, at=(2.0, 0.0), width=0.7),),
        probes=(
            fg.FluxoidProbe(name="quanta", boundary="inner"),
            fg.VorticesProbe(name="net"),
            fg.CurrentProbe(name="around", at=(-2.0, 0.0), normal=(0.0, -1.0), radius=1.0),
        ),
    )
    return fg.run(problem, tmp_path_factory.mktemp("ring") / "run")


# ---- headings ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("inches", [4.0, 6.4, 10.0])
def test_a_heading_fits_and_names_the_parameters(line, inches):
    figure = plt.figure(figsize=(inches, 4))
    count = head(figure, line)
    figure.canvas.draw()
    box = figure._suptitle.get_window_extent()
    assert box.width <= figure.bbox.width
    text = figure._suptitle.get_text()
    assert text.count("\n") == count - 1
    for part in ("$J$ = 1.5 $j_0$", r"$\delta$ = 3.333", r"$L$ = 1.1 $\xi$", "interference published"):
        assert part in text


def test_a_heading_tells_two_runs_of_one_title_apart(swept, line):
    texts = []
    for result in (swept, line):
        figure = plt.figure(figsize=(10, 4))
        head(figure, result)
        texts.append(figure._suptitle.get_text())
    assert r"$J$ = 0 $\to$ 0.8 $\to$ 0 $j_0$" in texts[0] and "gapless" in texts[0] and "interference" not in texts[0]


def test_the_course_of_a_drive_in_short():
    t = np.linspace(0.0, 10.0, 101)
    assert course(t, np.minimum(t, 1.0)) == "1"
    assert course(t, np.minimum(t, 10 - t)) == r"0 $\to$ 5 $\to$ 0"
    assert course(t, np.sin(8 * t)) == f"{np.sin(8 * t).min():.3g} to {np.sin(8 * t).max():.3g}"
    assert turning_points(np.array([0.0, 1.0, 1.0, 2.0, 2.0, 1.0])) == [0.0, 2.0, 1.0]
    assert letters(r"$\delta$ = 3, $B_{c2}$") == len("x = 3, Bc2")


# ---- [PSC] Fig. 1 and the map -----------------------------------------------------------------------------------


def test_the_legend_of_fig1_lies_over_nothing(line):
    figure = plots.psc_fig1(line)
    figure.canvas.draw()
    (legend,) = figure.legends
    assert len(legend.get_texts()) == 6
    for ax in figure.axes:
        assert ax.get_legend() is None
        assert not legend.get_window_extent().overlaps(ax.get_tightbbox())
    for box in (figure._suptitle.get_window_extent(), legend.get_window_extent()):
        assert box.y0 >= 0 and box.y1 <= figure.bbox.height


def test_panels_of_fig1_end_at_ticks_and_name_the_mean(line):
    figure = plots.psc_fig1(line)
    figure.canvas.draw()
    for ax in figure.axes:
        for ticks, limits in ((ax.get_xticks(), ax.get_xlim()), (ax.get_yticks(), ax.get_ylim())):
            np.testing.assert_allclose([ticks[0], ticks[-1]], limits, atol=1e-12)
            assert 3 <= ticks.size <= 9
        low, high = ax.get_xlim()
        data = np.concatenate([curve.get_xdata() for curve in ax.lines if len(curve.get_xdata()) > 2])
        assert low <= data.min() + 1e-3 * (high - low) and data.max() - 1e-3 * (high - low) <= high
    title = figure.axes[2].get_title(loc="left")
    assert f"mean {line.summary['mean_voltage']:.4g}" in title


def test_the_legend_of_the_map_is_pale_on_dark(line):
    figure = plots.space_time_map(line)
    legend = figure.axes[2].get_legend()
    assert all(min(to_rgb(text.get_color())) > 0.9 for text in legend.get_texts())
    assert max(to_rgb(legend.get_frame().get_facecolor())) < 0.1
    labels = [bar.get_ylabel() for bar in (figure.axes[1], figure.axes[3])]
    assert labels == [r"$|\psi|/\Delta_0$", r"arg $\psi$ (rad)"]
    figure.canvas.draw()
    assert not figure._suptitle.get_window_extent().overlaps(figure.axes[0].get_tightbbox())


# ---- against time -----------------------------------------------------------------------------------------------


def lines_of(figure):
    return {curve.get_label(): curve for ax in figure.axes for curve in ax.lines}


def test_voltage_current_and_named_probes_are_drawn_with_units(line, ring):
    drawn = lines_of(plots_traces.traces(line))
    np.testing.assert_array_equal(drawn["inner"].get_ydata(), line.probes["inner"])
    np.testing.assert_array_equal(drawn["between the terminals"].get_ydata(), line.probes["voltage"])
    np.testing.assert_array_equal(drawn["current"].get_ydata(), line.probes["current"])
    figure = plots_traces.traces(ring)
    drawn = lines_of(figure)
    np.testing.assert_array_equal(drawn["quanta (flux quanta)"].get_ydata(), ring.probes["quanta"])
    np.testing.assert_array_equal(drawn["around"].get_ydata(), ring.probes["around"])
    labels = [ax.get_ylabel() for ax in figure.axes]
    assert labels == ["EMF around\nthe path ($V_0$)", "$B/B_{c2}$", "count", r"$I$ ($j_0\xi$)"]


def test_the_field_is_recorded(ring):
    np.testing.assert_allclose(ring.probes["field"], ring.probes["t"] / 20.0, rtol=1e-12)


def test_a_line_has_a_figure_against_time_where_there_is_more_to_see(line, swept, tmp_path, filament):
    assert plots_traces.write_figures(line) and plots_traces.write_figures(swept)
    plain = fg.run(filament(time=fg.Time(t_end=2.0)), tmp_path / "run")
    assert plots_traces.write_figures(plain) == []


# ---- sweeps -----------------------------------------------------------------------------------------------------


def test_an_isothermal_sweep_has_its_curve(swept, line):
    figure = plots_sweep.current_voltage(swept)
    (ax,) = figure.axes
    drawn = lines_of(figure)
    found = swept.summary["sweep"]
    assert found["switching_current"] > found["retrapping_current"] > 0
    for key, branch in (("switching", "up"), ("retrapping", "down")):
        (mark,) = (drawn[name] for name in drawn if name.startswith(key))
        assert mark.get_xdata()[0] == found[f"{key}_current"]
        J, V = drawn[branch].get_data()
        order = np.argsort(J, kind="stable")
        assert mark.get_ydata()[0] == pytest.approx(np.interp(mark.get_xdata()[0], J[order], V[order]))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("$J/j_0$", "mean $V/V_0$")
    assert [path.name for path in report.figures(swept)][-1] == "current_voltage.png"
    assert plots_sweep.current_voltage(line) is None
    assert "switching" in "\n".join(report.lines(swept))


def test_a_sweep_the_other_way_is_the_mirror_image(swept, tmp_path):
    back = lines_of(plots_sweep.current_voltage(swept_line(tmp_path, sign=-1.0)))
    forth = lines_of(plots_sweep.current_voltage(swept))
    for name in ("up", "down"):
        np.testing.assert_allclose(back[name].get_data(), -np.array(forth[name].get_data()), atol=1e-9)


def test_a_sweep_up_alone_has_one_branch(tmp_path):
    up = swept_line(tmp_path, table=((0.0, 0.0), (60.0, 0.8)))
    drawn = lines_of(plots_sweep.current_voltage(up))
    assert "up" in drawn and "down" not in drawn


def test_flux_quanta_against_the_field(ring, swept):
    assert plots_sweep.counts_in_field(swept) is None
    figure = plots_sweep.counts_in_field(ring)
    drawn = lines_of(figure)
    B, quanta = drawn["quanta (flux quanta)"].get_data()
    np.testing.assert_array_equal(B, ring.probes["field"])
    np.testing.assert_array_equal(quanta, ring.probes["quanta"])
    assert quanta[-1] > 0
    assert drawn["quanta (flux quanta)"].get_drawstyle() == "steps-post"
    assert [path.name for path in plots_sweep.write_figures(ring)] == ["counts_in_field.png"]


# ---- planes -----------------------------------------------------------------------------------------------------


def test_a_driven_run_is_shown_from_its_beginning(ring):
    times = plots_fields.still_times(ring)
    assert ring.summary["state"] == "driven"
    np.testing.assert_allclose(times, [6.0, 14.0, 20.0, 26.0, 34.0, 40.0], atol=2.0)
    figure = plots_fields.stills(ring)["psi"]
    titles = [ax.get_title(loc="left") for ax in figure.axes[:6]]
    assert all(f"$B$ = {t / 20:.3g}" in title for t, title in zip(times, titles, strict=True))


def test_a_positive_power_has_colours_from_zero_up(ring):
    """w is a sum of squares without interference: no colours are kept for what cannot be."""
    figure = plots_fields.stills(ring, [20.0, 40.0])["w"]
    image = figure.axes[0].collections[0]
    assert image.get_clim()[0] == 0.0
    assert image.get_clim()[1] == pytest.approx(max(ring.field("w", t).max() for t in (20.0, 40.0)))
    assert figure.axes[-1].get_ylabel() == r"$w$ ($j_0 V_0/\xi$)"
    brightness = np.sum(image.cmap(np.linspace(0, 1, 50))[:, :3], axis=1)
    assert np.all(np.diff(brightness) > 0)


@pytest.mark.parametrize("low", [-1.0, -0.3])
def test_colours_of_a_signed_power_are_black_at_zero(low):
    colours = plots_fields.hot_and_cold(low, 1.0)
    zero = colours((0.0 - low) / (1.0 - low))[:3]
    assert max(zero) < 0.06
    below, above = colours(0.0)[:3], colours(1.0)[:3]
    assert below[2] > below[0] and above[0] > above[2]


def test_the_phase_is_that_of_psi_at_each_pixel(ring):
    tri = plots_fields.triangulation(ring)
    grid = plots_fields.pixels(tri)
    rows, columns = grid.inside.shape
    assert rows * columns > 50_000
    nodes = np.stack([tri.x, tri.y])
    left, right, bottom, top = grid.extent
    row, column = np.nonzero(grid.inside)
    at = np.stack([left + (column + 0.5) / columns * (right - left), bottom + (row + 0.5) / rows * (top - bottom)])
    corners = nodes[:, tri.triangles[grid.cells]]  # (2, pixels, 3)
    np.testing.assert_allclose(np.sum(corners * grid.shares, axis=2), at, atol=1e-12)
    assert grid.shares.min() > -1e-9
    area = np.pi * (2.5**2 - 1.5**2)  # of the ring, less what chords cut off
    assert grid.inside.mean() * (right - left) * (top - bottom) == pytest.approx(area, rel=0.03)
    B, centre = float(ring.field("B", 20.0)[0]), ring.attributes["field_origin"]
    assert B > 0
    psi = 0
    to_x, to_y = at - centre[:, None]
    for k in range(3):  # each corner carries psi there, in Landau's gauge A = (-B y, 0)
        x, y = corners[:, :, k] - centre[:, None]
        carried = np.exp(-0.5j * B * (y + to_y) * (to_x - x))
        psi = psi + grid.shares[:, k] * ring.field("psi", 20.0)[tri.triangles[grid.cells, k]] * carried
    shown = plots_fields.phases(ring, tri, 20.0, grid)
    np.testing.assert_allclose(np.exp(1j * shown[grid.inside]), np.exp(1j * np.angle(psi)), atol=1e-9)
    assert np.isnan(shown[~grid.inside]).all()
    _, ax = plt.subplots()
    image = plots_fields.phase(ax, ring, tri, 20.0)
    assert image.get_array().shape == (rows, columns) and image.get_interpolation() == "nearest"


def test_vortices_are_marked_in_psi_and_phase(ring, monkeypatch):
    places = np.array([[1.9, 0.1], [-2.0, 0.3], [0.2, 2.1]])
    monkeypatch.setattr(type(ring), "vortices", lambda self, t: Vortices(places, np.array([1, -1, 1])))
    figures = plots_fields.stills(ring, [20.0])
    for name in ("psi", "phase"):
        drawn = lines_of(figures[name])
        np.testing.assert_array_equal(np.transpose(drawn["vortex"].get_data()), places[[0, 2]])
        np.testing.assert_array_equal(np.transpose(drawn["antivortex"].get_data()), places[[1]])
        assert [text.get_text() for text in figures[name].legends[0].get_texts()] == ["vortex", "antivortex"]
    assert not figures["w"].legends


# ---- bodies -----------------------------------------------------------------------------------------------------


def test_pictures_of_bodies_lose_their_white_rim_together():
    pixels = np.full((2, 60, 80, 3), 255, dtype=np.uint8)
    pixels[0, 20:30, 40:50], pixels[1, 25:35, 42:52] = 0, 9
    trimmed = plots_volume.trimmed(pixels)
    assert trimmed.shape == (2, 15 + 2 * plots_volume.MARGIN, 12 + 2 * plots_volume.MARGIN, 3)
    assert np.count_nonzero(trimmed < 255) == np.count_nonzero(pixels < 255)


def test_the_colour_bar_of_a_body_has_its_label_beside_its_numbers(line, monkeypatch):
    drawn = plots_volume.Pictures(np.zeros((2, 20, 30, 3), dtype=np.uint8), 0.9, 1.1)
    monkeypatch.setattr(plots_volume, "pictures", lambda *_: drawn)
    figure = plots_volume.panels(line, "T", [1.0, 2.0])
    figure.canvas.draw()
    bar = figure.axes[-1]
    assert bar.get_ylabel() == "$T$$/T_c$, line at 1"
    label = bar.yaxis.label.get_window_extent()
    assert not any(label.overlaps(tick.get_window_extent()) for tick in bar.get_yticklabels())
    assert [ax.get_title(loc="left") for ax in figure.axes[:2]] == ["$t$ = 1.00 $t_0$", "$t$ = 2.00 $t_0$"]


# ---- in words ---------------------------------------------------------------------------------------------------


def test_the_report_has_no_dashes_for_what_there_is_not(ring, line, swept):
    for result in (ring, swept):
        text = "\n".join(report.lines(result))
        assert "period" not in text and " -," not in text and "-\n" not in text
        assert "energy balance" in text
    assert f"period {line.summary['period']:.6g} t0" in "\n".join(report.lines(line))


@pytest.mark.parametrize("even", [True, False])
def test_a_map_as_pixels_has_the_colour_of_the_nearest_point(even, rng):
    """Values at points, evenly spaced or not: each place has that of the point it is nearest to."""
    x = np.linspace(0.0, 4.0, 9) if even else np.array([0.0, 0.3, 1.0, 1.2, 2.5, 3.0, 4.0])
    y = np.linspace(-1.0, 1.0, 5)
    drawn = rng.random((y.size, x.size))
    figure, ax = sheet.subplots(figsize=(4, 3))
    image = plots.raster(ax, x, y, drawn, cmap="gray", vmin=0, vmax=1)
    ax.axis("off")
    figure.subplots_adjust(0, 0, 1, 1)
    figure.canvas.draw()
    pixels = np.asarray(figure.canvas.buffer_rgba())[::-1, :, 0] / 255
    np.testing.assert_array_equal(image.get_array(), drawn)
    for u, v in rng.random((200, 2)):
        column, row = (int(share * size) for share, size in zip((u, v), pixels.shape[::-1], strict=True))
        place = ax.transData.inverted().transform((column + 0.5, row + 0.5))
        apart = [np.sort(np.abs(points - at)) for points, at in zip((x, y), place, strict=True)]
        if min(part[1] - part[0] for part in apart) > 0.03:  # not on an edge
            near = [np.argmin(np.abs(points - at)) for points, at in zip((x, y), place, strict=True)]
            assert pixels[row, column] == pytest.approx(drawn[near[1], near[0]], abs=0.01)


def test_the_path_of_a_film_is_read_as_its_elements_have_it(ring):
    """psi at points along it: that of the elements, and the slips at their places."""
    along = plots_path.Along(ring)
    plane = lambda x: 1.0 + 2 * x[0] - x[1]  # noqa: E731
    there = along.inside
    np.testing.assert_allclose(along.read(plane(ring.nodes))[there], plane(along.points)[there], rtol=1e-7)
    assert along.inside.sum() > 20
    np.testing.assert_allclose(along.nearest(along.points.T), along.length)
    figure = plots_path.space_time(ring)
    assert figure.axes[0].images and figure.axes[0].get_ylabel().startswith("along the path")


@pytest.mark.parametrize(
    ("lines", "corner"),
    [
        ([((0, 1), (0, 1))], "upper left"),
        ([((0, 1), (1, 0))], "upper right"),
        ([((0, 0.5, 1), (1, 1, 0)), ((0, 1), (1, 1))], "lower left"),
        ([((0, 1), (1, 1)), ((0, 0, 1), (0, 1, 1))], "lower right"),
    ],
)
def test_a_legend_stands_where_no_line_is(lines, corner):
    from femtdgl.figures.sheet import free_corner, subplots

    _, ax = subplots()
    for x, y in lines:
        ax.plot(x, y)
    assert free_corner(ax) == corner


@pytest.mark.parametrize(("count", "rows", "columns"), [(1, 1, 1), (4, 2, 2), (5, 2, 3), (6, 2, 3), (7, 3, 3)])
def test_panels_leave_none_alone(count, rows, columns):
    from matplotlib.tri import Triangulation

    tri = Triangulation([0.0, 1.5, 1.5, 0.0], [0.0, 0.0, 1.0, 1.0], [[0, 1, 2], [0, 2, 3]])
    figure, axes = plots_fields.side_by_side(tri, count)
    grid = axes[0].get_subplotspec().get_gridspec()
    assert len(axes) == count and (grid.nrows, grid.ncols) == (rows, columns)
    plt.close(figure)
