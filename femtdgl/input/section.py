"""Section: the base of every dataclass that is also a section of a problem file.

A problem file is checked against these very dataclasses (by pydantic), so there is no second description of it: unknown
keys are refused, and so are NaN and infinity.
"""

from typing import Any, ClassVar


class Section:
    """Strictness of the sections: no unknown keys, no NaN, no infinity."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "allow_inf_nan": False}
