"""Fixed steps with noise on a machine: `solve.fixed_step` and `solve.fluctuations`, with arrays that lie there.

The random numbers are those of the path on the host, and cross to the machine once a step: the same seed is the same
noise on both.  The forces are worked out at the points by the functions of `equations.noise`, and their load is summed
in the order of the residual.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from femtdgl.device.newton import DeviceNewton
from femtdgl.device.sums import Sums
from femtdgl.solve.fixed_step import FixedStep
from femtdgl.solve.fluctuations import Fluctuations
from femtdgl.solve.integrate import Step

Array = NDArray[np.float64]


class DeviceFixedStep(FixedStep):
    """The face of `FixedStep`, on a machine."""

    def __init__(self, host: FixedStep, newton: DeviceNewton) -> None:
        noise = None if host.fluctuations is None else DeviceFluctuations(host.fluctuations, newton)
        super().__init__(host.system, host.step, host.method, noise)
        self.newton, self._up, self._down = newton, newton.machine.up, newton.machine.down
        self._potentials = self._up(self._potentials)

    def start(self, t: float, y: Array, yp: Array, pace: float | None = None) -> None:
        """Begin at t with consistent y and y'."""
        super().start(t, self._up(y), self._up(yp))

    def _residual(self, t: float, y: Any, yp: Any) -> Any:
        return self.newton.on_device.residual(t, y, yp)

    def _transport(self, t: float) -> tuple[Any, ...]:
        return self.newton.on_device.carried(t)

    def _accept(self, t: float, stage: Any) -> Step:
        """The step, with y and y' on the host."""
        made = super()._accept(t, stage)
        return made._replace(y=self._down(made.y), yp=self._down(made.yp))

    def dense(self, t: float) -> tuple[Array, Array]:
        """y and y' at a time inside the last step, on the host."""
        y, yp = super().dense(t)
        return self._down(y), self._down(yp)


class DeviceFluctuations(Fluctuations):
    """The noise of a system along the path of the host."""

    def __init__(self, host: Fluctuations, newton: DeviceNewton) -> None:
        super().__init__(host.system, host.kT, host.path, current=host.current)
        self.machine, self.on_device = newton.machine, newton.on_device
        heat, dofs = self.system.heat, self.system.space.elements.dofs
        if heat is not None:
            self._heated = Sums(self.machine, heat.temperatures.place[: self.system.space.N][dofs].T, self.system.size)

    def _moved(self, since: float, until: float) -> Any:
        return self.machine.up(super()._moved(since, until))

    def _at(self, y: Any, yp: Any, transport: Any) -> Any:
        there = self.on_device
        return there.points.at(there.read(y, yp), transport)

    def _conductance(self, at: Any) -> Any:
        return self.on_device.points.conductances(at)[0]

    def _written(self, out: Any, transport: Any) -> Any:
        return self.on_device.points.written(out, transport)

    def _take(self, q: Any, F: Any) -> None:
        _, value, _, weight = self.on_device.points.elements
        shares = (weight * q.reshape(weight.shape)) @ value  # (ne, local)
        taken = self.machine.xp.empty(F.size)
        self._heated(shares.T.ravel(), taken)
        F -= taken
