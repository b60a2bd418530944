"""Names of devices."""

from __future__ import annotations

from femtdgl.errors import InputError

CPU, GPU, STAND_IN = "cpu", "gpu", "stand-in"
"""The last is for tests: the device's code in numpy, on this machine."""
NAMES = f"{CPU}, {GPU}"


def known(device: str) -> str:
    """The name of a device.  Raises InputError."""
    if device not in (CPU, GPU, STAND_IN):
        raise InputError(f"{device!r} is not possible", key="device", allowed=NAMES)
    return device
