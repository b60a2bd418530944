"""The public names by page, for the API reference of the site and for the test that they are all described."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import femtdgl as fg

PAGES = {
    "problem": ("Problems", "`fg.Problem` and the sections it is made of, the same as those of a problem file."),
    "run": ("Runs and results", "Solving, going on, many points of one problem, what comes back, two ways to fail."),
    "drive": ("Waveforms", "Functions of time for currents, voltages, fields, temperatures and powers."),
    "mesh": ("Meshes", "Recipes that make scikit-fem meshes with named boundaries; lengths in xi(T0)."),
    "thermal": ("Thermal links and networks", "Lumped parts in SI units, without finite elements."),
    "flux": ("Phonon flux", "Kernels, populations and spectra of the phonons that a run emits."),
    "units": ("Units and materials", "Scales between reduced units and SI, and materials by name."),
}  # fmt: skip
MODULES = {"drive": fg.drive, "mesh": fg.mesh, "thermal": fg.thermal, "flux": fg.flux}
UNITS = ("Scales", "told", "parse", "reduced_temperature", "critical_temperature")
PRESETS = ("Material", "material", "film", "interface")


def names() -> dict[str, dict[str, Any]]:
    """The things of each page by the names that a user writes; each thing once, by the shortest of its names."""
    found: dict[str, dict[str, Any]] = {page: {} for page in PAGES}
    known: set[int] = set()

    def add(page: str, written: str, thing: Any) -> None:
        if not isinstance(thing, ModuleType) and id(thing) not in known:
            known.add(id(thing))
            found[page][written] = thing

    for name in vars(fg)["__all__"]:
        thing = getattr(fg, name)
        add(page_of(thing), f"fg.{name}", thing)
    for page, module in MODULES.items():
        for name in module.__all__:
            add(page, f"fg.{page}.{name}", getattr(module, name))
    for module, chosen in ((fg.units, UNITS), (fg.presets, PRESETS)):
        for name in chosen:
            add("units", f"fg.{module.__name__.rsplit('.')[-1]}.{name}", getattr(module, name))
    return found


def page_of(thing: Any) -> str:
    """Where a name of `femtdgl` itself belongs."""
    wing = getattr(thing, "__module__", "").split(".")[1:]
    if any(thing is getattr(fg.drive, name) for name in fg.drive.__all__):
        return "drive"
    if wing[:1] == ["units"]:
        return "units"
    if wing[:1] == ["flux"] or wing == ["equations", "phonons"]:
        return "flux"
    return "problem" if wing[:1] == ["problem"] and inspect.isclass(thing) else "run"


def where(thing: Any) -> str:
    """The dotted name under which the source has it."""
    return f"{thing.__module__}.{thing.__qualname__}"


def summary(thing: Any) -> str:
    """The first sentence of what is said of it."""
    text = " ".join((inspect.getdoc(thing) or "").split("\n\n")[0].split())
    return text.replace("|", "\\|").replace("<", "&lt;").replace("[", "\\[").replace("*", "\\*")


def pages() -> Iterator[tuple[str, str]]:
    """File names and Markdown of the reference: an index and a page a group."""
    every = names()
    lines = [
        "# API reference", "",
        "`import femtdgl as fg`.  Numbers in parentheses, such as (1.2), are those of the equations in "
        "[theory.md](../theory.md).  Throughout, t is a time in t0, x are points (dim, n) in xi, and dim is the "
        "dimension of the mesh.  How these are used: [In Python](../python.md).", "",
    ]  # fmt: skip
    for page, (title, said) in PAGES.items():
        lines += [f"## {title}", "", said, "", "| name | what it is |", "|---|---|"]
        lines += [f"| [`{n}`]({page}.md#{anchor(t)}) | {summary(t)} |" for n, t in every[page].items()] + [""]
        body = [f"# {title}", "", said, ""]
        for name, thing in every[page].items():
            body += [entry(name, thing), ""]
        yield f"api/{page}.md", "\n".join(body)
    yield "api/index.md", "\n".join(lines)


def entry(name: str, thing: Any) -> str:
    """The place of a thing on its page; of a union of types, its members."""
    if hasattr(thing, "__qualname__"):
        return f'::: {where(thing)}\n    options:\n      heading: "{name}"\n      toc_label: "{name}"'
    return f"## `{name}` {{ #{anchor(thing)} }}\n\nOne of " + ", ".join(f"`{each.__name__}`" for each in thing.__args__)


def anchor(thing: Any) -> str:
    """Where a thing stands on its page."""
    return where(thing) if hasattr(thing, "__qualname__") else "union"
