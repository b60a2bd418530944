"""A field over the run as a movie: mp4 where imageio-ffmpeg is there, else an animated GIF."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.tri import LinearTriInterpolator, Triangulation
from numpy.typing import NDArray

from femtdgl.errors import InputError
from femtdgl.figures import fields, volume
from femtdgl.figures.filament import AT_TC, STYLE, TEMPERATURE_LABELS, along
from femtdgl.figures.heading import head, moment
from femtdgl.figures.quantity import MAPS, is_vector, label, require, span, style, values
from femtdgl.figures.save import in_palette, save_gif
from femtdgl.figures.sheet import rc_context, subplots
from femtdgl.figures.units import in_units
from femtdgl.files.atomic import replacing
from femtdgl.files.mark import MARK
from femtdgl.files.reader import Result

Array = NDArray[np.float64]
Pixels = NDArray[np.uint8]
Watch = Callable[[int, int], Any]
"""Called with the number of frames that are drawn, and of all."""
KINDS = (".mp4", ".gif")
DPI = 100
ARROWS = 26
"""Arrows along the longer side of a mesh."""
AT_ONCE = 25
"""Pictures of a body that VTK draws in one go."""


def write(result: Result, name: str = "psi", path: Path | None = None, *, fps: float = 20.0, most: int = 300,
          watch: Watch | None = None) -> Path:  # fmt: skip
    """Write a movie of a field, of `most` stored frames at most, `fps` of them a second; returns its file.

    `path`: its name ends in .mp4 or .gif; None: DIR/figures/<name>.mp4, or .gif without imageio-ffmpeg.
    Raises InputError for a field that is not stored, or a file that cannot be one, and NoPicture without OpenGL in 3D.
    """
    require(result, name)
    path = _place(result, name, path)
    rows = np.unique(np.linspace(0, result.t.size - 1, min(most, result.t.size)).round().astype(int))
    low, high = span(result, name, rows)
    drawn = (_line, _plane, _body)[result.nodes.shape[0] - 1](result, name, rows, low, high)

    def watched() -> Iterator[Pixels]:
        for k, pixels in enumerate(drawn, start=1):
            yield pixels
            if watch is not None:
                watch(k, rows.size)

    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".mp4":
        _mp4(watched(), path, fps)
    else:
        _gif(watched(), path, fps, [] if result.nodes.shape[0] == 1 else [style(name, low, high)["cmap"]])
    return path


def has_ffmpeg() -> bool:
    """Whether mp4 can be written."""
    return importlib.util.find_spec("imageio_ffmpeg") is not None


def _place(result: Result, name: str, path: Path | None) -> Path:
    """The file to write.  Raises InputError for a kind of file that cannot be written."""
    if path is None:
        return result.directory / "figures" / f"{name}{'.mp4' if has_ffmpeg() else '.gif'}"
    if path.suffix not in KINDS:
        raise InputError(f"{path.name!r} is no movie", key="--to", allowed=f"a name that ends in {' or '.join(KINDS)}")
    if path.suffix == ".mp4" and not has_ffmpeg():
        raise InputError("needs ffmpeg", key="--to", file=str(path), allowed="a .gif, or `pip install imageio-ffmpeg`")
    return path


# ---- files --------------------------------------------------------------------------------------------------------


def _mp4(pictures: Iterator[Pixels], path: Path, fps: float) -> None:
    ffmpeg: Any = importlib.import_module("imageio_ffmpeg")
    first = _even(next(pictures))
    height, width = first.shape[:2]
    with replacing(path) as temporary:
        writer = ffmpeg.write_frames(
            str(temporary), (width, height), fps=fps, quality=8, macro_block_size=2,
            output_params=["-f", "mp4", "-metadata", f"comment={MARK}"], ffmpeg_log_level="error",
        )  # fmt: skip
        writer.send(None)
        writer.send(first.tobytes())
        for pixels in pictures:
            writer.send(_even(pixels).tobytes())
        writer.close()


def _even(pixels: Pixels) -> Pixels:
    """Pixels with even height and width, as its code wants them."""
    height, width = (n - n % 2 for n in pixels.shape[:2])
    return np.ascontiguousarray(pixels[:height, :width])


def _gif(pictures: Iterator[Pixels], path: Path, fps: float, maps: Sequence[Any]) -> None:
    from PIL import Image

    images = [Image.fromarray(pixels) for pixels in pictures]
    save_gif(in_palette(images, maps), path, len(images) / fps)


# ---- pictures -------------------------------------------------------------------------------------------------------


class Stage:
    """A figure that is laid out and drawn once; its pictures differ by what moves on it."""

    def __init__(self, figure: Figure) -> None:
        self.canvas: Any = figure.canvas
        self.canvas.draw()
        figure.set_layout_engine("none")
        self.figure, self.still = figure, None

    def seen(self, moving: Sequence[Any]) -> Pixels:
        """Pixels (height, width, 3) with these artists as they are now."""
        if self.still is None:
            for artist in moving:
                artist.set_visible(False)
            self.canvas.draw()
            self.still = self.canvas.copy_from_bbox(self.figure.bbox)
        self.canvas.restore_region(self.still)
        for artist in moving:
            artist.set_visible(True)
            artist.draw(self.canvas.renderer)
        return np.asarray(self.canvas.buffer_rgba())[..., :3].copy()


def _line(result: Result, name: str, rows: Any, low: float, high: float) -> Iterator[Pixels]:
    """A field along the filament, above the voltage with a mark at the time."""
    order, x = along(result)
    room = 0.04 * (high - low)
    t, V = result.probes["t"], result.probes["voltage"]
    with rc_context({**STYLE, "figure.dpi": DPI}):
        figure, (ax, below) = subplots(2, 1, figsize=(7, 4.6), height_ratios=(2.2, 1), layout="constrained")
        (line,) = ax.plot(x, x * 0, color="C0")
        ax.axhline(0, color="0.85", lw=0.6, zorder=0)
        ax.set(xlabel=r"$x/\xi$", ylabel=label(result, name), xlim=(x[0], x[-1]), ylim=(low - room, high + room))
        below.plot(t, V, color="C3", lw=1)
        here = below.axvline(t[0], color="0.3", lw=1)
        below.set(xlabel=r"$t/t_0$", ylabel=r"$V/V_0$", xlim=(t[0], t[-1]))
        title = ax.set_title("t", loc="left", y=1.0)
        in_units(figure.axes, result)
        head(figure, result)
        stage = Stage(figure)
        for row in rows:
            time = float(result.t[row])
            line.set_ydata(values(result, name, int(row))[order])
            here.set_xdata([time, time])
            title.set_text(moment(result, time))
            yield stage.seen([line, here, title])


def _plane(result: Result, name: str, rows: Any, low: float, high: float) -> Iterator[Pixels]:
    """A field in the plane; vortices marked on psi and its phase, arrows of a current."""
    tri = fields.triangulation(result)
    aspect = float(np.ptp(tri.x) / np.ptp(tri.y))
    width = 7.0 if aspect > 0.7 else 5.0
    with rc_context({**STYLE, "figure.dpi": DPI}):
        height = float(np.clip((width - 1.4) / aspect, 1.2, 6.0)) + 1.0
        figure, ax = subplots(figsize=(width, height), layout="constrained")
        picture = Moving(ax, result, tri, name, low, high)
        figure.colorbar(picture.image, ax=ax, label=label(result, name), shrink=0.9)
        title = ax.set_title("t", loc="left", y=1.0)
        in_units(figure.axes, result)
        head(figure, result)
        stage = Stage(figure)
        for row in rows:
            time = float(result.t[row])
            picture.show(time)
            title.set_text(moment(result, time))
            yield stage.seen([*picture.moving, title])


def _body(result: Result, name: str, rows: Any, low: float, high: float) -> Iterator[Pixels]:
    """A body cut open, drawn by VTK some frames at a time."""
    times = result.t[rows]
    parts = [times[k : k + AT_ONCE] for k in range(0, times.size, AT_ONCE)]
    window: tuple[slice, slice] | None = None
    with rc_context({**STYLE, "figure.dpi": DPI}):
        stage: Stage | None = None
        for part in parts:
            drawn = volume.pictures(result, name, part, (low, high))
            window = window or volume.used(drawn.pixels)
            pixels = drawn.pixels[:, window[0], window[1]]
            if stage is None:
                shown = volume.Pictures(pixels, low, high)
                figure, ax, body = volume.framed(result, name, shown, label(result, name))
                stage = Stage(figure)
            for t, each in zip(part, pixels, strict=True):
                body.set_data(each)
                title = ax.set_title(moment(result, float(t)), loc="left", y=1.0)
                yield stage.seen([body, title])


class Moving:
    """A map of a field in the plane that can be shown at one time after the other, and what is marked on it."""

    def __init__(self, ax: Axes, result: Result, tri: Triangulation, name: str, low: float, high: float) -> None:
        self.ax, self.result, self.tri, self.name = ax, result, tri, name
        t = float(result.t[0])
        self.grid: Array | None = None
        self.arrows: Any = None
        self.line: Any = None
        if name == "phase":
            self.pixels = fields.pixels(tri)
            self.image = fields.phase(ax, result, tri, t, self.pixels)
        elif name == "w":
            self.image = fields.dissipation(ax, result, tri, t, low=low, high=high)
        else:
            self.image = fields.scalar(ax, result, tri, t, name=name, low=low, high=high)
        if is_vector(result, name):
            self.grid = arrow_places(tri)
            step = max(np.ptp(tri.x), np.ptp(tri.y)) / ARROWS
            still = np.zeros(self.grid.shape[1])
            self.arrows = ax.quiver(
                *self.grid, still, still, color="white", pivot="mid", width=0.0022, angles="xy", scale_units="xy",
                scale=max(abs(low), abs(high)) / step,
            )  # fmt: skip
        marked = fields.VORTEX.items() if name in ("psi", "phase", "j_s") else ()
        self.marks = {sign: ax.plot([], [], ls="", mfc="none", ms=6, **marker)[0] for sign, marker in marked}

    @property
    def moving(self) -> list[Any]:
        """What changes from frame to frame, the lowest first."""
        drawn = [self.image, self.line, self.arrows, *self.marks.values()]
        return [artist for artist in drawn if artist is not None]

    def show(self, t: float) -> None:
        """Show a stored frame."""
        row = int(np.argmin(np.abs(self.result.t - t)))
        if self.name == "phase":
            self.image.set_array(fields.phases(self.result, self.tri, t, self.pixels))
        else:
            drawn = values(self.result, self.name, row)
            self.image.set_array(drawn)
            self._line_at_Tc(drawn)
        if self.grid is not None:
            parts = self.result.read(f"fields/{self.name}", row)
            self.arrows.set_UVC(*(np.ma.filled(LinearTriInterpolator(self.tri, part)(*self.grid), 0) for part in parts))
        if self.marks:
            found = self.result.vortices(t)
            for sign, mark in self.marks.items():
                mark.set_data(*found.x[np.sign(found.winding) == sign].reshape(-1, 2).T)

    def _line_at_Tc(self, drawn: Array) -> None:
        if self.name not in TEMPERATURE_LABELS:
            return
        if self.line is not None:
            self.line.remove()
        crossed = drawn.min() < 1 < drawn.max()
        self.line = self.ax.tricontour(self.tri, drawn, [1.0], colors=[AT_TC], linewidths=1.0) if crossed else None


def arrow_places(tri: Triangulation, along: int = ARROWS) -> Array:
    """Places (2, count) inside the mesh for arrows, evenly spaced, so many along its longer side."""
    wide, high = float(np.ptp(tri.x)), float(np.ptp(tri.y))
    step = max(wide, high) / along
    x, y = (
        low + (np.arange(max(1, int(size / step))) + 0.5) * size / max(1, int(size / step))
        for low, size in ((tri.x.min(), wide), (tri.y.min(), high))
    )
    X, Y = (part.ravel() for part in np.meshgrid(x, y))
    inside = np.asarray(tri.get_trifinder()(X, Y), dtype=np.intp) >= 0
    return np.array([X[inside], Y[inside]])


# ---- what a run has without asking ----------------------------------------------------------------------------------


def animate(result: Result, path: Path, *, most: int = 60, seconds: float = 6.0) -> Path:
    """|psi| and arg psi over the run as an animated GIF of `most` stored frames at most, vortices marked."""
    from PIL import Image

    tri = fields.triangulation(result)
    rows = np.unique(np.linspace(0, result.t.size - 1, most).round().astype(int))
    images = []
    with rc_context({**STYLE, "figure.dpi": 80}):
        figure, axes = fields.side_by_side(tri, 2)
        drawn = [
            Moving(ax, result, tri, name, *span(result, name, rows))
            for ax, name in zip(axes, ("psi", "phase"), strict=True)
        ]
        title = axes[0].set_title("t", loc="left", y=1.0)
        axes[1].set_title(r"arg $\psi$ (rad)", loc="left", y=1.0)
        for ax, each in zip(axes, drawn, strict=True):
            figure.colorbar(each.image, ax=ax, shrink=0.8)
        in_units(figure.axes, result)
        stage = Stage(figure)
        for t in result.t[rows]:
            for each in drawn:
                each.show(float(t))
            title.set_text(rf"$|\psi|/\Delta_0$, {moment(result, t)}")
            images.append(Image.fromarray(stage.seen([*drawn[0].moving, *drawn[1].moving, title])))
    save_gif(in_palette(images, [MAPS["psi"], MAPS["phase"]]), path, seconds)
    return path


def write_figures(result: Result) -> list[Path]:
    """DIR/figures/fields.gif of a run in two or three dimensions."""
    path = result.directory / "figures" / "fields.gif"
    if result.nodes.shape[0] == 1:
        return []
    return [animate(result, path) if result.nodes.shape[0] == 2 else volume.animate(result, path)]
