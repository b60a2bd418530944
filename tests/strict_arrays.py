"""Arrays that refuse to be mixed with those of the host, as CuPy's do: numpy's, with the device's manners."""

from types import SimpleNamespace

import numpy as np
import scipy.sparse as sp

from femtdgl.device.host_kernels import HostKernels
from femtdgl.device.machine import Machine

ALLOWED = {
    "abs", "any", "arange", "concatenate", "empty", "ones_like", "take", "where", "zeros", "zeros_like", "linalg.norm",
    "linalg.inv", "asarray", "ascontiguousarray",
}  # fmt: skip
"""What the code may ask of an array module; CuPy has all of it."""
DISPATCHED = ALLOWED | {
    "broadcast_arrays", "broadcast_to", "clip", "einsum", "empty_like", "full_like", "iscomplexobj", "moveaxis", "ndim",
    "ravel", "real", "result_type", "stack", "sum", "zeros_like",
}  # fmt: skip
"""What it may ask of numpy with arrays of the device: CuPy's arrays answer these calls with CuPy's functions."""


class There(np.ndarray):
    """An array of the device."""

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **kw):
        out = tuple(base(part) for part in out) if out else None
        made = getattr(ufunc, method)(*(base(part) for part in inputs), out=out, **kw)
        return wrapped(made)

    def __array_function__(self, function, types, arguments, kw):
        assert function.__name__ in DISPATCHED | {"norm", "inv"}, function.__name__
        plain = lambda part: type(part)(map(plain, part)) if isinstance(part, tuple | list) else base(part)  # noqa: E731
        return wrapped(function(*plain(tuple(arguments)), **{key: plain(part) for key, part in kw.items()}))

    def __getitem__(self, index):
        return wrapped(self.view(np.ndarray)[place(index)])

    def __setitem__(self, index, value):
        self.view(np.ndarray)[place(index)] = base(value)

    def __array__(self, *_, **__):
        raise TypeError("implicit conversion to an array of the host")


def base(part):
    """What an operation on the device takes: its own arrays and numbers."""
    if isinstance(part, There):
        return part.view(np.ndarray)
    if isinstance(part, np.ndarray):
        raise TypeError("an array of the host in an operation of the device")
    return part


def place(index):
    if isinstance(index, tuple):
        return tuple(map(place, index))
    return base(index) if isinstance(index, np.ndarray) else index


def wrapped(made):
    if isinstance(made, tuple):
        return tuple(map(wrapped, made))
    return np.asarray(made).view(There) if isinstance(made, np.ndarray | np.generic) else made


class Module:
    """numpy, as a module of the device."""

    def __init__(self, inside=np, path=""):
        self._inside, self._path = inside, path

    def __getattr__(self, name):
        path = f"{self._path}{name}"
        found = getattr(self._inside, name)
        if name == "linalg":
            return Module(found, "linalg.")
        assert path in ALLOWED, path
        if name == "asarray":
            return lambda a: np.array(a).view(There)
        return lambda *arguments, **kw: wrapped(found(*plain(arguments), **plain(kw)))


def plain(part):
    if isinstance(part, dict):
        return {key: plain(value) for key, value in part.items()}
    return type(part)(map(plain, part)) if isinstance(part, tuple | list) else base(part)


class Sparse:
    """A sparse matrix of the device."""

    def __init__(self, matrix, shape=None):
        self.inside = sp.csr_matrix(plain(matrix), shape=shape) if isinstance(matrix, tuple) else matrix

    def __matmul__(self, other):
        return Sparse(self.inside @ other.inside)

    def tocsr(self):
        return Sparse(self.inside.tocsr())

    def sort_indices(self):
        self.inside.sort_indices()

    def toarray(self):
        return wrapped(self.inside.toarray())

    def diagonal(self):
        return wrapped(self.inside.diagonal())

    indptr = property(lambda self: wrapped(self.inside.indptr))
    indices = property(lambda self: wrapped(self.inside.indices))
    data = property(lambda self: wrapped(self.inside.data))


class StrictKernels:
    """Those of the stand-in, on arrays of the device."""

    def __getattr__(self, name):
        call = getattr(HostKernels(), name)
        return lambda *arguments: call(*(seen(part) for part in arguments))


def seen(part):
    if isinstance(part, tuple):
        return type(part)(*map(seen, part)) if hasattr(part, "_fields") else tuple(map(seen, part))
    return part if part is None or not isinstance(part, np.ndarray) else base(part)


class Strict(Machine):
    """The stand-in, with arrays that keep apart."""

    xp = Module()
    sparse = SimpleNamespace(csr_matrix=Sparse)

    def __init__(self):
        super().__init__(StrictKernels())

    def up(self, array, kind=None):
        assert not isinstance(array, There)
        return np.array(array, dtype=kind, order="C").view(There)

    def down(self, array):
        return base(array).copy()

    def times(self, start, index, data, width, x):
        matrix = sp.csr_matrix((base(data), base(index), base(start)), shape=(start.size - 1, width))
        return wrapped(matrix @ base(x))
