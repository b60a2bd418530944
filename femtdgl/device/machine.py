"""Where arrays live and loops run: one object with an array module, and two machines that have it.

`gpu` is CuPy and kernels of numba-cuda.  `stand-in` is numpy and the same loops compiled for this machine: all of the
device's code but its kernels then runs without a device, as tests do.  Nothing else here asks which one it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from femtdgl.device.names import CPU, GPU, STAND_IN, known
from femtdgl.errors import InputError

Array = NDArray[np.float64]

EXTRA = "pip install 'femtdgl[gpu]'"


class Machine:
    """This machine's own memory: the stand-in."""

    name = STAND_IN
    xp: Any = np

    def __init__(self, kernels: Any = None) -> None:
        """kernels: those of `host_kernels`, or of `cuda_kernels` in numba's simulator."""
        if kernels is None:
            from femtdgl.device.host_kernels import HostKernels

            kernels = HostKernels()
        self.kernels = kernels

    def up(self, array: Any, kind: Any = None) -> Any:
        """A copy there of an array here."""
        return np.array(array, dtype=kind, order="C")

    def down(self, array: Any) -> Any:
        """A copy here of an array there."""
        return np.array(array)

    def times(self, start: Any, index: Any, data: Any, width: int, x: Any) -> Any:
        """Rows of a sparse matrix with so many columns, times x."""
        return sp.csr_matrix((data, index, start), shape=(start.size - 1, width)) @ x

    def rest(self, start: Any, index: Any, data: Any, width: int, x: Any, b: Any) -> Any:
        """b less those rows times x."""
        return b - self.times(start, index, data, width, x)

    def pairs(self, own: Any, other: Any, r: Any) -> Any:
        """A matrix of 2 x 2 blocks times r: `own` on its diagonal, `other` beside it."""
        return own * r + other * r.reshape(-1, 2)[:, ::-1].ravel()

    def advance(self, step: Any, x: Any, rest: Any, a: float, b: float, own: Any, other: Any = None) -> None:
        """step = a step + b D rest, x = x + step, where they lie.   D: `own` on the diagonal, or see `pairs`."""
        step *= a
        step += b * (own * rest if other is None else self.pairs(own, other, rest))
        x += step

    def wait(self) -> None:
        """Until all that was asked for is done."""

    def room(self) -> float:
        """Free memory in bytes."""
        return float("inf")


ROWS = r"""
extern "C" __global__ void rows(const int n, const int* start, const int* index, const double* data, const double* x,
                                const int left, const double* b, double* y) {
    const int row = (blockIdx.x * blockDim.x + threadIdx.x) / 8, lane = threadIdx.x % 8;
    double total = 0.0;
    if (row < n)
        for (int s = start[row] + lane; s < start[row + 1]; s += 8) total += data[s] * x[index[s]];
    for (int apart = 4; apart > 0; apart >>= 1) total += __shfl_down_sync(0xffffffffu, total, apart, 8);
    if (row < n && lane == 0) y[row] = left ? b[row] - total : total;
}
"""
"""A sparse matrix times a vector, or b less that; eight threads a row.

The library's own product may differ from run to run.
"""

PAIRS = ("float64 own, float64 other, raw float64 r", "float64 z", "z = own * r[i] + other * r[i ^ 1]")
ADVANCE = (
    "float64 own, float64 r, float64 p, float64 q",
    "float64 step, float64 x",
    "step = p * step + q * own * r; x += step",
)
ADVANCE_PAIRS = (
    "float64 own, float64 other, raw float64 r, float64 p, float64 q",
    "float64 step, float64 x",
    "step = p * step + q * (own * r[i] + other * r[i ^ 1]); x += step",
)
"""One launch for each update of a vector: below 100,000 unknowns launches take longer than what they do."""


class Gpu(Machine):
    """A device of CUDA."""

    name = GPU

    def __init__(self) -> None:
        """Raises InputError where CuPy, numba-cuda or a device is missing."""
        cupy = _cupy()
        try:
            from femtdgl.device.cuda_kernels import CudaKernels
        except ImportError as error:
            raise missing(f"numba-cuda cannot be loaded: {error}") from None
        super().__init__(CudaKernels())
        self.xp = cupy
        self._rows: Callable[..., None] = cupy.RawKernel(ROWS, "rows")
        self._pairs, self._advance, self._advance_pairs = (
            cupy.ElementwiseKernel(*parts, f"femtdgl_{name}")
            for name, parts in (("pairs", PAIRS), ("advance", ADVANCE), ("advance_pairs", ADVANCE_PAIRS))
        )

    def up(self, array: Any, kind: Any = None) -> Any:
        """A copy there of an array here."""
        return self.xp.asarray(np.ascontiguousarray(array, dtype=kind))

    def down(self, array: Any) -> Any:
        """A copy here of an array there."""
        return self.xp.asnumpy(array)

    def times(self, start: Any, index: Any, data: Any, width: int, x: Any) -> Any:
        """Rows of a sparse matrix with so many columns, times x."""
        return self._product(start, index, data, x)

    def rest(self, start: Any, index: Any, data: Any, width: int, x: Any, b: Any) -> Any:
        """b less those rows times x."""
        return self._product(start, index, data, x, b)

    def _product(self, start: Any, index: Any, data: Any, x: Any, b: Any = None) -> Any:
        rows, contiguous = start.size - 1, self.xp.ascontiguousarray
        x, y, left = contiguous(x), self.xp.empty(rows), np.int32(b is not None)
        if rows:
            grid, b = ((8 * rows + 255) // 256,), y if b is None else contiguous(b)
            self._rows(grid, (256,), (np.int32(rows), start, index, data, x, left, b, y))
        return y

    def pairs(self, own: Any, other: Any, r: Any) -> Any:
        """A matrix of 2 x 2 blocks times r: see `Machine`."""
        return self._pairs(own, other, r)

    def advance(self, step: Any, x: Any, rest: Any, a: float, b: float, own: Any, other: Any = None) -> None:
        """step = a step + b D rest, x = x + step, where they lie: see `Machine`."""
        if other is None:
            self._advance(own, rest, a, b, step, x)
        else:
            self._advance_pairs(own, other, rest, a, b, step, x)

    def wait(self) -> None:
        """Until all that was asked for is done."""
        self.xp.cuda.Device().synchronize()

    def room(self) -> float:
        """Free memory in bytes."""
        free, _ = self.xp.cuda.Device().mem_info
        return float(free + self.xp.get_default_memory_pool().free_bytes())


def _cupy() -> Any:
    """CuPy, if there is a device for it.  Raises InputError."""
    try:
        import cupy
    except ImportError:
        raise missing("CuPy is not installed") from None
    try:
        count = cupy.cuda.runtime.getDeviceCount()
    except Exception as error:  # of the driver, by many names
        raise missing(f"there is no device: {error}") from None
    if count == 0:
        raise missing("there is no device")
    return cupy


def missing(why: str) -> InputError:
    """What to say where a GPU was asked for and cannot be had."""
    return InputError(
        f"{GPU!r} is not possible, {why}",
        key="device",
        allowed=f"{CPU}; or {GPU} on a machine with an NVIDIA GPU, after {EXTRA}",
    )


def machine_of(name: str) -> Machine:
    """The machine of a name, but for "cpu".  Raises InputError."""
    return Gpu() if known(name) == GPU else Machine()
