"""Problem files that are wrong in every key, generated from good ones and from the models of the sections.

    python -m faults.inputs WORK SHARE SEED [BASE ...]

Of SHARE of all inputs, each must be refused with exit 2 by check and run alike, in words, with nothing written and
within seconds, or accepted by both: then the run ends, or stops in words.  Exit status 1 if something else happens.
"""

import copy
import io
import resource
import shutil
import signal
import sys
import time
import tomllib
import traceback
from collections import Counter
from contextlib import redirect_stdout
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import get_type_hints

import tomli_w

from faults.bases import BASES
from femtdgl.errors import InputError, SolverStopped
from femtdgl.figures import cooler
from femtdgl.input.hints import bare
from femtdgl.kinds import report
from femtdgl.kinds.network import kind as network
from femtdgl.kinds.run import read_file, solve_into
from femtdgl.problem.problem import Problem
from femtdgl.solve.integrate import StepInterrupted
from femtdgl.thermal.link import LINKS

PROBLEMS = Path(__file__).parents[2] / "problems"
QUICK, LONGEST, ENOUGH = 3.0, 60.0, 0.15
"""CPU seconds for a refusal; seconds without an accepted step; CPU seconds after which a run that goes on is ended."""
SURE = {"true", "nan", "inf", "-inf", "extra", "misspelt"}
"""What can have no meaning: it must be refused."""
FREE = ("boundary", "nodes", "links", "expect", "region", "set")
"""Tables with names of the user's own."""


def links() -> dict[str, str]:
    """A network for each kind of link that comes with the program."""
    made = {}
    for name in LINKS:
        given = {"Kapitza": "area = 1e-12\nsigma_K = 500.0", "Leak": "k = 0.1\nS = 1e-12\nd = 1e-8"}
        given |= {
            "ElectronPhonon": "Sigma = 1e9\nvolume = 1e-20",
            "NISLink": "chi = 1.0\nr0 = 1e-11\nc = 0.05\nTc = 1.2",
        }
        given |= {"SuperconductorElectronPhonon": "Sigma = 1e9\nvolume = 1e-20\nTc = 0.4\nratio = 1.76"}
        given |= {"SNLink": "R_D = 3.0\nR_0 = 100.0\nTc = 0.4"}
        if name in given:
            made[f"link {name}"] = (
                'kind = "network"\n[nodes.a]\ntemperature = 0.3\n[nodes.b]\n[nodes.c]\ntemperature = 0.1\n'
                f'[links.one]\nkind = "{name}"\nbetween = ["a", "b"]\n{given[name]}\n'
                '[links.two]\nkind = "ElectronPhonon"\nbetween = ["b", "c"]\nSigma = 1e9\nvolume = 1e-20\n'
            )
    return made


def places(value, path=()):
    """Every place of a table: its path and what stands there."""
    if path:
        yield path, value
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from places(item, (*path, number))


def at(table, path):
    for key in path:
        table = table[key]
    return table


def changed(table, path, value):
    """A copy with another value at a place."""
    made = copy.deepcopy(table)
    at(made, path[:-1])[path[-1]] = value
    return made


def wrong_values(value):
    """Values of other types, signs and sizes than the one that is there, by a name."""
    found = {
        "text": "wrong", "empty": "", "long": "x" * 5000, "list": [1.0, 2.0], "no list": [], "table": {"a": 1.0},
        "no table": {}, "true": True, "nan": float("nan"), "inf": float("inf"), "-inf": float("-inf"),
    }  # fmt: skip
    if isinstance(value, str | list | dict):
        found |= {"number": 1.0}
    if isinstance(value, str) and value[:1].isdigit():
        unit = value.split()[-1]
        found |= {"minus": f"-{value}", "zero": f"0 {unit}", "huge": f"1e300 {unit}", "tiny": f"1e-300 {unit}"}
        found |= {"unit": "1 Hz", "digits": f"9e999 {unit}"}
    if isinstance(value, int | float) and not isinstance(value, bool):
        found |= {"minus": -abs(value) or -1.0, "zero": 0, "huge": 1e300, "-huge": -1e300, "tiny": 1e-300}
        found |= {"large": 10**9, "whole": 10**400, "half": 0.5, "quoted": str(value)}
    if isinstance(value, bool):
        del found["true"]
        found |= {"number": 1.0}
    return found


def mutations(table, models):
    """All wrong inputs made of a good one: a name, and a table."""
    for path, value in places(table):
        key = ".".join(map(str, path))
        for name, other in wrong_values(value).items():
            yield f"{key} = {name}", changed(table, path, other)
        if isinstance(path[-1], str):
            less = copy.deepcopy(table)
            del at(less, path[:-1])[path[-1]]
            yield f"{key} missing", less
            if path[-2:-1] == () or path[-2] not in FREE:
                twisted = copy.deepcopy(less)
                at(twisted, path[:-1])[path[-1][:-1] + "x" + path[-1][-1]] = value
                yield f"{key} misspelt", twisted
        else:
            longer = copy.deepcopy(table)
            at(longer, path[:-1]).append(value)
            yield f"{key} twice", longer
        if isinstance(value, dict) and path[-1] not in FREE:
            yield f"{key} extra", changed(table, path, {**value, "surprise": 1.0})
    yield "extra", {**table, "surprise": 1.0}
    for path, name in absent(table, models):
        for kind, other in wrong_values(1.0).items():
            yield f"{'.'.join(map(str, (*path, name)))} = {kind}", changed(table, (*path, name), other)


def absent(table, models):
    """Keys that the models have and a table does not give: where, and their names."""
    for path, section in models:
        try:
            there = at(table, path)
        except (KeyError, IndexError, TypeError):
            continue
        for item in fields(section):
            if isinstance(there, dict) and item.name not in there and item.name != "vector_potential":
                yield path, item.name


def models_of(section, path=()):
    """The dataclasses of a problem, and where their tables stand."""
    yield path, section
    for name, hint in get_type_hints(section, include_extras=True).items():
        inner = bare(hint)[0]
        if is_dataclass(inner):
            yield from models_of(inner, (*path, name))


DRAWN = {module: module.write_figures for module in (network, cooler)}


class TooLong(BaseException):
    """No step was accepted for too long."""


def alarmed(number, frame):
    raise TooLong


def drawing(number):
    """Every tenth network and cooler also draws its figures, which take longer than the rest."""
    for module in (network, cooler):
        module.write_figures = DRAWN[module] if number % 10 == 0 else lambda *arguments: []


def watching():
    """Each step starts the alarm anew; a run that goes on well is stopped after a while."""
    begun = time.process_time()

    def watch(progress):
        signal.setitimer(signal.ITIMER_REAL, LONGEST)
        if time.process_time() - begun > ENOUGH:
            raise StepInterrupted

    return watch


def judge(name, table, work: Path):
    """How an input fares: "refused", "ran", "stopped", or a fault in words."""
    out, file = work / "out", str(work / "problem.toml")
    begun = time.process_time()
    signal.signal(signal.SIGALRM, alarmed)
    signal.setitimer(signal.ITIMER_REAL, 10 * LONGEST)
    stage = "check"
    try:
        Path(file).write_text(tomli_w.dumps(table), encoding="utf-8")
        job = read_file(file)
        list(job.describe())
        took = time.process_time() - begun
        if name.rsplit(" ", 1)[-1] in SURE and not (name.startswith("expect") and name.endswith("value = true")):
            return f"is accepted: {name}"
        stage = "run"
        signal.setitimer(signal.ITIMER_REAL, LONGEST)
        result = solve_into(out, job, watch=watching())
        stage = "report"
        list(report.lines(result))
        return "ran"
    except InputError as error:
        took = time.process_time() - begun
        if stage != "check":
            return f"check accepts, {stage} refuses: {error}"
        if out.exists():
            return "something was written"
        if took > QUICK:
            return f"took {took:.1f} s to be refused"
        if len(str(error)) > 1000 or not error.file or "\n" in str(error):
            return f"is refused in bad words: {error}"
        return "refused"
    except SolverStopped:
        return "stopped"
    except TooLong:
        return f"{stage} has no end"
    except BaseException as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        return f"{stage} ends with {error!r:.200} ({Path(last.filename).name}:{last.lineno})"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        shutil.rmtree(out, ignore_errors=True)


def main(work: Path, share: float, seed: int, names: list[str]) -> int:
    """Each in a process of its own only where one takes too much memory: there is a limit instead."""
    import random

    resource.setrlimit(resource.RLIMIT_AS, (12 * 2**30, 12 * 2**30))
    random.seed(seed)
    counts: Counter[str] = Counter()
    slowest = (0.0, "")
    for base, text in {**BASES, **links()}.items():
        if names and base.split()[0] not in names:
            continue
        table = tomllib.loads(text.replace('"PSC"', f'"{PROBLEMS / "psc_filament.toml"}"'))
        good = judge("good", table, work)
        if good != "ran":
            print(f"{base}: the good one {good}")
            return 1
        models = list(models_of(Problem)) if table.get("kind", "filament") == "filament" else []
        for name, wrong in mutations(table, models):
            if random.random() >= share:
                continue
            drawing(counts["ran"])
            begun = time.process_time()
            with redirect_stdout(io.StringIO()):
                found = judge(name, wrong, work)
            took = time.process_time() - begun
            if found == "refused" and took > slowest[0]:
                slowest = took, f"{base}: {name}"
            counts[found if found in ("refused", "ran", "stopped") else "fault"] += 1
            if found not in ("refused", "ran", "stopped"):
                print(f"{base}: {name:40.100} {found:.400}", flush=True)
    print(f"{sum(counts.values())} inputs: {dict(counts)}; slowest refusal {slowest[0]:.2f} s CPU, {slowest[1]}")
    print(f"{counts['fault']} faults")
    return counts["fault"] > 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]))
