"""Probes: numbers recorded at every accepted step.  Each has a name, a unit and is called with snapshots.

Snapshots of m states offer `voltage` (m,), `current` (m,), `n` (m, N), `dissipation` (m, nq), `integrals` (m, 3)
and the `system` they belong to; a probe makes m numbers of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial, singledispatch
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femtdgl.errors import InputError
from femtdgl.measure.moment import lever
from femtdgl.measure.vortices import Line, Vorticity, line_of
from femtdgl.problem.probe import (
    CurrentProbe,
    FluxoidProbe,
    MomentProbe,
    ProbeDescription,
    VoltageProbe,
    VorticesProbe,
)
from femtdgl.problem.problem import Problem
from femtdgl.problem.waveform import Waveform
from femtdgl.solve.heat.terms import HeatTerms
from femtdgl.solve.path import Cut, plane_cut, reading
from femtdgl.solve.space import Space

Array = NDArray[np.float64]

PARTS = {"total": slice(None), "super": slice(0, 1)}
"""Of j_s, j_int, j_n."""


@dataclass(frozen=True)
class Probe:
    """A named number of a state; `unit` is one of the reduced units of theory note, section 0."""

    name: str
    """What it is recorded under."""
    unit: str
    """One of the reduced units of theory note, section 0."""
    measure: Callable[[Any], NDArray[Any]]
    """Of `solve.observe.Snapshots`, many states at once: the values, one for each."""
    integrated: bool = False
    """Whether its integral over time is kept too, from the dense output; for what is linear in the state."""
    density: bool = False
    """Whether it takes work beyond reading |psi| and what is linear in the unknowns: densities, currents, rates.  In
    large problems it is then not worked out at each of many times within a step, see `record`."""

    def __call__(self, snapshots: Any) -> NDArray[Any]:
        """The numbers (m,) of these snapshots; integers of what is counted."""
        return self.measure(snapshots)


def _negative(s: Any) -> Array:
    w = s.dissipation
    return np.minimum(w, 0.0) @ s.system.space.weights if w.min() < 0 else np.zeros(len(w))


def center_probe(center: int) -> Probe:
    """|psi| at a node."""
    return Probe("psi_center", "Delta0", lambda s: np.sqrt(s.n[:, center]))


def free_probe(free: NDArray[np.bool_]) -> Probe:
    """Largest |psi| over the nodes (N,) that no bank keeps superconducting."""
    return Probe("psi_max_free", "Delta0", lambda s: np.sqrt(s.n.max(axis=1, where=free, initial=0.0)))


def field_probe(field: Waveform) -> Probe:
    """The field normal to a plane."""
    return Probe("field", "Bc2", lambda s: np.array([field(float(t)) for t in s.t]))


def ring_probes(flux: Waveform | None) -> list[Probe]:
    """The fluxoid of a ring that periodic ends make, and the flux through it."""
    made = [Probe("fluxoid", "flux quanta", lambda s: s.fluxoid)]
    if flux is not None:
        made.append(Probe("flux", "flux quanta", lambda s: np.array([flux(float(t)) for t in s.t])))
    return made


def named_probes(problem: Problem, space: Space, others: Sequence[Probe] = ()) -> list[Probe]:
    """The probes that a problem asks for.  Raises InputError where one lies outside the mesh or has a name in use."""
    made: list[Probe] = []
    taken = {probe.name for probe in (*STANDARD, *others)} | {"psi_center", "t"}
    for description in problem.probes:
        if description.name in taken:
            raise InputError(f"{description.name!r} is in use", key="probes", allowed="another name")
        made.append(probe_of(description, space))
    return made


@singledispatch
def probe_of(description: ProbeDescription, space: Space) -> Probe:
    """The probe of a description, on a space.  Each kind of description registers a function of its own.

    Raises InputError, with the key, where the description does not fit the mesh.
    """
    raise NotImplementedError(f"{type(description).__name__} has no function registered with measure.probes.probe_of")


@probe_of.register
def _(description: VoltageProbe, space: Space) -> Probe:
    corners = np.array(description.between, dtype=float).T
    matrix, inside = reading(space, corners)
    if not inside.all():
        out = description.between[int(np.argmin(inside))]
        key = f"probes.{description.name}.between"
        raise InputError(f"{list(out)} lies outside the mesh", key=key, allowed="points of the filament")
    weights = (matrix[0] - matrix[1]).tocsr()
    measure = partial(_voltage_between, nodes=weights.indices, weights=weights.data, corners=corners)
    return Probe(description.name, "V0", measure, integrated=True)


@probe_of.register
def _(description: CurrentProbe, space: Space) -> Probe:
    at, normal = np.array(description.at, float), np.array(description.normal, float)
    cut = plane_cut(space, at, normal, description.radius)
    if cut.points.size == 0:
        key = f"probes.{description.name}.at"
        raise InputError(f"{list(description.at)} cuts no cell", key=key, allowed="a cut through the filament")
    return Probe(description.name, "j0 xi^(d-1)", partial(_current_through, cut=cut), density=True)


@probe_of.register
def _(description: FluxoidProbe, space: Space) -> Probe:
    try:
        step = None if space.seam is None else space.seam.step
        line = line_of(space.mesh, space.mesh.boundaries[description.boundary], step)
    except InputError as error:
        raise InputError(error.message, key=f"probes.{description.name}.boundary", allowed=error.allowed) from None
    return Probe(
        description.name, "flux quanta", partial(_fluxoid, line=line, nodes=space.basis.nodal_dofs[0, line.vertices])
    )


@probe_of.register
def _(description: VorticesProbe, space: Space) -> Probe:
    return Probe(description.name, "vortices", partial(_net_vortices, vorticity=Vorticity(space.mesh)))


@probe_of.register
def _(description: MomentProbe, space: Space) -> Probe:
    measure = partial(_moment, arm=lever(space), parts=PARTS[description.current])
    return Probe(description.name, "j0 xi^3", measure, density=True)


CONDENSATION = Probe("condensation", "j0 V0 xi^(d-1)", lambda s: s.condensation)
"""Of an eps that moves by itself, without temperatures."""


def phonon_probes(own: bool) -> list[Probe]:
    """p of phonons that act back, and their work; `own`: whether some of them are the filament's."""
    parts = {"stored": "E0", "emitted": "E0/t0", "reabsorbed": "E0/t0", "escaping": "E0/t0"} if own else {}
    mine = [Probe(f"phonons_{name}", unit, partial(_own_phonons, name=name)) for name, unit in parts.items()]
    return [
        *mine,
        Probe("phonon_work", "j0 V0 xi^(d-1)", lambda s: s.phonon_work, density=True),
        Probe("p_max", "1", lambda s: s.feedback.max(axis=1), density=True),
        Probe("p_min", "1", lambda s: s.feedback.min(axis=1), density=True),
    ]


def heat_probes(heat: HeatTerms) -> list[Probe]:
    """Temperatures, energies and powers of a heated filament."""
    made = [
        Probe("thermal_energy", "j0 V0 t0 xi^(d-1)", lambda s: s.heat.thermal_energy),
        Probe(
            "condensate_energy",
            "j0 V0 t0 xi^(d-1)",
            lambda s: 0.5 * s.integrals[:, 2] + s.heat.entropy_energy,
            density=True,
        ),
        Probe("condensation", "j0 V0 xi^(d-1)", lambda s: s.heat.condensation, density=True),
        Probe("reversible", "j0 V0 xi^(d-1)", lambda s: s.heat.reversible, density=True),
        Probe("heat_held", "j0 V0 xi^(d-1)", lambda s: s.heat.through_held.sum(axis=0)),
    ]
    if len(heat.field_names) == 2:
        made += [
            Probe("heat_held_phonons", "j0 V0 xi^(d-1)", lambda s: s.heat.through_held[1]),
            Probe("heat_to_phonons", "j0 V0 xi^(d-1)", lambda s: s.heat.coupling),
        ]
    for f, name in enumerate(heat.field_names):
        made.append(Probe(f"{name}_max", "Tc", partial(_extreme_temperature, field=f, extreme=np.max)))
        made.append(Probe(f"{name}_min", "Tc", partial(_extreme_temperature, field=f, extreme=np.min)))
        made.append(Probe(f"{name}_mean", "Tc", partial(_mean_temperature, field=f)))
    if heat.lumped:
        made += [
            Probe("node_energy", "j0 V0 t0 xi^(d-1)", lambda s: s.heat.node_energy),
            Probe("heat_to_baths", "j0 V0 xi^(d-1)", lambda s: s.heat.to_baths),
            Probe("heat_brought", "j0 V0 xi^(d-1)", lambda s: s.heat.brought),
        ]
    if heat.deposits:
        made.append(Probe("heat_sources", "j0 V0 xi^(d-1)", lambda s: s.heat.from_sources))
    made += [Probe(f"T_node_{name}", "Tc", partial(_node_temperature, name=name)) for name in heat.temperatures.nodes]
    made += [Probe(f"power_{a.name}", "j0 V0 xi^(d-1)", partial(_link_power, name=a.name)) for a in heat.attachments]
    return made


def _own_phonons(s: Any, name: str) -> Array:
    return s.own_phonons[name]


def _extreme_temperature(s: Any, field: int, extreme: Any) -> Array:
    return extreme(s.heat.T[:, field], axis=1)


def _mean_temperature(s: Any, field: int) -> Array:
    weights = s.system.space.weights
    return (s.system.space.values(s.heat.T[:, field].T).T @ weights) / weights.sum()


def _node_temperature(s: Any, name: str) -> Array:
    return s.heat.node(name)


def _link_power(s: Any, name: str) -> Array:
    return s.heat.powers[name][0]


def _voltage_between(s: Any, nodes: NDArray[np.intp], weights: Array, corners: Array) -> Array:
    return s.between(nodes, weights, corners)


def _current_through(s: Any, cut: Cut) -> Array:
    return s.flux(cut)


def _moment(s: Any, arm: Array, parts: slice) -> Array:
    return np.einsum("mdkp,dp->m", s.current_densities[:, :, parts], arm)


def _fluxoid(s: Any, line: Line, nodes: NDArray[np.intp]) -> NDArray[np.intp]:
    A, x = s.vector_potential, s.system.space.nodes[:, nodes, None]
    return line.turns(s.psi[:, nodes].T, x, None if A is None else np.moveaxis(A[..., nodes], 0, -1))


def _net_vortices(s: Any, vorticity: Vorticity) -> NDArray[np.intp]:
    vertices, held = s.system.space.basis.nodal_dofs[0], s.system.layout.held
    A, noise = s.vector_potential, s.system.problem.time.noise
    return vorticity(s.psi[:, vertices], None if A is None else A[..., vertices], held=held[vertices], noise=noise)


STANDARD = (
    Probe("voltage", "V0", lambda s: s.voltage, integrated=True),
    Probe("current", "j0", lambda s: s.current),
    Probe("psi_max", "Delta0", lambda s: np.sqrt(s.n.max(axis=1))),
    Probe("psi_min", "Delta0", lambda s: np.sqrt(s.n.min(axis=1))),
    Probe("rate_max", "1/t0", lambda s: np.abs(s.n_t).max(axis=1), density=True),
    Probe("gamma", "1", lambda s: s.gamma),
    Probe("work", "j0 V0 xi^(d-1)", lambda s: s.integrals[:, 1], density=True),
    Probe("dissipation", "j0 V0 xi^(d-1)", lambda s: s.integrals[:, 0], density=True),
    Probe("dissipation_negative", "j0 V0 xi^(d-1)", _negative, density=True),
    Probe("dissipation_min", "j0 V0/xi", lambda s: s.dissipation.min(axis=1), density=True),
    Probe("free_energy", "j0 V0 t0 xi^(d-1)/2", lambda s: s.integrals[:, 2], density=True),
)
"""Recorded in every run: `rate_max` is the largest |d_t |psi|^2|, `gamma` the phase difference of
`Snapshots.gamma`, `work` is int j.E, `dissipation` int w, `free_energy` F of (1.5)."""
