"""Section: the base of every dataclass that is also a section of a problem file.

A problem file is checked against these very dataclasses (by pydantic), so there is no second description of it: unknown
keys are refused, and so are NaN and infinity.
"""

from typing import Any, ClassVar, Protocol, runtime_checkable

from femtdgl.input.meanings import Explained


class Section:
    """Strictness of the sections: no unknown keys, no NaN, no infinity."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "allow_inf_nan": False}

    def __init_subclass__(cls, **words: Any) -> None:
        """Let help() tell what the fields mean."""
        super().__init_subclass__(**words)
        text = vars(cls).get("__doc__")
        if isinstance(text, str):
            cls.__doc__ = Explained(text)  # type: ignore[assignment]


@runtime_checkable
class Described(Protocol):
    """What knows how it is written in a problem file, where that is not by its fields."""

    def described(self) -> Any:
        """As in a problem file: a number, text, a list or a table."""
