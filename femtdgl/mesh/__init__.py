"""Meshes: recipes that make scikit-fem meshes with named boundaries.  Lengths in xi(T0).

A recipe is a frozen description; `build()` makes the mesh and checks it.  `order` is that of the elements that the
fields live on: 1 linear, 2 quadratic; with 2 the cells of a plane or a solid are as curved as its edges and faces.
Every recipe tells `boundaries`, the names that a problem may give conditions, and `dim`, before anything is built.

    line                filament                               Line
    strip, ring         in the plane                           Strip (Notch, Hole, Constriction), Ring
    wire                in space                               Wire (Constriction)
    plane, solid        put together from parts, by Netgen     Plane (Polygon, Rectangle, Disc, Ellipse),
                                                               Solid (Box, Cylinder, Ball, Extrusion, Step)
    read                a file of gmsh or whatever meshio reads  File
"""

from femtdgl.input.numbers import positive
from femtdgl.mesh.file import File, read
from femtdgl.mesh.line import Line
from femtdgl.mesh.parts import Ball, Box, Cylinder, Disc, Ellipse, Extrusion, Polygon, Rectangle, Step
from femtdgl.mesh.places import Finer, Rounded, Where
from femtdgl.mesh.plane import Ring, Strip
from femtdgl.mesh.profile import Constriction, Hole, Notch
from femtdgl.mesh.quality import Quality, checked
from femtdgl.mesh.shapes import Plane, Solid, plane, solid
from femtdgl.mesh.volume import Wire
from femtdgl.mesh.words import line, ring, strip, wire

Recipe = Line | Strip | Ring | Wire | File | Plane | Solid
file = read

__all__ = [
    "Ball",
    "Box",
    "Constriction",
    "Cylinder",
    "Disc",
    "Ellipse",
    "Extrusion",
    "File",
    "Finer",
    "Hole",
    "Line",
    "Notch",
    "Plane",
    "Polygon",
    "Quality",
    "Recipe",
    "Rectangle",
    "Ring",
    "Rounded",
    "Solid",
    "Step",
    "Strip",
    "Where",
    "Wire",
    "checked",
    "file",
    "line",
    "plane",
    "positive",
    "read",
    "ring",
    "solid",
    "strip",
    "wire",
]
