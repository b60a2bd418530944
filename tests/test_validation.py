"""docs/validation.md is what the claims give now, and the numbers on the other pages what their commands give."""

import os
import re
import subprocess
import sys

import pytest
from conftest import PROBLEMS

DOCS = PROBLEMS.parent / "docs"
sys.path.insert(0, str(DOCS))

import printed  # noqa: E402
import validation  # noqa: E402
from claims import load, registry  # noqa: E402
from claims.wording import SENTENCE, agrees, formatted  # noqa: E402

load()


@pytest.mark.slow
def test_quick_claims_are_what_the_page_says():
    assert validation.out_of_date(slow=False) == []


@pytest.mark.slow
def test_all_claims_are_what_the_page_says():
    assert validation.out_of_date(slow=True) == []


NUMBERS = [n for page in printed.PAGES for n in printed.numbers(page.read_text(encoding="utf-8"), page.name)]


@pytest.mark.slow
def test_quick_numbers_are_what_their_commands_give():
    assert [said for n in NUMBERS if not n.slow if (said := printed.out_of_date(n))] == []


@pytest.mark.slow
@pytest.mark.parametrize("source", sorted({n.source for n in NUMBERS if n.slow}))
def test_slow_numbers_are_what_their_commands_give(source):
    assert [said for n in NUMBERS if n.source == source if (said := printed.out_of_date(n))] == []


def test_every_page_with_numbers_of_runs_is_covered():
    assert {"theory.md", "flux.md", "heat.md", "cooler.md", "photonic.md", "planes.md"} <= {n.page for n in NUMBERS}
    assert len(NUMBERS) > 150


def test_no_mark_is_malformed():
    for page in printed.PAGES:
        text = page.read_text(encoding="utf-8")
        assert text.count("<!-- number:") == len(list(printed.numbers(text, page.name))), page.name


def test_a_wrong_number_is_found():
    page = (DOCS / "theory.md").read_text(encoding="utf-8").replace(">5.7882<", ">5.798<", 1)
    wrong = [said for n in printed.numbers(page, "theory.md") if n.key == "u" if (said := printed.out_of_date(n))]
    assert len(wrong) == 1 and "5.798" in wrong[0] and "5.7882" in wrong[0]


def test_a_wrong_value_or_verdict_is_found():
    item = registry.REGISTRY["psc-u"]
    new = registry.computed("psc-u")
    assert list(item.mismatches(new, new)) == []
    assert any("u is" in said for said in item.mismatches({**new, "u": 5.79}, new))
    assert any("verdict" in said for said in item.mismatches({**new, "error": 0.5}, new))
    assert any("names" in said for said in item.mismatches({"u": new["u"]}, new))


def test_a_page_edited_by_hand_is_found(tmp_path, monkeypatch):
    edited = tmp_path / "validation.md"
    edited.write_text(validation.PAGE.read_text(encoding="utf-8").replace("**holds**", "**does not hold**", 1))
    monkeypatch.setattr(validation, "PAGE", edited)
    monkeypatch.setattr(validation, "selected", lambda *, slow: [])
    assert len(validation.out_of_date(slow=False)) == 1


def test_the_claims_cover_the_papers():
    """The numbered equations and the figures of each paper are named as the place of a claim."""
    numbers = {"PSC": range(1, 16), "SN": range(1, 10), "NIS": range(1, 6)}
    for paper, wanted in numbers.items():
        found = set()
        for item in registry.claims(paper):
            for listed in re.findall(r"eqs?\.? (\d+(?:(?:, | to )\d+)*)", item.place):
                found |= {int(number) for number in re.findall(r"\d+", listed)}
                found |= {n for a, b in re.findall(r"(\d+) to (\d+)", listed) for n in range(int(a), int(b))}
        assert set(wanted) <= found, (paper, set(wanted) - found)
    for paper, figures in {"PSC": (1, 2, 3), "SN": (1, 2, 3), "NIS": (1, 2, 3, 4)}.items():
        places = " ".join(item.place for item in registry.claims(paper))
        assert all(f"Fig. {figure}" in places for figure in figures), paper


def test_every_sentence_prints_a_computed_value():
    for item in registry.REGISTRY.values():
        if isinstance(item, registry.Claim) and item.rule is not None and item.compute is not dict:
            assert SENTENCE.fields(item.say), item.name


@pytest.mark.parametrize(
    ("value", "spec", "text"),
    [
        (11.93703, ".5g", "11.937"),
        (2.1e-6, ".0e", "2e-6"),
        (-0.363, ".0%", "-36 %"),
        ([1.0, 2.5], ".1f", "1.0, 2.5"),
        (3e-6, "bound", "1e-5"),
        (8e-16, "bound", "rounding"),
        ("exact", "words", "exact"),
        (None, ".3g", "none"),
    ],
)
def test_formats(value, spec, text):
    assert formatted(value, spec) == text
    assert agrees(text, value, spec)


@pytest.mark.parametrize(
    ("text", "value", "spec"),
    [
        ("11.937", 11.9381, ".5g"),
        ("2e-6", 3e-6, ".0e"),
        ("-36 %", -0.371, ".0%"),
        ("1e-5", 3e-5, "bound"),
        ("1e-5", 1e-9, "bound"),
        ("1.0, 2.5", [1.0, 2.6], ".1f"),
        ("none", 1.0, ".3g"),
        ("exact", "bose", "words"),
    ],
)
def test_disagreements(text, value, spec):
    assert not agrees(text, value, spec)


def test_half_of_the_last_digit_and_a_little_is_agreement():
    assert agrees("11.937", 11.93752, ".5g") and not agrees("11.937", 11.9376, ".5g")


def test_sources_with_changed_keys():
    assert printed.parsed("psc_filament[film.eta=0.2,film.interference=off]") == (
        "psc_filament", {"film.eta": 0.2, "film.interference": "off"},
    )  # fmt: skip
    (number,) = printed.numbers("a <!-- number: ring[mesh.h=0.2] heat.x y.0 *1e3 .2f -->1.00<!-- end --> b", "p.md")
    assert (number.key, number.factor, number.spec, number.slow) == ("heat.x y.0", 1e3, ".2f", True)
    assert number.command == "femtdgl run problems/ring.toml --set mesh.h=0.2"


def test_commands():
    """Both scripts run as they are told to be run; what one claim gives is told on request."""
    environment = {**os.environ, "PYTHONPATH": str(DOCS.parent)}
    command = [sys.executable, "docs/validation.py", "psc-u"]
    told = subprocess.run(command, cwd=DOCS.parent, env=environment, capture_output=True, text=True, check=True).stdout
    assert "holds with a correction" in told and "5.7882" in told
