"""Assembly element by element in loops compiled by numba: for problems with many points.

Those here are for problems without a vector potential; `covariant_loops` has the others.  The physics is that of
`pointwise`, compiled as it stands.  Compiling takes some seconds, once for each machine;
`assembly` does the same with whole numpy arrays, is as fast for small problems, and is the oracle of these loops.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic, overload, register_jitable

from femtdgl.equations import current, energy, order_parameter, roots, vector_potential
from femtdgl.solve import pointwise
from femtdgl.solve.element import add_rows, fields_at, fields_of, jacobian_element, residual_element, turn_banks
from femtdgl.solve.pointwise import Constants, conductance, jacobian_point, observe_point, residual_point
from femtdgl.solve.space import Elements

for function in (
    current.conductance_exact,
    current.conductance_log_fit,
    current.conductance_normal,
    current.complementary_modulus,
    current.conductance_of_pair,
    current.elliptic_pair,
    current.elliptic_start,
    current.elliptic_sweep,
    current.elliptic_end,
    current.current_density,
    current.derivatives,
    current.interference_factor,
    current.supercurrent,
    energy.dissipation_density,
    energy.free_energy_density,
    order_parameter.motion,
    order_parameter.relaxation,
    order_parameter.residual,
    order_parameter.derivatives,
    vector_potential.uniform_phase,
    vector_potential.uniform_radial,
    conductance,
    residual_point,
    jacobian_point,
    observe_point,
):
    register_jitable(function)


def _root(context: Any, x: Any) -> Any:
    """The square root as one instruction: a call of the C library cannot be made for several numbers at once."""

    def made(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.call(builder.module.declare_intrinsic("llvm.sqrt", [ir.DoubleType()]), arguments)

    return types.float64(types.float64), made


_as_instruction: Any = intrinsic(_root)


@overload(roots.square_root, strict=False)
def _square_root(x: Any) -> Any:
    return lambda x: _as_instruction(x)


def _cache_directory() -> str:
    """Compiled loops lie beside the sources, under a name that changes with any of them (numba looks at one file)."""
    physics = (current, energy, order_parameter, roots, vector_potential, pointwise)
    names = ("loops.py", "element.py", "covariant_loops.py", "lanes.py", "simplices.py")
    here = [Path(__file__).with_name(name) for name in names]
    paths = [Path(module.__file__ or "") for module in physics] + here
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:16]
    return str(Path(__file__).parent / "__pycache__" / f"loops-{digest}")


FREEDOM = {"contract", "reassoc", "nsz", "arcp"}
"""What the compiler may do with sums and products: order them anew, the same way each time; nan and inf stay."""


def compiled(loop: Callable[..., None], whole: bool = False) -> Callable[..., None]:
    """The loop compiled by numba, kept on disk between processes; with all it calls made part of it, if `whole`."""
    settings: Any = numba.config
    before, settings.CACHE_DIR = settings.CACHE_DIR, _cache_directory()
    try:
        return numba.njit(cache=True, error_model="numpy", nogil=True, fastmath=FREEDOM, forceinline=whole)(loop)
    finally:
        settings.CACHE_DIR = before


def whole(loop: Callable[..., None]) -> Callable[..., None]:
    """The loop compiled with the bodies it calls in it, whose arrays would not be known for its own otherwise."""
    return compiled(loop, whole=True)


@whole
def residual_loop(
    which: Any, state: Any, reader: Any, writer: Any, space: Elements, growth: Any, sigma: Any, k: Constants, F: Any
) -> None:
    """Adds the integrals of the residual over the elements `which` to F; see `element`."""
    dim, nodes = space.gradient.shape[3], space.dofs.shape[1]
    at, out = np.empty((1 + dim, 5)), np.empty((1 + dim, 3))
    local, total, flux = np.empty((nodes, 5)), np.empty((nodes, 3)), np.empty((dim, 3))
    for number in range(which.size):
        e = which[number]
        residual_element(e, state, reader, space, growth, sigma, k, local, at, out, flux, total)
        add_rows(e, writer, space, total, F)


class Places(NamedTuple):
    """Where the entries of element matrices go in a sparse matrix, by rows or by columns.

    offset (ne, local, local): the 3 x 3 entries of nodes i and j begin so far into each of the three rows (columns) of
    the node; -1 where they do not, at contacts and gauge: there each of them is looked for in `index`.
    start (size + 1,), index (nnz,) of the matrix; rows, columns (N, 3) of the fields at the nodes, -1 for none.
    """

    offset: Any
    start: Any
    index: Any
    rows: Any
    columns: Any
    by_rows: bool


@register_jitable
def place_in(start: Any, index: Any, major: int, minor: int) -> int:
    """Where an entry lies that is there, by halving."""
    first, last = start[major], start[major + 1]
    while last - first > 1:
        middle = (first + last) // 2
        if index[middle] <= minor:
            first = middle
        else:
            last = middle
    return int(first)


@register_jitable
def scatter(
    e: int, state: Any, reader: Any, bank: Any, places: Places, space: Elements, nodal: Any, J: Any, dot: Any,
    touched: bool, data: Any, data_dot: Any,
) -> None:  # fmt: skip
    """Adds the element matrix J (3 local, 3 local) to the entries, the columns of theta made from those of psi.

    dot (3 local, 2 local): dF/dpsi_t alone, right where the element is `touched` by a bank, or data_dot is not None.
    """
    local = nodal.shape[0]
    if touched:
        turn_banks(e, bank, space, nodal, J, dot)
    offset, start, index, rows, columns = places.offset, places.start, places.index, places.rows, places.columns
    for i in range(local):
        row_node = space.dofs[e, i]
        for j in range(local):
            column_node, far = space.dofs[e, j], offset[e, i, j]
            for f in range(3):
                row, r = rows[row_node, f], 3 * i + f
                if far >= 0 and places.by_rows:
                    first = start[row] + far
                    for g in range(3):
                        data[first + g] += J[r, 3 * j + g]
                    if data_dot is not None:
                        for g in range(2):
                            data_dot[first + g] += dot[r, 2 * j + g]
                    continue
                for g in range(3):
                    column = columns[column_node, g]
                    if row < 0 or column < 0:
                        continue
                    major, minor = (row, column) if places.by_rows else (column, row)
                    slot = start[major] + far + f if far >= 0 else place_in(start, index, major, minor)
                    data[slot] += J[r, 3 * j + g]
                    if data_dot is not None and g < 2:
                        data_dot[slot] += dot[r, 2 * j + g]


@whole
def jacobian_loop(
    which: Any, state: Any, reader: Any, bank: Any, places: Places, space: Elements, growth: Any, growth_n: Any,
    growth_rate: Any, sigma: Any, k: Constants, cj: float, data: Any, data_dot: Any,
) -> None:  # fmt: skip
    """Adds dF/dy + cj dF/dy' of the elements `which` to the entries of the sparse matrix, at their `places` in data.

    bank (N,): -1, or the bank that a node belongs to.  There psi = exp(i theta), psi_t = i theta_t psi, so that
    d psi/d theta = i psi = d psi_t/d theta_t, d psi_t/d theta = -theta_t psi, and the column of theta is
    (dF/dpsi + cj dF/dpsi_t) i psi - theta_t (dF/dpsi_t) psi.  It is in the place of that of Im psi.
    data_dot: the entries of dF/dy' alone are added here, unless it is None.
    """
    dim, local, rated = space.gradient.shape[3], space.dofs.shape[1], data_dot is not None
    at, nodal = np.empty((1 + dim, 5)), np.empty((local, 5))
    value, gradient, mixed, mixed_dot = np.empty(9), np.empty(3), np.empty((dim, 2)), np.empty((dim, 2))
    J, dot = np.empty((3 * local, 3 * local)), np.empty((3 * local, 2 * local))
    flow, flow_dot = np.empty((dim, 3 * local)), np.empty((dim, 2 * local))
    for number in range(which.size):
        e = which[number]
        touched = jacobian_element(
            e, state, reader, bank, space, growth, growth_n, growth_rate, sigma, k, cj, rated, nodal, at, value,
            gradient, mixed, mixed_dot, flow, flow_dot, J, dot,
        )  # fmt: skip
        scatter(e, state, reader, bank, places, space, nodal, J, dot, touched, data, data_dot)


@register_jitable
def feedback_point(
    i: int, n: float, gamma: float, first: float, step: float, cells: Any, amplitude: Any, c: Any
) -> tuple[float, float]:
    """p and dp/dn at point i, see `feedback_loop`.   Room: c, the coefficients of a cell of the table."""
    r = np.sqrt(n + gamma * gamma)
    cell = min(int((r - first) / step), cells.shape[0] - 1)
    u = (r - first) / step - cell
    beyond = max(u - 1.0, 0.0)
    u -= beyond
    row = 0 if amplitude.shape[0] == 1 else i
    for k in range(c.size):
        c[k] = 0.0
        for m in range(cells.shape[2]):
            c[k] += cells[cell, k, m] * amplitude[row, m]
    value, slope = c[c.size - 1], 0.0
    for k in range(c.size - 2, -1, -1):
        slope = slope * u + value
        value = value * u + c[k]
    return value + slope * beyond, slope / (2.0 * step * r)


@whole
def feedback_loop(
    n: Any, gamma: float, first: float, step: float, cells: Any, amplitude: Any, p: Any, by_n: Any
) -> None:
    """p and dp/dn (nq,) at n (nq,): `equations.feedback_table.FeedbackTable`.   amplitude (nq or 1, channels)."""
    c = np.empty(cells.shape[1])
    for i in range(n.size):
        p[i], by_n[i] = feedback_point(i, n[i], gamma, first, step, cells, amplitude, c)


@compiled
def observe_loop(
    which: Any, state: Any, reader: Any, space: Elements, eps: Any, sigma: Any, k: Constants, out: Any, vectors: Any
) -> None:
    """`observe_point` at every point of the elements `which`: out (nq, 3), vectors (nq, dim, 3)."""
    dim, count = space.gradient.shape[3], space.weight.shape[1]
    at, nodal = np.empty((1 + dim, 5)), np.empty((space.dofs.shape[1], 5))
    for number in range(which.size):
        e = which[number]
        fields_of(state, reader, space, e, nodal)
        for p in range(count):
            point = e * count + p
            fields_at(nodal, space, e, p, at)
            g, _ = conductance(at[0, 0] ** 2 + at[0, 1] ** 2, k)
            g *= sigma[point]
            observe_point(at, eps[point], g, k, out[point], vectors[point])
