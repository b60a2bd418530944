"""Gauge-covariant elements with whole numpy arrays: the fields at the points, their tests and the element matrices.

For small problems, for heat, and the oracle of `covariant_loops`, whose formulas these are; also for complex states,
and for arrays of any module that follows numpy's protocols.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from femtdgl.solve.space import Elements
from femtdgl.solve.transport import Transport

Array = NDArray[np.float64]


def fields(nodal: Array, elements: Elements, transport: Transport) -> Array:
    """Fields and covariant derivatives at the points, (1 + dim, 5, nq).   nodal: a, b, phi, a_t, b_t (ne, local, 5)."""
    V, G, (ne, count) = elements.value, elements.gradient, elements.weight.shape
    re, im, re_t, im_t = _carried(nodal[:, :, [0, 1, 3, 4]], transport)
    phi = nodal[:, None, :, 2]
    at = np.zeros_like(nodal, shape=(1 + G.shape[3], 5, ne, count))
    at[0] = np.stack([np.sum(V * part, axis=2) for part in (re, im, phi, re_t, im_t)])
    for d in range(G.shape[3]):
        shift = V * transport.a[..., d]
        at[1 + d, 0] = np.sum(G[..., d] * re - shift * im, axis=2)
        at[1 + d, 1] = np.sum(G[..., d] * im + shift * re, axis=2)
        at[1 + d, 2] = np.sum(G[..., d] * phi, axis=2)
        if transport.A_t is not None:
            at[1 + d, 2] += transport.A_t[:, d].reshape(ne, count)
    return at.reshape(*at.shape[:2], -1)


def values(nodal: Array, elements: Elements, transport: Transport) -> Array:
    """psi and d_t psi at the points, (4, nq).   nodal: a, b, a_t, b_t (ne, local, 4)."""
    parts = _carried(nodal, transport)
    return np.stack([np.sum(elements.value * part, axis=2).ravel() for part in parts])


def _carried(nodal: Array, transport: Transport) -> tuple[Array, Array, Array, Array]:
    """a, b, a_t, b_t of each node, (ne, local, 4), carried to each point, (ne, points, local)."""
    a, b, a_t, b_t = (nodal[:, None, :, f] for f in range(4))
    re, im = transport.cos * a - transport.sin * b, transport.sin * a + transport.cos * b
    re_t, im_t = transport.cos * a_t - transport.sin * b_t, transport.sin * a_t + transport.cos * b_t
    if transport.rate is not None:
        re_t, im_t = re_t - transport.rate * im, im_t + transport.rate * re
    return re, im, re_t, im_t


def tested(out: Array, elements: Elements, transport: Transport) -> Array:
    """Integrals with the test functions of each node, (3, ne, local), of coefficients (1 + dim, 3, nq)."""
    V, G, w = elements.value, elements.gradient, elements.weight[:, :, None]
    out = out.reshape(*out.shape[:2], *elements.weight.shape, 1)
    re, im, flow = V * out[0, 0], V * out[0, 1], 0 * out[0, 2]
    for d in range(G.shape[3]):
        shift = V * transport.a[..., d]
        re = re + G[..., d] * out[1 + d, 0] + shift * out[1 + d, 1]
        im = im + G[..., d] * out[1 + d, 1] - shift * out[1 + d, 0]
        flow = flow + G[..., d] * out[1 + d, 2]
    turned = transport.cos * re + transport.sin * im, transport.cos * im - transport.sin * re, flow
    return np.stack([np.sum(w * part, axis=1) for part in turned])


class Trials(NamedTuple):
    """What Re and Im of psi_j make at the points, component (Re, Im) by column (of Re psi_j, of Im psi_j).

    At fixed d_t psi_j, d_t psi at the points follows psi_j by `turning`.
    """

    value: Array  # (2, 2, ne, points, local)
    gradient: Array  # (dim, 2, 2, ne, points, local)
    turning: Array  # as value

    @classmethod
    def of(cls, elements: Elements, transport: Transport) -> Trials:
        """Those of every node of every element."""
        cos, sin = transport.cos, transport.sin
        turn = np.stack([np.stack([cos, -sin]), np.stack([sin, cos])])
        quarter = np.stack([turn[:, 1], -turn[:, 0]], axis=1)  # the columns of i U
        V, G = elements.value, elements.gradient
        gradient = np.stack([G[..., d] * turn + V * transport.a[..., d] * quarter for d in range(G.shape[3])])
        rate = 0.0 if transport.rate is None else transport.rate
        return cls(V * turn, gradient, rate * V * quarter)


def jacobian_blocks(
    value: Array, gradient: Array, mixed: Array, mixed_dot: Array, elements: Elements, transport: Transport
) -> tuple[Array, Array]:
    """Element matrices dF/dy + cj dF/dy', (ne, local, 3, local, 3), and dF/dpsi_t, (ne, local, 3, local, 2).

    From the coefficients of `jacobian_point`: value (9, nq), gradient (3, nq), mixed and mixed_dot (dim, 2, nq).
    """
    V, w = elements.value, elements.weight
    (ne, count), local = w.shape, V.shape[1]
    G = np.broadcast_to(elements.gradient, (ne, count, *elements.gradient.shape[2:]))
    trial = Trials.of(elements, transport)
    value, gradient, mixed, mixed_dot = (
        w * part.reshape(*part.shape[:-1], ne, count) for part in (value, gradient, mixed, mixed_dot)
    )
    by_psi, by_psi_t = value[[0, 1, 2, 3]].reshape(2, 2, ne, count), value[[6, 7, 7, 8]].reshape(2, 2, ne, count)
    J, dot = np.zeros((ne, local, 3, local, 3)), np.zeros((ne, local, 3, local, 2))

    def summed(formula: str, *parts: Array) -> Array:
        return np.einsum(formula, *parts, optimize=True)

    moved = summed("cdep,dfepj->cfepj", by_psi, trial.value) + summed("cdep,dfepj->cfepj", by_psi_t, trial.turning)
    J[:, :, :2, :, :2] = summed("cgepi,cfepj->eigjf", trial.value, moved)
    J[:, :, :2, :, :2] += summed("dcgepi,ep,dcfepj->eigjf", trial.gradient, w, trial.gradient)
    J[:, :, :2, :, 2] = summed("cgepi,cep,pj->eigj", trial.value, value[4:6], V)
    flow = summed("dcep,cfepj->dfepj", mixed, trial.value) + summed("dcep,cfepj->dfepj", mixed_dot, trial.turning)
    flow += summed("cep,dcfepj->dfepj", gradient[:2], trial.gradient)
    J[:, :, 2, :, :2] = summed("epid,dfepj->eijf", G, flow)
    J[:, :, 2, :, 2] = summed("epid,ep,epjd->eij", G, gradient[2], G)
    dot[:, :, :2] = summed("cgepi,cdep,dfepj->eigjf", trial.value, by_psi_t, trial.value)
    dot[:, :, 2] = summed("epid,dcep,cfepj->eijf", G, mixed_dot, trial.value)
    return J, dot


def source_blocks(
    value: Array, gradient: Array, rate: Array, elements: Elements, transport: Transport
) -> tuple[Array, Array]:
    """int v_i times a density of psi, phi and d_t psi, differentiated by a, b, phi and by a_t, b_t at the nodes.

    From its slopes at the points: value by a, b, phi (3, nq), gradient by D a, D b, grad phi (dim, 3, nq), rate by
    a_t, b_t (2, nq).   Results: (ne, local, local, 3), the last of the second 0.
    """
    V, w = elements.value, elements.weight
    value, gradient, rate = (w * part.reshape(*part.shape[:-1], *w.shape) for part in (value, gradient, rate))
    trial = Trials.of(elements, transport)

    def summed(formula: str, *parts: Array) -> Array:
        return np.einsum(formula, *parts, optimize=True)

    here = summed("cep,cfepj->fepj", value[:2], trial.value) + summed("cep,cfepj->fepj", rate, trial.turning)
    here += summed("dcep,dcfepj->fepj", gradient[:, :2], trial.gradient)
    of_phi = value[2][:, :, None] * V
    for d in range(gradient.shape[0]):
        of_phi = of_phi + gradient[d, 2][:, :, None] * elements.gradient[..., d]
    moving = summed("cep,cfepj->fepj", rate, trial.value)
    columns = np.stack([*here, of_phi]), np.stack([*moving, np.zeros_like(of_phi)])
    first, second = (summed("pi,fepj->eijf", V, part) for part in columns)
    return first, second


def growth_blocks(psi: Array, elements: Elements, transport: Transport) -> Array:
    """The rows of psi, real and imaginary, of int w_i* psi v_j with real v_j: (ne, local, local, 2).   psi: (2, nq)."""
    weighted = elements.weight * psi.reshape(2, *elements.weight.shape)
    trial = Trials.of(elements, transport)
    return np.einsum("cgepi,cep,pj->eijg", trial.value, weighted, elements.value, optimize=True)
