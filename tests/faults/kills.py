"""Kill runs at random moments, and at each rename, and go on with them.

    python -m faults.kills WORK COUNT SEED [KIND ...]

What goes on must be the uninterrupted run to the bit, or be refused in words.  Exit status 1 if something else happens.
"""

import contextlib
import os
import shutil
import signal
import sys
import time
from pathlib import Path

import h5py
import numpy as np

import femtdgl as fg
from femtdgl.errors import InputError

PROBLEMS = Path(__file__).parents[2] / "problems"
BANKS = {"left": fg.Bank(), "right": fg.Bank()}
LINE = fg.mesh.line(length=1.1, elements=6)
FILM = fg.Film(delta=3.0)


def time_of(t_end, checkpoint=0.4):
    return fg.Time(t_end=t_end, checkpoint=checkpoint, rtol=1e-5)


def kinds():
    """Problems by name: in one and two dimensions, heated, swept, with a probe and a pulse, and a network."""
    ramp = fg.Ramp(0, 1.5, over=0.5)
    sides = {"left": fg.NormalContact(), "right": fg.NormalContact(), "sides": fg.Insulating()}
    strip = fg.mesh.strip(length=2.0, width=1.0, h=0.5)
    up_and_down = fg.Table((0.0, 1.0, 2.0), (0.0, 1.5, 0.0))
    voltage = fg.VoltageProbe(name="inner", between=((-0.2,), (0.2,)))
    pulse = fg.Pulse(0.2, 1.5, start=0.7, width=0.6)
    some = {"film": FILM, "output": fg.Output(fields=0.2)}
    return {
        "line": fg.Problem(mesh=LINE, boundary=BANKS, drive=fg.Drive(current=ramp), time=time_of(4.0, 0.2), **some),
        "strip": fg.Problem(
            mesh=strip, boundary={name: sides.get(name, fg.Insulating()) for name in strip.boundaries},
            drive=fg.Drive(current=0.5), time=time_of(2.0), **some,
        ),
        "heated": fg.Problem(
            mesh=LINE, boundary=BANKS, drive=fg.Drive(current=ramp), heat=fg.Heat(bath=0.9), time=time_of(2.0), **some
        ),
        "sweep": fg.Problem(mesh=LINE, boundary=BANKS, drive=fg.Drive(current=up_and_down), time=time_of(2.0), **some),
        "signals": fg.Problem(
            mesh=LINE, boundary=BANKS, drive=fg.Drive(current=pulse), probes=(voltage,), time=time_of(2.0), **some
        ),
        "network": PROBLEMS / "sn_balance.toml",
    }  # fmt: skip


def killed(problem, out: Path, *, seconds: float | None = None, rename: int | None = None) -> bool:
    """Run in a process of its own that is killed after some seconds, or at a rename; whether that happened."""
    child = os.fork()
    if child == 0:
        if rename is not None:
            replace, count = os.replace, [0]

            def replacing(*arguments):
                count[0] += 1
                if count[0] == (rename + 1) // 2 and rename % 2:  # before it, or after it
                    os.kill(os.getpid(), signal.SIGKILL)
                replace(*arguments)
                if count[0] == rename // 2 and rename % 2 == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

            os.replace = replacing
        with contextlib.suppress(BaseException):
            fg.run(problem, out)
        os._exit(0)
    if seconds is not None:
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def stored(where: Path) -> dict[str, np.ndarray]:
    found: dict[str, np.ndarray] = {}
    with h5py.File(where / "result.h5") as file:
        file.visititems(lambda name, item: found.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None)
    return found


def go_on(problem, out: Path) -> str:
    """Go on, or run again where there is nothing to go on with; what was said."""
    try:
        fg.resume(out)
        return ""
    except InputError as error:
        said = str(error)
    if "nothing to resume" in said or "not there" in said or "no checkpoint" in said:
        fg.run(problem, out, force="nothing to resume" in said)
        return ""
    return said


def check(name, problem, out: Path, whole, what: str) -> int:
    """Whether a killed run went on as it should; the number of faults."""
    try:
        said = go_on(problem, out)
    except BaseException as error:
        print(f"{name} killed {what}: going on ends with {error!r}")
        return 1
    if said:
        print(f"{name} killed {what}: {said}")
        return 0
    found = stored(out)
    wrong = [key for key in whole if key not in found or not np.array_equal(whole[key], found[key])]
    left = [p.name for p in out.rglob("*") if p.name.endswith((".tmp", ".lock")) or p.parent.name == "parts"]
    if wrong or left or set(found) != set(whole):
        print(f"{name} killed {what}: another {wrong[:3]}, left over {left[:3]}")
        return 1
    return 0


def main(work: Path, count: int, seed: int, names: list[str]) -> int:
    rng = np.random.default_rng(seed)
    faults = kills = 0
    for name, problem in kinds().items():
        if names and name not in names:
            continue
        begun = time.monotonic()
        fg.run(problem, work / "whole")  # also warms up, so that a child has nothing to compile
        first = time.monotonic() - begun
        shutil.rmtree(work / "whole")
        begun = time.monotonic()
        fg.run(problem, work / "whole")
        lasts = min(first, time.monotonic() - begun)
        whole = stored(work / "whole")
        shutil.rmtree(work / "whole")
        for _ in range(count):
            seconds = float(rng.uniform(0, lasts))
            kills += killed(problem, work / "out", seconds=seconds)
            faults += check(name, problem, work / "out", whole, f"after {seconds:.3f} s")
            shutil.rmtree(work / "out")
        for rename in range(1, 2 * count):
            if not killed(problem, work / "out", rename=rename):
                shutil.rmtree(work / "out")
                break
            kills += 1
            faults += check(name, problem, work / "out", whole, f"at rename {rename / 2}")
            shutil.rmtree(work / "out", ignore_errors=True)
    print(f"{kills} killed, {faults} faults")
    return faults > 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]))
