"""What one thread does: the element vector of the residual, the element matrix of the Jacobian, a sum of some parts.

The fields at a point come from `solve.loops` and `solve.covariant_loops`, the physics there from `solve.pointwise`, and
through it from `equations`: none of it is written here again.  What is here pulls it back through the test functions,
with gauge-covariant elements and without (cos, sin, a, rate and A_t are None then; see `solve.transport`).

The functions run as they stand: compiled by numba for the stand-in, translated (`translate`) for a GPU.  A kernel
cannot make room for itself by size, so that whatever they need comes as an argument.
"""

from __future__ import annotations

from typing import Any

from numba.extending import register_jitable

from femtdgl.solve.covariant_loops import fields_at as carried_fields_at
from femtdgl.solve.loops import fields_at as plain_fields_at
from femtdgl.solve.loops import fields_of
from femtdgl.solve.pointwise import Constants, conductance, jacobian_point, residual_point
from femtdgl.solve.space import Elements


@register_jitable
def fields_here(
    local: Any, space: Elements, e: int, p: int, cos: Any, sin: Any, a: Any, rate: Any, A_t: Any, at: Any
) -> None:
    """Fields at point p of element e; see `solve.loops.fields_at`."""
    if cos is None:
        plain_fields_at(local, space, e, p, at)
    else:
        carried_fields_at(local, space, e, p, cos, sin, a, rate, A_t, at)


@register_jitable
def shape_here(space: Elements, e: int, p: int, i: int, cos: Any, sin: Any, a: Any, c: Any, g: Any) -> None:
    """Shape function i at a point, c (2, nodes), and its covariant derivative, g (2, dim, nodes): Re and Im."""
    v, at_g = space.value[p, i], min(p, space.gradient.shape[1] - 1)
    re, im = 1.0, 0.0
    if cos is not None:
        re, im = cos[e, p, i], sin[e, p, i]
    c[0, i], c[1, i] = v * re, v * im
    for d in range(g.shape[1]):
        slope, h = space.gradient[e, at_g, i, d], 0.0
        if cos is not None:
            h = v * a[e, p, i, d]
        g[0, d, i], g[1, d, i] = slope * re - h * im, slope * im + h * re


@register_jitable
def residual_element(
    e: int, state: Any, reader: Any, space: Elements, cos: Any, sin: Any, a: Any, rate: Any, A_t: Any, growth: Any,
    sigma: Any, k: Constants, local: Any, at: Any, out: Any, c: Any, g: Any, total: Any,
) -> None:  # fmt: skip
    """total (nodes, 3): the integrals of the residual over element e.   Room: local (nodes, 5), at (1 + dim, 5),
    out (1 + dim, 3), c (2, nodes), g (2, dim, nodes)."""
    nodes, count, dim = space.dofs.shape[1], space.weight.shape[1], space.gradient.shape[3]
    fields_of(state, reader, space, e, local)
    for i in range(nodes):
        for f in range(3):
            total[i, f] = 0.0
    for p in range(count):
        point, at_g = e * count + p, min(p, space.gradient.shape[1] - 1)
        fields_here(local, space, e, p, cos, sin, a, rate, A_t, at)
        conducts, _ = conductance(at[0, 0] ** 2 + at[0, 1] ** 2, k)
        residual_point(at, growth[point], conducts * sigma[point], k, out)
        w = space.weight[e, p]
        for i in range(nodes):
            shape_here(space, e, p, i, cos, sin, a, c, g)
            re = c[0, i] * out[0, 0] + c[1, i] * out[0, 1]
            im = c[0, i] * out[0, 1] - c[1, i] * out[0, 0]
            flow = 0.0
            for d in range(dim):
                re += g[0, d, i] * out[1 + d, 0] + g[1, d, i] * out[1 + d, 1]
                im += g[0, d, i] * out[1 + d, 1] - g[1, d, i] * out[1 + d, 0]
                flow += space.gradient[e, at_g, i, d] * out[1 + d, 2]
            total[i, 0] += w * re
            total[i, 1] += w * im
            total[i, 2] += w * flow


@register_jitable
def jacobian_element(
    e: int, state: Any, reader: Any, bank: Any, space: Elements, cos: Any, sin: Any, a: Any, rate: Any, A_t: Any,
    growth: Any, growth_n: Any, growth_rate: Any, sigma: Any, k: Constants, cj: float, nodal: Any, at: Any, value: Any,
    gradient: Any, mixed: Any, mixed_dot: Any, c: Any, g: Any, psi: Any, flow: Any, J: Any, dot: Any,
) -> None:  # fmt: skip
    """J (3 nodes, 3 nodes): dF/dy + cj dF/dy' of element e, and dot (3 nodes, 2 nodes): dF/dpsi_t.

    The columns of Im psi on a bank become those of theta, see `assembly`; dot then has d/d(theta_t) there.
    Room: nodal (nodes, 5), at (1 + dim, 5), value (9,), gradient (3,), mixed, mixed_dot (dim, 2), c (2, nodes),
    g (2, dim, nodes), psi (4,), flow (dim, 2).
    """
    dim, count, local = space.gradient.shape[3], space.weight.shape[1], space.dofs.shape[1]
    fields_of(state, reader, space, e, nodal)
    for r in range(3 * local):
        for n in range(3 * local):
            J[r, n] = 0.0
        for n in range(2 * local):
            dot[r, n] = 0.0
    for p in range(count):
        point, at_g = e * count + p, min(p, space.gradient.shape[1] - 1)
        at_n = min(point, growth_n.size - 1)
        fields_here(nodal, space, e, p, cos, sin, a, rate, A_t, at)
        conducts, conducts_n = conductance(at[0, 0] ** 2 + at[0, 1] ** 2, k)
        conducts, conducts_n = conducts * sigma[point], conducts_n * sigma[point]
        jacobian_point(
            at, growth[point], growth_n[at_n], growth_rate[at_n], conducts, conducts_n, k, cj, value, gradient, mixed,
            mixed_dot,
        )  # fmt: skip
        w = space.weight[e, p]
        for i in range(local):
            shape_here(space, e, p, i, cos, sin, a, c, g)
        for j in range(local):
            turns = 0.0
            if rate is not None:
                turns = rate[e, p, j]
            for f in range(2):  # columns of Re psi_j and Im psi_j
                re, im = c[0, j], c[1, j]
                if f == 1:
                    re, im = -c[1, j], c[0, j]
                re, im = w * re, w * im
                psi[0] = value[0] * re + value[1] * im + turns * (value[7] * re - value[6] * im)
                psi[1] = value[2] * re + value[3] * im + turns * (value[8] * re - value[7] * im)
                psi[2] = value[6] * re + value[7] * im
                psi[3] = value[7] * re + value[8] * im
                for d in range(dim):
                    D_re, D_im = g[0, d, j], g[1, d, j]
                    if f == 1:
                        D_re, D_im = -g[1, d, j], g[0, d, j]
                    flow[d, 0] = (
                        mixed[d, 0] * re
                        + mixed[d, 1] * im
                        + w * (gradient[0] * D_re + gradient[1] * D_im)
                        + turns * (mixed_dot[d, 1] * re - mixed_dot[d, 0] * im)
                    )
                    flow[d, 1] = mixed_dot[d, 0] * re + mixed_dot[d, 1] * im
                column, column_dot = 3 * j + f, 2 * j + f
                for i in range(local):
                    re, im = c[0, i], c[1, i]
                    J[3 * i, column] += re * psi[0] + im * psi[1]
                    J[3 * i + 1, column] += re * psi[1] - im * psi[0]
                    dot[3 * i, column_dot] += re * psi[2] + im * psi[3]
                    dot[3 * i + 1, column_dot] += re * psi[3] - im * psi[2]
                    for d in range(dim):
                        J[3 * i + 2, column] += space.gradient[e, at_g, i, d] * flow[d, 0]
                        dot[3 * i + 2, column_dot] += space.gradient[e, at_g, i, d] * flow[d, 1]
            v = w * space.value[p, j]  # the column of phi_j
            for i in range(local):
                re, im, bent, turned, conducted = c[0, i], c[1, i], 0.0, 0.0, 0.0
                J[3 * i, 3 * j + 2] += v * (re * value[4] + im * value[5])
                J[3 * i + 1, 3 * j + 2] += v * (re * value[5] - im * value[4])
                for d in range(dim):  # conj(D v_i).D v_j
                    bent += g[0, d, i] * g[0, d, j] + g[1, d, i] * g[1, d, j]
                    turned += g[0, d, i] * g[1, d, j] - g[1, d, i] * g[0, d, j]
                    conducted += space.gradient[e, at_g, i, d] * space.gradient[e, at_g, j, d]
                J[3 * i, 3 * j] += w * bent
                J[3 * i + 1, 3 * j + 1] += w * bent
                J[3 * i + 1, 3 * j] += w * turned
                J[3 * i, 3 * j + 1] -= w * turned
                J[3 * i + 2, 3 * j + 2] += w * gradient[2] * conducted
    for j in range(local):
        node = space.dofs[e, j]
        if bank[node] >= 0:
            re, im = nodal[j, 0], nodal[j, 1]
            turns = re * nodal[j, 4] - im * nodal[j, 3]
            for r in range(3 * local):
                column = re * J[r, 3 * j + 1] - im * J[r, 3 * j]
                J[r, 3 * j + 1] = column - turns * (re * dot[r, 2 * j] + im * dot[r, 2 * j + 1])
                dot[r, 2 * j + 1] = re * dot[r, 2 * j + 1] - im * dot[r, 2 * j]


@register_jitable
def sum_of(parts: Any, order: Any, first: int, last: int) -> float:
    """The parts order[first], ... order[last - 1] added up, in this order."""
    total = 0.0
    for s in range(first, last):
        total += parts[order[s]]
    return total
