"""Where a run starts: psi and temperatures at t = 0, as the problem says or as another run ended."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from femtdgl.errors import InputError
from femtdgl.files.reader import RING, Result
from femtdgl.problem.boundary import Bank, NormalContact
from femtdgl.problem.drive import Constant, UniformField
from femtdgl.problem.heat import of_electrons
from femtdgl.problem.problem import Problem
from femtdgl.solve.path import centre, reading
from femtdgl.solve.space import Space
from femtdgl.solve.system import System
from femtdgl.solve.transport import line_integral

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]


def initial_psi(problem: Problem, system: System) -> Complex:
    """Nodal psi at t = 0: one, or the end of another run, times 1 less the dips; noise inside, 0 on normal contacts."""
    space, start = system.space, problem.initial
    psi = np.ones(space.N, dtype=np.complex128)
    images = [] if space.seam is None else space.seam.images(space.nodes)
    for dip in start.dips:
        psi -= sum(dip(x) for x in (space.nodes, *images))
    if start.winding:
        psi *= np.exp(2j * np.pi * start.winding * rounds(space))
    if start.file is not None:
        psi *= Earlier(start.file, system).psi()
    inside = np.ones(space.N, dtype=bool)
    for name, condition in problem.boundary.items():
        nodes = space.boundary_nodes(name)
        if isinstance(condition, NormalContact):
            psi[nodes] = 0.0
        if isinstance(condition, Bank | NormalContact):
            inside[nodes] = False
        if isinstance(condition, Bank):
            psi[nodes] /= np.maximum(np.abs(psi[nodes]), 1e-300)
    if start.noise:
        random = np.random.default_rng(start.seed)
        noise = random.normal(scale=start.noise, size=(2, space.N))
        psi[inside] += noise[0, inside] + 1j * noise[1, inside]
    return psi


def rounds(space: Space) -> Array:
    """How far round the nodes lie (N,), in rounds of a ring; in the plane without periodic ends about its middle."""
    if space.seam is not None:
        return space.seam.share(space.nodes)
    if space.dim != 2:
        raise InputError(
            f"has nothing to wind about in {space.dim} dimensions",
            key="initial.winding",
            allowed="0, or a film in the plane, or periodic ends",
        )
    x, y = space.nodes - centre(space)[:, None]
    return np.asarray(np.arctan2(y, x)) / (2 * np.pi)


def earlier_run(file: str) -> Result:
    """A run to start from.  Raises InputError."""
    try:
        return Result(file)
    except InputError as error:
        words = f"{error.file or file}: {error.message}"
        raise InputError(words, key="initial.file", allowed=error.allowed) from None


class Earlier:
    """The end of another run at the nodes of a system: as it is on the same mesh, else read from its own elements.

    Nodes outside its mesh have the value of its nearest node.  In a uniform field psi is carried from its nodes, and
    turned to the gauge about the middle of the new mesh.
    """

    def __init__(self, file: str, system: System) -> None:
        self.run, self.system = earlier_run(file), system
        nodes = system.space.nodes
        self.same = self.run.stored_nodes.shape == nodes.shape and np.array_equal(self.run.stored_nodes, nodes)
        if self.run.stored_nodes.shape[0] != nodes.shape[0]:
            raise InputError(
                f"is of {self.run.stored_nodes.shape[0]} dimensions, this mesh of {nodes.shape[0]}",
                key="initial.file",
                allowed="a run of as many",
            )

    @cached_property
    def _matrix(self) -> sp.csr_matrix:
        """From its nodal values to those at the new nodes."""
        earlier, nodes = self.run, self.system.space.nodes
        space = Space(earlier.mesh, int(earlier.attributes["order"]))
        if not np.allclose(space.nodes, earlier.stored_nodes):
            raise InputError("numbers its nodes in another way", key="initial.file", allowed="a run of this version")
        matrix, inside = reading(space, nodes)
        outside = np.flatnonzero(~inside)
        if not outside.size:
            return matrix
        from scipy.spatial import cKDTree

        near = cKDTree(earlier.stored_nodes.T).query(nodes[:, outside].T)[1]
        ones = sp.csr_matrix((np.ones(outside.size), (outside, near)), shape=matrix.shape)
        return (matrix + ones).tocsr()

    def psi(self) -> Complex:
        """Nodal psi (N,)."""
        psi = self.run.end("psi")
        self._require_gauge()
        if self.same:
            return psi
        matrix = self._matrix
        if "B" not in self.run.field_names or "field_origin" not in self.run.attributes:
            return matrix @ psi
        B = np.atleast_1d(self.run.end("B"))
        field = UniformField(tuple(Constant(float(b)) for b in B), np.asarray(self.run.attributes["field_origin"]))
        nodes = self.system.space.nodes
        row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        carried = line_integral(field, self.run.stored_nodes[:, matrix.indices], nodes[:, row], 0.0)[0]
        turned = sp.csr_matrix((matrix.data * np.exp(1j * carried), matrix.indices, matrix.indptr), shape=matrix.shape)
        moved = field(centre(self.system.space)[:, None], 0.0)[0]  # A there: what is taken off in the new gauge
        return np.exp(-1j * (moved * nodes).sum(axis=0)) * (turned @ psi)

    def _require_gauge(self) -> None:
        """Raises InputError for a run with a vector potential in the gauge of other ends than these."""
        ring, was_ring = self.system.space.seam is not None, RING in self.run.attributes
        if ring != was_ring and {"A", "B"} & {*self.run.field_names}:
            words = (
                "is a run in a field with periodic ends" if was_ring else "is a run in a field without periodic ends"
            )
            allowed = "a run with such ends as here, or without field and flux"
            raise InputError(words, key="initial.file", allowed=allowed)

    def real(self, name: str) -> Array:
        """A real field at the nodes (N,)."""
        values = self.run.end(name)
        return values if self.same else self._matrix @ values


def initial_temperatures(problem: Problem, system: System) -> tuple[Array | None, dict[str, float]]:
    """Nodal T at t = 0, (fields, N), and lumped nodes: as the problem says, or of the heated run that it starts from.

    One temperature serves both fields, and T_e serves one.
    """
    start, heat = problem.initial, system.heat
    if heat is None:
        if start.temperature is not None:
            raise InputError("needs [heat]", key="initial.temperature", allowed="no temperature without it")
        return None, {}
    T, lumped = (None, {}) if start.file is None else _ended(start.file, system)
    if start.temperature is not None:
        try:
            given = start.temperature.at(system.space.nodes)
        except InputError as error:
            raise error.at(key="initial.temperature") from None
        if given.min() <= 0:
            raise InputError(f"falls to {given.min():.4g}", key="initial.temperature", allowed="above 0 everywhere")
        T = np.tile(given, (len(heat.field_names), 1))
    return T, lumped


def _ended(file: str, system: System) -> tuple[Array | None, dict[str, float]]:
    """Temperatures of the end of another run."""
    there, heat = Earlier(file, system), system.heat
    one = of_electrons(there.run.field_names)
    if one is None or heat is None:
        return None, {}
    names = [name if name in there.run.field_names else one for name in heat.field_names]
    T = np.stack([there.real(name) for name in names])
    found = {name: f"T_node_{name}" for name in heat.temperatures.nodes if f"T_node_{name}" in there.run.probes}
    return T, {name: float(there.run.probes[probe][-1]) for name, probe in found.items()}
