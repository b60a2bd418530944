"""The README holds two commands, and its Python example runs as it stands (for a shorter time)."""

import re
from pathlib import Path

import pytest

README = (Path(__file__).parent.parent / "README.md").read_text()


def test_two_commands():
    commands = re.findall(r"^pip install .*$", README, flags=re.MULTILINE)
    assert commands == [
        "pip install -e . && femtdgl run problems/psc_filament.toml",
        "pip install -e '.[test]' && pytest",
    ]


def test_python_example(capsys):
    code = re.search(r"```python\n(.*?)```", README, flags=re.DOTALL)[1]
    assert "until=150" in code
    exec(code)
    period, mismatch = map(float, capsys.readouterr().out.split())
    assert period == pytest.approx(11.937, abs=0.01)
    assert mismatch < 1e-4


@pytest.mark.parametrize("path", re.findall(r"\]\(([^)]+\.(?:md|png))\)", README))
def test_links_lead_somewhere(path):
    assert (Path(__file__).parent.parent / path).exists()
