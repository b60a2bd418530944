"""One BLAS thread, set before numpy is imported; small builders that many tests share."""

import os
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
# processes that tests start use this very tree, not another one that is installed
os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH", "")])

import numpy as np
import pytest
import study_cases
from hypothesis import strategies as st

import femtdgl as fg
from femtdgl.solve.integrate import StepInterrupted

PROBLEMS = Path(__file__).parent.parent / "problems"


@pytest.fixture
def rng():
    return np.random.default_rng(7)


@pytest.fixture
def filament():
    """Builder of small problems between two terminals."""

    def build(*, length=2.0, elements=8, order=2, left=None, right=None, current=1.2, shunt=None, time=None, **kw):
        film = kw.pop("film", fg.Film(delta=3.0, eta=0.1))
        return fg.Problem(
            mesh=fg.mesh.line(length=length, elements=elements, order=order),
            film=film,
            boundary={"left": left or fg.Bank(), "right": right or fg.Bank()},
            drive=fg.Drive(current=current, shunt=shunt),
            time=time or fg.Time(t_end=10.0),
            **kw,
        )

    return build


@pytest.fixture
def bridge(tmp_path):
    path = tmp_path / "bridge.toml"
    path.write_text(study_cases.BRIDGE)
    return path


@pytest.fixture
def memory(tmp_path):
    path = tmp_path / "memory.toml"
    path.write_text(study_cases.MEMORY)
    return path


@pytest.fixture
def problem(filament):
    """Builder of short runs with checkpoints."""

    def build(t_end=2.0, **more):
        more = {"output": fg.Output(fields=0.25), "current": fg.Ramp(0, 1.5, over=0.5), **more}
        return filament(length=1.1, elements=6, time=fg.Time(t_end=t_end, checkpoint=0.5), **more)

    return build


@pytest.fixture
def unfinished(problem, tmp_path):
    """A run with parts, stopped at t = 2."""

    def watch(progress):
        if progress.t == 2.0:
            raise StepInterrupted

    fg.run(problem(3.0), tmp_path / "run", watch=watch)
    assert fg.Result(tmp_path / "run").parts is not None
    return tmp_path / "run"


@pytest.fixture(scope="session")
def shipped(tmp_path_factory):
    """The run of the shipped cooler."""
    where = tmp_path_factory.mktemp("cooler") / "run"
    fg.run(PROBLEMS / "psc_cooler.toml", where)
    return fg.Result(where)


def complex_step(system, t, y, yp, cj, h=1e-30):
    """dF/dy + cj dF/dy' of a system by complex steps: (size, size), exact to rounding."""
    J = np.zeros((system.size, system.size))
    for k in range(system.size):
        step = np.zeros(system.size, dtype=complex)
        step[k] = 1j * h
        J[:, k] = system.residual(t, y + step, yp + cj * step).imag / h
    return J


def numbers(low, high):
    """Numbers that problem files take: 0, or of a size that can be computed with."""
    return st.floats(low, high).filter(lambda value: value == 0 or abs(value) > 1e-99)
