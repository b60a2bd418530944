"""Units: the exact identities of theory note, section 0, and the parser of quantities."""

import math

import pytest
from conftest import numbers
from hypothesis import given
from hypothesis import strategies as st

from femtdgl.errors import InputError
from femtdgl.input.quantities import BASES, PREFIXES
from femtdgl.units import E_CHARGE, HBAR, K_B, Scales, U, parse, reduced_temperature


@pytest.fixture
def scales():
    return Scales(Tc=1.2, T0=1.08, D=5e-3, sigma_n=2e7, tau_eps=2e-9)


def test_u_is_E0():
    assert pytest.approx(5.7882, abs=1e-4) == U


def test_exact_identities(scales):
    assert scales.gap * scales.time == pytest.approx(HBAR / (2 * math.sqrt(U * scales.eta)), rel=1e-14)
    assert 2 * scales.tau_eps / scales.time == pytest.approx(2 * scales.delta * math.sqrt(scales.eta * U), rel=1e-14)
    assert scales.gap / (2 * K_B * scales.Tc) == pytest.approx(2 / math.pi * math.sqrt(scales.eta * U), rel=1e-14)
    assert scales.length**2 / (U * scales.D) == pytest.approx(scales.time, rel=1e-14)


def test_paper_form_of_j0(scales):
    """j0 = 4 u sigma_n (Tc - T)/(pi xi) in the paper's units: times kB/e."""
    paper = 4 * U * scales.sigma_n * K_B * (scales.Tc - scales.T0) / (math.pi * E_CHARGE * scales.length)
    assert scales.current_density == pytest.approx(paper, rel=1e-14)


def test_energy_units_agree(scales):
    """2 eta N(0) Delta0^2/t0 = j0 V0/xi when N(0) = sigma_n/(2 e^2 D)."""
    energy = 2 * scales.eta * scales.density_of_states * scales.gap**2
    assert energy / scales.time == pytest.approx(scales.power_density, rel=1e-12)
    assert scales.heat_capacity * scales.Tc == pytest.approx(energy, rel=1e-14)


def test_reduced_temperature():
    assert reduced_temperature(0.1) == pytest.approx(0.929093, abs=1e-6)


@pytest.mark.parametrize(
    ("change", "key"),
    [({"T0": 1.3}, "T0"), ({"D": -1.0}, "D"), ({"tau_eps": math.nan}, "tau_eps"), ({"Tc": 0.0}, "Tc")],
)
def test_bad_scales_name_themselves(change, key):
    with pytest.raises(InputError) as error:
        Scales(**{"Tc": 1.2, "T0": 1.08, "D": 5e-3, "sigma_n": 2e7, **change})
    assert error.value.key == key


@given(
    numbers(-1e6, 1e6), st.sampled_from(sorted(PREFIXES)), st.sampled_from(sorted(BASES)), st.sampled_from(["", " "])
)
def test_parse_reads_every_unit(number, prefix, base, space):
    text = f"{number!r}{space}{prefix}{base}"
    expected = number * PREFIXES[prefix]
    assert parse(text, BASES[base]) == pytest.approx(expected, rel=1e-12, abs=0)


@given(st.text(max_size=12))
def test_parse_never_breaks_otherwise(text):
    try:
        assert isinstance(parse(text), float)
    except InputError as error:
        assert error.allowed


@pytest.mark.parametrize(("text", "dimension"), [("2 um", "time"), ("3 parsec", None), ("um", "length"), ("", None)])
def test_wrong_quantities(text, dimension):
    with pytest.raises(InputError):
        parse(text, dimension)


def test_density_of_states_must_fit_conductivity_and_diffusion():
    """Otherwise the unit of energy would have two values: 2 eta N(0) Delta0^2 and j0 V0 t0/xi."""
    fits = 1e6 / (2 * E_CHARGE**2 * 1e-3)
    scales = Scales(Tc=1.2, T0=1.08, D=1e-3, sigma_n=1e6, N0=fits)
    assert scales.heat_capacity * scales.Tc == pytest.approx(scales.power_density * scales.time, rel=1e-9)
    with pytest.raises(InputError, match="Einstein"):
        Scales(Tc=1.2, T0=1.08, D=1e-3, sigma_n=1e6, N0=1.01 * fits)
