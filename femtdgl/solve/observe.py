"""What can be seen of a running system: fields, densities and currents of one or of many states at once.

Many at once, because whole arrays are several times cheaper than one state after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from femtdgl.problem.drive import UniformField
from femtdgl.solve.heat.observe import HeatSnapshots
from femtdgl.solve.layout import PHI
from femtdgl.solve.own_phonons import LocalBalance, SpectralBalance
from femtdgl.solve.path import Cut, line_integrals
from femtdgl.solve.phonons import squares
from femtdgl.solve.system import System

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]


class Fields(dict[int, Array]):
    """Nodal a, b, phi, a_t, b_t by number, (m, N) each, read from states (m, width) when they are asked for."""

    def __init__(self, states: Array, readers: NDArray[np.intp]) -> None:
        super().__init__()
        self.states, self.readers = states, readers

    def __missing__(self, field: int) -> Array:
        self[field] = read = np.take(self.states, self.readers[field], axis=-1)
        return read


class Snapshots:
    """m states of a system, t (m,), y and y' (m, size), with everything that follows from them, computed once."""

    def __init__(self, system: System, t: Array, y: Array, yp: Array) -> None:
        self.system = system
        self.t, self.y, self.yp = np.atleast_1d(t), np.atleast_2d(y), np.atleast_2d(yp)

    @classmethod
    def together(cls, states: Sequence[Snapshots]) -> Snapshots:
        """Those of several, one after the other, of one system."""
        if len(states) == 1:
            return states[0]
        t, y, yp = (np.concatenate([getattr(one, part) for one in states]) for part in ("t", "y", "yp"))
        return cls(states[0].system, t, y, yp)

    @cached_property
    def _state(self) -> Array:
        """All that the fields are read from, see `System.state`: (m, width)."""
        return self.system.state(self.y, self.yp)

    @cached_property
    def _fields(self) -> Fields:
        return Fields(self._state, self.system.arrays.readers)

    @property
    def psi(self) -> Complex:
        """Nodal order parameter (m, N)."""
        return self._fields[0] + 1j * self._fields[1]

    @property
    def psi_t(self) -> Complex:
        """Nodal d_t psi (m, N)."""
        return self._fields[3] + 1j * self._fields[4]

    @property
    def phi(self) -> Array:
        """Nodal potential (m, N), in the gauge phi(left) = -phi(right)."""
        return self._fields[2] - self.system.problem.time.gauge_shift

    @cached_property
    def n(self) -> Array:
        """|psi|^2 at the nodes (m, N)."""
        a, b = self._fields[0], self._fields[1]
        return a * a + b * b

    @cached_property
    def n_t(self) -> Array:
        """d_t |psi|^2 at the nodes (m, N)."""
        a, b, a_t, b_t = (self._fields[field] for field in (0, 1, 3, 4))
        return 2 * (a * a_t + b * b_t)

    @property
    def magnetic(self) -> dict[str, Array]:
        """What the gauge of psi hangs on: "B" (m, 1 or 3) of a uniform field, or "A" at the nodes (m, dim, N)."""
        potential = self.system.potential
        if isinstance(potential, UniformField):
            times = [self.system.before(float(t)) for t in self.t]
            return {"B": np.array([[component(t) for component in potential.components] for t in times])}
        return {} if self.vector_potential is None else {"A": self.vector_potential}

    @cached_property
    def vector_potential(self) -> Array | None:
        """A at the nodes (m, dim, N); None where there is none."""
        system, nodes = self.system, self.system.space.nodes
        if system.potential is None:
            return None
        made = [system.potential(nodes, system.before(float(t)))[0] for t in self.t]
        return np.stack([np.broadcast_to(A, nodes.shape) for A in made])

    @cached_property
    def voltage(self) -> Array:
        """V between the terminals (m,)."""
        return self.system.layout.seen_voltage(self.y) - [self.system.emf(t) for t in self.t]

    @cached_property
    def gamma(self) -> Array:
        """int (grad arg psi - A).dl along the path of slips (m,), the phase from point to point within (-pi, pi)."""
        path, times = self.system.path, [self.system.before(float(t)) for t in self.t]
        read = self._fields[0][:, path.reads] + 1j * self._fields[1][:, path.reads]
        if path.steady:
            psi = path.psi(read, times[0])
        else:
            psi = np.array([path.psi(one, t) for one, t in zip(read, times, strict=True)])
        return np.angle(psi[:, 1:] * psi[:, :-1].conj()).sum(axis=1)  # A has no part along the path there

    @property
    def fluxoid(self) -> NDArray[np.intp]:
        """Turns of the phase of psi round a ring, along the path of slips: (m,)."""
        system, corners = self.system, self.system.path.corners
        around = np.zeros(self.t.size)
        if system.potential is not None:
            times = [system.before(float(t)) for t in self.t]
            around = np.array([line_integrals(system.potential, corners, t)[0] for t in times])
        return np.rint((self.gamma + around) / (2 * np.pi)).astype(np.intp)

    @cached_property
    def current(self) -> Array:
        """J through the filament (m,), at the first terminal; under a voltage bias, what flows there.

        Round a ring the mean of what flows, whose total is the same through every cut.
        """
        system, seam = self.system, self.system.space.seam
        if seam is not None:
            along, weights = seam.step / np.linalg.norm(seam.step), system.space.weights
            return np.einsum("mdkp,d->mp", self.current_densities, along) @ weights / weights.sum()
        if system.layout.biased:
            return self.flux(system.terminal_cuts[0]) / system.layout.areas[0]
        return np.array([system.current(t, y) for t, y in zip(self.t, self.y, strict=True)])

    @cached_property
    def heat(self) -> HeatSnapshots:
        """Temperatures and flows of heat; only of a system that has them."""
        assert self.system.heat is not None
        return HeatSnapshots(self.system, self.system.heat, self.t, self.y, self.yp)

    @property
    def condensation(self) -> Array:
        """(1/2) int n d_t eps of (1.5), (m,), where eps moves by itself."""
        system, states = self.system, self.system.state(self.y, self.yp)
        n = squares(system.arrays, states, system.transports(self.t)).n
        return 0.5 * (n * system.landscape.rates(self.t)) @ system.space.weights

    @property
    def feedback(self) -> Array:
        """p of the phonons at the quadrature points (m, nq); only of a system that has them."""
        return self._fed_back[0]

    @property
    def phonon_work(self) -> Array:
        """(1/2) int p d_t n of (1.5), (m,)."""
        p, n_t = self._fed_back
        return 0.5 * (p * n_t) @ self.system.space.weights

    @cached_property
    def _fed_back(self) -> tuple[Array, Array]:
        """p and d_t n at the quadrature points."""
        system = self.system
        assert system.phonons is not None
        if system.phonons.steady and system.potential is None:
            states = system.state(self.y, self.yp)
            at = squares(system.arrays, states, None)
            return system.feedback(0.0, self.y, states, None).p, at.n_t
        p, n_t = np.empty((2, self.t.size, system.space.nq))
        for i, (t, y, yp) in enumerate(zip(self.t, self.y, self.yp, strict=True)):
            state, transport = system.state(y, yp), system.transport(float(t))
            p[i] = system.feedback(float(t), y, state, transport).p
            n_t[i] = squares(system.arrays, state, transport).n_t
        return p, n_t

    @cached_property
    def own_phonons(self) -> dict[str, Array]:
        """Of the phonons that the filament emits itself: stored, emitted, reabsorbed and escaping, over it (m,)."""
        system = self.system
        assert system.phonons is not None
        own, n, n_t = system.phonons.own, self.n, self.n_t
        if isinstance(own, SpectralBalance):
            assert system.spectrum is not None
            powers = own.powers(n, n_t, system.spectrum.nodal(self.y))
        else:
            assert isinstance(own, LocalBalance)
            powers = own.powers(n, n_t)
        share = system.space.loads(np.ones(system.space.nq))[0]
        return {name: values @ share for name, values in powers._asdict().items()}

    def flux(self, cut: Cut) -> Array:
        """Total current through a cut (m,)."""
        system = self.system
        if system.assembly is system.arrays:  # all points at once are as cheap
            return cut(self._observed[1][..., cut.points])
        return cut(system.observe(self.t, self.y, self.yp, cut)[1])

    def between(self, nodes: NDArray[np.intp], weights: Array, corners: Array) -> Array:
        """E.dl from the first to the second point (m,), corners (dim, 2).   phi there is read off some nodes: weights
        of those of the first, less those of the second.
        """
        places = self.system.layout.gather[nodes, PHI]
        own = places < self.system.size
        return self.y[:, places[own]] @ weights[own] - [self.system.emf_between(corners, t) for t in self.t]

    @cached_property
    def _observed(self) -> tuple[Array, Array]:
        return self.system.observe(self.t, self.y, self.yp)

    @cached_property
    def _densities(self) -> Array:
        """w, j.E and the integrand of F, without the currents if nobody has asked for those."""
        if "_observed" in self.__dict__:
            return self._observed[0]
        return self.system.observe(self.t, self.y, self.yp, currents=False)[0]

    @property
    def dissipation(self) -> Array:
        """w of (1.5) at the quadrature points (m, nq)."""
        return self._densities[:, 0]

    @property
    def free_energy(self) -> Array:
        """The integrand of F of (1.5) at the quadrature points (m, nq)."""
        return self._densities[:, 2]

    @cached_property
    def integrals(self) -> Array:
        """int w, int j.E and F of (1.5): (m, 3)."""
        densities, weights = self._densities, self.system.space.weights
        if densities.strides[1] < densities.strides[2]:  # point by point: in that order
            integrals = weights @ densities.swapaxes(1, 2)
        else:
            integrals = densities @ weights
        if self.system.edges.any():  # de Gennes edges: F has oint n/b
            integrals[:, 2] += self.y**2 @ self.system.edges
        return integrals

    @property
    def current_densities(self) -> Array:
        """j_s, j_int, j_n at the quadrature points: (m, dim, 3, nq)."""
        return self._observed[1]

    @cached_property
    def currents(self) -> Array:
        """j_s, j_int, j_n recovered at the nodes by L2 projection: (3, m, dim, N)."""
        vectors, project = np.moveaxis(self._observed[1], 2, 0), self.system.space.project  # (3, m, dim, nq)
        if self.system.space.dim < 3:
            return project(vectors.reshape(-1, vectors.shape[-1])).reshape(*vectors.shape[:-1], -1)
        flat = [project(vectors[which][None])[0] for which in np.ndindex(vectors.shape[:-1])]  # large: one by one
        return np.stack(flat).reshape(*vectors.shape[:-1], -1)
