"""Assembly element by element in compiled loops, with gauge-covariant elements: where there is a vector potential.

With c_i = lambda_i U_i and g_i = U_i (grad lambda_i + i lambda_i a_i) at a point (`transport`), the fields there are

    psi = sum_i c_i psi_i,    D psi = sum_i g_i psi_i,    d_t psi = sum_i c_i (d_t psi_i + i d_t p_i psi_i),

and the test functions are their conjugates.  A real-linear map of the plane of psi is z -> alpha z + beta z*, a pair of
complex numbers; so are the 2 x 2 blocks of the Jacobian: `linear` and `mirrored`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.extending import register_jitable

from femtdgl.equations.vector_potential import uniform_phase, uniform_radial
from femtdgl.solve.loops import compiled, fields_of, scatter
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


@compiled
def residual_loop(
    state: Any,
    reader: Any,
    writer: Any,
    space: Elements,
    cos: Any,
    sin: Any,
    a: Any,
    rate: Any,
    A_t: Any,
    eps: Any,
    sigma: Any,
    k: Constants,
    F: Any,
) -> None:
    """Adds the integrals of the residual to F.   writer (N, 3): the rows, or -1;  eps, sigma: (nq,)."""
    dim, count, nodes = space.gradient.shape[3], space.weight.shape[1], space.dofs.shape[1]
    at, out = np.empty((1 + dim, 5)), np.empty((1 + dim, 3))
    local, total = np.empty((nodes, 5)), np.empty((nodes, 3))
    for e in range(space.dofs.shape[0]):
        fields_of(state, reader, space, e, local)
        total[:] = 0.0
        for p in range(count):
            point, at_g = e * count + p, min(p, space.gradient.shape[1] - 1)
            fields_at(local, space, e, p, cos, sin, a, rate, A_t, at)
            g, _ = conductance(at[0, 0] ** 2 + at[0, 1] ** 2, k)
            residual_point(at, eps[point], g * sigma[point], k, out)
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
        for i in range(nodes):
            for f in range(3):
                row = writer[space.dofs[e, i], f]
                if row >= 0:
                    F[row] += total[i, f]


@compiled
def jacobian_loop(
    state: Any,
    reader: Any,
    bank: Any,
    slots: Any,
    space: Elements,
    cos: Any,
    sin: Any,
    a: Any,
    rate: Any,
    A_t: Any,
    eps: Any,
    sigma: Any,
    k: Constants,
    cj: float,
    data: Any,
    data_dot: Any,
) -> None:
    """Adds dF/dy + cj dF/dy' to the entries of the sparse matrix; arguments as those of `loops.jacobian_loop`."""
    dim, count, local = space.gradient.shape[3], space.weight.shape[1], space.dofs.shape[1]
    at, nodal = np.empty((1 + dim, 5)), np.empty((local, 5))
    value, gradient, mixed, mixed_dot = np.empty(9), np.empty(3), np.empty((dim, 2)), np.empty((dim, 2))
    J, dot = np.empty((3 * local, 3 * local)), np.empty((3 * local, 2 * local))
    c, g, flow = np.empty(local, np.complex128), np.empty((local, dim), np.complex128), np.empty(dim, np.complex128)
    flow_dot = np.empty(dim, np.complex128)
    linear, mirrored, by_phi, of_phi = np.empty((4, local, local), np.complex128)
    linear_dot, mirrored_dot, of_phi_dot = np.empty((3, local, local), np.complex128)
    stiffness = np.empty((local, local))
    for e in range(space.dofs.shape[0]):
        fields_of(state, reader, space, e, nodal)
        touched = data_dot is not None
        for j in range(local):
            touched = touched or bank[space.dofs[e, j]] >= 0
        linear[:], mirrored[:], by_phi[:], of_phi[:], stiffness[:] = 0.0, 0.0, 0.0, 0.0, 0.0
        linear_dot[:], mirrored_dot[:], of_phi_dot[:] = 0.0, 0.0, 0.0
        for p in range(count):
            point, at_g = e * count + p, min(p, space.gradient.shape[1] - 1)
            fields_at(nodal, space, e, p, cos, sin, a, rate, A_t, at)
            conducts, conducts_n = conductance(at[0, 0] ** 2 + at[0, 1] ** 2, k)
            conducts, conducts_n = conducts * sigma[point], conducts_n * sigma[point]
            jacobian_point(at, eps[point], conducts, conducts_n, k, cj, value, gradient, mixed, mixed_dot)
            w = space.weight[e, p]
            alpha = 0.5 * w * complex(value[0] + value[3], value[2] - value[1])
            beta = 0.5 * w * complex(value[0] - value[3], value[1] + value[2])
            alpha_dot = 0.5 * w * (value[6] + value[8])
            beta_dot = 0.5 * w * complex(value[6] - value[8], 2 * value[7])
            for i in range(local):
                u, v = complex(cos[e, p, i], sin[e, p, i]), space.value[p, i]
                c[i] = v * u
                for d in range(dim):
                    g[i, d] = u * complex(space.gradient[e, at_g, i, d], v * a[e, p, i, d])
            for j in range(local):
                for d in range(dim):
                    flow_dot[d] = w * complex(mixed_dot[d, 0], -mixed_dot[d, 1]) * c[j]
                    flow[d] = w * complex(mixed[d, 0], -mixed[d, 1]) * c[j]
                    flow[d] += w * complex(gradient[0], -gradient[1]) * g[j, d]
                    if rate is not None:
                        flow[d] += complex(0.0, rate[e, p, j]) * flow_dot[d]
                in_phi = w * space.value[p, j] * complex(value[4], value[5])
                for i in range(local):
                    out, out_dot, gg = 0j, 0j, 0.0
                    for d in range(dim):
                        slope = space.gradient[e, at_g, i, d]
                        out += slope * flow[d]
                        out_dot += slope * flow_dot[d]
                        gg += slope * space.gradient[e, at_g, j, d]
                    by_phi[i, j] += np.conj(c[i]) * in_phi
                    of_phi[i, j] += out
                    of_phi_dot[i, j] += out_dot
                    stiffness[i, j] += w * gradient[2] * gg
                for i in range(j + 1):  # c_i* c_j and the stiffness are Hermitian, c_i* c_j* is symmetric
                    both, mirror = np.conj(c[i]) * c[j], np.conj(c[i] * c[j])
                    stiff = np.conj(g[i, 0]) * g[j, 0]
                    for d in range(1, dim):
                        stiff += np.conj(g[i, d]) * g[j, d]
                    line, line_dot, mirror_dot = alpha * both, alpha_dot * both, beta_dot * mirror
                    mirror = beta * mirror
                    stiff = w * stiff
                    linear[i, j] += line + stiff
                    mirrored[i, j] += mirror
                    linear_dot[i, j] += line_dot
                    mirrored_dot[i, j] += mirror_dot
                    if i != j:
                        linear[j, i] += alpha * np.conj(both) + np.conj(stiff)
                        mirrored[j, i] += mirror
                        linear_dot[j, i] += np.conj(line_dot)
                        mirrored_dot[j, i] += mirror_dot
                    if rate is not None:  # d_t psi_i + i d_t p_i psi_i
                        turning = complex(0.0, rate[e, p, j])
                        linear[i, j] += turning * line_dot
                        mirrored[i, j] -= turning * mirror_dot
                        if i != j:
                            turning = complex(0.0, rate[e, p, i])
                            linear[j, i] += turning * np.conj(line_dot)
                            mirrored[j, i] -= turning * mirror_dot
        for i in range(local):
            for j in range(local):
                with_phase, against = linear[i, j] + mirrored[i, j], linear[i, j] - mirrored[i, j]
                J[3 * i, 3 * j], J[3 * i + 1, 3 * j] = with_phase.real, with_phase.imag
                J[3 * i, 3 * j + 1], J[3 * i + 1, 3 * j + 1] = -against.imag, against.real
                J[3 * i, 3 * j + 2], J[3 * i + 1, 3 * j + 2] = by_phi[i, j].real, by_phi[i, j].imag
                J[3 * i + 2, 3 * j], J[3 * i + 2, 3 * j + 1] = of_phi[i, j].real, -of_phi[i, j].imag
                J[3 * i + 2, 3 * j + 2] = stiffness[i, j]
                with_phase = linear_dot[i, j] + mirrored_dot[i, j]
                against = linear_dot[i, j] - mirrored_dot[i, j]
                dot[3 * i, 2 * j], dot[3 * i + 1, 2 * j] = with_phase.real, with_phase.imag
                dot[3 * i, 2 * j + 1], dot[3 * i + 1, 2 * j + 1] = -against.imag, against.real
                dot[3 * i + 2, 2 * j], dot[3 * i + 2, 2 * j + 1] = of_phi_dot[i, j].real, -of_phi_dot[i, j].imag
        scatter(e, state, reader, bank, slots, space, nodal, J, dot, touched, data, data_dot)


@compiled
def observe_loop(
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
    """`observe_point` at every point: out (nq, 3), vectors (nq, dim, 3)."""
    dim, count = space.gradient.shape[3], space.weight.shape[1]
    at, nodal = np.empty((1 + dim, 5)), np.empty((space.dofs.shape[1], 5))
    for e in range(space.dofs.shape[0]):
        fields_of(state, reader, space, e, nodal)
        for p in range(count):
            point = e * count + p
            fields_at(nodal, space, e, p, cos, sin, a, rate, A_t, at)
            g, _ = conductance(at[0, 0] ** 2 + at[0, 1] ** 2, k)
            observe_point(at, eps[point], g * sigma[point], k, out[point], vectors[point])
