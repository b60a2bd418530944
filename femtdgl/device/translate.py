"""The functions of `equations` and `solve` as device functions, unchanged: copies whose numpy is that of numbers.

numba-cuda compiles the same Python functions as numba does, but knows no np.sqrt of a number.  So a function is copied
with its code as it stands, and with all functions of this package that it calls; `np` becomes a module of the functions
of `math` in the copies.
"""

from __future__ import annotations

import builtins
import dis
import math
import types
from collections.abc import Callable
from typing import Any

NUMBERS = types.ModuleType("numbers_of_a_point")
"""What stands for numpy on the device."""
for _name, _function in {
    "sqrt": math.sqrt, "log": math.log, "exp": math.exp, "cos": math.cos, "sin": math.sin, "arcsinh": math.asinh,
}.items():  # fmt: skip
    setattr(NUMBERS, _name, _function)


def translated(function: Callable[..., Any], jit: Callable[..., Any]) -> Any:
    """A function compiled by `jit`, with all of this package that it calls."""
    return _translate(function, jit, {})


def _translate(function: Any, jit: Callable[..., Any], made: dict[Any, Any]) -> Any:
    if function in made:
        return made[function]
    scope: dict[str, Any] = {"__builtins__": builtins, "__name__": function.__module__}
    read = {part.argval for part in dis.get_instructions(function) if part.opname == "LOAD_GLOBAL"}
    for name in sorted(read & function.__globals__.keys()):
        value = function.__globals__[name]
        if getattr(value, "__name__", "") == "numpy":
            value = NUMBERS
        elif isinstance(value, types.FunctionType) and value.__module__.startswith("femtdgl."):
            value = _translate(value, jit, made)
        scope[name] = value
    copy = types.FunctionType(function.__code__, scope, function.__name__, function.__defaults__)
    copy.__qualname__, copy.__module__ = function.__qualname__, function.__module__
    made[function] = jit(copy)
    return made[function]
