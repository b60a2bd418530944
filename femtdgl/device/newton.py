"""Newton's iteration on a machine: when its Jacobian is made anew as `solve.newton` says, blocks as `solve.linear` has.

In place of the incomplete LU of psi, whose rows wait for each other, there is a Chebyshev iteration in the matrix over
its 2 x 2 blocks on the diagonal; phi has the cycles of `solve.multigrid` at any size.  dF/dy' is worked out when it
is asked for, to take the Jacobian to another cj.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from femtdgl.device.gmres import gmres
from femtdgl.device.heat import HeatInverse
from femtdgl.device.machine import Machine
from femtdgl.device.matrix import Block, Matrix, PairInverse
from femtdgl.device.multigrid import PotentialInverse
from femtdgl.device.system import DeviceSystem
from femtdgl.solve.layout import IM, RE
from femtdgl.solve.linear import CORRECTION, KRYLOV_START, REFINEMENTS, START_TOLERANCE, nothing
from femtdgl.solve.multigrid import start_vector
from femtdgl.solve.newton import Newton
from femtdgl.solve.system import System

Array = NDArray[np.float64]

DEGREE, POWERS, MARGIN = 4, 10, 1.08
"""Of the polynomial for psi; power iterations for the upper end of its interval, and how far beyond them it lies."""
NARROWEST, WIDEST = 4.0, 80.0
"""The upper end of the interval over the lower one."""
SHARE = 1e-6
"""What GMRES leaves of the right side between two refinements of the consistent start."""


class DeviceNewton(Newton):
    """Jacobian, product and preconditioner on a machine.

    The methods of `Newton` take and give arrays of the machine; `consistent` takes and gives those of the host.
    """

    def __init__(self, machine: Machine, system: System) -> None:
        super().__init__(system)
        self.machine, self.xp = machine, machine.xp
        self.on_device = DeviceSystem(machine, system)
        layout, pattern, up = system.layout, system.pattern, machine.up
        self._moving = up(self._moving)
        own = layout.nodes
        psi, phi, theta = own[:, [RE, IM]].ravel(), layout.algebraic, layout.theta
        self._psi, self._phi, self._theta = up(psi), up(phi), up(theta)
        start, index = up(pattern.indptr, np.int32), up(pattern.indices, np.int32)
        self.whole = Matrix(machine, start, index, None, system.size)
        self._psi_psi, self._psi_theta = Block(machine, pattern, psi, psi), Block(machine, pattern, psi, theta)
        self._phi_psi, self._phi_theta = Block(machine, pattern, phi, psi), Block(machine, pattern, phi, theta)
        self._pairs, self._potential = PairInverse(self._psi_psi), PotentialInverse(machine, system)
        heat = np.empty(0, dtype=np.intp)
        self._heat_inverse: HeatInverse | None = None
        if system.heat is not None:
            place = system.heat.temperatures.place
            heat = place[place >= 0]
            self._heat_inverse = HeatInverse(machine, system, system.heat)
            before = np.concatenate((psi, phi, theta))
            self._heat_before = Block(machine, pattern, heat, before)
            self._before = up(before)
        self._heat = up(heat)
        self._diagonal_blocks = up(np.flatnonzero(self._psi_psi.row // 2 == self._psi_psi.column // 2))
        self._algebraic = np.zeros(system.size, dtype=bool)
        self._algebraic[system.algebraic] = True
        self._start = up(start_vector(psi.size))
        self._interval = (1.0, 2.0)
        self._made: tuple[float, Any, Any] | None = None  # t, y, y' of the Jacobian
        self._rates: Any = None  # dF/dy' there

    def _moved(self, y: Any) -> bool:
        if self._made_at is None:
            return True
        return bool(self._moving.size) and float(self.xp.abs(y[self._moving] - self._made_at).max()) > self.outlived

    def _make(self, t: float, y: Any, yp: Any, cj: float) -> None:
        self.cj, self._made, self._rates = cj, (t, y.copy(), yp.copy()), None
        self.whole.data = self.on_device.jacobian(t, y, yp, cj)
        self._factorise()

    def _renew(self, cj: float) -> bool:
        if self._made is None:
            return False
        if self._rates is None:
            self._rates = self.on_device.rates(*self._made)
        self.whole.data = self.whole.data + (cj - self.cj) * self._rates
        self.cj = cj
        self._factorise()
        return True

    def restart(self) -> None:
        """Forget: see `Newton`."""
        super().restart()
        self._made = self._rates = None

    def _factorise(self) -> None:
        """What the preconditioner needs of the entries."""
        entries = self.whole.data
        for block in (self._psi_psi, self._psi_theta, self._phi_psi, self._phi_theta):
            block.fill(entries)
        self._pairs.follow()
        self.counts["phi_setup"] += self._potential.follow(entries)
        if self._heat_inverse is not None:
            self._heat_inverse.follow(entries)
            self._heat_before.fill(entries)
        x, upper = self._start, 1.0
        for _ in range(POWERS):
            x = self._pairs(self._psi_psi.times(x))
            size = self.xp.linalg.norm(x)
            x = x / size
        upper = MARGIN * float(size)
        data = self._psi_psi.data
        smooth = 0.9 * float(data.sum()) / float(data[self._diagonal_blocks].sum())
        self._interval = float(np.clip(smooth, upper / WIDEST, upper / NARROWEST)), upper

    def _solve_psi(self, b: Any) -> Any:
        """Chebyshev's iteration of degree DEGREE."""
        lower, upper = self._interval
        middle, half = 0.5 * (upper + lower), 0.5 * (upper - lower)
        sigma = middle / half
        rho = 1 / sigma
        step = self._pairs(b) / middle
        x, rest, inverse = step.copy(), b, self._pairs
        for _ in range(DEGREE - 1):
            rest = self._psi_psi.rest(step, rest)
            following = 1 / (2 * sigma - rho)
            self.machine.advance(
                step, x, rest, following * rho, 2 * following / half, inverse.own, inverse.other
            )  # fmt: skip
            rho = following
        return x

    def apply(self, r: Any) -> Any:
        """z from P z = r."""
        self.counts["solve"] += 1
        z = self.xp.zeros_like(r)
        b, f = r[self._psi], r[self._phi]
        if self._theta.size:
            theta = r[self._theta] / self.cj
            z[self._theta] = theta
            b, f = b - self._psi_theta.times(theta), f - self._phi_theta.times(theta)
        psi = self._solve_psi(b)
        z[self._psi] = psi
        z[self._phi] = self._potential.solve(f - self._phi_psi.times(psi))
        if self._heat_inverse is not None:
            z[self._heat] = self._heat_inverse.solve(r[self._heat] - self._heat_before.times(z[self._before]))
        return z

    def correction(self, r: Any, weights: Any, tolerance: float, most: int) -> Any:
        """x from J x = r: the preconditioned rest, weighted, is at most `tolerance` in the Euclidean norm."""

        def operator(v: Any) -> Any:
            self.counts["times"] += 1
            return weights * self.apply(self.whole.times(v / weights))

        x, _ = gmres(self.xp, operator, weights * self.apply(r), tolerance, most)
        return x / weights

    def times(self, t: float, y: Any, yp: Any, residual: Any, v: Any, Jv: Any, cj: float) -> None:
        """J v."""
        self.counts["times"] += 1
        Jv[:] = self.whole.times(v)

    def solve(self, t: float, y: Any, yp: Any, residual: Any, r: Any, z: Any, cj: float, delta: float) -> None:
        """z from P z = r."""
        z[:] = self.apply(r)

    def inverse(self, r: Any) -> Any:
        """x from J x = r, but for a small share of r, preconditioned."""
        b = self.apply(r)
        left = CORRECTION * float(self.xp.linalg.norm(b))
        x, iterations = gmres(self.xp, lambda v: self.apply(self.whole.times(v)), b, left, KRYLOV_START)
        self.counts["times"] += iterations
        return x

    def _exactly(self, r: Any) -> Any:
        """x from J x = r, to START_TOLERANCE, or to what rounding leaves where nothing happens."""
        x, one = self.xp.zeros_like(r), self.xp.ones_like(r)
        aim = max(START_TOLERANCE * float(self.xp.linalg.norm(r)), nothing(self.system.space))
        for _ in range(REFINEMENTS):
            rest = r - self.whole.times(x)
            if float(self.xp.linalg.norm(rest)) <= aim:
                break
            size = float(self.xp.linalg.norm(self.apply(rest)))
            x = x + self.correction(rest, one, SHARE * size, KRYLOV_START)
        return x

    def consistent(self, t: float, y: Array, yp: Array, right: Array) -> Array:
        """d_t psi, d_t theta and phi from F = 0, affine in them: right is -F with all of them zero.   On the host.

        The matrix takes the columns of phi from dF/dy and the others from dF/dy'.  The hierarchy is made anew: what
        follows depends on this state alone, and a resumed run is the same to the bit.
        """
        self._potential.forget()
        if self._heat_inverse is not None:
            self._heat_inverse.forget()
        self.restart()
        up, xp = self.machine.up, self.xp
        there = up(y), up(yp)
        stay, rates = self.on_device.jacobian(t, *there, 0.0), self.on_device.rates(t, *there)
        self.cj = 1.0
        columns = up(self._algebraic)[self.whole.index]
        self.whole.data = xp.where(columns, stay, rates)
        self._factorise()
        return self.machine.down(self._exactly(up(right)))
