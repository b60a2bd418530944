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
    sparse: Any = sp

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

    def product(self, A: sp.csr_matrix, B: sp.csr_matrix) -> sp.csr_matrix:
        """A B, both sparse, with sorted rows."""
        C = (A @ B).tocsr()
        C.sort_indices()
        return C

    def wait(self) -> None:
        """Until all that was asked for is done."""

    def room(self) -> float:
        """Free memory in bytes."""
        return float("inf")


ROWS = r"""
extern "C" __global__ void rows(const int n, const int* start, const int* index, const double* data, const double* x,
                                double* y) {
    const int row = (blockIdx.x * blockDim.x + threadIdx.x) / 8, lane = threadIdx.x % 8;
    double total = 0.0;
    if (row < n)
        for (int s = start[row] + lane; s < start[row + 1]; s += 8) total += data[s] * x[index[s]];
    for (int apart = 4; apart > 0; apart >>= 1) total += __shfl_down_sync(0xffffffffu, total, apart, 8);
    if (row < n && lane == 0) y[row] = total;
}
"""
"""A sparse matrix times a vector, eight threads a row: the library's own product may differ from run to run."""


class Gpu(Machine):
    """A device of CUDA."""

    name = GPU

    def __init__(self) -> None:
        """Raises InputError where CuPy, numba-cuda or a device is missing."""
        cupy = _cupy()
        import cupyx.scipy.sparse as sparse

        try:
            from femtdgl.device.cuda_kernels import CudaKernels
        except ImportError as error:
            raise missing(f"numba-cuda cannot be loaded: {error}") from None
        super().__init__(CudaKernels())
        self.xp, self.sparse = cupy, sparse
        self._rows: Callable[..., None] = cupy.RawKernel(ROWS, "rows")

    def up(self, array: Any, kind: Any = None) -> Any:
        """A copy there of an array here."""
        return self.xp.asarray(np.ascontiguousarray(array, dtype=kind))

    def down(self, array: Any) -> Any:
        """A copy here of an array there."""
        return self.xp.asnumpy(array)

    def times(self, start: Any, index: Any, data: Any, width: int, x: Any) -> Any:
        """Rows of a sparse matrix with so many columns, times x."""
        rows = start.size - 1
        y = self.xp.empty(rows)
        if rows:
            grid = ((8 * rows + 255) // 256,)
            self._rows(grid, (256,), (np.int32(rows), start, index, data, self.xp.ascontiguousarray(x), y))
        return y

    def product(self, A: Any, B: Any) -> Any:
        """A B, both sparse, with sorted rows."""
        C = (A @ B).tocsr()
        C.sort_indices()
        return C

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
