"""The parser of quantities: compound units with prefixes everywhere, and any text."""

import math
import string
from fractions import Fraction

import pytest
from conftest import numbers
from hypothesis import given
from hypothesis import strategies as st

from femtdgl.errors import InputError
from femtdgl.input.quantities import BASES, COMPOUND, PREFIXES, quantity

UNITS = sorted(BASES | COMPOUND)


@given(numbers(-1e6, 1e6), st.sampled_from(UNITS), st.data())
def test_compound_units_with_prefixes_everywhere(number, unit, data):
    """Against fractions: every symbol of a product has its own prefix, raised to its power."""
    factor, written, place = Fraction(1), "", 0
    while place < len(unit):
        symbol = next((s for s in ("Ohm", "sq", "Hz", *BASES) if unit.startswith(s, place)), None)
        if symbol is None:
            written += unit[place]
            place += 1
            continue
        prefix = "" if symbol == "sq" else data.draw(st.sampled_from(sorted(PREFIXES)))
        place += len(symbol)
        power = int(unit[place + 1]) if unit.startswith("^", place) else 1
        if written.rstrip().endswith("/"):
            power = -power
        factor *= Fraction(PREFIXES[prefix]) ** power
        written += prefix + symbol
    found = quantity(f"{number!r} {written}")
    assert found.dimension == (BASES | COMPOUND)[unit]
    assert found.value == pytest.approx(number * float(factor), rel=1e-12, abs=0)


@given(st.text(alphabet=string.ascii_letters + string.digits + "^/* .µ²-", max_size=12))
def test_any_text_is_a_quantity_or_refused_in_words(unit):
    try:
        found = quantity(f"1 {unit}")
    except InputError as error:
        assert error.allowed
    else:
        assert math.isfinite(found.value)


@pytest.mark.parametrize(
    ("written", "value", "dimension"),
    [
        ("3 MA/cm^2", 3e10, "current density"),
        ("3 MA/cm²", 3e10, "current density"),
        ("0.5 cm2/s", 0.5e-4, "diffusion coefficient"),
        ("20 uOhm cm", 2e-7, "resistivity"),
        ("400 Ohm/sq", 400.0, "sheet resistance"),
        ("1.7 T/K", 1.7, "slope of a field"),
        ("7", 7.0, None),
    ],
)
def test_compound_units_as_people_write_them(written, value, dimension):
    found = quantity(written)
    assert found.value == pytest.approx(value, rel=1e-12)
    assert found.dimension == dimension
