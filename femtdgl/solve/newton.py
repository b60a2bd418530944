"""Newton's iteration of a step: how old its Jacobian may be, and the complete LU of a filament of one dimension.

IDA keeps a Jacobian for as long as its iteration converges at all, and is content when a third of the tolerance is
left.  That rest is noise in the error test, which cannot tell it from truncation: the step and the order shrink until
the noise fits.  Where psi turns by phi dt a Jacobian that is kept turns out of phase with it within a few steps, and
the noise adds up along a wire: phi is the integral of E from the contact.

Newton leaves (how far psi moved since the Jacobian was made) x (the correction), and the correction is what the error
test measures.  So the Jacobian is made anew as soon as psi has moved by MOVED: half a percent of what is tested is then
noise, a few steps in a hundred need a second iteration, and steps are two to four times longer, in a wire of 100 xi
and in a strip alike.  Where nothing moves the Jacobian is kept as before.  In a filament of 1 xi there is no wire for
the noise to add up along: there the Jacobian outlives ten times as much, is made half as often, and the steps are as
many, to a few in a hundred.  (A wire in space, whose linear systems are solved by iteration, gained nothing, and its
period was three times as far from that of a tight tolerance.)

In the step that it is made in it serves two iterations before it can be made anew: of the second correction it leaves
as much as the first one has moved psi, a thousandth of what is tested.  In a strip at rtol 1e-3 that is one for each
step, 98 instead of 127, and the windows of the voltage are nearer to those of a fine run.

The mass of (1.2) is u (1 + delta^2 |psi|^2)^(1/2) along psi and u (1 + delta^2 |psi|^2)^(-1/2) across.  Where psi turns
by alpha, a Jacobian that is kept takes alpha delta^2 |psi|^2 of a correction along psi for one across, which is not
stiff.  So with a large delta it is made anew sooner: a film in which nothing but the phase moves, delta 37 and rtol
1e-6, takes a quarter of the steps; where psi moves by more than that in each step there is no difference.

IDA's linear solver is GMRES for all: it lets the product J v and the preconditioner be ours.  With a complete LU the
preconditioner is the inverse, and what it makes of J v is v: neither is worked out.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import splu

from femtdgl.solve.band import BandLU

Array = NDArray[np.float64]

MOVED = 0.005
"""Largest change of an unknown with a time derivative (psi; temperatures in eta) that a Jacobian outlives, delta 0."""
STIFF, SHORT, MOST = 0.01, 10.0, 10.0
"""Share of delta^2 by which it is smaller; length in xi of a filament below which it is larger, as SHORT/length; and
how many times at most."""
SERVES = 2
"""Iterations that a Jacobian serves in the step that it was made in, however far the first one moves psi."""
RATE = 0.01
"""Relative change of cj = d y'/dy that a Jacobian outlives."""


class Newton(ABC):
    """Jacobian of a System, its product and its preconditioner, for IDA's GMRES."""

    def __init__(self, system: Any) -> None:
        self.system = system
        self.cj = 0.0
        moving = np.ones(system.size, dtype=bool)
        moving[system.algebraic] = False
        moving[system.layout.theta] = False  # bank phases turn for ever; psi there has the size of one
        self._moving = np.flatnonzero(moving)
        self.outlived = MOVED / (1 + STIFF * system.constants.delta**2)
        self._made_at: Array | None = None
        self._made_in, self._served = (np.nan, np.nan), 0  # t and cj of the step it was made in; iterations since
        self.counts = dict.fromkeys(("setup", "phi_setup", "times", "solve"), 0)

    def restart(self) -> None:
        """Forget: what follows a start depends on its state alone, so that a resumed run is the same to the bit."""
        self._made_at, self._made_in = None, (np.nan, np.nan)

    def setup(self, t: float, y: Array, yp: Array, residual: Array, cj: float) -> None:
        """The Jacobian at (t, y, y', cj) and what solves it.  IDA asks when cj has changed, or nothing converged.

        A step that grew, with smaller cj, asks for no other Jacobian than its state; one that was cut short may.
        """
        if cj < self.cj and not self._moved(y) and self._renew(cj):
            return
        self.counts["setup"] += 1
        self._made_at, self._made_in, self._served = y[self._moving], (t, cj), 0
        self._make(t, y, yp, cj)

    def _moved(self, y: Array) -> bool:
        """Whether the state has moved away from that of the Jacobian."""
        return self._made_at is None or bool(np.abs(y[self._moving] - self._made_at).max(initial=0.0) > self.outlived)

    def _renew(self, cj: float) -> bool:
        """The Jacobian that is there at another cj, and what solves it; whether that can be had."""
        return False

    def refresh(self, t: float, y: Array, yp: Array, residual: Array, cj: float) -> None:
        """Before each linear solve: the Jacobian anew, if the state or cj has moved away from those of its making.

        One that was made in this step serves SERVES iterations of it.
        """
        serves = self._made_in == (t, cj) and self._served < SERVES
        if not serves and (self._moved(y) or (abs(cj / self.cj - 1) > RATE and not self._renew(cj))):
            self.setup(t, y, yp, residual, cj)
        self._served += 1

    @abstractmethod
    def _make(self, t: float, y: Array, yp: Array, cj: float) -> None:
        """The Jacobian and its factors."""

    @abstractmethod
    def times(self, t: float, y: Array, yp: Array, residual: Array, v: Array, Jv: Array, cj: float) -> None:
        """J v."""

    @abstractmethod
    def solve(
        self, t: float, y: Array, yp: Array, residual: Array, r: Array, z: Array, cj: float, delta: float
    ) -> None:
        """z from P z = r."""

    @abstractmethod
    def inverse(self, r: Array) -> Array:
        """x from J x = r, of the Jacobian of the last set-up: to rounding, or as well as a correction needs."""

    @abstractmethod
    def consistent(self, t: float, y: Array, yp: Array, right: Array) -> Array:
        """d_t psi, d_t theta and phi from F = 0, affine in them: right is -F with all of them zero."""


class CompleteSolver(Newton):
    """A complete LU of the whole Jacobian, cheap in one dimension: GMRES takes one iteration."""

    def __init__(self, system: Any) -> None:
        super().__init__(system)
        length = float(np.ptp(system.space.nodes, axis=1).max())
        self.outlived *= min(max(1.0, SHORT / length), MOST)
        self._matrix = system.matrix(np.zeros(system.nnz))
        self._band = BandLU(self._matrix)
        self._lu: Any = self._band
        self._multiplied: Array | None = None  # the v that stands for J v until it is solved for

    def _make(self, t: float, y: Array, yp: Array, cj: float) -> None:
        self.cj = cj
        if self._band.fits:
            self._matrix.data = self.system.jacobian(t, y, yp, cj)
            self._band.factorise(self._matrix.data)
        else:
            self._matrix = self.system.matrix(self.system.jacobian(t, y, yp, cj))
            self._lu = splu(self._matrix)

    def times(self, t: float, y: Array, yp: Array, residual: Array, v: Array, Jv: Array, cj: float) -> None:
        """v in place of J v, to which `solve` gives back v."""
        self.counts["times"] += 1
        Jv[:] = v
        self._multiplied = v.copy()

    def solve(
        self, t: float, y: Array, yp: Array, residual: Array, r: Array, z: Array, cj: float, delta: float
    ) -> None:
        """z from J z = r, or from J z = J v where v came last and stands for it."""
        self.counts["solve"] += 1
        multiplied, self._multiplied = self._multiplied, None
        z[:] = r if multiplied is not None and np.array_equal(r, multiplied) else self._lu.solve(r)

    def inverse(self, r: Array) -> Array:
        """x from J x = r, to rounding."""
        return np.asarray(self._lu.solve(r))

    def consistent(self, t: float, y: Array, yp: Array, right: Array) -> Array:
        """d_t psi, d_t theta and phi from F = 0: the columns of phi are those of y, the others those of y'."""
        system = self.system
        algebraic = np.zeros(system.size, dtype=bool)
        algebraic[system.algebraic] = True
        stay = system.jacobian(t, y, yp, 0.0)
        rate = system.jacobian(t, y, yp, 1.0) - stay
        return splu(system.matrix(np.where(algebraic[system.structure.columns], stay, rate))).solve(right)
