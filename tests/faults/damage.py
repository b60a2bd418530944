"""Damage the files of runs at random and read them again.

    python -m faults.damage WORK COUNT SEED

Each reading must give what was written, or say in words that it cannot.  What went wrong is printed; exit status 1.
"""

import json
import shutil
import sys
import time
from functools import partial
from pathlib import Path

import h5py
import numpy as np

import femtdgl as fg
from femtdgl.errors import InputError, Interrupted, SolverStopped
from femtdgl.kinds import report
from femtdgl.solve.integrate import StepInterrupted

LONGEST = 20.0
"""CPU seconds for one reading."""
ENDS = {"ended": 2.1, "stopped": 1.3}
"""How far the runs go on, just beyond what is there."""
SMALL = {"mesh": fg.mesh.line(length=1.1, elements=6), "film": fg.Film(delta=3.0)}
SIDES = {"left": fg.Bank(), "right": fg.Bank()}


def problem(t_end, **more):
    return fg.Problem(
        **SMALL, boundary=SIDES, drive=fg.Drive(current=fg.Ramp(0, 1.5, over=0.5)),
        time=fg.Time(t_end=t_end, checkpoint=0.5), output=fg.Output(fields=0.25), **more,
    )  # fmt: skip


def runs(work: Path) -> list[Path]:
    """A run that has ended, one that was interrupted, a heated one that ended between checkpoints, a network."""
    ended, stopped, heated, network = (work / name for name in ("ended", "stopped", "heated", "network"))
    if not ended.exists():
        fg.run(problem(2.0), ended)
        count = [0]

        def watch(progress):
            count[0] += 1
            if count[0] == 52:
                raise StepInterrupted

        try:
            fg.run(problem(3.0), stopped, watch=watch)
        except Interrupted:
            raise AssertionError("no signal was sent") from None
        fg.run(problem(1.2, heat=fg.Heat(bath=0.9)), heated)
        fg.run(Path(__file__).parents[2] / "problems" / "sn_balance.toml", network)
    return [ended, stopped, heated, network]


def names_of(where: Path) -> list[str]:
    """All datasets of a result that is whole."""
    names: list[str] = []
    with h5py.File(where / "result.h5") as file:
        file.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
    return names


def contents(where: Path, names: list[str]) -> dict[str, object]:
    """All that the program reads of a directory."""
    result = fg.Result(where)
    found: dict[str, object] = {"summary": json.dumps(result.summary), "text": result.problem_text}
    for name in names:
        found[name] = np.asarray(result.read(name))
    if "fields/psi" in names:
        found["frame"] = result.field("psi", 1.0)
        found["points"] = result.mesh.p
    found["attributes"] = {key: value for key, value in result.attributes.items() if key != "parts"}
    found["lines"] = "\n".join(report.lines(result)).replace(str(where), "DIR")
    return found


def same(a: object, b: object) -> bool:
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind in "fc")
    return a == b


def hurt(where: Path, rng: np.random.Generator) -> str:
    """Damage one file of a directory; what was done."""
    files = sorted(p for p in where.rglob("*") if p.is_file() and "figures" not in p.parts)
    path = files[rng.integers(len(files))]
    data = bytearray(path.read_bytes())
    at = int(rng.integers(len(data)))
    kind = rng.choice(["flip", "flip", "flip", "zero", "cut", "grow", "gone", "empty", "noise", "swap", "stray"])
    if kind == "flip":
        data[at] ^= 1 << int(rng.integers(8))
    elif kind == "zero":
        data[at : at + 64] = bytes(len(data[at : at + 64]))
    elif kind == "cut":
        del data[at:]
    elif kind == "grow":
        data += bytes(rng.integers(0, 256, 100, dtype=np.uint8))
    elif kind == "empty":
        data.clear()
    elif kind == "noise":
        data[:] = bytes(rng.integers(0, 256, len(data), dtype=np.uint8))
    elif kind == "swap":
        data[:] = files[rng.integers(len(files))].read_bytes()
    if kind == "gone":
        path.unlink()
    elif kind == "stray":
        (where / "parts").mkdir(exist_ok=True)
        (where / "parts" / str(rng.choice(["notes.h5", "00001.h5.bak", "99999.h5", ".x.h5.1.tmp"]))).write_bytes(data)
    else:
        path.write_bytes(data)
    return f"{path.relative_to(where)}: {kind} at {at} of {len(data)}"


def go_on(where: Path, until: float) -> object:
    result = fg.resume(where, until=until)
    return {name: np.asarray(result.probes[name]) for name in result.probes}


def main(work: Path, count: int, seed: int) -> int:
    rng = np.random.default_rng(seed)
    faults = tried = said = 0
    places = runs(work)
    names = {place: names_of(place) for place in places}
    wanted = {place: contents(place, names[place]) for place in places}
    onward = {}
    for place in places[:2]:
        shutil.copytree(place, work / "whole")
        onward[place] = go_on(work / "whole", ENDS[place.name])
        shutil.rmtree(work / "whole")
    for number in range(count):
        place = places[number % len(places)]
        copy = work / "copy"
        shutil.copytree(place, copy)
        done = hurt(copy, rng)
        for name, read, right in (
            ("read", partial(contents, names=names[place]), wanted[place]),
            ("resume", partial(go_on, until=ENDS.get(place.name, 0.0)), onward.get(place)),
        ):
            if right is None or (name == "resume" and number // len(places) % 2):  # going on takes longest
                continue
            tried += 1
            begun = time.process_time()
            try:
                found = read(copy)
            except (InputError, SolverStopped) as error:
                said += 1
                if not str(error).strip() or len(str(error)) > 600:
                    faults += 1
                    print(f"{place.name} {done}: {name} says {error}")
                continue
            except Exception as error:
                faults += 1
                print(f"{place.name} {done}: {name} ends with {error!r}")
                continue
            wrong = [key for key in right if key not in found or not same(right[key], found[key])]
            if wrong:
                faults += 1
                print(f"{place.name} {done}: {name} gives another {wrong[:3]}")
            if time.process_time() - begun > LONGEST:
                faults += 1
                print(f"{place.name} {done}: {name} took {time.process_time() - begun:.0f} s")
        shutil.rmtree(copy)
    print(f"{count} damaged, {tried} readings, {said} refused in words, {faults} faults")
    return faults > 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
