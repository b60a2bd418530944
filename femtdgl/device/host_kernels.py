"""The kernels of the stand-in: what each thread does, one after the other, compiled by numba.

The face of it is that of `cuda_kernels`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from femtdgl.device.element import jacobian_element, residual_element, sum_of
from femtdgl.solve.loops import compiled
from femtdgl.solve.pointwise import Constants
from femtdgl.solve.space import Elements


class HostKernels:
    """Kernels on this machine's own memory."""

    def residual(
        self, state: Any, reader: Any, space: Elements, how: Any, growth: Any, sigma: Any, k: Constants, parts: Any
    ) -> None:
        """parts (3 nodes, ne): the element vectors.   how: the parts of a `Transport`, or ()."""
        _residual(state, reader, space, *(how or (None,) * 5), growth, sigma, k, parts)

    def jacobian(
        self, state: Any, reader: Any, bank: Any, space: Elements, how: Any, growth: Any, sigma: Any, k: Constants,
        cj: float, rates: bool, parts: Any,
    ) -> None:  # fmt: skip
        """parts (9 nodes^2, ne): the element matrices dF/dy + cj dF/dy', or dF/dy' alone."""
        _jacobian(state, reader, bank, space, *(how or (None,) * 5), *growth, sigma, k, cj, rates, parts)

    def sums(self, first: Any, last: Any, longest: int, order: Any, parts: Any, out: Any) -> None:
        """out[k]: the parts from first[k] to last[k] in `order` added up, where there are no more than `longest`."""
        _sums(first, last, longest, order, parts, out)


@compiled
def _residual(
    state: Any, reader: Any, space: Elements, cos: Any, sin: Any, a: Any, rate: Any, A_t: Any, growth: Any, sigma: Any,
    k: Constants, parts: Any,
) -> None:  # fmt: skip
    nodes, dim = space.dofs.shape[1], space.gradient.shape[3]
    local, at, out = np.empty((nodes, 5)), np.empty((1 + dim, 5)), np.empty((1 + dim, 3))
    c, g, total = np.empty((2, nodes)), np.empty((2, dim, nodes)), np.empty((nodes, 3))
    for e in range(space.dofs.shape[0]):
        residual_element(e, state, reader, space, cos, sin, a, rate, A_t, growth, sigma, k, local, at, out, c, g, total)
        for i in range(nodes):
            for f in range(3):
                parts[3 * i + f, e] = total[i, f]


@compiled
def _jacobian(
    state: Any, reader: Any, bank: Any, space: Elements, cos: Any, sin: Any, a: Any, rate: Any, A_t: Any, growth: Any,
    growth_n: Any, growth_rate: Any, sigma: Any, k: Constants, cj: float, rates: bool, parts: Any,
) -> None:  # fmt: skip
    nodes, dim = space.dofs.shape[1], space.gradient.shape[3]
    local, at = np.empty((nodes, 5)), np.empty((1 + dim, 5))
    value, gradient, mixed, mixed_dot = np.empty(9), np.empty(3), np.empty((dim, 2)), np.empty((dim, 2))
    c, g, psi, flow = np.empty((2, nodes)), np.empty((2, dim, nodes)), np.empty(4), np.empty((dim, 2))
    J, dot = np.empty((3 * nodes, 3 * nodes)), np.empty((3 * nodes, 2 * nodes))
    for e in range(space.dofs.shape[0]):
        jacobian_element(
            e, state, reader, bank, space, cos, sin, a, rate, A_t, growth, growth_n, growth_rate, sigma, k, cj, local,
            at, value, gradient, mixed, mixed_dot, c, g, psi, flow, J, dot,
        )  # fmt: skip
        for r in range(3 * nodes):
            for j in range(nodes):
                for f in range(3):
                    entry = J[r, 3 * j + f]
                    if rates:
                        entry = dot[r, 2 * j + f] if f < 2 else 0.0
                    parts[3 * nodes * r + 3 * j + f, e] = entry


@compiled
def _sums(first: Any, last: Any, longest: int, order: Any, parts: Any, out: Any) -> None:
    for k in range(first.size):
        if last[k] - first[k] <= longest:
            out[k] = sum_of(parts, order, first[k], last[k])
