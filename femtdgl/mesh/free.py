"""Free meshes of an outline through gmsh, the extra "mesh"; gmsh is loaded only for them."""

from __future__ import annotations

import math
from contextlib import redirect_stdout
from io import StringIO
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from femtdgl.errors import InputError
from femtdgl.mesh.file import from_meshio
from femtdgl.mesh.outline import Outline
from femtdgl.mesh.profile import GROWTH
from femtdgl.mesh.quality import checked


def free_mesh(outline: Outline, h: float, fine: float, cells: str) -> Any:
    """A scikit-fem mesh of "triangle" or "quad" cells of size h, and `fine` at the notch, hole and constriction."""
    import meshio

    try:
        import gmsh
    except (ImportError, OSError) as error:
        raise InputError(
            f"needs gmsh, which cannot be loaded ({error})",
            key="free",
            allowed="false, or an installation of femtdgl[mesh]",
        ) from None
    gmsh.initialize(interruptible=False)
    try:
        gmsh.option.setNumber("General.Terminal", 0)
        gmsh.option.setNumber("Mesh.MeshSizeExtendFromBoundary", 0)
        gmsh.option.setNumber("Mesh.MeshSizeFromPoints", 0)
        gmsh.option.setNumber("Mesh.RandomSeed", 1)
        gmsh.model.add("strip")
        _draw(gmsh, outline, fine)
        centres = _fine_places(outline, fine)

        def size(dim: int, tag: int, x: float, y: float, z: float, wanted: float) -> float:
            distance = min((float(np.min(np.hypot(x - c[0], y - c[1]))) for c in centres), default=math.inf)
            if outline.hole is not None:
                rim = math.hypot(x - outline.hole.at[0], y - outline.hole.at[1]) - outline.hole.radius
                distance = min(distance, max(rim, 0.0))
            return min(h, fine + GROWTH * distance)

        gmsh.model.mesh.setSizeCallback(size)
        if cells == "quad":
            gmsh.option.setNumber("Mesh.RecombineAll", 1)
            gmsh.option.setNumber("Mesh.RecombinationAlgorithm", 3)  # the one that leaves no triangle
        gmsh.model.mesh.generate(2)
        with TemporaryDirectory() as folder:
            path = Path(folder) / "strip.msh"
            gmsh.write(str(path))
            with redirect_stdout(StringIO()):
                raw = meshio.read(path)
        mesh, _ = from_meshio(raw)
    finally:
        gmsh.finalize()
    return checked(mesh, outline.boundaries)


def _draw(gmsh: Any, outline: Outline, fine: float) -> None:
    """The outline as lines, its parts as named groups."""
    geo = gmsh.model.geo
    x = [-outline.length / 2, outline.length / 2]
    if outline.notch is not None:
        x.extend(outline.notch.breaks)
    if outline.constriction is not None:
        b = outline.constriction.breaks(outline.width)
        pieces = max(8, math.ceil((b[1] - b[0]) / fine))
        x.extend([*np.linspace(b[0], b[1], pieces + 1), *np.linspace(b[2], b[3], pieces + 1)])
    stations = np.unique(np.round(x, 12))
    lower, upper = outline.edges(stations)
    below = [geo.addPoint(a, b, 0) for a, b in zip(stations, lower, strict=True)]
    above = [geo.addPoint(a, b, 0) for a, b in zip(stations, upper, strict=True)]
    bottom = [geo.addLine(a, b) for a, b in pairwise(below)]
    top = [geo.addLine(a, b) for a, b in pairwise(above[::-1])]
    right, left = geo.addLine(below[-1], above[-1]), geo.addLine(above[0], below[0])
    loops = [geo.addCurveLoop([*bottom, right, *top, left])]
    groups = {"left": [left], "right": [right], "bottom": bottom, "top": top}
    if outline.hole is not None:
        (u0, v0), r = outline.hole.at, outline.hole.radius
        centre = geo.addPoint(u0, v0, 0)
        rim = [geo.addPoint(u0 + r * u, v0 + r * v, 0) for u, v in ((1, 0), (0, 1), (-1, 0), (0, -1))]
        arcs = [geo.addCircleArc(rim[i], centre, rim[(i + 1) % 4]) for i in range(4)]
        loops.append(geo.addCurveLoop(arcs))
        groups["hole"] = arcs
    surface = geo.addPlaneSurface(loops)
    geo.synchronize()
    for name, curves in groups.items():
        gmsh.model.addPhysicalGroup(1, curves, name=name)
    gmsh.model.addPhysicalGroup(2, [surface], name="inside")


def _fine_places(outline: Outline, fine: float) -> list[Any]:
    """Points (2, k) about which cells are small: tips of the notch, both edges of the narrow stretch."""
    places = []
    if outline.notch is not None:
        tip = np.array([outline.notch.at])
        lower, upper = outline.edges(tip)
        if outline.notch.side != "top":
            places.append(np.stack([tip, lower]))
        if outline.notch.side != "bottom":
            places.append(np.stack([tip, upper]))
    if outline.constriction is not None:
        low, high = outline.constriction.interval
        x = np.linspace(low, high, max(3, math.ceil((high - low) / fine)))
        places += [np.stack([x, edge]) for edge in outline.edges(x)]
    return places
