"""The gallery: a picture of every shipped problem, and the pages of the site that show them.

    python docs/gallery.py                        make the pictures that are missing, under docs/figures/gallery
    python docs/gallery.py NAME ...               make these anew
    python docs/gallery.py --results DIR ...      from runs and sweeps that lie in DIR (NAME, NAME-sweep), where they do
    python docs/gallery.py --check                say which are missing, exit status 1 if any are
    python docs/gallery.py --sheet FILE.png       all of them on one sheet

A run that is not in DIR is made there: all of them take about half an hour of one core.  Those of LONG take longer, and
their pictures come from the figure of a whole run that another page shows.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from femtdgl.input import listed

HERE = Path(__file__).resolve().parent
PICTURES = HERE / "figures" / "gallery"
LARGEST, WIDEST = 60_000, 960
"""Bytes and pixels of a picture."""

SHOWN = {
    "cylinder_bore": "fields_psi", "film_two_holes": "fields_current", "heated_filament": "temperature_map",
    "iv_isothermal": "current_voltage", "nis_gamma": "temperatures", "nis_heat_current": "powers",
    "nis_line": "powers", "nis_power": "drop", "nis_resistance": "observed", "nis_setup1": "temperatures",
    "nis_setup2": "temperatures", "nis_sinis": "temperatures", "notched_strip": "fields_psi",
    "psc_bottleneck": "phonon_spectra", "psc_cooler": "cross_section", "psc_cooler_near_tc": "transient",
    "psc_filament": "fig1", "psc_hot_phonons": "phonon_feedback", "psc_nis_drain": "temperature_map",
    "psc_paper_fit": "fig1", "psc_phonon_line": "phonon_feedback", "psc_plates": "temperature_profiles",
    "ring": "counts_in_field", "sn_balance": "temperatures", "sn_heat_current": "powers", "sn_step": "powers",
    "thermal_diode": "powers", "thermal_memory": "transient", "thermal_regulator": "temperatures",
    "thermal_switch": "temperatures", "thermal_transistor": "powers",
    "vortex_strip": "fields_psi", "weak_spot_strip": "fields_psi",
    "wire_3d": "fields_psi",
}  # fmt: skip
"""Which figure of a run; others: that of a sweep, `space_time` of a filament, the first of a network."""
LONG = {
    "dark_slips": "dark_slips", "hc3_strip": "hc3_strip", "hotspot_strip": "hotspot_current_voltage", "ic_b": "ic_b",
    "iv_long_filament": "iv_long_filament", "mesh_study": "mesh_study", "vortex_entry": "vortex_entry",
    "vortex_entry_disc": "vortex_entry_disc", "vortex_film": "vortex_film",
}  # fmt: skip
"""Problems that take more than some minutes, and the figure of docs/figures that a whole run of them made."""
GROUPS = {
    "Filaments": lambda n, t: t.get("kind") == "filament" and t["mesh"]["shape"] == "line" and "sweep" not in t,
    "Films and solids": lambda n, t: t.get("kind") == "filament" and "sweep" not in t,
    "Sweeps and thresholds": lambda n, t: "sweep" in t,
    "Thermal networks": lambda n, t: t.get("kind") == "network",
    "Coolers": lambda n, t: True,
}


def picture(name: str) -> Path:
    """Where the picture of a problem lies."""
    return PICTURES / f"{name}.webp"


def missing() -> list[str]:
    """Shipped problems without a picture."""
    return [name for name in listed.names() if not picture(name).is_file()]


def make(name: str, results: Path) -> None:
    """Make the picture of a problem, from a run that is there or a new one."""
    if name in LONG:
        source = HERE / "figures" / f"{LONG[name]}.png"
    else:
        source = figure(name, solved(name, results))
    PICTURES.mkdir(parents=True, exist_ok=True)
    picture(name).write_bytes(small(source))


def solved(name: str, results: Path) -> Path:
    """The directory of a run or a sweep of a problem."""
    import femtdgl as fg
    from femtdgl.kinds import registry, report
    from femtdgl.studies import report as studies

    swept = is_sweep(listed.table(name))
    directory = results / (f"{name}-sweep" if swept else name)
    if swept and not (directory / "figures").is_dir():
        studies.figures(fg.sweep(name, out=directory))
    elif not swept and not (directory / "summary.json").is_file():
        result = fg.run(name, directory, progress=False)
        if not registry.of_result(result).draws_when_solved:
            report.figures(result)
    return directory


def is_sweep(table: dict[str, Any]) -> bool:
    """Whether `femtdgl sweep` is what a problem is for."""
    return "sweep" in table


def figure(name: str, directory: Path) -> Path:
    """The one of its figures that is shown."""
    made = sorted((directory / "figures").glob("*.png"))
    wanted = SHOWN.get(name, "space_time")
    return next((path for path in made if path.stem == wanted), made[0])


def small(source: Path) -> bytes:
    """A picture as WebP, not wider than WIDEST and below LARGEST bytes."""
    from PIL import Image

    with Image.open(source) as opened:
        image = opened.convert("RGB")
    for width in (WIDEST, 800, 640, 480, 360):
        made = image if image.width <= width else image.resize((width, round(image.height * width / image.width)))
        for quality in (88, 80, 70, 60):
            file = io.BytesIO()
            made.save(file, "WEBP", quality=quality, method=6)
            if file.tell() < LARGEST:
                return file.getvalue()
    raise ValueError(f"{source} cannot be made small enough")


def sheet(file: Path) -> None:
    """All pictures on one sheet, with their names."""
    from PIL import Image, ImageDraw

    names, width, height, across = listed.names(), 320, 260, 6
    made = Image.new("RGB", (across * width, -(-len(names) // across) * height), "white")
    for k, name in enumerate(names):
        at = (k % across * width, k // across * height)
        ImageDraw.Draw(made).text((at[0] + 4, at[1] + 2), name, fill="black")
        if picture(name).is_file():
            with Image.open(picture(name)) as opened:
                opened.thumbnail((width - 8, height - 20))
                made.paste(opened.convert("RGB"), (at[0] + 4, at[1] + 16))
    made.save(file)


def pages() -> Iterator[tuple[str, str]]:
    """File names and Markdown of the gallery: an index and a page a problem."""
    groups: dict[str, list[str]] = {group: [] for group in GROUPS}
    for name in listed.names():
        table = listed.table(name)
        groups[next(group for group, holds in GROUPS.items() if holds(name, table))].append(name)
        yield f"gallery/{name}.md", page(name, table)
    lines = [
        "# Gallery", "",
        "Every problem that comes with the program.  A name stands for a file: `femtdgl run psc_filament` solves it,",
        "`femtdgl new psc_filament` copies it to be changed, `femtdgl list` lists them all.", "",
    ]  # fmt: skip
    for group, names in groups.items():
        lines += [f"## {group}", "", '<div class="gallery" markdown>', ""]
        for name in names:
            title = listed.table(name).get("title", name)
            lines += [f"[![{name}](../figures/gallery/{name}.webp)<span>{title}</span>]({name}.md)", ""]
        lines += ["</div>", ""]
    yield "gallery/index.md", "\n".join(lines)


def page(name: str, table: dict[str, Any]) -> str:
    """Title, what the file says of itself, how it is run, its picture and the file."""
    text = (listed.directory() / f"{name}.toml").read_text(encoding="utf-8")
    command = "sweep" if is_sweep(table) else "run"
    return "\n".join(
        [
            f"# {name}", "", f"**{table.get('title', '')}**", "", comment(text), "",
            f"```\nfemtdgl {command} {name}\n```", "",
            f"![{table.get('title', name)}](../figures/gallery/{name}.webp)", "",
            f"```toml\n{text.rstrip()}\n```", "",
        ]
    )  # fmt: skip


def comment(text: str) -> str:
    """The comment at the top of a problem file, as Markdown."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line[1:])
    said = textwrap.dedent("\n".join(lines))
    return re.sub(r"([*_<\[])", r"\\\1", said)


def main(words: list[str]) -> int:
    """As the docstring of this file says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("--results", type=Path)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--sheet", type=Path)
    asked = parser.parse_args(words)
    if asked.check:
        if missing():
            sys.exit(f"no picture of {', '.join(missing())}")
        return 0
    if asked.sheet:
        sheet(asked.sheet)
        return 0
    with tempfile.TemporaryDirectory() as temporary:
        for name in asked.names or missing():
            make(name, asked.results or Path(temporary))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
