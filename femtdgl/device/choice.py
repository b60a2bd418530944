"""Which problems a device does, and putting it to work."""

from __future__ import annotations

from femtdgl.device.machine import machine_of
from femtdgl.device.names import CPU, known
from femtdgl.errors import InputError
from femtdgl.solve.fixed_step import FixedStep
from femtdgl.solve.march import March
from femtdgl.solve.system import System


def refuse(system: System) -> str:
    """What of a problem the device does not do; "" if it does all of it."""
    if system.space.dim == 1:
        return "a filament of one dimension is solved on the CPU, faster than a device could"
    return ""


def place(march: March, device: str) -> None:
    """Let a march run on a device.  Raises InputError where that is not possible, by the problem or by the machine."""
    if known(device) == CPU:
        return
    system, words = march.system, refuse(march.system)
    if words:
        raise InputError(f"{device!r} is not possible, {words}", key="device", allowed=f"{CPU}, for this problem")
    machine = machine_of(device)
    from femtdgl.device.fixed_step import DeviceFixedStep
    from femtdgl.device.integrate import DeviceIntegrator
    from femtdgl.device.newton import DeviceNewton

    try:
        newton = DeviceNewton(machine, system)
    except MemoryError as error:
        allowed = "a coarser mesh, a device with more memory, or cpu"
        raise InputError(
            f"{device!r} is not possible, its memory is full: {error}", key="device", allowed=allowed
        ) from None
    system.newton, before = newton, march.integrator
    march.integrator = (
        DeviceFixedStep(before, newton) if isinstance(before, FixedStep) else DeviceIntegrator(system, newton)
    )
    march.integrator.step_count = before.step_count
