"""Section: the base of every dataclass that is also a section of a problem file.

A problem file is checked against these very dataclasses (by pydantic), so there is no second description of it: unknown
keys are refused, and so are NaN and infinity.
"""

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, ClassVar, Protocol, runtime_checkable

from femtdgl.input.meanings import Explained
from femtdgl.input.unsettled import Words, has_film, has_units, has_words, measures


class Section:
    """Strictness of the sections: no unknown keys, no NaN, no infinity."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "allow_inf_nan": False}

    def __new__(cls, *given: Any, **named: Any) -> Any:
        """The section; of text with units, which only a film can read, the words for it (`input.unsettled`)."""
        values = [*given, *named.values()]
        if has_units(values) and is_dataclass(cls) and not has_film(cls) and (cls.measures() or has_words(values)):
            names = (f.name for f in fields(cls) if f.init)
            return Words(cls.__name__, cls.in_words(dict(zip(names, given, strict=False)) | named))
        return super().__new__(cls)

    @classmethod
    def measures(cls) -> bool:
        """Whether text with units waits for a film."""
        own: Any = cls
        return measures(own)

    @classmethod
    def in_words(cls, named: Mapping[str, Any]) -> dict[str, Any]:
        """Its table in a problem file, of its fields by name: with what says its kind or shape."""
        own = {f.name: f.default for f in fields(cls) if f.name in ("kind", "shape") and f.default is not MISSING}  # type: ignore[arg-type]
        return {**own, **named}

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
