"""The vector potential of a uniform field.

    B = curl A,    E = -grad phi - d_t A

A is in hbar/(2 e xi), B in hbar/(2 e xi^2) = Bc2(T0) (theory note, section 0).  The gauge is that of Landau, with the
filament along x:

    plane     A = (-B y, 0)
    space     A = (B_y z - B_z y, 0, B_x y)

so that a field across the filament has no component along a face x = const: a bank there carries no tangential A.
Another gauge gives the same |psi|, j and voltage, since V contains the EMF of A ((1.2), and `banks`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def unit_fields(x: Array) -> Array:
    """A of a field of one along each direction it can have: (1, 2, n) in the plane, (3, 3, n) in space.

    x: (dim, n), from the centre of the mesh.
    """
    zero = np.zeros_like(x[0])
    if x.shape[0] == 2:
        return np.array([[-x[1], zero]])
    return np.array([[zero, zero, x[1]], [x[2], zero, zero], [-x[1], zero, zero]])


def tangential(A: Array, normal: Array) -> Array:
    """The part of A along a surface, A - n (n.A).   Both (dim, ...)."""
    return A - normal * np.sum(A * normal, axis=0)
