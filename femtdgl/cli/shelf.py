"""Commands around problem files: the ready ones, a copy of one, its mesh, a schema for editors, pages of the docs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from femtdgl.cli.frame import Overrides, ProblemFile, Unset, app, changes_of, errors


@app.command("list")
def list_problems(
    long: Annotated[bool, typer.Option("--long", help="Also where each file lies.")] = False,
) -> None:
    """List the ready problems and their pictures."""
    with errors():
        from femtdgl.input import listed
        from femtdgl.kinds import pictures

        for name in listed.names():
            path = listed.directory() / f"{name}.toml"
            table = listed.table(name)
            typer.echo(f"{name:24} {table.get('title', '')}")
            typer.echo(f"{'':24} {', '.join(pictures.told(table))}")
            if long:
                typer.echo(f"{'':24} {path}")


@app.command()
def new(
    name: ProblemFile,
    to: Annotated[str | None, typer.Option(metavar="FILE", help="The new file; default NAME.toml here.")] = None,
) -> None:
    """Copy a ready problem, to change it."""
    with errors():
        from femtdgl.input import listed

        path = listed.copy(name, Path(to) if to is not None else None)
        typer.echo(f"{path}: change it, then `femtdgl run {path}`")


@app.command()
def mesh(
    source: Annotated[
        str, typer.Argument(metavar="PROBLEM|FILE", help="Problem file, name of a ready one, mesh recipe or mesh.")
    ],
    out: Annotated[str | None, typer.Option(help="Write the mesh: FILE.msh or FILE.vtu.")] = None,
    picture: Annotated[str | None, typer.Option(help="Draw the mesh: FILE.png.")] = None,
    set_: Overrides = None,
    unset: Unset = None,
) -> None:
    """Build or read a mesh and check it; write and draw it."""
    with errors():
        from femtdgl.figures import mesh as pictures
        from femtdgl.files.mesh import write
        from femtdgl.input import listed
        from femtdgl.mesh import Quality, read
        from femtdgl.problem import toml

        if Path(source).suffix == ".toml" or (source in listed.names() and not Path(source).is_file()):
            recipe = toml.load_mesh(listed.find(source), changes_of(set_, unset))
        else:
            recipe = read(source)
        made = recipe.build()
        typer.echo(f"{source}: {recipe.shape}")
        for line in Quality.of(made).lines():
            typer.echo(line)
        counts = [f"{name} ({len(made.boundaries[name])})" for name in recipe.boundaries]
        typer.echo(f"  boundaries  {', '.join(counts)}")
        if made.subdomains:
            typer.echo(f"  regions     {', '.join(f'{n} ({len(cells)})' for n, cells in made.subdomains.items())}")
        if out is not None:
            typer.echo(f"  written to {write(made, out)}")
        if picture is not None:
            typer.echo(f"  drawn in {pictures.draw(made, picture, title=Path(source).name)}")


@app.command()
def schema(
    kind: Annotated[str | None, typer.Option(help="Of one kind of problem; default: of all.")] = None,
    to: Annotated[str | None, typer.Option(metavar="FILE", help="Write there; default: print.")] = None,
) -> None:
    """Print a JSON schema of problem files for editors.

    Draft 4, as taplo and Even Better TOML want it: `#:schema ./femtdgl.json` in the first line of a problem file.
    """
    with errors():
        from femtdgl.files.atomic import replacing
        from femtdgl.kinds import schema as schemas

        text = json.dumps(schemas.schema(kind), indent=1, ensure_ascii=False)
        if to is None:
            typer.echo(text)
        else:
            with replacing(Path(to)) as temporary:
                temporary.write_text(text + "\n", encoding="utf-8")
            typer.echo(to)


@app.command("docs")
def read_docs(
    page: Annotated[str | None, typer.Argument(metavar="PAGE", help="One of them: print it.")] = None,
    long: Annotated[bool, typer.Option("--long", help="Also where each page lies.")] = False,
) -> None:
    """List the pages of the docs, or print one."""
    with errors():
        from femtdgl.input import manual

        if page is not None:
            typer.echo(manual.find(page).read_text(encoding="utf-8"))
            return
        for name, path in manual.pages().items():
            typer.echo(f"{name:32} {manual.title(path)}")
            if long:
                typer.echo(f"{'':32} {path}")
