"""Assembly on linear simplices in compiled loops, many at a time: for large problems without a vector potential.

One gradient serves a whole element, and the last axis of every local array is that of the elements at hand, the lanes,
so that one instruction of the machine works on several of them.  The bodies (`values_of`, `add_pairs`, ...) take their
arrays from whoever calls them, with room for any number of lanes, also for one; the physics of a point is that of
`pointwise`.  Elements at banks, contacts and gauge, whose entries lie here and there, are left to `loops`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numba.extending import register_jitable

from femtdgl.equations.current import (
    complementary_modulus,
    conductance_of_pair,
    elliptic_end,
    elliptic_start,
    elliptic_sweep,
)
from femtdgl.solve.lanes import local_array
from femtdgl.solve.loops import Places, compiled, whole
from femtdgl.solve.pointwise import Constants, conductance, jacobian_point, observe_point, residual_point
from femtdgl.solve.space import Elements

LANES = 32
"""Elements at a time: what is made of them stays in the nearest cache."""


class Loops(NamedTuple):
    """The compiled loops for a number of directions."""

    residual: Callable[..., None]
    jacobian: Callable[..., None]
    observe: Callable[..., None]
    add_rows: Callable[..., None]


@register_jitable
def take_elements(which: Any, first: int, fields: Any, space: Elements, number: Any, nodal: Any, slope: Any) -> int:
    """Elements which[first], ... into the lanes; how many there are.

    fields (N, 5): at the nodes.   number (lanes,); nodal (local, 5, lanes); slope (local, dim, lanes): gradients.
    """
    lanes = min(nodal.shape[2], which.size - first)
    for lane in range(lanes):
        e = np.uint64(which[first + lane])
        number[lane] = e
        for i in range(nodal.shape[0]):
            node = np.uint64(space.dofs[e, i])
            for f in range(5):
                nodal[i, f, lane] = fields[node, f]
            for d in range(slope.shape[1]):
                slope[i, d, lane] = space.gradient[e, 0, i, d]
    return lanes


@register_jitable
def gradients_of(lanes: int, nodal: Any, slope: Any, at: Any) -> None:
    """Derivatives of the fields, at[1:, :3]."""
    for d in range(slope.shape[1]):
        for f in range(3):
            at[1 + d, f] = 0.0
            for i in range(nodal.shape[0]):
                for lane in range(lanes):
                    at[1 + d, f, lane] += slope[i, d, lane] * nodal[i, f, lane]


@register_jitable
def values_of(lanes: int, nodal: Any, value: Any, p: int, at: Any) -> None:
    """Values of the fields at point p, at[0]."""
    for f in range(5):
        at[0, f] = 0.0
        for i in range(nodal.shape[0]):
            for lane in range(lanes):
                at[0, f, lane] += value[p, i] * nodal[i, f, lane]


@register_jitable
def take_point(lanes: int, number: Any, p: int, weight: Any, growth: Any, sigma: Any, room: Any) -> None:
    """Weight, growth and sigma at point p of the elements in the lanes, room[:3]."""
    count = np.uint64(weight.shape[1])
    for lane in range(lanes):
        point = number[lane] * count + np.uint64(p)
        room[0, lane] = weight[number[lane], p]
        room[1, lane] = growth[point]
        room[2, lane] = sigma[point]


@register_jitable
def conductances(lanes: int, at: Any, k: Constants, room: Any) -> None:
    """(1.3) `pointwise.conductance` times sigma: g and its slope by n, room[3:5]; room (13, lanes), sigma room[2]."""
    for lane in range(lanes):
        room[5, lane] = at[0, 0, lane] ** 2 + at[0, 1, lane] ** 2
    if k.conductance != 0:
        for lane in range(lanes):
            g, g_n = conductance(room[5, lane], k)
            room[3, lane], room[4, lane] = g * room[2, lane], g_n * room[2, lane]
        return
    for lane in range(lanes):
        k1 = complementary_modulus(room[5, lane], k.delta)
        a, b, c, c_over_k2, k2, series = elliptic_start(k1)
        room[6, lane], room[7, lane], room[8, lane], room[9, lane] = k1, a, b, c
        room[10, lane], room[11, lane], room[12, lane] = c_over_k2, k2, series
    weight = 2.0
    for _ in range(k.sweeps):  # outside: a loop within that over the lanes would keep them apart
        for lane in range(lanes):
            a, b, c, c_over_k2, series = elliptic_sweep(
                room[7, lane], room[8, lane], room[9, lane], room[10, lane], room[11, lane], room[12, lane], weight
            )
            room[7, lane], room[8, lane], room[9, lane], room[10, lane], room[12, lane] = a, b, c, c_over_k2, series
        weight *= 2.0
    for lane in range(lanes):
        K, D = elliptic_end(room[7, lane], room[12, lane])
        g, g_n = conductance_of_pair(room[5, lane], room[6, lane], K, D, k.delta, k.eta, k.u)
        room[3, lane], room[4, lane] = g * room[2, lane], g_n * room[2, lane]


@register_jitable
def add_to_nodes(lanes: int, number: Any, space: Elements, total: Any, F: Any) -> None:
    """Adds what was tested with each node, total (local, 3, lanes), to F (N, 3)."""
    for lane in range(lanes):
        for i in range(total.shape[0]):
            node = np.uint64(space.dofs[number[lane], i])
            for f in range(3):
                F[node, f] += total[i, f, lane]


@register_jitable
def keep_point(lanes: int, number: Any, count: int, p: int, seen: Any, flux: Any, out: Any, vectors: Any) -> None:
    """What `observe_point` gave at point p, seen (3, lanes) and flux (dim, 3, lanes), to where it is asked for."""
    for lane in range(lanes):
        point = number[lane] * np.uint64(count) + np.uint64(p)
        for f in range(3):
            out[point, f] = seen[f, lane]
        if vectors.shape[0] > 0:
            for d in range(flux.shape[0]):
                for f in range(3):
                    vectors[point, d, f] = flux[d, f, lane]


@register_jitable
def add_pairs(lanes: int, local: int, value: Any, p: int, forms: Any, pairs: Any) -> None:
    """Adds v_i v_j times the forms (k, lanes) at point p to pairs (k, local (local + 1)/2, lanes), i >= j."""
    pair = 0
    for i in range(local):
        for j in range(i + 1):
            v = value[p, i] * value[p, j]
            for c in range(forms.shape[0]):
                for lane in range(lanes):
                    pairs[c, pair, lane] += v * forms[c, lane]
            pair += 1


@register_jitable
def add_flow(lanes: int, value: Any, p: int, weight: Any, mixed: Any, flow: Any) -> None:
    """Adds v_j times `mixed` (dim, 2, lanes) at point p to flow (local, 2 dim, lanes)."""
    for j in range(flow.shape[0]):
        for d in range(mixed.shape[0]):
            for c in range(2):
                for lane in range(lanes):
                    flow[j, 2 * d + c, lane] += weight[lane] * value[p, j] * mixed[d, c, lane]


@register_jitable
def test_flow(lanes: int, slope: Any, flow: Any, phi: Any) -> None:
    """Adds the rows of phi, tested with gradients, by Re psi and Im psi: phi (2 or 3, local local, lanes)."""
    local = slope.shape[0]
    for i in range(local):
        for j in range(local):
            for d in range(slope.shape[1]):
                for c in range(2):
                    for lane in range(lanes):
                        phi[c, local * i + j, lane] += slope[i, d, lane] * flow[j, 2 * d + c, lane]


@register_jitable
def add_bent(lanes: int, slope: Any, total: Any, bent: Any, psi: Any, phi: Any) -> None:
    """Adds grad v_i.grad v_j times total (4, lanes): of (phi,re), (phi,im), (phi,phi), and of psi.   bent (lanes,)."""
    local = slope.shape[0]
    for i in range(local):
        for j in range(i + 1):
            bent[:] = 0.0
            for d in range(slope.shape[1]):
                for lane in range(lanes):
                    bent[lane] += slope[i, d, lane] * slope[j, d, lane]
            for c in range(3):
                for lane in range(lanes):
                    phi[c, local * i + j, lane] += total[c, lane] * bent[lane]
                if j < i:
                    for lane in range(lanes):
                        phi[c, local * j + i, lane] += total[c, lane] * bent[lane]
            for c in range(0, 4, 3):
                for lane in range(lanes):
                    psi[c, i * (i + 1) // 2 + j, lane] += total[3, lane] * bent[lane]


@register_jitable
def scatter(
    lanes: int, local: int, number: Any, space: Elements, places: Places, psi: Any, phi: Any, data: Any
) -> None:
    """Adds the element matrices to the entries, for elements all of whose `places` are there, by rows.

    psi (6, pairs, lanes): (re,re), (re,im), (im,re), (im,im), (re,phi), (im,phi) of nodes i >= j, the same for j, i;
    phi (3, local local, lanes): (phi,re), (phi,im), (phi,phi).
    """
    start, one, two = places.start, np.uint64(1), np.uint64(2)
    for lane in range(lanes):
        e = number[lane]
        for i in range(local):
            row = np.uint64(places.rows[np.uint64(space.dofs[e, i]), 0])
            first, second, third = start[row], start[row + one], start[row + two]
            for j in range(local):
                far, both = places.offset[e, i, j], local * i + j
                pair = i * (i + 1) // 2 + j if j <= i else j * (j + 1) // 2 + i
                r, s, t = np.uint64(first + far), np.uint64(second + far), np.uint64(third + far)
                data[r] += psi[0, pair, lane]
                data[r + one] += psi[1, pair, lane]
                data[r + two] += psi[4, pair, lane]
                data[s] += psi[2, pair, lane]
                data[s + one] += psi[3, pair, lane]
                data[s + two] += psi[5, pair, lane]
                data[t] += phi[0, both, lane]
                data[t + one] += phi[1, both, lane]
                data[t + two] += phi[2, both, lane]


@register_jitable
def scatter_rates(
    lanes: int, local: int, number: Any, space: Elements, places: Places, psi: Any, phi: Any, data: Any
) -> None:
    """`scatter` for dF/dpsi_t: psi (3, pairs, lanes) of (re,re), (re,im) and (im,im), phi (2, local local, lanes)."""
    start, one = places.start, np.uint64(1)
    for lane in range(lanes):
        e = number[lane]
        for i in range(local):
            row = np.uint64(places.rows[np.uint64(space.dofs[e, i]), 0])
            first, second, third = start[row], start[row + one], start[row + np.uint64(2)]
            for j in range(local):
                far, both = places.offset[e, i, j], local * i + j
                pair = i * (i + 1) // 2 + j if j <= i else j * (j + 1) // 2 + i
                r, s, t = np.uint64(first + far), np.uint64(second + far), np.uint64(third + far)
                data[r] += psi[0, pair, lane]
                data[r + one] += psi[1, pair, lane]
                data[s] += psi[1, pair, lane]
                data[s + one] += psi[2, pair, lane]
                data[t] += phi[0, both, lane]
                data[t + one] += phi[1, both, lane]


@compiled
def add_rows(nodal: Any, writer: Any, F: Any) -> None:
    """Adds nodal integrals (N, 3) to their rows of F; writer (N, 3), -1 for none."""
    for node in range(nodal.shape[0]):
        for f in range(3):
            if writer[node, f] >= 0:
                F[writer[node, f]] += nodal[node, f]


@cache
def loops_for(dim: int) -> Loops:
    """The loops for so many directions, which the compiler must know."""
    local, wide = dim + 1, LANES
    pairs, squares, flows = (dim + 1) * (dim + 2) // 2, local * local, 2 * dim

    @whole
    def residual_loop(which: Any, fields: Any, space: Elements, growth: Any, sigma: Any, k: Constants, F: Any) -> None:
        """Adds the integrals of the residual over the elements `which` to F (N, 3).   fields (N, 5), at the nodes."""
        nodal, slope, at = local_array(local, 5, wide), local_array(local, dim, wide), local_array(local, 5, wide)
        out, total, flux = local_array(local, 3, wide), local_array(local, 3, wide), local_array(dim, 3, wide)
        room, number = local_array(1, 13, wide)[0], np.empty(wide, dtype=np.uint64)
        for first in range(0, which.size, wide):
            lanes = take_elements(which, first, fields, space, number, nodal, slope)
            gradients_of(lanes, nodal, slope, at)
            total[:], flux[:] = 0.0, 0.0
            for p in range(space.weight.shape[1]):
                values_of(lanes, nodal, space.value, p, at)
                take_point(lanes, number, p, space.weight, growth, sigma, room)
                conductances(lanes, at, k, room)
                for lane in range(lanes):
                    residual_point(at[:, :, lane], room[1, lane], room[3, lane], k, out[:, :, lane])
                for i in range(local):
                    for f in range(2):
                        for lane in range(lanes):
                            total[i, f, lane] += room[0, lane] * space.value[p, i] * out[0, f, lane]
                for d in range(dim):
                    for f in range(3):
                        for lane in range(lanes):
                            flux[d, f, lane] += room[0, lane] * out[1 + d, f, lane]
            for i in range(local):
                for f in range(3):
                    for d in range(dim):
                        for lane in range(lanes):
                            total[i, f, lane] += slope[i, d, lane] * flux[d, f, lane]
            add_to_nodes(lanes, number, space, total, F)

    @whole
    def jacobian_loop(
        which: Any, fields: Any, places: Places, space: Elements, growth: Any, growth_n: Any, growth_rate: Any,
        sigma: Any, k: Constants, cj: float, data: Any, data_dot: Any,
    ) -> None:  # fmt: skip
        """Adds dF/dy + cj dF/dy' of the elements `which` to the entries, and dF/dy' alone to data_dot, unless None."""
        nodal, slope, at = local_array(local, 5, wide), local_array(local, dim, wide), local_array(local, 5, wide)
        value, total = local_array(1, 12, wide)[0], local_array(1, 4, wide)[0]
        mixed, mixed_dot = local_array(dim, 2, wide), local_array(dim, 2, wide)
        psi, phi, flow = local_array(9, pairs, wide), local_array(3, squares, wide), local_array(local, flows, wide)
        phi_dot, flow_dot = local_array(2, squares, wide), local_array(local, flows, wide)
        room, number = local_array(1, 13, wide)[0], np.empty(wide, dtype=np.uint64)
        for first in range(0, which.size, wide):
            lanes = take_elements(which, first, fields, space, number, nodal, slope)
            gradients_of(lanes, nodal, slope, at)
            psi[:], flow[:], flow_dot[:], total[:] = 0.0, 0.0, 0.0, 0.0
            for p in range(space.weight.shape[1]):
                values_of(lanes, nodal, space.value, p, at)
                take_point(lanes, number, p, space.weight, growth, sigma, room)
                conductances(lanes, at, k, room)
                for lane in range(lanes):  # n is no longer needed, and makes room
                    at_n = min(np.int64(number[lane]) * space.weight.shape[1] + p, growth_n.size - 1)
                    room[5, lane], room[6, lane] = growth_n[at_n], growth_rate[at_n]
                for lane in range(lanes):
                    jacobian_point(
                        at[:, :, lane], room[1, lane], room[5, lane], room[6, lane], room[3, lane], room[4, lane], k,
                        cj, value[:9, lane], value[9:, lane], mixed[:, :, lane], mixed_dot[:, :, lane],
                    )  # fmt: skip
                for c in range(12):
                    for lane in range(lanes):
                        value[c, lane] *= room[0, lane]
                for c in range(3):
                    for lane in range(lanes):
                        total[c, lane] += value[9 + c, lane]
                for lane in range(lanes):
                    total[3, lane] += room[0, lane]
                add_flow(lanes, space.value, p, room[0], mixed, flow)
                if data_dot is None:
                    add_pairs(lanes, local, space.value, p, value[:6], psi)
                else:
                    add_pairs(lanes, local, space.value, p, value[:9], psi)
                    add_flow(lanes, space.value, p, room[0], mixed_dot, flow_dot)
            phi[:] = 0.0
            test_flow(lanes, slope, flow, phi)
            add_bent(lanes, slope, total, room[5], psi, phi)
            scatter(lanes, local, number, space, places, psi, phi, data)
            if data_dot is not None:
                phi_dot[:] = 0.0
                test_flow(lanes, slope, flow_dot, phi_dot)
                scatter_rates(lanes, local, number, space, places, psi[6:], phi_dot, data_dot)

    @whole
    def observe_loop(
        which: Any, fields: Any, space: Elements, eps: Any, sigma: Any, k: Constants, out: Any, vectors: Any
    ) -> None:
        """`observe_point` at every point of the elements `which`: out (nq, 3), vectors (nq, dim, 3) or none."""
        nodal, slope, at = local_array(local, 5, wide), local_array(local, dim, wide), local_array(local, 5, wide)
        seen, flux = local_array(1, 3, wide)[0], local_array(dim, 3, wide)
        room, number = local_array(1, 13, wide)[0], np.empty(wide, dtype=np.uint64)
        for first in range(0, which.size, wide):
            lanes = take_elements(which, first, fields, space, number, nodal, slope)
            gradients_of(lanes, nodal, slope, at)
            for p in range(space.weight.shape[1]):
                values_of(lanes, nodal, space.value, p, at)
                take_point(lanes, number, p, space.weight, eps, sigma, room)
                conductances(lanes, at, k, room)
                for lane in range(lanes):
                    observe_point(at[:, :, lane], room[1, lane], room[3, lane], k, seen[:, lane], flux[:, :, lane])
                keep_point(lanes, number, space.weight.shape[1], p, seen, flux, out, vectors)

    return Loops(residual_loop, jacobian_loop, observe_loop, add_rows)
