"""(A.7)-(A.9) Superconducting banks, and the voltage.

A bank is a massive superconductor: |psi| = 1 on its face, and its phase follows its potential,

    psi = exp(i theta),    d theta/dt = -phi,    theta(0) = 0             ([PSC] A.7-A.9).

theta is an unknown and psi at the bank is algebraic in it.  (The derivative form d_t psi = -i phi psi is 1000
times less accurate at the same tolerance of the integrator.)  A bank is an equipotential, so one theta and one phi
serve the whole face.

Voltage, from the left to the right terminal:  V = phi_left - phi_right - d/dt int A.dx, positive for a positive
current ([PSC] has the other sign).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def bank_order_parameter(theta: Array, theta_t: Array) -> tuple[Array, Array, Array, Array]:
    """psi = exp(i theta) and d_t psi = i theta_t psi as real pairs (a, b, a_t, b_t).   theta: (banks,)."""
    a, b = np.cos(theta), np.sin(theta)
    return a, b, -theta_t * b, theta_t * a


def phase_residual(theta_t: Array, phi: Array) -> Array:
    """(A.7) d theta/dt + phi = 0.   (banks,)."""
    return theta_t + phi


def voltage(phi_left: Array, phi_right: Array, A_t_integral: Array | float = 0.0) -> Array:
    """V = phi(left) - phi(right) - d/dt int A.dx."""
    return phi_left - phi_right - A_t_integral
