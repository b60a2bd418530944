"""Time integration on a machine: BDF of variable step and order with a fixed leading coefficient, as IDA has it.

Steps, orders, error test, weights and dense output follow IDA (Hindmarsh et al., ACM TOMS 31, 363 (2005); Brenan,
Campbell, Petzold, chapter 5), with its names: phi are the modified divided differences, the first of them y itself;
psi, alpha, sigma, gamma their sums of steps and coefficients.  All vectors stay on the machine; a step brings y and y'
to the host, and so does each time at which the record asks for them.  The rest is `solve.integrate`: what is in the
error test, the first step, and giving up.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from femtdgl.device.gmres import NotSolved
from femtdgl.device.newton import DeviceNewton
from femtdgl.errors import SolverStopped
from femtdgl.solve.integrate import KRYLOV, REMEDIES, STEEP, Integrator, StepInterrupted
from femtdgl.solve.system import System

Array = NDArray[np.float64]

HIGHEST = 5
"""Order."""
NEWTON, LINEAR, CORRECTIONS = 0.33, 0.01, 4
"""What Newton's iteration may leave, in the norm of the error test; of that, what GMRES may; corrections at most."""
FAILURES = 10
"""Of a step, in a row."""
SLOWEST, SLOW = 0.9, 20.0
"""Rate of convergence at which an iteration is given up; rate/(1 - rate) that is taken for a new Jacobian."""
NEAR = 100 * np.finfo(float).eps
"""Of the time: the stop is reached."""


class _Arrived:
    """What `Integrator.steps` takes from a step."""

    def __init__(self, t: float, y: Array, yp: Array) -> None:
        self.t, self.y, self.yp = t, y, yp


class DeviceIntegrator(Integrator):
    """The face of `solve.integrate.Integrator`, on a machine."""

    def __init__(self, system: System, newton: DeviceNewton) -> None:
        super().__init__(system)
        self.newton, self.xp = newton, newton.xp
        self._longest = system.problem.longest_step or np.inf

    def start(self, t: float, y: Array, yp: Array, pace: float | None = None) -> None:
        """Begin at t with consistent y and y', with a first step of `pace` if it is known."""
        up, first = self.newton.machine.up, self._first_step(y, yp, pace)
        self.newton.restart()
        self.t = self._t_old = t
        self.last = None
        self._atol = up(self._tolerances())
        self._rtol = self.system.problem.time.rtol
        self._h = min(first, self._longest)
        self.phi = [up(y), self._h * up(yp), *(self.xp.zeros(self.system.size) for _ in range(HIGHEST - 1))]
        self._k, self._k_used, self._h_used = 1, 0, 0.0
        self._psi, self._alpha, self._beta, self._sigma, self._gamma = (np.zeros(HIGHEST + 1) for _ in range(5))
        self._psi[0] = self._h
        self._same, self._taken, self._starting = 0, 0, True
        self._cj = self._cj_last = 1 / self._h
        self._slowness = SLOW

    # ---- one step -----------------------------------------------------------------------------------------

    def _step(self, t_stop: float) -> Any:
        """One accepted step, until t_stop at most."""
        try:
            return self._one_step(t_stop)
        except MemoryError as error:
            raise SolverStopped(f"the memory of the device is full: {error}", time=self.t) from error

    def _one_step(self, t_stop: float) -> Any:
        with np.errstate(all="ignore"):
            self._weights = 1 / (self._rtol * self.xp.abs(self.phi[0]) + self._atol)
            if not self._taken and self._h > t_stop - self.t:
                self._shorten((t_stop - self.t) / self._h)
            not_solved = too_far = 0
            while True:
                t = self._coefficients(t_stop)
                change = self._correct(t)
                if change is None:
                    self._restore()
                    not_solved += 1
                    self._shorten(0.25)
                    if not_solved == FAILURES:
                        raise SolverStopped(f"Newton's iteration does not converge; {STEEP}", time=self.t)
                    continue
                error, order = self._error(change)
                if error is None:
                    break
                self._restore()
                too_far += 1
                if too_far == FAILURES:
                    raise SolverStopped(f"the error test fails again and again; {REMEDIES[-3]}", time=self.t)
                self._after_failure(too_far, error, order)
            self._complete(change, order)
            y, yp = self._at(t, t)
            down = self.newton.machine.down
            made = _Arrived(t, down(y), down(yp))
        if not (np.isfinite(made.y).all() and np.isfinite(made.yp).all()):
            reason = "the solution left the finite; the drive or the start may be the cause"
            raise SolverStopped(reason, time=self.t)
        self._end = t
        return made

    def _coefficients(self, t_stop: float) -> float:
        """The coefficients of a step, and the time of its end; the differences become those of the new step."""
        t = self.t + self._h
        if t >= t_stop - NEAR * (abs(self.t) + self._h):
            t, self._h = t_stop, t_stop - self.t
        h, k, psi = self._h, self._k, self._psi
        self._same = 0 if h != self._h_used or k != self._k_used else self._same
        self._same = min(self._same + 1, self._k_used + 2)
        alpha, beta, sigma, gamma = self._alpha, self._beta, self._sigma, self._gamma
        if k + 1 >= self._same:
            beta[0] = alpha[0] = sigma[0] = 1.0
            gamma[0] = 0.0
            reached = h
            for i in range(1, k + 1):
                before = psi[i - 1]
                psi[i - 1] = reached
                beta[i] = beta[i - 1] * psi[i - 1] / before
                reached = before + h
                alpha[i] = h / reached
                sigma[i] = i * sigma[i - 1] * alpha[i]
                gamma[i] = gamma[i - 1] + alpha[i - 1] / h
            psi[k] = reached
        leading = -np.sum(1 / np.arange(1, k + 1))
        self._cj_last, self._cj = self._cj, -leading / h
        self._ck = max(abs(alpha[k] + leading + alpha[:k].sum()), alpha[k])
        for i in range(self._same, k + 1):
            self.phi[i] = beta[i] * self.phi[i]
        return t

    def _restore(self) -> None:
        """The differences of the last step again."""
        for j in range(1, self._k + 1):
            self._psi[j - 1] = self._psi[j] - self._h
        for j in range(self._same, self._k + 1):
            self.phi[j] = self.phi[j] / self._beta[j]

    def _shorten(self, share: float) -> None:
        """A step is tried with a part of its length."""
        self._starting = False
        self._h *= share
        if not self._taken:
            self._psi[0] = self._h
            self.phi[1] = share * self.phi[1]

    def _correct(self, t: float) -> Any:
        """The change of the predicted y by Newton's iteration; None where it does not converge."""
        k = self._k
        predicted = sum(self.phi[1 : k + 1], self.phi[0])
        rate = sum((self._gamma[j] * self.phi[j] for j in range(2, k + 1)), self._gamma[1] * self.phi[1])
        if self._cj != self._cj_last:
            self._slowness = 100.0
        anew = not self._taken
        for _ in range(2):
            try:
                change = self._iterate(t, predicted, rate, anew)
            except NotSolved:
                change = None
            if change is not None or anew:
                return change
            anew = True
        return None

    def _iterate(self, t: float, predicted: Any, rate: Any, anew: bool) -> Any:
        newton, xp, cj = self.newton, self.xp, self._cj
        y, yp, change, first = predicted, rate, xp.zeros_like(predicted), 0.0
        for m in range(CORRECTIONS):
            if self.interrupted:
                raise StepInterrupted
            F = newton.on_device.residual(t, y, yp)
            made = newton.counts["setup"]
            if anew and m == 0:
                newton.restart()  # none that is there is good enough
            newton.refresh(t, y, yp, F, cj)
            if newton.counts["setup"] > made:
                self._slowness = SLOW
            allowed = LINEAR * NEWTON * np.sqrt(self.system.size)
            step = newton.correction(-F, self._weights, allowed, KRYLOV)
            change = change + step
            y, yp = predicted + change, rate + cj * change
            size = self._norm(step)
            if not np.isfinite(size):
                return None
            if m == 0:
                first = size
                if size <= 1e-4 * NEWTON:
                    return change
            else:
                contraction = (size / first) ** (1 / m)
                if contraction > SLOWEST:
                    return None
                self._slowness = contraction / (1 - contraction)
            if self._slowness * size <= NEWTON:
                return change
        return None

    def _norm(self, x: Any) -> float:
        """That of the error test."""
        return float(self.xp.linalg.norm(x * self._weights)) / np.sqrt(self.system.size)

    # ---- error test and order -----------------------------------------------------------------------------

    def _error(self, change: Any) -> tuple[float | None, int]:
        """The error at the order that is best from here on, if the step fails; else None; and that order."""
        k, sigma = self._k, self._sigma
        size = self._norm(change)
        self._errors = {k: sigma[k] * size, k - 1: 0.0}
        order, here = k, (k + 1) * sigma[k] * size
        if k > 1:
            lower = self.phi[k] + change
            self._errors[k - 1] = sigma[k - 1] * self._norm(lower)
            below = k * self._errors[k - 1]
            if k > 2:
                lowest = (k - 1) * sigma[k - 2] * self._norm(self.phi[k - 1] + lower)
                order = k - 1 if max(below, lowest) <= here else k
            else:
                order = k - 1 if below <= 0.5 * here else k
        return (self._errors[order] if self._ck * size > 1 else None), order

    def _after_failure(self, number: int, error: float, order: int) -> None:
        """A shorter step, of a lower order maybe."""
        if number == 1:
            share = 0.9 * (2 * error + 1e-4) ** (-1 / (order + 1))
            share = max(0.25, min(0.9, share))
        else:
            share = 0.25
        self._k = order if number < 3 else 1
        self._shorten(share)

    def _complete(self, change: Any, order: int) -> None:
        """Order and length of the next step, and the differences at the end of this one."""
        self._taken += 1
        k, raised = self._k, self._k - self._k_used
        self._k_used, self._h_used = k, self._h
        if order == k - 1 or k == HIGHEST:
            self._starting = False
        if self._starting:
            if self._taken > 1:
                self._k, self._h = k + 1, 2 * self._h
        else:
            self._k, error = self._next_order(change, order, raised)
            share = (2 * error + 1e-4) ** (-1 / (self._k + 1))
            if share >= 2:
                self._h *= 2
            elif share <= 1:
                self._h *= max(0.5, min(0.9, share))
        self._h = min(self._h, self._longest)
        if k < HIGHEST:
            self.phi[k + 1] = change
        self.phi[k] = self.phi[k] + change
        for j in range(k - 1, -1, -1):
            self.phi[j] = self.phi[j] + self.phi[j + 1]

    def _next_order(self, change: Any, order: int, raised: int) -> tuple[int, float]:
        """The order that takes the longest step, and its error."""
        k = self._k
        if order == k - 1:
            return k - 1, self._errors[k - 1]
        if k == HIGHEST or k + 1 >= self._same or raised == 1:
            return k, self._errors[k]
        higher = self._norm(change - self.phi[k + 1]) / (k + 2)
        below, here, above = k * self._errors[k - 1], (k + 1) * self._errors[k], (k + 2) * higher
        if k == 1:
            return (k, self._errors[k]) if above >= 0.5 * here else (k + 1, higher)
        if below <= min(here, above):
            return k - 1, self._errors[k - 1]
        return (k, self._errors[k]) if above >= here else (k + 1, higher)

    # ---- output -------------------------------------------------------------------------------------------

    def order(self) -> int:
        """Order of the last step."""
        return max(self._k_used, 1)

    def _at(self, t: float, end: float) -> tuple[Any, Any]:
        """y and y' of the polynomial of the last step, which ended at `end`."""
        k, psi = max(self._k_used, 1), self._psi
        delta = t - end
        c, d, gamma = 1.0, 0.0, delta / psi[0]
        y, yp = self.phi[0], self.xp.zeros_like(self.phi[0])
        for j in range(1, k + 1):
            d = d * gamma + c / psi[j - 1]
            c = c * gamma
            gamma = (delta + psi[j - 1]) / psi[j]
            y, yp = y + c * self.phi[j], yp + d * self.phi[j]
        return y, yp

    def dense(self, t: float) -> tuple[Array, Array]:
        """y and y' at a time inside the last step, on the host."""
        down = self.newton.machine.down
        y, yp = self._at(t, self._end)
        return down(y), down(yp)
