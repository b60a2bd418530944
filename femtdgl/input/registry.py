"""What a problem file may name: links, waveforms, probes, each kind of thing in a registry of its own.

The module that defines a thing adds it; whoever reads a file asks by name.  Importing that module is all it takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

from femtdgl.errors import InputError
from femtdgl.input.nearest import nearest

T = TypeVar("T")


class Registry(Generic[T]):
    """Things by name; `what` says in messages what they are."""

    def __init__(self, what: str) -> None:
        self.what = what
        self._things: dict[str, T] = {}
        self._homes: dict[str, str] = {}

    def add(self, name: str, thing: T, *, home: str = "") -> T:
        """Make a thing known.  `home`: the module that defines it; only that one may put another in its place.

        Raises ValueError when the name is taken by another module.
        """
        if name in self._things and self._homes[name] != home:
            raise ValueError(f"the {self.what} {name!r} is there already, from {self._homes[name]}")
        self._things[name], self._homes[name] = thing, home
        return thing

    def forget(self, name: str) -> None:
        """Undo `add`."""
        del self._things[name], self._homes[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._things)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name in self._things

    def __getitem__(self, name: str) -> T:
        return self._things[name]

    def named(self, name: object) -> T:
        """The thing of that name.  Raises InputError with the nearest name, and all of them."""
        if not isinstance(name, str) or name not in self._things:
            allowed = ", ".join(sorted(self._things))
            raise InputError(f"{name!r} is no {self.what}{nearest(name, self)}", key="kind", allowed=allowed)
        return self._things[name]
