"""Assembly on linear simplices in compiled loops, many at a time: `simplices` where there is a vector potential.

The formulas are those of `covariant_loops`, with the last axis of every local array for the elements at hand.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numba.extending import register_jitable

from femtdgl.solve.lanes import local_array
from femtdgl.solve.loops import Places, whole
from femtdgl.solve.pointwise import Constants, jacobian_point, observe_point, residual_point
from femtdgl.solve.simplices import (
    Loops,
    add_rows,
    add_to_nodes,
    conductances,
    keep_point,
    take_elements,
    take_point,
)
from femtdgl.solve.space import Elements

LANES = 64
"""Elements at a time."""


@register_jitable
def take_transport(
    lanes: int, number: Any, p: int, value: Any, cos: Any, sin: Any, a: Any, rate: Any, turn: Any, shift: Any
) -> None:
    """To point p: cos, sin and d_t of the phase, turn (local, 3, lanes), and v_i a, shift (local, dim, lanes)."""
    for lane in range(lanes):
        e = number[lane]
        for i in range(turn.shape[0]):
            turn[i, 0, lane], turn[i, 1, lane] = cos[e, p, i], sin[e, p, i]
            if rate is not None:
                turn[i, 2, lane] = rate[e, p, i]
            for d in range(shift.shape[1]):
                shift[i, d, lane] = value[p, i] * a[e, p, i, d]


@register_jitable
def fields_of(
    lanes: int, number: Any, p: int, value: Any, rate: Any, A_t: Any, count: int, nodal: Any, slope: Any, turn: Any,
    shift: Any, turned: Any, at: Any,
) -> None:  # fmt: skip
    """Fields and covariant derivatives at point p.   turned (4, lanes): room."""
    at[:] = 0.0
    for i in range(nodal.shape[0]):
        v = value[p, i]
        for lane in range(lanes):
            c, s = turn[i, 0, lane], turn[i, 1, lane]
            re, im = c * nodal[i, 0, lane] - s * nodal[i, 1, lane], s * nodal[i, 0, lane] + c * nodal[i, 1, lane]
            re_t, im_t = c * nodal[i, 3, lane] - s * nodal[i, 4, lane], s * nodal[i, 3, lane] + c * nodal[i, 4, lane]
            if rate is not None:
                re_t, im_t = re_t - turn[i, 2, lane] * im, im_t + turn[i, 2, lane] * re
            turned[0, lane], turned[1, lane], turned[2, lane], turned[3, lane] = re, im, re_t, im_t
        for f in range(4):
            to = f if f < 2 else f + 1
            for lane in range(lanes):
                at[0, to, lane] += v * turned[f, lane]
        for lane in range(lanes):
            at[0, 2, lane] += v * nodal[i, 2, lane]
        for d in range(slope.shape[1]):
            for lane in range(lanes):
                g, h = slope[i, d, lane], shift[i, d, lane]
                at[1 + d, 0, lane] += g * turned[0, lane] - h * turned[1, lane]
                at[1 + d, 1, lane] += g * turned[1, lane] + h * turned[0, lane]
                at[1 + d, 2, lane] += g * nodal[i, 2, lane]
    if A_t is not None:
        for d in range(slope.shape[1]):
            for lane in range(lanes):
                at[1 + d, 2, lane] += A_t[number[lane] * np.uint64(count) + np.uint64(p), d]


@register_jitable
def add_tested(
    lanes: int, v: float, weight: Any, out: Any, slope: Any, turn: Any, shift: Any, here: Any, total: Any
) -> None:
    """Adds what is tested with one node, from `out` at a point, to total (3, lanes).

    slope, shift (dim, lanes), turn (3, lanes) of the node; here (3, lanes): room.
    """
    for lane in range(lanes):
        here[0, lane], here[1, lane], here[2, lane] = v * out[0, 0, lane], v * out[0, 1, lane], 0.0
    for d in range(slope.shape[0]):
        for lane in range(lanes):
            g, h = slope[d, lane], shift[d, lane]
            here[0, lane] += g * out[1 + d, 0, lane] + h * out[1 + d, 1, lane]
            here[1, lane] += g * out[1 + d, 1, lane] - h * out[1 + d, 0, lane]
            here[2, lane] += g * out[1 + d, 2, lane]
    for lane in range(lanes):
        c, s = weight[lane] * turn[0, lane], weight[lane] * turn[1, lane]
        total[0, lane] += c * here[0, lane] + s * here[1, lane]
        total[1, lane] += c * here[1, lane] - s * here[0, lane]
        total[2, lane] += weight[lane] * here[2, lane]


@register_jitable
def trials(lanes: int, p: int, value: Any, slope: Any, turn: Any, shift: Any, c: Any, D: Any) -> None:
    """Shape functions c (local, 2, lanes) and their derivatives D (local, 2 dim, lanes) at point p: Re, Im."""
    for i in range(slope.shape[0]):
        for f in range(2):
            for lane in range(lanes):
                c[i, f, lane] = value[p, i] * turn[i, f, lane]
        for d in range(slope.shape[1]):
            for lane in range(lanes):
                re, im, g, h = turn[i, 0, lane], turn[i, 1, lane], slope[i, d, lane], shift[i, d, lane]
                D[i, 2 * d, lane], D[i, 2 * d + 1, lane] = g * re - h * im, g * im + h * re


@register_jitable
def add_columns(
    lanes: int, weight: Any, forms: Any, mixed: Any, mixed_dot: Any, rate: Any, turn: Any, c: Any, D: Any, psi: Any,
    flow: Any,
) -> None:  # fmt: skip
    """What Re psi_j and Im psi_j make in the rows of psi, psi (2, 3 local, lanes), and of the current, flow (dim, ...).

    forms (12, lanes): value and gradient of `jacobian_point`; `psi` is set, to `flow` is added.
    """
    for j in range(c.shape[0]):
        for f in range(2):
            n = 3 * j + f
            x, y, sign = (0, 1, 1.0) if f == 0 else (1, 0, -1.0)  # Im psi_j: i times that of Re psi_j
            for lane in range(lanes):
                re, im = sign * weight[lane] * c[j, x, lane], weight[lane] * c[j, y, lane]
                first, second = forms[0, lane] * re + forms[1, lane] * im, forms[2, lane] * re + forms[3, lane] * im
                if rate is not None:
                    first += turn[j, 2, lane] * (forms[7, lane] * re - forms[6, lane] * im)
                    second += turn[j, 2, lane] * (forms[8, lane] * re - forms[7, lane] * im)
                psi[0, n, lane], psi[1, n, lane] = first, second
            for d in range(flow.shape[0]):
                for lane in range(lanes):
                    re, im = sign * weight[lane] * c[j, x, lane], weight[lane] * c[j, y, lane]
                    D_re, D_im = sign * D[j, 2 * d + x, lane], D[j, 2 * d + y, lane]
                    u = mixed[d, 0, lane] * re + mixed[d, 1, lane] * im
                    u += weight[lane] * (forms[9, lane] * D_re + forms[10, lane] * D_im)
                    if rate is not None:
                        u += turn[j, 2, lane] * (mixed_dot[d, 1, lane] * re - mixed_dot[d, 0, lane] * im)
                    flow[d, n, lane] += u


@register_jitable
def add_potential(lanes: int, p: int, value: Any, weight: Any, forms: Any, slope: Any, psi: Any, flow: Any) -> None:
    """The columns of phi_j in them."""
    for j in range(slope.shape[0]):
        for f in range(2):
            for lane in range(lanes):
                psi[f, 3 * j + 2, lane] = weight[lane] * value[p, j] * forms[4 + f, lane]
        for d in range(slope.shape[1]):
            for lane in range(lanes):
                flow[d, 3 * j + 2, lane] += weight[lane] * forms[11, lane] * slope[j, d, lane]


@register_jitable
def add_rates(lanes: int, weight: Any, forms: Any, mixed_dot: Any, c: Any, psi_dot: Any, flow_dot: Any) -> None:
    """`add_columns` for dF/dpsi_t: psi_dot (2, 2 local, lanes) is set, to flow_dot (dim, 2 local, lanes) is added."""
    for j in range(c.shape[0]):
        for f in range(2):
            x, y, sign = (0, 1, 1.0) if f == 0 else (1, 0, -1.0)
            for lane in range(lanes):
                re, im = sign * weight[lane] * c[j, x, lane], weight[lane] * c[j, y, lane]
                psi_dot[0, 2 * j + f, lane] = forms[6, lane] * re + forms[7, lane] * im
                psi_dot[1, 2 * j + f, lane] = forms[7, lane] * re + forms[8, lane] * im
            for d in range(flow_dot.shape[0]):
                for lane in range(lanes):
                    re, im = sign * weight[lane] * c[j, x, lane], weight[lane] * c[j, y, lane]
                    flow_dot[d, 2 * j + f, lane] += mixed_dot[d, 0, lane] * re + mixed_dot[d, 1, lane] * im


@register_jitable
def add_psi(lanes: int, c: Any, psi: Any, J: Any) -> None:
    """Adds the rows of psi, tested with the conjugate shape functions: J (3 local, columns, lanes)."""
    for i in range(c.shape[0]):
        for n in range(psi.shape[1]):
            for lane in range(lanes):
                J[3 * i, n, lane] += c[i, 0, lane] * psi[0, n, lane] + c[i, 1, lane] * psi[1, n, lane]
            for lane in range(lanes):
                J[3 * i + 1, n, lane] += c[i, 0, lane] * psi[1, n, lane] - c[i, 1, lane] * psi[0, n, lane]


@register_jitable
def add_bent(lanes: int, weight: Any, D: Any, here: Any, J: Any) -> None:
    """Adds conj(D v_i).D v_j, which is Hermitian.   here (2, lanes): room."""
    for i in range(D.shape[0]):
        for j in range(i + 1):
            here[:2] = 0.0
            for d in range(D.shape[1] // 2):
                for lane in range(lanes):
                    re, im, x, y = D[i, 2 * d, lane], D[i, 2 * d + 1, lane], D[j, 2 * d, lane], D[j, 2 * d + 1, lane]
                    here[0, lane] += weight[lane] * (re * x + im * y)
                    here[1, lane] += weight[lane] * (re * y - im * x)
            for f in range(2):
                for lane in range(lanes):
                    J[3 * i + f, 3 * j + f, lane] += here[0, lane]
            if j < i:
                for f in range(2):
                    for lane in range(lanes):
                        J[3 * j + f, 3 * i + f, lane] += here[0, lane]
                for lane in range(lanes):
                    J[3 * i + 1, 3 * j, lane] += here[1, lane]
                for lane in range(lanes):
                    J[3 * i, 3 * j + 1, lane] -= here[1, lane]
                for lane in range(lanes):
                    J[3 * j + 1, 3 * i, lane] -= here[1, lane]
                for lane in range(lanes):
                    J[3 * j, 3 * i + 1, lane] += here[1, lane]


@register_jitable
def add_flow(lanes: int, slope: Any, flow: Any, J: Any) -> None:
    """Adds the rows of phi, tested with gradients."""
    for i in range(slope.shape[0]):
        for d in range(slope.shape[1]):
            for n in range(flow.shape[1]):
                for lane in range(lanes):
                    J[3 * i + 2, n, lane] += slope[i, d, lane] * flow[d, n, lane]


@register_jitable
def scatter(
    lanes: int, local: int, fields: int, number: Any, space: Elements, places: Places, J: Any, data: Any
) -> None:
    """Adds the element matrices J (3 local, fields local, lanes) to the entries, all of whose `places` are there.

    Re and Im are read before either is written: the compiler cannot tell that they are apart, and would wait.
    """
    start, one, two = places.start, np.uint64(1), np.uint64(2)
    for lane in range(lanes):
        e = number[lane]
        for i in range(local):
            row = np.uint64(places.rows[np.uint64(space.dofs[e, i]), 0])
            first, second, third = start[row], start[row + one], start[row + two]
            for j in range(local):
                far = places.offset[e, i, j]
                r, s, t = np.uint64(first + far), np.uint64(second + far), np.uint64(third + far)
                for f, at in ((0, r), (1, s), (2, t)):
                    re = data[at] + J[3 * i + f, fields * j, lane]
                    im = data[at + one] + J[3 * i + f, fields * j + 1, lane]
                    if fields == 3:
                        data[at + two] += J[3 * i + f, fields * j + 2, lane]
                    data[at], data[at + one] = re, im


@cache
def loops_for(dim: int) -> Loops:
    """The loops for so many directions, which the compiler must know; after the elements they take a transport."""
    local, wide = dim + 1, LANES
    forms_of_D, threes, twos = 2 * dim, 3 * local, 2 * local

    @whole
    def residual_loop(
        which: Any, fields: Any, space: Elements, cos: Any, sin: Any, a: Any, rate: Any, A_t: Any, growth: Any,
        sigma: Any, k: Constants, F: Any,
    ) -> None:  # fmt: skip
        """Adds the integrals of the residual over the elements `which` to F (N, 3).   fields (N, 5), at the nodes."""
        nodal, slope, at = local_array(local, 5, wide), local_array(local, dim, wide), local_array(local, 5, wide)
        turn, shift, out = local_array(local, 3, wide), local_array(local, dim, wide), local_array(local, 3, wide)
        total, turned = local_array(local, 3, wide), local_array(1, 4, wide)[0]
        room, number = local_array(1, 13, wide)[0], np.empty(wide, dtype=np.uint64)
        value, count = space.value, space.weight.shape[1]
        for first in range(0, which.size, wide):
            lanes = take_elements(which, first, fields, space, number, nodal, slope)
            total[:] = 0.0
            for p in range(count):
                take_transport(lanes, number, p, value, cos, sin, a, rate, turn, shift)
                fields_of(lanes, number, p, value, rate, A_t, count, nodal, slope, turn, shift, turned, at)
                take_point(lanes, number, p, space.weight, growth, sigma, room)
                conductances(lanes, at, k, room)
                for lane in range(lanes):
                    residual_point(at[:, :, lane], room[1, lane], room[3, lane], k, out[:, :, lane])
                for i in range(local):
                    add_tested(lanes, value[p, i], room[0], out, slope[i], turn[i], shift[i], turned, total[i])
            add_to_nodes(lanes, number, space, total, F)

    @whole
    def jacobian_loop(
        which: Any, fields: Any, places: Places, space: Elements, cos: Any, sin: Any, a: Any, rate: Any, A_t: Any,
        growth: Any, growth_n: Any, growth_rate: Any, sigma: Any, k: Constants, cj: float, data: Any, data_dot: Any,
    ) -> None:  # fmt: skip
        """Adds dF/dy + cj dF/dy' of the elements `which` to the entries, and dF/dy' alone to data_dot, unless None."""
        nodal, slope, at = local_array(local, 5, wide), local_array(local, dim, wide), local_array(local, 5, wide)
        turn, shift, turned = local_array(local, 3, wide), local_array(local, dim, wide), local_array(1, 4, wide)[0]
        forms, mixed, mixed_dot = local_array(1, 12, wide)[0], local_array(dim, 2, wide), local_array(dim, 2, wide)
        c, D = local_array(local, 2, wide), local_array(local, forms_of_D, wide)
        psi, flow, J = local_array(2, threes, wide), local_array(dim, threes, wide), local_array(threes, threes, wide)
        psi_dot, flow_dot, dot = (
            local_array(2, twos, wide),
            local_array(dim, twos, wide),
            local_array(threes, twos, wide),
        )
        room, number = local_array(1, 13, wide)[0], np.empty(wide, dtype=np.uint64)
        value, count = space.value, space.weight.shape[1]
        for first in range(0, which.size, wide):
            lanes = take_elements(which, first, fields, space, number, nodal, slope)
            J[:], flow[:] = 0.0, 0.0
            if data_dot is not None:
                dot[:], flow_dot[:] = 0.0, 0.0
            for p in range(count):
                take_transport(lanes, number, p, value, cos, sin, a, rate, turn, shift)
                fields_of(lanes, number, p, value, rate, A_t, count, nodal, slope, turn, shift, turned, at)
                take_point(lanes, number, p, space.weight, growth, sigma, room)
                conductances(lanes, at, k, room)
                for lane in range(lanes):  # n is no longer needed, and makes room
                    at_n = min(np.int64(number[lane]) * count + p, growth_n.size - 1)
                    room[5, lane], room[6, lane] = growth_n[at_n], growth_rate[at_n]
                for lane in range(lanes):
                    jacobian_point(
                        at[:, :, lane], room[1, lane], room[5, lane], room[6, lane], room[3, lane], room[4, lane], k,
                        cj, forms[:9, lane], forms[9:, lane], mixed[:, :, lane], mixed_dot[:, :, lane],
                    )  # fmt: skip
                trials(lanes, p, value, slope, turn, shift, c, D)
                add_columns(lanes, room[0], forms, mixed, mixed_dot, rate, turn, c, D, psi, flow)
                add_potential(lanes, p, value, room[0], forms, slope, psi, flow)
                add_psi(lanes, c, psi, J)
                add_bent(lanes, room[0], D, turned, J)
                if data_dot is not None:
                    add_rates(lanes, room[0], forms, mixed_dot, c, psi_dot, flow_dot)
                    add_psi(lanes, c, psi_dot, dot)
            add_flow(lanes, slope, flow, J)
            scatter(lanes, local, 3, number, space, places, J, data)
            if data_dot is not None:
                add_flow(lanes, slope, flow_dot, dot)
                scatter(lanes, local, 2, number, space, places, dot, data_dot)

    @whole
    def observe_loop(
        which: Any, fields: Any, space: Elements, cos: Any, sin: Any, a: Any, rate: Any, A_t: Any, eps: Any,
        sigma: Any, k: Constants, out: Any, vectors: Any,
    ) -> None:  # fmt: skip
        """`observe_point` at every point of the elements `which`: out (nq, 3), vectors (nq, dim, 3) or none."""
        nodal, slope, at = local_array(local, 5, wide), local_array(local, dim, wide), local_array(local, 5, wide)
        turn, shift, turned = local_array(local, 3, wide), local_array(local, dim, wide), local_array(1, 4, wide)[0]
        seen, flux = local_array(1, 3, wide)[0], local_array(dim, 3, wide)
        room, number = local_array(1, 13, wide)[0], np.empty(wide, dtype=np.uint64)
        value, count = space.value, space.weight.shape[1]
        for first in range(0, which.size, wide):
            lanes = take_elements(which, first, fields, space, number, nodal, slope)
            for p in range(count):
                take_transport(lanes, number, p, value, cos, sin, a, rate, turn, shift)
                fields_of(lanes, number, p, value, rate, A_t, count, nodal, slope, turn, shift, turned, at)
                take_point(lanes, number, p, space.weight, eps, sigma, room)
                conductances(lanes, at, k, room)
                for lane in range(lanes):
                    observe_point(at[:, :, lane], room[1, lane], room[3, lane], k, seen[:, lane], flux[:, :, lane])
                keep_point(lanes, number, count, p, seen, flux, out, vectors)

    return Loops(residual_loop, jacobian_loop, observe_loop, add_rows)
