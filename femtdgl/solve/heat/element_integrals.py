"""Integrals of products of shape functions over each element, for the Jacobian of the heat equations."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class ElementIntegrals(NamedTuple):
    """Of a Space: value (points, local), gradient (ne, points or 1, local, dim), weight (ne, points)."""

    value: Array
    gradient: Array
    weight: Array

    def tested(self, value: Array, gradient: Array | None) -> Array:
        """int v_i (c_f v_j + d_f.grad v_j), (ne, local, local, f).   value (f, nq), gradient (dim, f, nq) or None."""
        made = []
        for f in range(value.shape[0]):
            M = value[f].reshape(self.weight.shape)[:, :, None] * self.value
            if gradient is not None:
                for d in range(gradient.shape[0]):
                    M = M + gradient[d, f].reshape(self.weight.shape)[:, :, None] * self.gradient[..., d]
            made.append(self.value.T @ (self.weight[:, :, None] * M))
        return np.stack(made, axis=-1)

    def stiffness(self, k: Array) -> Array:
        """int k grad v_i.grad v_j, (ne, local, local)."""
        scaled = (self.weight * k.reshape(self.weight.shape))[:, :, None]
        return sum(
            (scaled * self.gradient[..., d]).swapaxes(1, 2)
            @ np.broadcast_to(self.gradient[..., d], (*self.weight.shape, self.value.shape[1]))
            for d in range(self.gradient.shape[3])
        )  # type: ignore[return-value]

    def drift(self, flux: Array) -> Array:
        """int (flux.grad v_i) v_j, (ne, local, local).   flux (dim, nq)."""
        scaled = sum(
            (self.weight * flux[d].reshape(self.weight.shape))[:, :, None] * self.gradient[..., d]
            for d in range(flux.shape[0])
        )
        return scaled.swapaxes(1, 2) @ self.value
