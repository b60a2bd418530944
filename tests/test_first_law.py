"""The first law: electric work is what the energy of (4.4) gains and what leaves, with no further term."""

import numpy as np
import pytest
from conftest import PROBLEMS

import femtdgl as fg
from femtdgl.measure.heat import ledger_series
from femtdgl.measure.series import Series
from femtdgl.problem.heat import Carriers, Heat, Join
from femtdgl.solve.space import Space
from femtdgl.thermal import ElectronPhonon, Kapitza, Leak, Node

FILE = PROBLEMS / "psc_filament.toml"
ELECTRONS = Carriers(capacity=40.0, conductivity=20.0)
LATTICE = Carriers(capacity=60.0, conductivity=10.0)


def jacket(source, **changes):
    """The filament of [PSC] Fig. 1 from which no heat escapes, C = 400 and k = 50."""
    carriers = {"capacity": 400.0, "capacity_exponent": 0.0, "conductivity": 50.0, "conductivity_exponent": 0.0}
    return fg.run(FILE, heat={"hold": [], "source": source, "electrons": carriers}, until=40.0, **changes)


def energy(result, t):
    """(4.4) of a stored state by a quadrature of its own: (1/2)(|D psi|^2 + n^2/2 - n/eta) + 400 T."""
    space, eta = Space(result.mesh, 2), float(result.attributes["eta"])
    k = int(np.argmin(np.abs(result.t - t)))
    psi, T = result.read("fields/psi", k), result.read("fields/T", k)
    at = (space.operators @ np.column_stack((psi, T))).reshape(2, space.nq, 2)
    n = np.abs(at[0, :, 0]) ** 2
    density = 0.5 * (np.abs(at[1, :, 0]) ** 2 + n**2 / 2 - n / eta) + 400.0 * at[0, :, 1].real
    return float(density @ space.weights)


def work(result, start, end):
    return Series(result.probes["t"], result.probes["work"]).integral(start, end)


def test_an_adiabatic_jacket_keeps_all_of_the_work():
    result = jacket("first-law", output__fields=1.0)
    rise, done = energy(result, 40.0) - energy(result, 10.0), work(result, 10.0, 40.0)
    assert abs(rise / done - 1) < 1e-5
    assert result.field("T")[-1].mean() == pytest.approx(0.96337, abs=5e-5)


def test_without_the_entropy_of_the_condensate_three_percent_are_missing():
    result = jacket("w", output__fields=1.0)
    rise, done = energy(result, 40.0) - energy(result, 10.0), work(result, 10.0, 40.0)
    assert 1 - rise / done == pytest.approx(3.0e-2, abs=2e-3)
    assert any("unaccounted" in warning for warning in result.summary["warnings"])
    assert result.summary["heat"]["source"] == "w"


def test_a_large_heat_capacity_is_the_isothermal_run():
    small = {"mesh__elements": 20, "until": 60.0}
    cold = fg.run(FILE, **small).summary
    warm = fg.run(FILE, **small, heat={"electrons": {"capacity": 1e9, "conductivity": 1e3}}).summary
    assert warm["period"] == pytest.approx(cold["period"], rel=1e-6)


def variants():
    bath = {"bath": Node(temperature=0.9)}
    plate = {
        "nodes": {**bath, "plate": Node(capacity=30.0, capacity_exponent=3.0, initial=0.9)},
        "links": {
            "face": Join(between=("surface", "plate"), link=Kapitza(area=1.0, sigma_K=0.8), per_size=True),
            "foot": Join(between=("plate", "bath"), link=ElectronPhonon(Sigma=0.5, volume=1.0)),
        },
    }
    leak = {"nodes": bath, "links": {"end": Join(between=("volume", "bath"), link=Leak(k=0.7, S=1.0, d=1.0))}}
    two = {"temperatures": "two", "phonons": LATTICE, "coupling": 0.9}
    swing = fg.Table(tuple(np.linspace(0, 24, 13)), tuple(1.7 * np.sin(np.linspace(0, 24, 13) * np.pi / 6)))
    wave = {"up": fg.Ramp(0.0, 1.5, over=1.0), "down": fg.Ramp(0.0, -1.5, over=1.0), "swing": swing}
    for count, temperatures in (("one", {}), ("two", two)):
        for order in (1, 2):
            for name, joined in (("held", {}), ("plate", plate), ("leak", leak)):
                yield f"{count} P{order} {name}", order, Heat(electrons=ELECTRONS, **temperatures, **joined), wave["up"]
        for name in ("down", "swing"):
            yield f"{count} {name}", 2, Heat(electrons=ELECTRONS, **temperatures), wave[name]
        adiabatic = Heat(electrons=Carriers(capacity=8.0, conductivity=20.0), hold=(), **temperatures)
        yield f"{count} through Tc", 2, adiabatic, wave["up"]


VARIANTS = {name: rest for name, *rest in variants()}


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_conserves_energy(filament, name):
    """At every moment to 3e-4 of the work, and over the measured part to 1e-4."""
    order, heat, current = VARIANTS[name]
    film = fg.Film(delta=1 / 0.3, eta=0.1, interference="published")
    problem = filament(
        length=1.1, elements=60 if order == 1 else 24, order=order, film=film, current=current, heat=heat,
        time=fg.Time(t_end=24.0), measure=fg.Measure(discard=2.0),
    )  # fmt: skip
    result = fg.run(problem)
    series = ledger_series(result.probes)
    turned = Series(result.probes["t"], np.abs(result.probes["work"])).running()
    seen = turned > 0.02 * turned[-1]
    assert np.abs(series["unaccounted"][seen] / turned[-1]).max() < 3e-4
    assert result.summary["heat"]["ledger"]["mismatch"] < 1e-4
    if "Tc" in name:
        assert max(result.summary["heat"][T]["max_of_run"] for T in ("T", "T_e") if T in result.summary["heat"]) > 1.0


def test_a_strip_conserves_energy_too():
    boundary = {"left": fg.Bank(), "right": fg.Bank(), "bottom": fg.Insulating(), "top": fg.Insulating()}
    for temperatures in ({}, {"temperatures": "two", "phonons": LATTICE, "coupling": 0.9}):
        problem = fg.Problem(
            mesh=fg.mesh.strip(length=1.2, width=0.6, h=0.2, order=2), film=fg.Film(delta=1 / 0.3, eta=0.1),
            boundary=boundary, drive=fg.Drive(current=fg.Ramp(0.0, 1.5, over=1.0)),
            heat=Heat(electrons=ELECTRONS, **temperatures), time=fg.Time(t_end=16.0, rtol=1e-6),
        )  # fmt: skip
        assert fg.run(problem).summary["heat"]["ledger_of_run"]["mismatch"] < 1e-4
