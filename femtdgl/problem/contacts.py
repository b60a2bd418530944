"""Whether the terminals of a problem know what flows through them."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from femtdgl.errors import InputError
from femtdgl.problem.boundary import Terminal
from femtdgl.problem.drive import Drive
from femtdgl.problem.waveform import Waveform

BETWEEN = 1001
"""Times of a run at which the currents of the terminals are added up, beside the corners."""


def is_nothing(current: Waveform) -> bool:
    """Whether a current is zero at all times."""
    return current.rests_from == -math.inf and current(0.0) == 0


def check_currents(contacts: Mapping[str, Terminal], drive: Drive, t_end: float) -> None:
    """Each terminal knows its current or its voltage, and the currents add up to zero at all times.

    Raises InputError.
    """
    own = {name: c for name, c in contacts.items() if c.current is not None or c.voltage is not None}
    if not own:
        if len(contacts) > 2:
            raise InputError(
                f"has {len(contacts)} terminals without a current",
                key="boundary",
                allowed="a current or a voltage for each of them",
            )
        return
    if set(own) != set(contacts):
        raise InputError(
            f"gives {sorted(set(contacts) - set(own))} neither current nor voltage",
            key="boundary",
            allowed="a current or a voltage for every terminal, or for none",
        )
    if not is_nothing(drive.current) or drive.shunt is not None:
        raise InputError(
            "is given beside currents or voltages of the terminals", key="drive", allowed="one or the other"
        )
    if any(c.voltage is not None for c in own.values()):
        return
    currents = [c.current for c in own.values() if c.current is not None]
    corners = {0.0, *(t for current in currents for t in current.corners)}
    around = {math.nextafter(t, side) for t in corners for side in (-math.inf, math.inf)} | corners
    between = np.linspace(0.0, t_end, BETWEEN).tolist()  # for what is not straight from corner to corner
    most = max(abs(current(t)) for current in currents for t in between)
    for t, scale in (*((t, 0.0) for t in sorted(around)), *((t, most) for t in between)):
        values = [current(t) for current in currents]
        if abs(sum(values)) > max(1e-9 * max(scale, *map(abs, values)), 1e-300):  # 1e-323 has but one digit
            raise InputError(
                f"has currents that add up to {sum(values):g} at t = {t:g}",
                key="boundary",
                allowed="currents of the terminals that add up to zero",
            )
