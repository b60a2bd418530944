"""The kernels of the stand-in: what each thread does, one after the other, compiled by numba.

The face of it is that of `cuda_kernels`, which takes its last functions from here.  Neighbouring elements lie side by
side in `parts`, the last axis: neighbouring threads write to neighbouring places.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.extending import register_jitable

from femtdgl.solve.covariant_loops import dissipation_element as carried_dissipation
from femtdgl.solve.covariant_loops import jacobian_element as carried_jacobian
from femtdgl.solve.covariant_loops import residual_element as carried_residual
from femtdgl.solve.element import dissipation_element, jacobian_element, residual_element, turn_banks
from femtdgl.solve.loops import feedback_loop, whole
from femtdgl.solve.pointwise import Constants
from femtdgl.solve.space import Elements


class HostKernels:
    """Kernels on this machine's own memory."""

    def residual(
        self, state: Any, reader: Any, space: Elements, how: Any, growth: Any, sigma: Any, k: Constants, parts: Any
    ) -> None:
        """parts (3 nodes, ne): the element vectors.   how: the parts of a `Transport`, or ()."""
        loop = _carried_residual if how else _residual
        loop(state, reader, space, *how, growth, sigma, k, parts)

    def jacobian(
        self, state: Any, reader: Any, bank: Any, space: Elements, how: Any, growth: Any, sigma: Any, k: Constants,
        cj: float, rates: bool, parts: Any,
    ) -> None:  # fmt: skip
        """parts (9 nodes^2, ne): the element matrices dF/dy + cj dF/dy', or dF/dy' alone."""
        loop = _carried_jacobian if how else _jacobian
        loop(state, reader, bank, space, *how, *growth, sigma, k, cj, rates, parts)

    def feedback(
        self, n: Any, gamma: float, first: float, step: float, cells: Any, amplitude: Any, p: Any, by_n: Any
    ) -> None:
        """p and dp/dn (nq,) of phonons at n (nq,), see `loops.feedback_loop`."""
        feedback_loop(n, gamma, first, step, cells, amplitude, p, by_n)

    def dissipation(
        self, state: Any, reader: Any, space: Elements, how: Any, sigma: Any, k: Constants, seen: Any
    ) -> None:
        """seen (6, nq): a, b, phi, a_t, b_t and w at the points."""
        loop = _carried_dissipation if how else _dissipation
        loop(state, reader, space, *how, sigma, k, seen)

    def sums(self, first: Any, last: Any, longest: int, order: Any, parts: Any, out: Any) -> None:
        """out[k]: the parts from first[k] to last[k] in `order` added up, where there are no more than `longest`."""
        _sums(first, last, longest, order, parts, out)

    def product(
        self, row: Any, column: Any, start: Any, index: Any, data: Any, next_start: Any, next_index: Any,
        next_data: Any, out: Any,
    ) -> None:  # fmt: skip
        """out[k]: entry (row[k], column[k]) of A B, both sparse by rows, the columns of B's rows in ascending order."""
        _product(row, column, start, index, data, next_start, next_index, next_data, out)


@whole
def _residual(state: Any, reader: Any, space: Elements, growth: Any, sigma: Any, k: Constants, parts: Any) -> None:
    nodes, dim = space.dofs.shape[1], space.gradient.shape[3]
    local, at, out = np.empty((nodes, 5)), np.empty((1 + dim, 5)), np.empty((1 + dim, 3))
    flux, total = np.empty((dim, 3)), np.empty((nodes, 3))
    for e in range(space.dofs.shape[0]):
        residual_element(e, state, reader, space, growth, sigma, k, local, at, out, flux, total)
        write_vector(e, total, parts)


@whole
def _carried_residual(
    state: Any, reader: Any, space: Elements, cos: Any, sin: Any, a: Any, rate: Any, A_t: Any, growth: Any, sigma: Any,
    k: Constants, parts: Any,
) -> None:  # fmt: skip
    nodes, dim = space.dofs.shape[1], space.gradient.shape[3]
    local, at, out = np.empty((nodes, 5)), np.empty((1 + dim, 5)), np.empty((1 + dim, 3))
    total = np.empty((nodes, 3))
    for e in range(space.dofs.shape[0]):
        carried_residual(e, state, reader, space, cos, sin, a, rate, A_t, growth, sigma, k, local, at, out, total)
        write_vector(e, total, parts)


@whole
def _dissipation(state: Any, reader: Any, space: Elements, sigma: Any, k: Constants, seen: Any) -> None:
    nodes, dim = space.dofs.shape[1], space.gradient.shape[3]
    local, at, out, vectors = np.empty((nodes, 5)), np.empty((1 + dim, 5)), np.empty(3), np.empty((dim, 3))
    for e in range(space.dofs.shape[0]):
        dissipation_element(e, state, reader, space, sigma, k, local, at, out, vectors, seen)


@whole
def _carried_dissipation(
    state: Any, reader: Any, space: Elements, cos: Any, sin: Any, a: Any, rate: Any, A_t: Any, sigma: Any,
    k: Constants, seen: Any,
) -> None:  # fmt: skip
    nodes, dim = space.dofs.shape[1], space.gradient.shape[3]
    local, at, out, vectors = np.empty((nodes, 5)), np.empty((1 + dim, 5)), np.empty(3), np.empty((dim, 3))
    for e in range(space.dofs.shape[0]):
        carried_dissipation(e, state, reader, space, cos, sin, a, rate, A_t, sigma, k, local, at, out, vectors, seen)


@whole
def _jacobian(
    state: Any, reader: Any, bank: Any, space: Elements, growth: Any, growth_n: Any, growth_rate: Any, sigma: Any,
    k: Constants, cj: float, rates: bool, parts: Any,
) -> None:  # fmt: skip
    nodes, dim = space.dofs.shape[1], space.gradient.shape[3]
    nodal, at = np.empty((nodes, 5)), np.empty((1 + dim, 5))
    value, gradient, mixed, mixed_dot = np.empty(9), np.empty(3), np.empty((dim, 2)), np.empty((dim, 2))
    flow, flow_dot = np.empty((dim, 3 * nodes)), np.empty((dim, 2 * nodes))
    J, dot = np.empty((3 * nodes, 3 * nodes)), np.empty((3 * nodes, 2 * nodes))
    for e in range(space.dofs.shape[0]):
        touched = jacobian_element(
            e, state, reader, bank, space, growth, growth_n, growth_rate, sigma, k, cj, rates, nodal, at, value,
            gradient, mixed, mixed_dot, flow, flow_dot, J, dot,
        )  # fmt: skip
        if touched:
            turn_banks(e, bank, space, nodal, J, dot)
        write_matrix(e, J, dot, rates, parts)


@whole
def _carried_jacobian(
    state: Any, reader: Any, bank: Any, space: Elements, cos: Any, sin: Any, a: Any, rate: Any, A_t: Any, growth: Any,
    growth_n: Any, growth_rate: Any, sigma: Any, k: Constants, cj: float, rates: bool, parts: Any,
) -> None:  # fmt: skip
    nodes, dim = space.dofs.shape[1], space.gradient.shape[3]
    nodal, at = np.empty((nodes, 5)), np.empty((1 + dim, 5))
    value, gradient, mixed, mixed_dot = np.empty(9), np.empty(3), np.empty((dim, 2)), np.empty((dim, 2))
    c, g = np.empty((2, nodes)), np.empty((2, dim, nodes))
    psi, psi_dot = np.empty((2, 3 * nodes)), np.empty((2, 2 * nodes))
    flow, flow_dot = np.empty((dim, 3 * nodes)), np.empty((dim, 2 * nodes))
    J, dot = np.empty((3 * nodes, 3 * nodes)), np.empty((3 * nodes, 2 * nodes))
    for e in range(space.dofs.shape[0]):
        touched = carried_jacobian(
            e, state, reader, bank, space, cos, sin, a, rate, A_t, growth, growth_n, growth_rate, sigma, k, cj, rates,
            nodal, at, value, gradient, mixed, mixed_dot, c, g, psi, psi_dot, flow, flow_dot, J, dot,
        )  # fmt: skip
        if touched:
            turn_banks(e, bank, space, nodal, J, dot)
        write_matrix(e, J, dot, rates, parts)


@whole
def _sums(first: Any, last: Any, longest: int, order: Any, parts: Any, out: Any) -> None:
    for k in range(first.size):
        if last[k] - first[k] <= longest:
            out[k] = sum_of(parts, order, first[k], last[k])


@whole
def _product(
    row: Any, column: Any, start: Any, index: Any, data: Any, next_start: Any, next_index: Any, next_data: Any, out: Any
) -> None:
    for k in range(out.size):
        out[k] = entry_of_product(row[k], column[k], start, index, data, next_start, next_index, next_data)


@register_jitable
def write_vector(e: int, total: Any, parts: Any) -> None:
    """The vector of element e, total (nodes, 3), into parts (3 nodes, ne)."""
    for i in range(total.shape[0]):
        for f in range(3):
            parts[3 * i + f, e] = total[i, f]


@register_jitable
def write_matrix(e: int, J: Any, dot: Any, rates: bool, parts: Any) -> None:
    """The matrix of element e, J (3 nodes, 3 nodes), into parts (9 nodes^2, ne); or that of rates, from dot."""
    width = J.shape[0]
    for r in range(width):
        for j in range(width // 3):
            for f in range(3):
                entry = J[r, 3 * j + f]
                if rates:
                    entry = 0.0
                    if f < 2:
                        entry = dot[r, 2 * j + f]
                parts[width * r + 3 * j + f, e] = entry


@register_jitable
def sum_of(parts: Any, order: Any, first: int, last: int) -> float:
    """The parts order[first], ... order[last - 1] added up, in this order."""
    total = 0.0
    for s in range(first, last):
        total += parts[order[s]]
    return total


@register_jitable
def entry_of_product(
    row: int, column: int, start: Any, index: Any, data: Any, next_start: Any, next_index: Any, next_data: Any
) -> float:
    """An entry of A B, in the order of A's row; B's rows have their columns in ascending order."""
    total = 0.0
    for s in range(start[row], start[row + 1]):
        low, end = next_start[index[s]], next_start[index[s] + 1]
        high = end
        while low < high:
            middle = (low + high) // 2
            if next_index[middle] < column:
                low = middle + 1
            else:
                high = middle
        if low < end and next_index[low] == column:
            total += data[s] * next_data[low]
    return total
