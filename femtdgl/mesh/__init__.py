"""Meshes: recipes that make scikit-fem meshes with named boundaries.  Lengths in xi(T0).

A recipe is a frozen description; `build()` makes the mesh and checks it.  `order` is that of the elements that the
fields live on: 1 linear, 2 quadratic; cells have straight edges either way.  Every recipe tells `boundaries`, the
names that a problem must give a condition each, and `dim`, before anything is built.

    line                filament                               Line
    strip, ring         in the plane                           Strip (Notch, Hole, Constriction), Ring
    wire                in space                               Wire (Constriction)
    read                a file of gmsh or whatever meshio reads  File
"""

from femtdgl.input.numbers import positive
from femtdgl.mesh.file import File, read
from femtdgl.mesh.line import Line
from femtdgl.mesh.plane import Ring, Strip
from femtdgl.mesh.profile import Constriction, Hole, Notch
from femtdgl.mesh.quality import Quality, checked
from femtdgl.mesh.volume import Wire

Recipe = Line | Strip | Ring | Wire | File
line = Line
strip = Strip
ring = Ring
wire = Wire

__all__ = [
    "Constriction",
    "File",
    "Hole",
    "Line",
    "Notch",
    "Quality",
    "Recipe",
    "Ring",
    "Strip",
    "Wire",
    "checked",
    "line",
    "positive",
    "read",
    "ring",
    "strip",
    "wire",
]
