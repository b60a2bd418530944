"""A finite escape time of the filament's own phonons: (3.2), [PSC] (5), their place in the system and their ledger."""

from dataclasses import replace

import numpy as np
import pytest
from conftest import PROBLEMS, complex_step
from scipy.constants import electron_mass

import femtdgl as fg
from femtdgl.equations.feedback import escaping_excess, pair_breaking
from femtdgl.equations.feedback_table import equilibrium
from femtdgl.equations.phonon_balance import emission, rate_of_coupling
from femtdgl.equations.phonons import population_shift
from femtdgl.problem import toml
from femtdgl.problem.presets import interface
from femtdgl.solve.own_phonons import own_phonons
from femtdgl.solve.phonons import BEYOND
from femtdgl.solve.system import System
from femtdgl.thermal.kapitza import escape_time
from femtdgl.units import reduced_temperature

T0 = reduced_temperature(0.1)
PSC = PROBLEMS / "psc_filament.toml"
TWO = fg.Heat(temperatures="two", coupling=2.0, phonons=fg.Carriers(capacity=3.0, conductivity=1.0))
LINE = fg.Line(w=2.0, area=0.7, place=fg.Place(at=0.2, width=0.4))


def phonons(balance, time=2.0, **keys):
    points = keys.pop("points", 1)
    escape = fg.Escape(time=time, emission=keys.pop("emission", 0.3), balance=balance, points=points)
    return fg.ExcessPhonons(strength=keys.pop("strength", 0.5), escape=escape, **keys)


def swinging(x, t):
    shape = 1 + x**2
    return 0.3 * np.sin(0.7 * t) * shape, 0.21 * np.cos(0.7 * t) * shape


VARIANTS = {
    "local": phonons("local"),
    "equation": phonons("equation"),
    "all": phonons("equation", lines=(LINE,), thermal=fg.ThermalExcess(T="T_p")),
}


@pytest.mark.parametrize("potential", [None, swinging])
@pytest.mark.parametrize("name", VARIANTS)
def test_jacobian_against_complex_step(filament, rng, name, potential):
    problem = filament(
        elements=4, right=fg.NormalContact(), phonons=VARIANTS[name], vector_potential=potential,
        heat=TWO if name == "all" else None,
    )  # fmt: skip
    for compiled in (False, True):
        system = System(problem, compiled=compiled)
        y, yp = 0.6 * rng.normal(size=(2, system.size))
        reference = complex_step(system, 0.4, y, yp, 3.7)
        J = system.matrix(system.jacobian(0.4, y, yp, 3.7)).toarray()
        assert np.abs(J - reference).max() < 1e-10 * np.abs(reference).max()


@pytest.mark.parametrize("field", [None, 0.3])
def test_local_balance_in_a_strip(rng, field):
    problem = fg.Problem(
        mesh=fg.mesh.strip(length=2.0, width=0.5, h=0.4), film=fg.Film(delta=3.0), phonons=VARIANTS["local"],
        boundary={"left": fg.Bank(), "right": fg.Bank(), "bottom": fg.Insulating(), "top": fg.Insulating()},
        drive=fg.Drive(current=0.3, field=None if field is None else fg.drive.waveform(field)),
    )  # fmt: skip
    arrays, compiled = (System(problem, compiled=how) for how in (False, True))
    y, yp = 0.6 * rng.normal(size=(2, arrays.size))
    reference = complex_step(arrays, 0.4, y, yp, 3.7)
    data, rate = np.zeros((2, compiled.nnz))
    compiled.jacobian_parts(0.4, y, yp, data, rate)
    for system, entries in ((arrays, arrays.jacobian(0.4, y, yp, 3.7)), (compiled, data + 3.7 * rate)):
        assert np.abs(system.matrix(entries).toarray() - reference).max() < 1e-10 * np.abs(reference).max()


def test_local_balance_is_that_of_the_equations(filament):
    """p = H d_t n against (3.2) with the populations of (2.2), by the collision integral itself, and (3.1)."""
    film = fg.Film(delta=3.0, eta=0.1)
    made = phonons("local", strength=0.02)
    own = own_phonons(made, film, 1.5)
    gamma, psi, rate = 1 / 3.0, 0.7, 1e-4  # so slow that the second order does not count
    tau_eps = 3.0 * np.sqrt(0.1 * film.u)
    axis = emission(1.5, gamma, T0, "derived").axis

    def n(e):
        return equilibrium(T0)(e) + population_shift(e, psi, T0, gamma, rate, tau_eps)

    escape = 2.0 * rate_of_coupling(0.3, 0.1, film.u)
    dN = escaping_excess(axis.w, psi, T0, gamma, n, escape)
    B = pair_breaking(axis.w, psi, gamma, equilibrium(T0))
    p = -0.02 * 3.0 / 0.1 * np.sum(axis.w**2 * axis.weight * B * dN)
    H = own.friction(np.array([psi**2]), np.ones(1))[0][0]
    assert H * 2 * psi * rate == pytest.approx(p, rel=1e-3)
    assert H < 0  # it slows |psi| down


def test_what_leaves_at_once_is_left_out(filament):
    for none in (phonons("local", time=0.0), phonons("equation", emission=0.0), phonons("local", strength=0.0)):
        assert System(filament(phonons=none)).phonons is None


def psc(tmp_path, given, name, **changes):
    problem = replace(toml.load(PSC)[0], phonons=given)
    changes = {"mesh__elements": 24, "time__t_end": 40.0, "time__rtol": 1e-6, "measure__discard": 5.0, **changes}
    return fg.run(problem, tmp_path / name, **changes)


def test_the_equation_becomes_the_balance_for_short_escape_times(tmp_path):
    """dN of the run against (3.2) at the same n and d_t n: the rest is of first order in tau_es."""
    film = toml.load(PSC)[0].film
    found = []
    times = np.array([0.02, 0.04, 0.08])
    for tau in times:
        given = phonons("equation", time=tau, strength=0.02, points=2)
        run = psc(tmp_path, given, f"tau{tau}", time__t_end=15.0)
        own = own_phonons(given, film, BEYOND)  # eps is 1 at most
        psi, psi_t, dN = run.field("psi"), run.field("psi_t"), run.field("dN")
        some = run.t > 5
        n, n_t = np.abs(psi[some]) ** 2, 2 * np.real(psi[some].conj() * psi_t[some])
        a = tau * own.rate
        local = own.drive * own.kappa.each(n)[0] * a / (1 + a * own.R.each(n)[0]) * n_t[..., None]
        found.append(np.abs(np.moveaxis(dN[some], 1, 2) - local).max() / np.abs(local).max())
    order = np.polyfit(np.log(times), np.log(found), 1)[0]
    assert 0.85 < order < 1.15
    assert found[0] < 0.05


def test_a_bottleneck_has_no_temperature_of_its_own(tmp_path):
    """What is emitted to first order is lent: at large tau_es dN swings about what it takes back, and does not grow."""
    run = psc(tmp_path, phonons("equation", time=1e3, emission=1.0, strength=0.02, points=2), "bottleneck")
    s, probes = run.summary, run.probes
    book = s["phonons"]["ledger"]
    assert book["mismatch"] < 1e-4
    assert book["gross_escaping"] < 2e-3 * book["gross_emitted"]
    assert abs(book["emitted"] - book["reabsorbed"]) < 1e-3 * book["gross_emitted"]
    t, stored = np.asarray(probes["t"]), np.asarray(probes["phonons_stored"])
    early, late = (np.abs(stored[(t > a) & (t < a + 12)]).max() for a in (14.0, 28.0))
    assert late == pytest.approx(early, rel=0.02)
    kept = stored[(t > 14) & (t < 38)]
    assert kept.min() < 0 < kept.max()


def test_escape_is_booked_and_its_work_balances(tmp_path):
    for balance in ("local", "equation"):
        s = psc(tmp_path, phonons(balance, time=2.0, emission=0.1, strength=0.02, points=2), balance).summary
        assert s["energy_mismatch"] < 1e-4
        assert s["phonons"]["work"] < 0  # a friction
        assert any("local balance" in warning for warning in s["warnings"]) == (balance == "local")
        assert s["phonons"]["balance"] == balance
        assert s["phonons"]["ledger"]["mismatch"] < 1e-4


def test_figures_of_own_phonons(tmp_path):
    run = psc(tmp_path, phonons("equation", strength=0.02), "run", time__t_end=16.0, mesh__elements=8)
    made = fg.figures.phonons.write_figures(run)
    assert {path.stem for path in made} == {"phonon_feedback", "phonon_spectra"}
    assert all(path.stat().st_size > 10_000 for path in made)
    plain = psc(tmp_path, None, "plain", time__t_end=2.0, mesh__elements=8)
    assert fg.figures.phonons.write_figures(plain) == []


def test_resumed_run_of_the_equation_is_the_same_to_the_bit(tmp_path):
    given = phonons("equation", strength=0.02)
    course = {"time__checkpoint": 2.0, "mesh__elements": 8}
    whole = psc(tmp_path, given, "whole", time__t_end=4.0, **course)
    psc(tmp_path, given, "part", time__t_end=2.0, **course)
    resumed = fg.resume(tmp_path / "part", until=4.0)
    np.testing.assert_array_equal(resumed.field("dN"), whole.field("dN"))
    np.testing.assert_array_equal(resumed.field("psi"), whole.field("psi"))


def test_escape_time_of_an_interface():
    """Between equal solids all goes through: 4 d/s, averaged over the modes by their number."""
    same = interface("aluminium", "aluminium")
    s = np.array(same.film.modes)
    assert escape_time(same.film, same.plate, 1e-7) == pytest.approx(4e-7 * np.sum(s**-3) / np.sum(s**-2), rel=1e-6)
    other = interface("aluminium", "sapphire")
    assert escape_time(other.film, other.plate, 1e-7) > 4e-7 * np.sum(s**-3) / np.sum(s**-2)


def test_escape_in_si():
    film = {"preset": "aluminium", "T0": "1.06 K", "width": "1 um", "thickness": "50 nm"}
    base = {"mesh": {"shape": "line", "length": 1.0, "elements": 4}, "boundary": {"left": "bank", "right": "bank"}}
    tables = [{"time": "20 ps"}, {"solids": ["aluminium", "sapphire"]}]
    by_time, by_solids = (toml.build({**base, "film": film, "phonons": {"escape": table}}) for table in tables)
    scales = by_time.film.scales
    assert by_time.phonons.escapes_in(by_time.film) == pytest.approx(20e-12 / scales.time)
    pair = interface("aluminium", "sapphire")
    expected = escape_time(pair.film, pair.plate, 50e-9) / scales.time
    assert by_solids.phonons.escapes_in(by_solids.film) == pytest.approx(expected)
    own = by_time.film.phonons
    p_F = np.sqrt(2 * electron_mass * own.fermi_energy)
    C = np.pi * own.coupling / 2 * (scales.gap / (own.sound_speed * p_F)) ** 2
    assert by_time.phonons.strength_in(by_time.film) == pytest.approx(C, rel=1e-6)
    assert pytest.approx(1.05e-6, rel=0.03) == C  # docs/phonons.md: at 0.9 Tc
    assert by_time.phonons.escape.coupling(by_time.film) == np.pi * own.coupling * own.debye_over_fermi / 2


BAD = [
    ({"emission": 1.0}, "phonons.escape.time"),
    ({"time": 1.0, "solids": ["aluminium", "sapphire"], "emission": 1.0}, "phonons.escape.time"),
    ({"time": -1.0, "emission": 1.0}, "phonons.escape.time"),
    ({"time": "20 ps", "emission": 1.0}, "phonons.escape.time"),
    ({"time": 1.0}, "phonons.escape.emission"),
    ({"time": 1.0, "emission": -1.0}, "phonons.escape.emission"),
    ({"solids": ["aluminium", "sapphire"], "emission": 1.0}, "phonons.escape.solids"),
    ({"time": 1.0, "emission": 1.0, "points": 0}, "phonons.escape.points"),
]


@pytest.mark.parametrize(("escape", "key"), BAD)
def test_bad_input_names_its_key(tmp_path, escape, key):
    with pytest.raises(fg.InputError) as caught:
        fg.run(PSC, tmp_path / "run", phonons={"strength": 1.0, "escape": escape})
    assert caught.value.key == key
    assert not (tmp_path / "run").exists()


def test_the_equation_is_for_one_dimension():
    with pytest.raises(fg.InputError, match="local") as caught:
        fg.Problem(
            mesh=fg.mesh.strip(length=2.0, width=0.5, h=0.4), film=fg.Film(delta=3.0), phonons=VARIANTS["equation"],
            boundary={name: fg.Insulating() for name in ("left", "right", "bottom", "top")},
        )  # fmt: skip
    assert caught.value.key == "phonons.escape.balance"
