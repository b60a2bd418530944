"""The README holds two commands, and its Python example runs as it stands (for a shorter time)."""

import re

import pytest
from pages import ROOT, blocks, links

PAGE = ROOT / "README.md"
README = PAGE.read_text()


def test_two_commands():
    commands = re.findall(r"^pip install .*$", README, flags=re.MULTILINE)
    assert commands == [
        "pip install -e . && femtdgl run problems/psc_filament.toml",
        "pip install -e '.[test]' && pytest",
    ]


def test_python_example(capsys):
    (code,) = blocks(PAGE, "python")
    assert "until=150" in code
    exec(code)
    period, mismatch = map(float, capsys.readouterr().out.split())
    assert period == pytest.approx(11.937, abs=0.01)
    assert mismatch < 1e-4


@pytest.mark.parametrize("path", [path for path, _ in links(PAGE)])
def test_links_lead_somewhere(path):
    assert (ROOT / path).exists()
