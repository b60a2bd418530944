"""The vector potential: that of a uniform field, and what gauge-covariant elements need of it.

    B = curl A,    E = -grad phi - d_t A

A is in hbar/(2 e xi), B in hbar/(2 e xi^2) = Bc2(T0) (theory note, section 0).  The gauge is that of Landau, with the
filament along x:

    plane     A = (-B y, 0)
    space     A = (B_y z - B_z y, 0, B_x y)

so that a field across the filament has no component along a face x = const: a bank there carries no tangential A.
Results do not depend on the gauge: every shape function carries the phase from its node,

    psi_h(x)   = sum_i lambda_i(x) U_i(x) psi_i,    U_i = exp(i p_i),    p_i(x) = int_{x_i}^{x} A.dl       (9.1)
    D psi_h    = sum_i U_i [ grad lambda_i + i lambda_i a_i ] psi_i,     a_i = grad p_i - A                (9.2)
    D_t psi_h  = sum_i lambda_i U_i [ d_t psi_i + i (d_t p_i + phi) psi_i ]                                (9.3)

with p_i along the straight line.  -a_i is the vector potential in the radial gauge about the node: it is the field that
it knows, a_i = (1/2) d x B for a uniform one, d = x - x_i, and not A.
"""

from __future__ import annotations

from typing import Any

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


def uniform_phase(middle: Any, d: Any, B: Any) -> Any:
    """(9.1) int A.dl along a straight line in a uniform field: A is linear, so that its value in the middle will do.

    middle (dim,): the middle of the line, from the centre of the mesh; d (dim,): the way along it; B: its one component
    in the plane, three in space.  Pointwise: each may have a last axis.
    """
    if d.shape[0] == 2:
        return -B[0] * middle[1] * d[0]
    return (B[1] * middle[2] - B[2] * middle[1]) * d[0] + B[0] * middle[1] * d[2]


def uniform_radial(d: Any, B: Any, a: Any) -> None:
    """(9.2) a = (1/2) d x B, into a (dim,).   d (dim,): from the node; B as in `uniform_phase`."""
    if d.shape[0] == 2:
        a[0], a[1] = 0.5 * B[0] * d[1], -0.5 * B[0] * d[0]
    else:
        a[0] = 0.5 * (d[1] * B[2] - d[2] * B[1])
        a[1] = 0.5 * (d[2] * B[0] - d[0] * B[2])
        a[2] = 0.5 * (d[0] * B[1] - d[1] * B[0])


def tangential(A: Array, normal: Array) -> Array:
    """The part of A along a surface, A - n (n.A).   Both (dim, ...)."""
    return A - normal * np.sum(A * normal, axis=0)
