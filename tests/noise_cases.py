"""Small wires and strips with noise, and how tests march them."""

import numpy as np

import femtdgl as fg
from femtdgl.solve.march import March
from femtdgl.solve.system import System

U = fg.Film().u
NORMAL = {"interference": "off", "conductance": "normal"}


def wire(noise=None, *, length=1.0, elements=2, order=1, eps=-1.0, end="insulating", **more):
    """A wire with the same eps everywhere."""
    ends = {"insulating": fg.Insulating, "bank": fg.Bank, "normal": fg.NormalContact}
    film = fg.Film(delta=more.pop("delta", 0.0), eta=0.1, **more.pop("film", NORMAL))
    time = more.pop("time", None) or fg.Time(t_end=more.pop("t_end", 1e6), checkpoint=1e6)
    return fg.Problem(
        mesh=fg.mesh.line(length=length, elements=elements, order=order),
        film=film,
        boundary={"left": ends[end](), "right": ends[end]()},
        weak_spot=(fg.Spot(depth=1 - eps, width=1e6),) if eps != 1 else (),
        time=time,
        noise=noise,
        **more,
    )


def strip(noise=None, *, eps=-1.0, delta=3.0, field=None, end=fg.Insulating, current=0.0, **more):
    """A small strip."""
    return fg.Problem(
        mesh=fg.mesh.strip(length=4.0, width=2.0, h=more.pop("h", 1.0), order=more.pop("order", 1)),
        film=fg.Film(delta=delta, eta=0.1, interference="off"),
        boundary={"left": end(), "right": end(), "top": fg.Insulating(), "bottom": fg.Insulating()},
        weak_spot=(fg.Spot(depth=1 - eps, width=1e6),) if eps != 1 else (),
        drive=fg.Drive(current=current, field=None if field is None else fg.Constant(field)),
        noise=noise,
        **more,
    )


def march(problem, until, psi=None, integrator=None):
    """The system, and the steps from psi (0 unless given) to a time."""
    system = System(problem)
    m = March(system)
    if integrator is not None:
        m.integrator = integrator(system)
    y = system.initial(np.zeros(system.space.N, complex) if psi is None else psi(system.space.nodes))
    m.integrator.start(0.0, *m.consistent(0.0, y))
    return system, list(m.integrator.steps(until))


def history(problem, until, **more):
    """The system, times and nodal psi (steps, N)."""
    system, steps = march(problem, until, **more)
    return system, np.array([step.t for step in steps]), np.array([system.psi(step.y) for step in steps])


def slipping(noise=None, t_end=12.0, **more):
    """A filament with slips, in the direction of the current."""
    return wire(
        noise, length=1.1, elements=10, order=2, eps=1.0, end="bank", delta=1.0, film={"interference": "consistent"},
        drive=fg.Drive(current=fg.Ramp(0.0, 3.0, over=1.0)),
        time=fg.Time(t_end=t_end, checkpoint=4.0, rtol=more.pop("rtol", 1e-9)),
        output=fg.Output(fields=0.5), measure=fg.Measure(discard=2.0), **more,
    )  # fmt: skip


def ones(x):
    return np.ones(x.shape[1], complex)
