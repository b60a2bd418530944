"""Current leads: Wiedemann and Franz with Joule heat, by themselves and between the bath and the plate of a cooler."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from test_cooler import cooler

from femtdgl.errors import InputError
from femtdgl.thermal import Kapitza, Lead, Leak, Network, Node
from femtdgl.thermal.cooler_links import arriving
from femtdgl.thermal.lead import LORENZ, least_heat

WIRE = {"resistivity": 1e-8, "length": 5e-3, "cross_section": 2e-12}


def test_conducts_by_wiedemann_and_franz():
    lead = Lead(**WIRE)
    assert lead.resistance == pytest.approx(25.0)
    assert pytest.approx(2.443e-8, rel=1e-3) == LORENZ
    assert lead.power(1.0, 0.8) == pytest.approx(LORENZ * (1.0 - 0.64) / 50, rel=1e-12)
    assert lead.work(1.0, 0.8) == 0.0


@pytest.mark.parametrize("current", [2e-6, 1e-5])
def test_heat_at_the_ends_against_the_profile(current):
    """d(L0 T/rho dT/dx)/dx = -rho (I/S)^2 integrated from a to b: what enters at a arrives with the Joule heat."""
    lead = Lead(**WIRE, current=current)
    S, k = lead.cross_section, LORENZ / lead.resistivity
    entering, T_a, T_b = lead.power(1.0, 0.7), 1.0, 0.7

    def profile(x, y):
        T, flux = y  # K, W through the cross-section
        return [-flux / (k * T * S), lead.resistivity * current**2 / S]

    end = solve_ivp(profile, (0, lead.length), [T_a, entering], rtol=1e-11, atol=1e-30).y[:, -1]
    assert end[0] == pytest.approx(T_b, rel=1e-8)
    assert end[1] == pytest.approx(arriving(lead, T_a, T_b), rel=1e-8)
    assert arriving(lead, T_a, T_b) - entering == pytest.approx(current**2 * 25.0, rel=1e-10)


def test_least_heat_is_the_least():
    """Of all resistances at this current; the conducted and the Joule heat are then alike."""
    current = 3e-6

    def heat(R):
        return arriving(Lead(resistivity=R, length=1.0, cross_section=1.0, current=current), 1.0, 0.9)

    best = math.sqrt(LORENZ * (1 - 0.81)) / current
    assert heat(best) == pytest.approx(least_heat(current, 1.0, 0.9), rel=1e-12)
    assert all(heat(best * factor) > heat(best) for factor in (0.5, 0.9, 1.1, 2.0))


def test_superconducting_lead_has_no_joule_heat():
    normal, other = Lead(**WIRE, current=1e-5), Lead(**WIRE, current=1e-5, superconducting=True)
    assert other.joule == 0.0 and other.power(1.0, 0.7) == normal.conducted(1.0, 0.7)


def test_a_lead_in_a_network_heats_both_its_ends():
    """Both ends at 1 K behind leaks of 1e-9 W/K: each carries half of the Joule heat away."""
    lead = Lead(**WIRE, current=1e-6)
    leak = Leak(k=1e-9, S=1.0, d=1.0)
    network = Network(
        {"a": Node(), "b": Node(), "bath": Node(temperature=1.0)},
        {"lead": ("a", "b", lead), "one": ("a", "bath", leak), "two": ("b", "bath", leak)},
    )
    state = network.steady({"a": 1.0, "b": 1.0}, alone=True)
    assert state.temperatures["a"] == pytest.approx(1 + 0.5 * lead.joule / 1e-9, rel=1e-9)
    assert state.temperatures["b"] == pytest.approx(state.temperatures["a"], rel=1e-9)


def with_leads(current=0.0, **change):
    lead = Lead(resistivity=1e-8, length=1e-3, cross_section=4e-12, current=current)
    return cooler(**{"leads": lead, "leak": Leak(k=3e9, S=1e-12, d=2e-8)} | change)


def as_network(made):
    """Film, plate, bath, two interfaces and the leads: none of the formulas of the cooler."""
    return Network(
        {"film": Node(heat=made.P_joule), "plate": Node(heat=made.load), "bath": Node(temperature=made.T_bath)},
        {
            "top": ("film", "plate", made.top),
            "bottom": ("film", "bath", made.bottom),
            **{f"lead {k}": ("bath", "plate", made.leads) for k in range(made.lead_count)},
        },
    )


@pytest.mark.parametrize("current", [0.0, 3e-6])
@pytest.mark.parametrize("lead_count", [2, 5])
def test_passive_cooler_with_leads_is_its_network(current, lead_count):
    made = with_leads(current, lead_count=lead_count, load=1e-11)
    state = as_network(made).steady({"film": 1.1, "plate": 1.1}, alone=True)
    assert made.steady("reciprocal").T_cold == pytest.approx(state.temperatures["plate"], rel=1e-9)
    assert made.filament_temperature == pytest.approx(state.temperatures["film"], rel=1e-9)


def test_balance_of_the_ideal_mode_with_leads():
    """(5.6): kappa P_J = what the stack and the leads bring."""
    made = with_leads(2e-6)
    T = made.steady("ideal").T_cold
    by_leads = 2 * (LORENZ * (1 - T * T) / (2 * made.leads.resistance) + (2e-6) ** 2 * made.leads.resistance / 2)
    assert made.leads_heat(T) == pytest.approx(by_leads, rel=1e-12)
    assert made.g_W * made.P_joule == pytest.approx(made.stack.power(1.0, T) + by_leads, rel=1e-12)
    assert cooler(leak=made.leak).steady("ideal").T_cold < T


def test_filaments_in_series_outdo_the_leads():
    """What [PSC] says: the same current through many filaments, so the leads' heat is shared between them."""
    plates = [with_leads(2e-6, count=n).steady("ideal").T_cold for n in (1, 10, 100000)]
    assert plates[0] > plates[1] > plates[2]
    assert plates[2] == pytest.approx(with_leads(leads=None).steady("ideal").T_cold, rel=1e-4)


def test_too_much_heat_from_the_leads_is_said():
    strong = Lead(resistivity=1e-8, length=1e-3, cross_section=4e-11)
    assert "leads" in with_leads(leads=strong).steady("ideal").limit


def test_largest_power_with_leads_leaves_the_filament_at_tc():
    for made in (with_leads(2e-6), with_leads(2e-6, count=3, load=1e-11)):
        gentle = made.at_largest_power()
        assert gentle.filament_temperature == pytest.approx(made.Tc, rel=1e-10)
    hot = with_leads(2e-4)  # the leads alone would heat it beyond Tc
    assert hot.at_largest_power() is None


def test_ledger_of_the_transient_closes_with_leads():
    run = with_leads(2e-6).approach("ideal", 1e-3)
    assert run.energy_mismatch < 1e-6
    assert {"pump", "way_back", "leads"} <= set(run.energies)


def test_a_thicker_film_carries_more_current():
    from femtdgl.thermal.cooler import against_thickness

    ((thick, _),) = against_thickness(with_leads(2e-6), [3.0])
    assert thick.leads.current == pytest.approx(6e-6) and thick.P_joule == pytest.approx(6e-10)


@pytest.mark.parametrize(
    ("make", "key"),
    [
        (lambda: Lead(**{**WIRE, "resistivity": 0.0}), "resistivity"),
        (lambda: Lead(**{**WIRE, "length": -1.0}), "length"),
        (lambda: Lead(**WIRE, current=-1.0), "current"),
        (lambda: Lead(**WIRE).power(1.0, 0.0), "T_b"),
        (lambda: with_leads(lead_count=0), "lead_count"),
    ],
)
def test_bad_input(make, key):
    with pytest.raises(InputError) as error:
        make()
    assert error.value.key == key


def test_without_leads_nothing_changes():
    made = cooler()
    assert made.leads_heat(0.9) == 0.0
    assert replace(made, lead_count=7).steady("ideal") == made.steady("ideal")
    assert isinstance(made.top, Kapitza) and np.isfinite(made.filament_temperature)
