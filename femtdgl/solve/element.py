"""One element: its fields, its vector of the residual, its matrix of the Jacobian.

Loops over the elements call these, compiled by numba (`loops`), and kernels of a GPU, compiled by numba-cuda, one
element a thread.  Room to work in comes as an argument, as a kernel cannot make any.  Those here are for problems
without a vector potential; `covariant_loops` has the others.
"""

from __future__ import annotations

from typing import Any

from numba.extending import register_jitable

from femtdgl.solve.pointwise import Constants, conductance, jacobian_point, observe_point, residual_point
from femtdgl.solve.space import Elements


@register_jitable
def fields_of(state: Any, reader: Any, space: Elements, e: int, local: Any) -> None:
    """Nodal values of the fields in element e, local (nodes, 5).   reader (N, 5): places of the fields in state."""
    for i in range(local.shape[0]):
        node = space.dofs[e, i]
        for f in range(5):
            local[i, f] = state[reader[node, f]]


@register_jitable
def fields_at(local: Any, space: Elements, e: int, p: int, at: Any) -> None:
    """Values and derivatives of the fields at point p of element e, whose nodal values are `local`.

    Where one gradient serves the whole element, it is worked out at the first point only.
    """
    for f in range(5):
        u = 0.0
        for i in range(local.shape[0]):
            u += space.value[p, i] * local[i, f]
        at[0, f] = u
    if p < space.gradient.shape[1]:
        for d in range(at.shape[0] - 1):
            for f in range(3):
                u = 0.0
                for i in range(local.shape[0]):
                    u += space.gradient[e, p, i, d] * local[i, f]
                at[1 + d, f] = u


@register_jitable
def residual_element(
    e: int, state: Any, reader: Any, space: Elements, growth: Any, sigma: Any, k: Constants, local: Any, at: Any,
    out: Any, flux: Any, total: Any,
) -> None:  # fmt: skip
    """total (nodes, 3): the integrals of the residual over element e.   growth (eps + p), sigma: (nq,).

    Room: local (nodes, 5), at (1 + dim, 5), out (1 + dim, 3), flux (dim, 3).
    """
    dim, count, nodes = space.gradient.shape[3], space.weight.shape[1], space.dofs.shape[1]
    constant_gradient = space.gradient.shape[1] == 1
    fields_of(state, reader, space, e, local)
    total[:], flux[:] = 0.0, 0.0
    for p in range(count):
        point = e * count + p
        fields_at(local, space, e, p, at)
        g, _ = conductance(at[0, 0] ** 2 + at[0, 1] ** 2, k)
        g *= sigma[point]
        residual_point(at, growth[point], g, k, out)
        w = space.weight[e, p]
        for i in range(nodes):
            v = w * space.value[p, i]
            total[i, 0] += v * out[0, 0]
            total[i, 1] += v * out[0, 1]
        if constant_gradient:
            for d in range(dim):
                for f in range(3):
                    flux[d, f] += w * out[1 + d, f]
        else:
            for i in range(nodes):
                for d in range(dim):
                    v = w * space.gradient[e, p, i, d]
                    for f in range(3):
                        total[i, f] += v * out[1 + d, f]
    if constant_gradient:
        for i in range(nodes):
            for f in range(3):
                for d in range(dim):
                    total[i, f] += space.gradient[e, 0, i, d] * flux[d, f]


@register_jitable
def dissipation_element(
    e: int, state: Any, reader: Any, space: Elements, sigma: Any, k: Constants, local: Any, at: Any, out: Any,
    vectors: Any, seen: Any,
) -> None:  # fmt: skip
    """seen (6, nq): a, b, phi, a_t, b_t and w of (1.5) at the points of element e.

    Room: local (nodes, 5), at (1 + dim, 5), out (3,), vectors (dim, 3).
    """
    count = space.weight.shape[1]
    fields_of(state, reader, space, e, local)
    for p in range(count):
        fields_at(local, space, e, p, at)
        dissipation_seen(e * count + p, at, sigma, k, out, vectors, seen)


@register_jitable
def dissipation_seen(point: int, at: Any, sigma: Any, k: Constants, out: Any, vectors: Any, seen: Any) -> None:
    """Writes the fields and w of a point to seen."""
    g, _ = conductance(at[0, 0] ** 2 + at[0, 1] ** 2, k)
    observe_point(at, 0.0, g * sigma[point], k, out, vectors)  # eps enters F alone
    for f in range(5):
        seen[f, point] = at[0, f]
    seen[5, point] = out[0]


@register_jitable
def add_rows(e: int, writer: Any, space: Elements, total: Any, F: Any) -> None:
    """Adds the integrals over element e to the rows of F.   writer (N, 3): the rows, or -1."""
    for i in range(space.dofs.shape[1]):
        for f in range(3):
            row = writer[space.dofs[e, i], f]
            if row >= 0:
                F[row] += total[i, f]


@register_jitable
def turn_banks(e: int, bank: Any, space: Elements, nodal: Any, J: Any, dot: Any) -> None:
    """Makes the columns of theta from those of psi at the nodes of banks: see `loops.jacobian_loop`."""
    local = nodal.shape[0]
    for j in range(local):
        if bank[space.dofs[e, j]] >= 0:
            a, b = nodal[j, 0], nodal[j, 1]
            rate = a * nodal[j, 4] - b * nodal[j, 3]
            for r in range(3 * local):
                column = a * J[r, 3 * j + 1] - b * J[r, 3 * j]
                J[r, 3 * j + 1] = column - rate * (a * dot[r, 2 * j] + b * dot[r, 2 * j + 1])
                dot[r, 2 * j + 1] = a * dot[r, 2 * j + 1] - b * dot[r, 2 * j]


@register_jitable
def jacobian_element(
    e: int, state: Any, reader: Any, bank: Any, space: Elements, growth: Any, growth_n: Any, growth_rate: Any,
    sigma: Any, k: Constants, cj: float, rated: bool, nodal: Any, at: Any, value: Any, gradient: Any, mixed: Any,
    mixed_dot: Any, flow: Any, flow_dot: Any, J: Any, dot: Any,
) -> bool:  # fmt: skip
    """J (3 local, 3 local): dF/dy + cj dF/dy' of element e; dot (3 local, 2 local): dF/dpsi_t alone, if it is `rated`
    or has nodes on a bank; whether dot is right.

    growth (nq,), growth_n, growth_rate (nq,) or (1,): those of `assembly.Growth`.
    Room: nodal (local, 5), at (1 + dim, 5), value (9,), gradient (3,), mixed, mixed_dot (dim, 2), flow (dim, 3 local),
    flow_dot (dim, 2 local).

    What is tested with gradients waits in `flow`: where one gradient serves the whole element, its points are summed
    before the pairs of nodes are formed.
    """
    dim, count, local = space.gradient.shape[3], space.weight.shape[1], space.dofs.shape[1]
    constant = space.gradient.shape[1] == 1
    fields_of(state, reader, space, e, nodal)
    J[:], dot[:], flow[:], flow_dot[:] = 0.0, 0.0, 0.0, 0.0
    touched, bends = rated, 0.0
    for j in range(local):
        touched = touched or bank[space.dofs[e, j]] >= 0
    for p in range(count):
        point, at_g = e * count + p, 0 if constant else p
        at_n = min(point, growth_n.size - 1)
        fields_at(nodal, space, e, p, at)
        g, g_n = conductance(at[0, 0] ** 2 + at[0, 1] ** 2, k)
        g, g_n = g * sigma[point], g_n * sigma[point]
        jacobian_point(
            at, growth[point], growth_n[at_n], growth_rate[at_n], g, g_n, k, cj, value, gradient, mixed, mixed_dot
        )
        w = space.weight[e, p]
        bends += w
        for j in range(local):
            v = w * space.value[p, j]
            for d in range(dim):
                slope = w * space.gradient[e, at_g, j, d]
                flow[d, 3 * j] += v * mixed[d, 0] + slope * gradient[0]
                flow[d, 3 * j + 1] += v * mixed[d, 1] + slope * gradient[1]
                flow[d, 3 * j + 2] += slope * gradient[2]
                if touched:
                    flow_dot[d, 2 * j] += v * mixed_dot[d, 0]
                    flow_dot[d, 2 * j + 1] += v * mixed_dot[d, 1]
            for i in range(local):
                vv, r, c = v * space.value[p, i], 3 * i, 3 * j
                J[r, c] += vv * value[0]
                J[r, c + 1] += vv * value[1]
                J[r, c + 2] += vv * value[4]
                J[r + 1, c] += vv * value[2]
                J[r + 1, c + 1] += vv * value[3]
                J[r + 1, c + 2] += vv * value[5]
                if touched:
                    dot[r, 2 * j] += vv * value[6]
                    dot[r, 2 * j + 1] += vv * value[7]
                    dot[r + 1, 2 * j] += vv * value[7]
                    dot[r + 1, 2 * j + 1] += vv * value[8]
        if constant and p < count - 1:
            continue
        for i in range(local):
            for d in range(dim):
                slope = space.gradient[e, at_g, i, d]
                for n in range(3 * local):
                    J[3 * i + 2, n] += slope * flow[d, n]
                for j in range(local):
                    bent = bends * slope * space.gradient[e, at_g, j, d]
                    J[3 * i, 3 * j] += bent
                    J[3 * i + 1, 3 * j + 1] += bent
                if touched:
                    for n in range(2 * local):
                        dot[3 * i + 2, n] += slope * flow_dot[d, n]
        flow[:], flow_dot[:], bends = 0.0, 0.0, 0.0
    return touched
