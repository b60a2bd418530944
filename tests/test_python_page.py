"""The blocks of docs/python.md run, one after the other."""

import re
from pathlib import Path

import pytest
from pages import DOCS, blocks

PAGE = DOCS / "python.md"
BLOCKS = blocks(PAGE, "python")
OTHERS = ("pandas", "xarray")


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    """What the blocks define, run in an empty directory but for those of other libraries."""
    from matplotlib import pyplot as plt

    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("page"))
        for block in BLOCKS:
            if not block.startswith(tuple(f"import {name}" for name in OTHERS)):
                exec(block, found)
        plt.close("all")
        yield found


def test_the_page_has_them():
    assert len(BLOCKS) == 7


def test_blocks_run_and_write_what_they_say(names):
    assert Path("film.toml").exists() and Path("film.png").stat().st_size > 10_000
    assert Path("film/result.h5").exists() and len(names["table"]) == 3
    voltages = [voltage for _, voltage in names["table"]]
    assert voltages == sorted(voltages)


@pytest.mark.parametrize("other", OTHERS)
def test_blocks_of_other_libraries(other, names):
    pytest.importorskip(other)
    (block,) = [block for block in BLOCKS if block.startswith(f"import {other}")]
    exec(block, dict(names))


def test_names_of_the_table_are_there(names):
    for name in re.findall(r"`result\.(\w+)", PAGE.read_text()):
        assert hasattr(names["result"], name), name
