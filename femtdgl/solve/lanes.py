"""What loops over many elements at a time are made of: arrays that the compiler sees through, and bodies within."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic


def _local_array(context: Any, first: Any, second: Any, third: Any) -> Any:
    """An array (first, second, third) on the stack, not set: the compiler knows its shape and who else sees it."""
    shape = [side.literal_value for side in (first, second, third)]
    kind = types.Array(types.float64, 3, "C")

    def made(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        room = cgutils.alloca_once(builder, ir.ArrayType(ir.DoubleType(), shape[0] * shape[1] * shape[2]))
        room.align = 64
        array = context.make_array(kind)(context, builder)
        number = lambda value: context.get_constant(types.intp, value)  # noqa: E731
        context.populate_array(
            array,
            data=builder.bitcast(room, array.data.type),
            shape=[number(side) for side in shape],
            strides=[number(8 * step) for step in (shape[1] * shape[2], shape[2], 1)],
            itemsize=number(8),
            meminfo=None,
        )
        return array._getvalue()

    return kind(first, second, third), made


local_array: Any = intrinsic(prefer_literal=True)(_local_array)
