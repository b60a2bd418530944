"""ParaView: load a run, colour |psi|, lay a slice through it with arrows of the supercurrent, and play it.

In ParaView: Macros > Import new macro..., then click it and choose fields.pvd.  The program asks for nothing when a
`fields.pvd` is open already: it takes the active source.  Without a screen:

    xvfb-run -a pvpython postprocess/paraview_macro.py DIR/paraview/fields.pvd [FOLDER]

writes FOLDER/psi.png, the last stored time, and FOLDER/psi.0000.png ... of the animation (FOLDER: beside the fields).
With --by T (or T_e, T_p, w: an array of the run) the colours are of that, and the pictures are T.png, T.0000.png, ...
With --read in place of FOLDER it only reads, and says what it has read; that needs no screen.
A ParaView that is built for EGL or OSMesa takes --force-offscreen-rendering instead of xvfb-run; that of Debian is not.
Written for ParaView 5.11; it runs inside ParaView's own Python and needs nothing of femtdgl.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from paraview import simple  # type: ignore[import-not-found]

FRAMES = 20
"""Frames of the animation that are written without a window."""
LOOKS = 40
"""Times of the series at which colours and arrows are scaled, and one more."""


def load(series: str) -> Any:
    """The fields of a run as a source of ParaView."""
    source = simple.PVDReader(registrationName="femtdgl", FileName=series)
    simple.GetAnimationScene().UpdateAnimationUsingDataTimeSteps()
    source.UpdatePipeline(max(source.TimestepValues))
    return source


def extremes(source: Any, name: str) -> tuple[float, float]:
    """Least and largest value of a point array over the series (of a vector: of its length), at some of its times."""
    times = list(source.TimestepValues)
    chosen = sorted({times[round(k * (len(times) - 1) / LOOKS)] for k in range(LOOKS + 1)})
    found = []
    for t in chosen:
        source.UpdatePipeline(t)
        array = source.PointData[name]
        found.append(array.GetRange(-1 if array.GetNumberOfComponents() > 1 else 0))
    return min(low for low, _ in found), max(top for _, top in found)


def colour(display: Any, name: str, preset: str, low: float, high: float) -> None:
    """Colour a display by a point array with a preset over a fixed range."""
    simple.ColorBy(display, ("POINTS", name))
    table = simple.GetColorTransferFunction(name)
    table.ApplyPreset(preset, True)
    table.RescaleTransferFunction(low, high)


def show(source: Any, view: Any, name: str = "|psi|") -> dict[str, Any]:
    """Set up the view: |psi|, or another array, on a slice (the film itself in the plane), arrows of j_s, the time."""
    bounds = source.GetDataInformation().GetBounds()
    size = [bounds[2 * i + 1] - bounds[2 * i] for i in range(3)]
    flat = size[2] <= 1e-9 * max(size)
    shown = source
    if flat:
        simple.Hide3DWidgets()
    else:
        shown = simple.Slice(registrationName="slice", Input=source)
        shown.SliceType.Origin = [(bounds[2 * i] + bounds[2 * i + 1]) / 2 for i in range(3)]
        shown.SliceType.Normal = [0.0, 1.0, 0.0]
        body = simple.Show(source, view)
        body.Representation = "Outline"
    display = simple.Show(shown, view)
    display.Representation = "Surface"
    if "NonlinearSubdivisionLevel" in dir(display):
        display.NonlinearSubdivisionLevel = 2  # quadratic cells are drawn as such
    low, top = extremes(source, name)
    low = 0.0 if name == "|psi|" else low
    colour(display, name, "Inferno (matplotlib)", low, max(top, low + 1e-12))
    display.SetScalarBarVisibility(view, True)
    display.Ambient, display.Diffuse = 1.0, 0.0  # colours as in the bar, without light and shade
    bar = simple.GetScalarBar(simple.GetColorTransferFunction(name), view)
    bar.Title, bar.ComponentTitle = {"|psi|": "abs psi"}.get(name, name), ""

    made = {"source": source, "shown": shown}
    if "j_s" in source.PointData.keys():  # noqa: SIM118 - no mapping
        largest = max(extremes(source, "j_s")[1], 1e-12)
        arrows = simple.Glyph(registrationName="j_s", Input=shown, GlyphType="Arrow")
        arrows.OrientationArray = ["POINTS", "j_s"]
        arrows.ScaleArray = ["POINTS", "j_s"]
        arrows.ScaleFactor = 0.12 * max(size) / largest
        arrows.GlyphType.ShaftRadius, arrows.GlyphType.TipRadius = 0.05, 0.14
        arrows.GlyphMode = "Uniform Spatial Distribution (Bounds Based)"
        arrows.MaximumNumberOfSamplePoints = 300
        drawn = simple.Show(arrows, view)
        simple.ColorBy(drawn, None)
        # it flows where |psi| is large, and there the colours are bright; other fields are dark in most places
        shade = [0.02, 0.2, 0.3] if name == "|psi|" else [1.0, 1.0, 1.0]
        drawn.AmbientColor = drawn.DiffuseColor = shade
        drawn.Ambient, drawn.Diffuse = 1.0, 0.0
        made["arrows"] = arrows
    time = simple.AnnotateTimeFilter(registrationName="time", Input=source)
    time.Format = "t = {time:.2f} t0"
    simple.Show(time, view)
    view.Background = [0.32, 0.34, 0.43]
    simple.ResetCamera(view)
    if flat:
        view.InteractionMode = "2D"
    else:
        middle = [(bounds[2 * i] + bounds[2 * i + 1]) / 2 for i in range(3)]
        view.CameraFocalPoint = middle
        view.CameraPosition = [m + max(size) * d for m, d in zip(middle, (0.6, -1.6, 0.7))]  # noqa: B905 - Python 3.9
        view.CameraViewUp = [0.0, 0.0, 1.0]
        simple.ResetCamera(view)
    simple.GetActiveCamera().Zoom(1.5 if flat else 1.1)
    return made


def tell(source: Any) -> None:
    """Times, points and the range of every array at the last time, on standard output."""
    count = len(list(source.TimestepValues))
    data = source.PointData
    sys.stdout.write(f"times {count}, points {source.GetDataInformation().GetNumberOfPoints()}\n")
    for name in sorted(data.keys()):
        low, high = data[name].GetRange(-1 if data[name].GetNumberOfComponents() > 1 else 0)
        sys.stdout.write(f"{name}: {low:.9g} {high:.9g}\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> None:
    """With arguments: pictures in files.  Without: the active source in the window of ParaView."""
    if not arguments:
        source = simple.GetActiveSource()
        if source is None:
            raise SystemExit("open DIR/paraview/fields.pvd first")
        scene = simple.GetAnimationScene()
        scene.UpdateAnimationUsingDataTimeSteps()
        show(source, simple.GetActiveViewOrCreate("RenderView"))
        scene.Play()
        return
    name = "|psi|"
    if "--by" in arguments:
        at = arguments.index("--by")
        if at + 1 == len(arguments):
            raise SystemExit("--by: name an array, such as T")
        name = arguments[at + 1]
        arguments = arguments[:at] + arguments[at + 2 :]
    series = os.path.abspath(arguments[0])
    source = load(series)
    tell(source)
    if name not in source.PointData.keys():  # noqa: SIM118 - no mapping
        raise SystemExit(f"--by: the run has no {name!r}, but " + ", ".join(sorted(source.PointData.keys())))
    if arguments[1:] == ["--read"]:
        return
    folder = os.path.abspath(arguments[1]) if len(arguments) > 1 else os.path.dirname(series)
    os.makedirs(folder, exist_ok=True)
    view = simple.CreateView("RenderView")
    view.ViewSize = [1000, 500]
    scene = simple.GetAnimationScene()
    scene.AnimationTime = max(source.TimestepValues)
    show(source, view, name)
    stem = "psi" if name == "|psi|" else name.replace(" ", "_")
    simple.Render(view)
    simple.SaveScreenshot(os.path.join(folder, f"{stem}.png"), view)
    count = len(list(source.TimestepValues))
    stride = max(1, count // FRAMES)
    for number, t in enumerate(list(source.TimestepValues)[::stride]):
        scene.AnimationTime = t
        simple.Render(view)
        simple.SaveScreenshot(os.path.join(folder, f"{stem}.{number:04d}.png"), view)


if __name__ == "__main__":
    main(sys.argv[1:])
