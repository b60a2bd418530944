"""Rings and films with periodic ends."""

import femtdgl as fg
from femtdgl.problem.heat import Carriers, Heat

ENDS = {"left": fg.Periodic(), "right": fg.Periodic()}
SIDES = ("left", "right", "bottom", "top")
EDGES = {"bottom": fg.Insulating(), "top": fg.Insulating()}


def ring(*, length=40.0, elements=20, order=2, flux=None, t_end=10.0, rtol=1e-6, delta=2.0, **parts):
    return fg.Problem(
        mesh=fg.mesh.line(length=length, elements=elements, order=order), film=fg.Film(delta=delta, eta=0.1),
        boundary=ENDS, drive=fg.Drive(flux=flux),
        time=fg.Time(t_end=t_end, rtol=rtol, checkpoint=parts.pop("checkpoint", 50.0)), **parts,
    )  # fmt: skip


def strip(*, length=6.0, width=2.0, h=0.5, order=2, flux=None, field=None, edges=EDGES, t_end=10.0, rtol=1e-6, **parts):
    return fg.Problem(
        mesh=fg.mesh.strip(length=length, width=width, h=h, order=order, cells=parts.pop("cells", "triangle")),
        film=fg.Film(delta=parts.pop("delta", 2.0), eta=0.1), boundary={**ENDS, **edges},
        drive=fg.Drive(flux=flux, field=field),
        time=fg.Time(t_end=t_end, rtol=rtol, checkpoint=parts.pop("checkpoint", 50.0)), **parts,
    )  # fmt: skip


def warm(temperatures, **more):
    laws = {"electrons": Carriers(capacity=3.0, conductivity=2.0), "phonons": Carriers(capacity=1.5, conductivity=0.7)}
    return Heat(temperatures=temperatures, **laws, **({"coupling": 0.9} if temperatures == "two" else {}), **more)
