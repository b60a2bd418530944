"""Assembly element by element in compiled loops, with gauge-covariant elements: where there is a vector potential.

With c_i = lambda_i U_i and g_i = U_i (grad lambda_i + i lambda_i a_i) at a point (`transport`), the fields there are

    psi = sum_i c_i psi_i,    D psi = sum_i g_i psi_i,    d_t psi = sum_i c_i (d_t psi_i + i d_t p_i psi_i),

and the test functions are their conjugates.  Jacobian and residual are real: Re psi_j and Im psi_j have a column each.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.extending import register_jitable

from femtdgl.equations.vector_potential import uniform_phase, uniform_radial
from femtdgl.solve.element import add_rows, dissipation_seen, fields_of
from femtdgl.solve.loops import Places, compiled, scatter, whole
from femtdgl.solve.pointwise import Constants, conductance, jacobian_point, observe_point, residual_point
from femtdgl.solve.space import Elements


@compiled
def uniform_loop(
    dofs: Any, nodes: Any, x: Any, B: Any, slope: Any, cos: Any, sin: Any, a: Any, rate: Any, A_t: Any
) -> None:
    """The transport in a uniform field.   nodes (N, dim), x (nq, dim): from the centre; slope: d_t B, or None."""
    dim, count = x.shape[1], cos.shape[1]
    d, middle = np.empty(dim), np.empty(dim)
    for e in range(dofs.shape[0]):
        for p in range(count):
            point = e * count + p
            for i in range(dofs.shape[1]):
                for k in range(dim):
                    start = nodes[dofs[e, i], k]
                    d[k], middle[k] = x[point, k] - start, 0.5 * (x[point, k] + start)
                phase = uniform_phase(middle, d, B)
                cos[e, p, i], sin[e, p, i] = np.cos(phase), np.sin(phase)
                uniform_radial(d, B, a[e, p, i])
                if slope is not None:
                    rate[e, p, i] = uniform_phase(middle, d, slope)
            if slope is not None:  # d_t A is the phase of unit steps
                for k in range(dim):
                    d[:] = 0.0
                    d[k] = 1.0
                    A_t[point, k] = uniform_phase(x[point], d, slope)


@register_jitable
def fields_at(
    local: Any, space: Elements, e: int, p: int, cos: Any, sin: Any, a: Any, rate: Any, A_t: Any, at: Any
) -> None:
    """Fields and covariant derivatives at point p of element e, whose nodal values are `local`."""
    at_g, count = min(p, space.gradient.shape[1] - 1), space.weight.shape[1]
    at[:] = 0.0
    for i in range(local.shape[0]):
        v, c, s = space.value[p, i], cos[e, p, i], sin[e, p, i]
        re, im = c * local[i, 0] - s * local[i, 1], s * local[i, 0] + c * local[i, 1]
        re_t, im_t = c * local[i, 3] - s * local[i, 4], s * local[i, 3] + c * local[i, 4]
        if rate is not None:
            re_t, im_t = re_t - rate[e, p, i] * im, im_t + rate[e, p, i] * re
        at[0, 0] += v * re
        at[0, 1] += v * im
        at[0, 2] += v * local[i, 2]
        at[0, 3] += v * re_t
        at[0, 4] += v * im_t
        for d in range(at.shape[0] - 1):
            g, h = space.gradient[e, at_g, i, d], v * a[e, p, i, d]
            at[1 + d, 0] += g * re - h * im
            at[1 + d, 1] += g * im + h * re
            at[1 + d, 2] += g * local[i, 2]
    if A_t is not None:
        for d in range(at.shape[0] - 1):
            at[1 + d, 2] += A_t[e * count + p, d]


@register_jitable
def residual_element(
    e: int, state: Any, reader: Any, space: Elements, cos: Any, sin: Any, a: Any, rate: Any, A_t: Any, growth: Any,
    sigma: Any, k: Constants, local: Any, at: Any, out: Any, total: Any,
) -> None:  # fmt: skip
    """total (nodes, 3): the integrals over element e; arguments as those of `element.residual_element`."""
    dim, count, nodes = space.gradient.shape[3], space.weight.shape[1], space.dofs.shape[1]
    fields_of(state, reader, space, e, local)
    total[:] = 0.0
    for p in range(count):
        point, at_g = e * count + p, min(p, space.gradient.shape[1] - 1)
        fields_at(local, space, e, p, cos, sin, a, rate, A_t, at)
        g, _ = conductance(at[0, 0] ** 2 + at[0, 1] ** 2, k)
        residual_point(at, growth[point], g * sigma[point], k, out)
        w = space.weight[e, p]
        for i in range(nodes):
            v = space.value[p, i]
            re, im, flow = v * out[0, 0], v * out[0, 1], 0.0
            for d in range(dim):
                slope, h = space.gradient[e, at_g, i, d], v * a[e, p, i, d]
                re += slope * out[1 + d, 0] + h * out[1 + d, 1]
                im += slope * out[1 + d, 1] - h * out[1 + d, 0]
                flow += slope * out[1 + d, 2]
            c, s = w * cos[e, p, i], w * sin[e, p, i]
            total[i, 0] += c * re + s * im
            total[i, 1] += c * im - s * re
            total[i, 2] += w * flow


@register_jitable
def dissipation_element(
    e: int, state: Any, reader: Any, space: Elements, cos: Any, sin: Any, a: Any, rate: Any, A_t: Any, sigma: Any,
    k: Constants, local: Any, at: Any, out: Any, vectors: Any, seen: Any,
) -> None:  # fmt: skip
    """seen (6, nq): as that of `element.dissipation_element`."""
    count = space.weight.shape[1]
    fields_of(state, reader, space, e, local)
    for p in range(count):
        fields_at(local, space, e, p, cos, sin, a, rate, A_t, at)
        dissipation_seen(e * count + p, at, sigma, k, out, vectors, seen)


@whole
def residual_loop(
    which: Any, state: Any, reader: Any, writer: Any, space: Elements, cos: Any, sin: Any, a: Any, rate: Any, A_t: Any,
    growth: Any, sigma: Any, k: Constants, F: Any,
) -> None:  # fmt: skip
    """Adds the integrals of the residual over the elements `which` to F; see `residual_element`."""
    dim, nodes = space.gradient.shape[3], space.dofs.shape[1]
    at, out = np.empty((1 + dim, 5)), np.empty((1 + dim, 3))
    local, total = np.empty((nodes, 5)), np.empty((nodes, 3))
    for number in range(which.size):
        e = which[number]
        residual_element(e, state, reader, space, cos, sin, a, rate, A_t, growth, sigma, k, local, at, out, total)
        add_rows(e, writer, space, total, F)


@register_jitable
def jacobian_element(
    e: int, state: Any, reader: Any, bank: Any, space: Elements, cos: Any, sin: Any, a: Any, rate: Any, A_t: Any,
    growth: Any, growth_n: Any, growth_rate: Any, sigma: Any, k: Constants, cj: float, rated: bool, nodal: Any,
    at: Any, value: Any, gradient: Any, mixed: Any, mixed_dot: Any, c: Any, g: Any, psi: Any, psi_dot: Any, flow: Any,
    flow_dot: Any, J: Any, dot: Any,
) -> bool:  # fmt: skip
    """As `element.jacobian_element`.   Room, beside that: Re, Im of the shape functions c (2, local) and of their D,
    g (2, dim, local); psi (2, 3 local), psi_dot (2, 2 local).
    """
    dim, count, local = space.gradient.shape[3], space.weight.shape[1], space.dofs.shape[1]
    constant = space.gradient.shape[1] == 1
    fields_of(state, reader, space, e, nodal)
    J[:], dot[:], flow[:], flow_dot[:] = 0.0, 0.0, 0.0, 0.0
    touched = rated
    for j in range(local):
        touched = touched or bank[space.dofs[e, j]] >= 0
    for p in range(count):
        point, at_g = e * count + p, 0 if constant else p
        at_n = min(point, growth_n.size - 1)
        fields_at(nodal, space, e, p, cos, sin, a, rate, A_t, at)
        conducts, conducts_n = conductance(at[0, 0] ** 2 + at[0, 1] ** 2, k)
        conducts, conducts_n = conducts * sigma[point], conducts_n * sigma[point]
        jacobian_point(
            at, growth[point], growth_n[at_n], growth_rate[at_n], conducts, conducts_n, k, cj,
            value, gradient, mixed, mixed_dot,
        )  # fmt: skip
        w = space.weight[e, p]
        for i in range(local):
            re, im, v = cos[e, p, i], sin[e, p, i], space.value[p, i]
            c[0, i], c[1, i] = v * re, v * im
            for d in range(dim):
                slope, h = space.gradient[e, at_g, i, d], v * a[e, p, i, d]
                g[0, d, i], g[1, d, i] = slope * re - h * im, slope * im + h * re
        for j in range(local):
            turns = 0.0 if rate is None else rate[e, p, j]
            for f in range(2):  # columns of Re psi_j and Im psi_j
                column = 3 * j + f
                re, im = (c[0, j], c[1, j]) if f == 0 else (-c[1, j], c[0, j])
                re, im = w * re, w * im
                psi[0, column] = value[0] * re + value[1] * im + turns * (value[7] * re - value[6] * im)
                psi[1, column] = value[2] * re + value[3] * im + turns * (value[8] * re - value[7] * im)
                for d in range(dim):
                    D_re, D_im = (g[0, d, j], g[1, d, j]) if f == 0 else (-g[1, d, j], g[0, d, j])
                    flow[d, column] += (
                        mixed[d, 0] * re
                        + mixed[d, 1] * im
                        + w * (gradient[0] * D_re + gradient[1] * D_im)
                        + turns * (mixed_dot[d, 1] * re - mixed_dot[d, 0] * im)
                    )
                if touched:
                    psi_dot[0, 2 * j + f] = value[6] * re + value[7] * im
                    psi_dot[1, 2 * j + f] = value[7] * re + value[8] * im
                    for d in range(dim):
                        flow_dot[d, 2 * j + f] += mixed_dot[d, 0] * re + mixed_dot[d, 1] * im
            v = w * space.value[p, j]  # the column of phi_j
            psi[0, 3 * j + 2], psi[1, 3 * j + 2] = v * value[4], v * value[5]
            for d in range(dim):
                flow[d, 3 * j + 2] += w * gradient[2] * space.gradient[e, at_g, j, d]
        for i in range(local):
            re, im = c[0, i], c[1, i]
            for n in range(3 * local):
                J[3 * i, n] += re * psi[0, n] + im * psi[1, n]
                J[3 * i + 1, n] += re * psi[1, n] - im * psi[0, n]
            for j in range(i + 1):  # conj(D v_i).D v_j, which is Hermitian
                bent, turned = 0.0, 0.0
                for d in range(dim):
                    bent += g[0, d, i] * g[0, d, j] + g[1, d, i] * g[1, d, j]
                    turned += g[0, d, i] * g[1, d, j] - g[1, d, i] * g[0, d, j]
                bent, turned = w * bent, w * turned
                J[3 * i, 3 * j] += bent
                J[3 * i + 1, 3 * j + 1] += bent
                if j < i:
                    J[3 * j, 3 * i] += bent
                    J[3 * j + 1, 3 * i + 1] += bent
                    J[3 * i + 1, 3 * j] += turned
                    J[3 * i, 3 * j + 1] -= turned
                    J[3 * j + 1, 3 * i] -= turned
                    J[3 * j, 3 * i + 1] += turned
            if touched:
                for n in range(2 * local):
                    dot[3 * i, n] += re * psi_dot[0, n] + im * psi_dot[1, n]
                    dot[3 * i + 1, n] += re * psi_dot[1, n] - im * psi_dot[0, n]
        if constant and p < count - 1:
            continue
        for i in range(local):
            for d in range(dim):
                slope = space.gradient[e, at_g, i, d]
                for n in range(3 * local):
                    J[3 * i + 2, n] += slope * flow[d, n]
                if touched:
                    for n in range(2 * local):
                        dot[3 * i + 2, n] += slope * flow_dot[d, n]
        flow[:], flow_dot[:] = 0.0, 0.0
    return touched


@whole
def jacobian_loop(
    which: Any, state: Any, reader: Any, bank: Any, places: Places, space: Elements, cos: Any, sin: Any, a: Any,
    rate: Any, A_t: Any, growth: Any, growth_n: Any, growth_rate: Any, sigma: Any, k: Constants, cj: float, data: Any,
    data_dot: Any,
) -> None:  # fmt: skip
    """Adds dF/dy + cj dF/dy' to the entries of the sparse matrix; arguments as those of `loops.jacobian_loop`."""
    dim, local, rated = space.gradient.shape[3], space.dofs.shape[1], data_dot is not None
    at, nodal = np.empty((1 + dim, 5)), np.empty((local, 5))
    value, gradient, mixed, mixed_dot = np.empty(9), np.empty(3), np.empty((dim, 2)), np.empty((dim, 2))
    J, dot = np.empty((3 * local, 3 * local)), np.empty((3 * local, 2 * local))
    c, g = np.empty((2, local)), np.empty((2, dim, local))
    psi, psi_dot = np.empty((2, 3 * local)), np.empty((2, 2 * local))
    flow, flow_dot = np.empty((dim, 3 * local)), np.empty((dim, 2 * local))
    for number in range(which.size):
        e = which[number]
        touched = jacobian_element(
            e, state, reader, bank, space, cos, sin, a, rate, A_t, growth, growth_n, growth_rate, sigma, k, cj, rated,
            nodal, at, value, gradient, mixed, mixed_dot, c, g, psi, psi_dot, flow, flow_dot, J, dot,
        )  # fmt: skip
        scatter(e, state, reader, bank, places, space, nodal, J, dot, touched, data, data_dot)


@compiled
def observe_loop(
    which: Any,
    state: Any,
    reader: Any,
    space: Elements,
    cos: Any,
    sin: Any,
    a: Any,
    rate: Any,
    A_t: Any,
    eps: Any,
    sigma: Any,
    k: Constants,
    out: Any,
    vectors: Any,
) -> None:
    """`observe_point` at every point of the elements `which`: out (nq, 3), vectors (nq, dim, 3)."""
    dim, count = space.gradient.shape[3], space.weight.shape[1]
    at, nodal = np.empty((1 + dim, 5)), np.empty((space.dofs.shape[1], 5))
    for number in range(which.size):
        e = which[number]
        fields_of(state, reader, space, e, nodal)
        for p in range(count):
            point = e * count + p
            fields_at(nodal, space, e, p, cos, sin, a, rate, A_t, at)
            g, _ = conductance(at[0, 0] ** 2 + at[0, 1] ** 2, k)
            observe_point(at, eps[point], g * sigma[point], k, out[point], vectors[point])
