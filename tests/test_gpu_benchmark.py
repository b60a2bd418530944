"""benchmarks/gpu.py without a device: it measures and checks all that it does on one, small."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest

import femtdgl as fg
from femtdgl.errors import InputError
from femtdgl.kinds.filament import pieces

PROGRAM = Path(__file__).parent.parent / "benchmarks" / "gpu.py"


@pytest.fixture
def program(monkeypatch):
    """The program, with its runs in this process."""
    spec = importlib.util.spec_from_file_location("gpu_benchmark", PROGRAM)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "row_of", module.measured)
    monkeypatch.setattr(pieces, "MOST_CALLS", 1)
    return module


def ended(program, monkeypatch, *words):
    monkeypatch.setattr(sys, "argv", ["gpu.py", *words])
    with pytest.raises(SystemExit) as end:
        program.main()
    return end.value.code


def test_it_measures_pieces_and_steps_and_checks_them(program, monkeypatch, tmp_path, capsys):
    where = tmp_path / "rows.json"
    assert ended(program, monkeypatch, "--stand-in", "--sizes", "space:1k", "--until", "1", "--json", str(where)) == 0
    there, host = json.loads(where.read_text())["rows"]
    assert (there["device"], host["device"]) == ("stand-in", "cpu")
    assert set(there["pieces"]) == set(program.PIECES) and set(program.PIECES) - set(host["pieces"]) <= {"cycle"}
    assert min(there["pieces"].values()) > 0 and there["resumed"] and there["steps"] > 5
    assert min(there["per_step_alone"], there["per_step"]) > 0
    assert max(there["differences"].values()) < 1e-13
    told = capsys.readouterr().out
    assert "WRONG" not in told and "cycle" in told.split()


def test_other_problems_are_refused():
    with pytest.raises(InputError, match="two or three dimensions"):
        fg.time_pieces("psc_filament", until=0.1)


def test_a_failed_check_is_said_and_ends_with_1(program, monkeypatch, capsys):
    right = {
        "size": "space:1k", "nodes": 9, "steps": 1, "per_step": 1.0, "counts": {"setup": 1, "times": 1}, "seconds": {},
        "host_GiB": 1.0, "pieces": {}, "period": None, "resumed": True, "differences": {"residual": 1e-15},
    }  # fmt: skip
    wrong = right | {"resumed": False, "differences": {"residual": float("nan"), "jacobian": 1e-9}, "period": 5.0}
    rows = {"stand-in": wrong | {"voltage": 1.0}, "cpu": right | {"voltage": 1.01}}
    monkeypatch.setattr(program, "row_of", lambda size, until, device: rows[device] | {"device": device})
    assert ended(program, monkeypatch, "--stand-in", "--sizes", "space:1k") == 1
    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("WRONG")]
    assert len(told) == 5
    for word in ("residual", "jacobian", "to the bit", "voltage", "period"):
        assert sum(word in line for line in told) == 1, word
