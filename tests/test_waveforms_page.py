"""Every block of docs/waveforms.md is read, built and, where it is a whole problem, solved."""

import tomllib

import numpy as np
import pytest
from pages import DOCS, blocks

import femtdgl as fg
from femtdgl.problem import toml

PAGE = DOCS / "waveforms.md"
BLOCKS, PYTHON = blocks(PAGE, "toml"), blocks(PAGE, "python")

STRIP = """
[mesh]
shape = "strip"
length = 10.0
width = 6.0
h = 1.5
[film]
delta = 0.0
[boundary]
left = "{end}"
right = "{end}"
top = "insulating"
bottom = "insulating"
[time]
t_end = 100.0
"""


def test_the_page_has_them():
    assert len(BLOCKS) > 14 and len(PYTHON) == 2


@pytest.mark.parametrize("block", BLOCKS, ids=[block.strip().splitlines()[-1][:40] for block in BLOCKS])
def test_a_block_is_a_problem(block, tmp_path, monkeypatch):
    from matplotlib.image import imsave

    monkeypatch.chdir(tmp_path)
    imsave("picture.png", np.linspace(0.2, 0.9, 24).reshape(4, 6), cmap="gray", vmin=0, vmax=1)
    table = tomllib.loads(block)
    if "mesh" not in table:
        magnets = "magnets" in table.get("drive", {})
        table = {**tomllib.loads(STRIP.format(end="insulating" if magnets else "normal")), **table}
    system = fg.System(toml.build(table))
    y, yp = system.consistent(0.0, system.initial(np.ones(system.space.N, dtype=complex)))
    assert np.isfinite(system.residual(0.0, y, yp)).all()


@pytest.mark.parametrize("code", PYTHON)
def test_python_runs_as_it_stands(code):
    exec(code, {})


@pytest.mark.slow
def test_the_photon_of_the_page():
    """5 is forgotten, 20 leaves a phase-slip centre."""
    (photon,) = (block for block in BLOCKS if "A photon arrives" in block)
    weak, strong = (
        fg.run(toml.build({**tomllib.loads(photon.replace("energy = 20.0", f"energy = {energy}"))}))
        for energy in (5.0, 20.0)
    )
    assert weak.summary["slips"] == 0 and weak.summary["heat"]["T"]["max_of_run"] < 1.0
    assert strong.summary["slips"] > 3 and strong.summary["heat"]["T"]["max_of_run"] > 1.0
    assert abs(weak.probes["voltage"][-1]) < 0.05 < 0.5 < strong.probes["voltage"][-1]
