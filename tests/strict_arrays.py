"""Arrays that refuse to be mixed with those of the host, as CuPy's do: numpy's, with the device's manners.

An array is no numpy array: whatever takes it for one fails.  Functions, their arguments and methods are those that CuPy
has (`data/cupy.txt`); a single number stays an array; raw kernels look at the type of what they are given.  What would
wait for the device, and what would be launched there, is counted.
"""

from pathlib import Path

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from femtdgl.device.host_kernels import HostKernels
from femtdgl.device.machine import Machine

CUPY = {
    name: set(words)
    for name, *words in map(str.split, (Path(__file__).parent / "data" / "cupy.txt").read_text().splitlines()[1:])
}
"""Functions of CuPy and their arguments, methods of its arrays."""
COUNTS = {"launches": 0, "waits": 0}


class There(NDArrayOperatorsMixin):
    """An array of the device."""

    __slots__ = ("_held",)

    def __init__(self, held):
        self._held = held

    def __array__(self, *_, **__):
        raise TypeError("implicit conversion to an array of the host")

    def __array_ufunc__(self, ufunc, method, *inputs, **kw):
        known(ufunc.__name__, kw)
        if method != "__call__":
            raise TypeError(f"{ufunc.__name__}.{method}")
        return launched(ufunc, inputs, kw)

    def __array_function__(self, function, types, arguments, kw):
        path = function.__module__.replace("numpy", "", 1).lstrip(".")
        known(f"{path}.{function.__name__}" if path else function.__name__, kw)
        return launched(function, arguments, kw)

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        found = getattr(self._held, name)
        assert f"ndarray.{name}" in CUPY, name
        if not callable(found):
            return wrapped(found)
        return lambda *arguments, **kw: launched(found, arguments, kw)

    def __getitem__(self, index):
        return launched(self._held.__getitem__, (index,), {}, free=not isinstance(index, There))

    def __setitem__(self, index, value):
        launched(self._held.__setitem__, (index, value), {})

    def __len__(self):
        return len(self._held)

    def __iter__(self):
        if self._held.ndim == 1:
            raise TypeError("a walk over the device, number by number")
        return map(wrapped, self._held)

    def _number(self):
        if self._held.size != 1:
            raise TypeError("one number is asked of many")
        COUNTS["waits"] += 1
        return self._held.item()

    def __float__(self):
        return float(self._number())

    def __bool__(self):
        return bool(self._number())

    def __int__(self):
        return int(self._number())


def known(name, kw):
    """Fails where CuPy has no such function, or none with such arguments."""
    assert name in CUPY, f"CuPy has no {name}"
    assert set(kw) <= CUPY[name], f"{name} of CuPy has no {set(kw) - CUPY[name]}"


def launched(function, arguments, kw, *, free=False):
    """A call on the device."""
    COUNTS["launches"] += not free
    return wrapped(function(*held(tuple(arguments)), **{key: held(part) for key, part in kw.items()}))


def held(part):
    """What an operation on the device takes: its own arrays and numbers."""
    if isinstance(part, There):
        return part._held
    if isinstance(part, np.ndarray):
        raise TypeError("an array of the host in an operation of the device")
    return type(part)(map(held, part)) if type(part) in (tuple, list) else part


def wrapped(made):
    if isinstance(made, There):
        return made
    if type(made) in (tuple, list):
        return type(made)(map(wrapped, made))
    return There(np.asarray(made)) if isinstance(made, np.ndarray | np.generic) else made


class Module:
    """numpy, as a module of the device."""

    def __init__(self, inside=np, path=""):
        self._inside, self._path = inside, path

    def asnumpy(self, array):
        COUNTS["waits"] += 1
        return array._held.copy()

    def __getattr__(self, name):
        found = getattr(self._inside, name)
        if name == "linalg":
            return Module(found, "linalg.")

        def call(*arguments, **kw):
            known(f"{self._path}{name}", kw)
            if name == "asarray":
                return There(np.array(*arguments, **kw))
            return launched(found, arguments, kw)

        return call


def raw(part, kinds=(np.float64, np.int32)):
    """An array as a kernel sees it, by its address: of a known type, one row after the other."""
    if isinstance(part, tuple):
        seen = [raw(one, kinds) for one in part]
        return type(part)(*seen) if hasattr(part, "_fields") else tuple(seen)
    if isinstance(part, np.ndarray):
        raise TypeError("an array of the host in a kernel of the device")
    if not isinstance(part, There):
        return part
    assert part._held.dtype in kinds, part._held.dtype
    assert part._held.flags.c_contiguous
    return part._held


class StrictKernels:
    """Those of the stand-in, on arrays of the device."""

    def __getattr__(self, name):
        call = getattr(HostKernels(), name)

        def launch(*arguments):
            COUNTS["launches"] += 1
            call(*(raw(part) for part in arguments))

        return launch


def launch(name, first, *arguments):
    """One of the kernels of `machine`."""
    COUNTS["launches"] += 1
    return wrapped(getattr(Machine(), name)(*first, *(raw(part, (np.float64,)) for part in arguments)))


class Strict(Machine):
    """The stand-in, with arrays that keep apart."""

    xp = Module()

    def __init__(self):
        super().__init__(StrictKernels())

    def up(self, array, kind=None):
        assert not isinstance(array, There)
        return There(np.array(array, dtype=kind, order="C", ndmin=1))

    def down(self, array):
        assert isinstance(array, There)
        COUNTS["waits"] += 1
        return array._held.copy()

    def times(self, start, index, data, width, x):
        return launch("times", raw((start, index), (np.int32,)), data, width, x)

    def rest(self, start, index, data, width, x, b):
        return launch("rest", raw((start, index), (np.int32,)), data, width, x, b)

    def pairs(self, own, other, r):
        return launch("pairs", (), own, other, r)

    def advance(self, step, x, rest, a, b, own, other=None):
        launch("advance", (), step, x, rest, a, b, own, other)
