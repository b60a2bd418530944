"""The kernels of a GPU, by numba-cuda: one thread an element, a point, a sum.

Nothing is added to a place that another thread adds to: element vectors and matrices are written where they belong
to their element, and summed by what they belong to in the end, in an order that is always the same.

A kernel is made for one shape of element, as the room of a thread is part of its code, and for one way of carrying psi:
without a vector potential, with one at rest, with one that moves.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numba.cuda
from numba import float64
from numba.cuda.core import config

from femtdgl.device.host_kernels import entry_of_product, sum_of, write_matrix, write_vector
from femtdgl.device.translate import translated
from femtdgl.equations.feedback_table import ORDER
from femtdgl.solve.covariant_loops import dissipation_element as carried_dissipation
from femtdgl.solve.covariant_loops import jacobian_element as carried_jacobian
from femtdgl.solve.covariant_loops import residual_element as carried_residual
from femtdgl.solve.element import dissipation_element, jacobian_element, residual_element, turn_banks
from femtdgl.solve.loops import feedback_point
from femtdgl.solve.pointwise import Constants
from femtdgl.solve.space import Elements

cuda: Any = numba.cuda
THREADS = 64
"""Of a block."""

Kernel = Callable[..., None]


def device_function(function: Callable[..., Any]) -> Any:
    """A function, with all that it calls, for the device."""
    return translated(function, cuda.jit(device=True))


class CudaKernels:
    """Kernels on arrays of a device: whatever has the CUDA array interface."""

    def __init__(self) -> None:
        config.CUDA_LOW_OCCUPANCY_WARNINGS = 0  # small problems are right too

    def residual(
        self, state: Any, reader: Any, space: Elements, how: Any, growth: Any, sigma: Any, k: Constants, parts: Any
    ) -> None:
        """parts (3 nodes, ne): the element vectors.   how: the parts of a `Transport`, or ()."""
        (ne, nodes), dim = space.dofs.shape, space.gradient.shape[3]
        known = [part for part in how if part is not None]
        kernel = residual_kernel(dim, nodes, len(known))
        kernel[blocks(ne), THREADS](*seen(state, reader, *space, *known, growth, sigma, *k, parts))

    def jacobian(
        self, state: Any, reader: Any, bank: Any, space: Elements, how: Any, growth: Any, sigma: Any, k: Constants,
        cj: float, rates: bool, parts: Any,
    ) -> None:  # fmt: skip
        """parts (9 nodes^2, ne): the element matrices dF/dy + cj dF/dy', or dF/dy' alone."""
        (ne, nodes), dim = space.dofs.shape, space.gradient.shape[3]
        known = [part for part in how if part is not None]
        kernel = jacobian_kernel(dim, nodes, len(known))
        kernel[blocks(ne), THREADS](
            *seen(state, reader, bank, *space, *known, *growth, sigma, *k, float(cj), bool(rates), parts)
        )

    def feedback(
        self, n: Any, gamma: float, first: float, step: float, cells: Any, amplitude: Any, p: Any, by_n: Any
    ) -> None:
        """p and dp/dn (nq,) of phonons at n (nq,), see `loops.feedback_loop`."""
        feedback_kernel()[blocks(n.size), THREADS](*seen(n, gamma, first, step, cells, amplitude, p, by_n))

    def dissipation(
        self, state: Any, reader: Any, space: Elements, how: Any, sigma: Any, k: Constants, made: Any
    ) -> None:
        """made (6, nq): a, b, phi, a_t, b_t and w at the points."""
        (ne, nodes), dim = space.dofs.shape, space.gradient.shape[3]
        known = [part for part in how if part is not None]
        kernel = dissipation_kernel(dim, nodes, len(known))
        kernel[blocks(ne), THREADS](*seen(state, reader, *space, *known, sigma, *k, made))

    def sums(self, first: Any, last: Any, longest: int, order: Any, parts: Any, out: Any) -> None:
        """out[k]: the parts from first[k] to last[k] in `order` added up, where there are no more than `longest`."""
        if first.size:
            sums_kernel()[blocks(first.size), THREADS](*seen(first, last, longest, order, parts, out))

    def product(
        self, row: Any, column: Any, start: Any, index: Any, data: Any, next_start: Any, next_index: Any,
        next_data: Any, out: Any,
    ) -> None:  # fmt: skip
        """out[k]: entry (row[k], column[k]) of A B, both sparse by rows, the columns of B's rows in ascending order."""
        if out.size:
            product_kernel()[blocks(out.size), THREADS](
                *seen(row, column, start, index, data, next_start, next_index, next_data, out)
            )


def seen(*arguments: Any) -> list[Any]:
    """Arrays as numba sees them, without a wait for what works on them: all of it is in one stream."""
    return [view(a) if hasattr(a, "__cuda_array_interface__") else a for a in arguments]


VIEWS: dict[Any, Any] = {}
"""Those made so far: making one takes numba longer than a launch.  They own nothing, and a kernel is given what the
caller holds."""
MOST_VIEWS = 1000


def view(array: Any) -> Any:
    """An array of the device as numba sees it."""
    face = array.__cuda_array_interface__
    key = face["data"], face["shape"], face.get("strides"), face["typestr"]
    if key not in VIEWS:
        if len(VIEWS) >= MOST_VIEWS:
            VIEWS.clear()
        VIEWS[key] = cuda.from_cuda_array_interface(face, sync=False)
    return VIEWS[key]


def blocks(threads: int) -> int:
    """Blocks for so many threads."""
    return (threads + THREADS - 1) // THREADS


@cache
def sums_kernel() -> Any:
    """The kernel of sums."""
    add = device_function(sum_of)

    @cuda.jit
    def kernel(first: Any, last: Any, longest: int, order: Any, parts: Any, out: Any) -> None:
        k = cuda.grid(1)
        if k < first.size and last[k] - first[k] <= longest:
            out[k] = add(parts, order, first[k], last[k])

    return kernel


@cache
def feedback_kernel() -> Any:
    """The kernel of what phonons do to psi: one thread a point."""
    body = device_function(feedback_point)

    @cuda.jit
    def kernel(n: Any, gamma: float, first: float, step: float, cells: Any, amplitude: Any, p: Any,
               by_n: Any) -> None:  # fmt: skip
        i = cuda.grid(1)
        if i < n.size:
            c = cuda.local.array(ORDER, float64)
            p[i], by_n[i] = body(i, n[i], gamma, first, step, cells, amplitude, c)

    return kernel


@cache
def product_kernel() -> Any:
    """The kernel of products of sparse matrices."""
    entry = device_function(entry_of_product)

    @cuda.jit
    def kernel(
        row: Any, column: Any, start: Any, index: Any, data: Any, next_start: Any, next_index: Any, next_data: Any,
        out: Any,
    ) -> None:  # fmt: skip
        k = cuda.grid(1)
        if k < out.size:
            out[k] = entry(row[k], column[k], start, index, data, next_start, next_index, next_data)

    return kernel


@cache
def residual_kernel(dim: int, nodes: int, carried: int) -> Any:
    """The kernel of element vectors.   carried: how many parts of a `Transport` there are, 0, 3 or 5."""
    across, write = 1 + dim, device_function(write_vector)
    body = device_function(carried_residual if carried else residual_element)

    if carried == 0:

        @cuda.jit
        def kernel(state: Any, reader: Any, dofs: Any, value: Any, gradient: Any, weight: Any, growth: Any, sigma: Any,
                   delta: float, eta: float, u: float, c: float, floor: float, conducts: int, sweeps: int,
                   parts: Any) -> None:  # fmt: skip
            e = cuda.grid(1)
            if e < dofs.shape[0]:
                local, at = cuda.local.array((nodes, 5), float64), cuda.local.array((across, 5), float64)
                out, flux = cuda.local.array((across, 3), float64), cuda.local.array((dim, 3), float64)
                total = cuda.local.array((nodes, 3), float64)
                k = Constants(delta, eta, u, c, floor, conducts, sweeps)
                space = Elements(dofs, value, gradient, weight)
                body(e, state, reader, space, growth, sigma, k, local, at, out, flux, total)
                write(e, total, parts)

        return kernel

    @cuda.jit(device=True)
    def one(e: int, state: Any, reader: Any, space: Any, cos: Any, sin: Any, a: Any, rate: Any, A_t: Any, growth: Any,
            sigma: Any, k: Any, parts: Any) -> None:  # fmt: skip
        local, at = cuda.local.array((nodes, 5), float64), cuda.local.array((across, 5), float64)
        out, total = cuda.local.array((across, 3), float64), cuda.local.array((nodes, 3), float64)
        body(e, state, reader, space, cos, sin, a, rate, A_t, growth, sigma, k, local, at, out, total)
        write(e, total, parts)

    if carried == 3:

        @cuda.jit
        def steady(state: Any, reader: Any, dofs: Any, value: Any, gradient: Any, weight: Any, cos: Any, sin: Any,
                   a: Any, growth: Any, sigma: Any, delta: float, eta: float, u: float, c: float, floor: float,
                   conducts: int, sweeps: int, parts: Any) -> None:  # fmt: skip
            e = cuda.grid(1)
            if e < dofs.shape[0]:
                k = Constants(delta, eta, u, c, floor, conducts, sweeps)
                space = Elements(dofs, value, gradient, weight)
                one(e, state, reader, space, cos, sin, a, None, None, growth, sigma, k, parts)

        return steady

    @cuda.jit
    def moving(state: Any, reader: Any, dofs: Any, value: Any, gradient: Any, weight: Any, cos: Any, sin: Any, a: Any,
               rate: Any, A_t: Any, growth: Any, sigma: Any, delta: float, eta: float, u: float, c: float, floor: float,
               conducts: int, sweeps: int, parts: Any) -> None:  # fmt: skip
        e = cuda.grid(1)
        if e < dofs.shape[0]:
            k = Constants(delta, eta, u, c, floor, conducts, sweeps)
            space = Elements(dofs, value, gradient, weight)
            one(e, state, reader, space, cos, sin, a, rate, A_t, growth, sigma, k, parts)

    return moving


@cache
def dissipation_kernel(dim: int, nodes: int, carried: int) -> Any:
    """The kernel of w and of what it is made of.   carried: how many parts of a `Transport` there are, 0, 3 or 5."""
    across, body = 1 + dim, device_function(carried_dissipation if carried else dissipation_element)

    if carried == 0:

        @cuda.jit
        def kernel(state: Any, reader: Any, dofs: Any, value: Any, gradient: Any, weight: Any, sigma: Any, delta: float,
                   eta: float, u: float, c: float, floor: float, conducts: int, sweeps: int,
                   made: Any) -> None:  # fmt: skip
            e = cuda.grid(1)
            if e < dofs.shape[0]:
                local, at = cuda.local.array((nodes, 5), float64), cuda.local.array((across, 5), float64)
                out, vectors = cuda.local.array(3, float64), cuda.local.array((dim, 3), float64)
                k = Constants(delta, eta, u, c, floor, conducts, sweeps)
                body(e, state, reader, Elements(dofs, value, gradient, weight), sigma, k, local, at, out, vectors, made)

        return kernel

    @cuda.jit(device=True)
    def one(e: int, state: Any, reader: Any, space: Any, cos: Any, sin: Any, a: Any, rate: Any, A_t: Any, sigma: Any,
            k: Any, made: Any) -> None:  # fmt: skip
        local, at = cuda.local.array((nodes, 5), float64), cuda.local.array((across, 5), float64)
        out, vectors = cuda.local.array(3, float64), cuda.local.array((dim, 3), float64)
        body(e, state, reader, space, cos, sin, a, rate, A_t, sigma, k, local, at, out, vectors, made)

    if carried == 3:

        @cuda.jit
        def steady(state: Any, reader: Any, dofs: Any, value: Any, gradient: Any, weight: Any, cos: Any, sin: Any,
                   a: Any, sigma: Any, delta: float, eta: float, u: float, c: float, floor: float, conducts: int,
                   sweeps: int, made: Any) -> None:  # fmt: skip
            e = cuda.grid(1)
            if e < dofs.shape[0]:
                k = Constants(delta, eta, u, c, floor, conducts, sweeps)
                one(e, state, reader, Elements(dofs, value, gradient, weight), cos, sin, a, None, None, sigma, k, made)

        return steady

    @cuda.jit
    def moving(state: Any, reader: Any, dofs: Any, value: Any, gradient: Any, weight: Any, cos: Any, sin: Any, a: Any,
               rate: Any, A_t: Any, sigma: Any, delta: float, eta: float, u: float, c: float, floor: float,
               conducts: int, sweeps: int, made: Any) -> None:  # fmt: skip
        e = cuda.grid(1)
        if e < dofs.shape[0]:
            k = Constants(delta, eta, u, c, floor, conducts, sweeps)
            one(e, state, reader, Elements(dofs, value, gradient, weight), cos, sin, a, rate, A_t, sigma, k, made)

    return moving


@cache
def jacobian_kernel(dim: int, nodes: int, carried: int) -> Any:
    """The kernel of element matrices.   carried: how many parts of a `Transport` there are, 0, 3 or 5."""
    across, rows, columns = 1 + dim, 3 * nodes, 2 * nodes
    body = device_function(carried_jacobian if carried else jacobian_element)
    write, turn = device_function(write_matrix), device_function(turn_banks)

    if carried == 0:

        @cuda.jit
        def kernel(state: Any, reader: Any, bank: Any, dofs: Any, value: Any, gradient: Any, weight: Any, growth: Any,
                   growth_n: Any, growth_rate: Any, sigma: Any, delta: float, eta: float, u: float, c: float,
                   floor: float, conducts: int, sweeps: int, cj: float, rates: bool, parts: Any) -> None:  # fmt: skip
            e = cuda.grid(1)
            if e < dofs.shape[0]:
                local, at = cuda.local.array((nodes, 5), float64), cuda.local.array((across, 5), float64)
                values, slopes = cuda.local.array(9, float64), cuda.local.array(3, float64)
                mixed, mixed_dot = cuda.local.array((dim, 2), float64), cuda.local.array((dim, 2), float64)
                flow, flow_dot = cuda.local.array((dim, rows), float64), cuda.local.array((dim, columns), float64)
                J, dot = cuda.local.array((rows, rows), float64), cuda.local.array((rows, columns), float64)
                k = Constants(delta, eta, u, c, floor, conducts, sweeps)
                space = Elements(dofs, value, gradient, weight)
                touched = body(e, state, reader, bank, space, growth, growth_n, growth_rate, sigma, k, cj, rates, local,
                               at, values, slopes, mixed, mixed_dot, flow, flow_dot, J, dot)  # fmt: skip
                if touched:
                    turn(e, bank, space, local, J, dot)
                write(e, J, dot, rates, parts)

        return kernel

    @cuda.jit(device=True)
    def one(e: int, state: Any, reader: Any, bank: Any, space: Any, cos: Any, sin: Any, a: Any, rate: Any, A_t: Any,
            growth: Any, growth_n: Any, growth_rate: Any, sigma: Any, k: Any, cj: float, rates: bool,
            parts: Any) -> None:  # fmt: skip
        local, at = cuda.local.array((nodes, 5), float64), cuda.local.array((across, 5), float64)
        values, slopes = cuda.local.array(9, float64), cuda.local.array(3, float64)
        mixed, mixed_dot = cuda.local.array((dim, 2), float64), cuda.local.array((dim, 2), float64)
        c, g = cuda.local.array((2, nodes), float64), cuda.local.array((2, dim, nodes), float64)
        psi, psi_dot = cuda.local.array((2, rows), float64), cuda.local.array((2, columns), float64)
        flow, flow_dot = cuda.local.array((dim, rows), float64), cuda.local.array((dim, columns), float64)
        J, dot = cuda.local.array((rows, rows), float64), cuda.local.array((rows, columns), float64)
        touched = body(e, state, reader, bank, space, cos, sin, a, rate, A_t, growth, growth_n, growth_rate, sigma, k,
                       cj, rates, local, at, values, slopes, mixed, mixed_dot, c, g, psi, psi_dot, flow, flow_dot, J,
                       dot)  # fmt: skip
        if touched:
            turn(e, bank, space, local, J, dot)
        write(e, J, dot, rates, parts)

    if carried == 3:

        @cuda.jit
        def steady(state: Any, reader: Any, bank: Any, dofs: Any, value: Any, gradient: Any, weight: Any, cos: Any,
                   sin: Any, a: Any, growth: Any, growth_n: Any, growth_rate: Any, sigma: Any, delta: float, eta: float,
                   u: float, c: float, floor: float, conducts: int, sweeps: int, cj: float, rates: bool,
                   parts: Any) -> None:  # fmt: skip
            e = cuda.grid(1)
            if e < dofs.shape[0]:
                k = Constants(delta, eta, u, c, floor, conducts, sweeps)
                space = Elements(dofs, value, gradient, weight)
                one(e, state, reader, bank, space, cos, sin, a, None, None, growth, growth_n, growth_rate, sigma, k,
                    cj, rates, parts)  # fmt: skip

        return steady

    @cuda.jit
    def moving(state: Any, reader: Any, bank: Any, dofs: Any, value: Any, gradient: Any, weight: Any, cos: Any,
               sin: Any, a: Any, rate: Any, A_t: Any, growth: Any, growth_n: Any, growth_rate: Any, sigma: Any,
               delta: float, eta: float, u: float, c: float, floor: float, conducts: int, sweeps: int, cj: float,
               rates: bool, parts: Any) -> None:  # fmt: skip
        e = cuda.grid(1)
        if e < dofs.shape[0]:
            k = Constants(delta, eta, u, c, floor, conducts, sweeps)
            space = Elements(dofs, value, gradient, weight)
            one(e, state, reader, bank, space, cos, sin, a, rate, A_t, growth, growth_n, growth_rate, sigma, k, cj,
                rates, parts)  # fmt: skip

    return moving
