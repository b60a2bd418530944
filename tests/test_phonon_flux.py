"""The flux of a run whose phonons stay for a while is that of what leaves."""

from dataclasses import replace

import numpy as np
import pytest
from conftest import PROBLEMS

import femtdgl as fg
from femtdgl.flux import emission
from femtdgl.flux.excess import taken_power
from femtdgl.flux.linear import exchange
from femtdgl.flux.panels import Panels
from femtdgl.flux.relaxation import relaxation_time
from femtdgl.measure.series import Series
from femtdgl.problem import toml
from femtdgl.units import reduced_temperature

PSC = PROBLEMS / "psc_filament.toml"
T, GAMMA = 0.929, 0.3


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("escape")
    problem, _ = toml.load(PSC)

    def run(tau):
        escape = fg.Escape(time=tau, emission=1.0)
        given = replace(problem, phonons=fg.ExcessPhonons(strength=0.02, escape=escape))
        changes = {"mesh__elements": 24, "time__t_end": 40.0, "time__rtol": 1e-6, "measure__discard": 5.0}
        return fg.run(given, folder / f"tau{tau}", **changes)

    return {tau: run(tau) for tau in (0.0, 1.0, 10.0)}


def test_energy_of_the_flux_is_that_which_the_run_booked_as_escaping(runs):
    """Two ways: the spectrum of the record, and the probe of the march."""
    run = runs[1.0]
    w = Panels(np.concatenate([np.linspace(0, 2.4, 9), np.geomspace(2.4, 24, 9)[1:]]), 6)
    flux = fg.phonon_flux(run, w.nodes)
    some = slice(200, 700, 7)
    booked = Series(np.asarray(run.probes["t"]), np.asarray(run.probes["phonons_escaping"])).at(*flux.t[some])
    power = flux.filament[some] @ w.weights
    assert np.abs(power - booked).max() < 1e-3 * np.abs(booked).max()


def test_the_flux_of_a_run_with_an_equation_is_its_own_dN(tmp_path):
    """Energy of the spectrum against the probe of the march, and far from the local balance where that is no good."""
    escape = fg.Escape(time=10.0, emission=0.05, balance="equation", points=2)
    problem = replace(toml.load(PSC)[0], phonons=fg.ExcessPhonons(strength=0.02, escape=escape))
    changes = {"mesh__elements": 16, "time__t_end": 40.0, "time__rtol": 1e-6, "measure__discard": 5.0}
    run = fg.run(problem, tmp_path / "run", **changes)
    w = Panels(np.concatenate([np.linspace(0, 2.4, 9), np.geomspace(2.4, 13, 9)[1:]]), 6)
    flux = fg.phonon_flux(run, w.nodes)
    some = slice(200, 700, 7)
    booked = Series(np.asarray(run.probes["t"]), np.asarray(run.probes["phonons_escaping"])).at(*flux.t[some])
    assert np.abs(flux.filament[some] @ w.weights - booked).max() < 5e-3 * np.abs(booked).max()
    book, ledger = emission.flux_ledger(run), run.summary["phonons"]["ledger"]
    assert book.escaping_share == pytest.approx(ledger["gross_escaping"] / ledger["gross_emitted"], rel=0.15)
    local = emission.Record(run, run.t).escape
    assert book.escaping_share < 0.5 / (1 + local)
    written = emission.write_flux(run, full=True, w=np.linspace(0.1, 8, 12))
    assert written.summary["escaping_share"] == pytest.approx(book.escaping_share, rel=1e-5)
    assert any("dN of the run" in sentence for sentence in book.warnings)


def test_what_is_not_let_out_does_not_cool(runs):
    books = {tau: emission.flux_ledger(run) for tau, run in runs.items()}
    assert books[0.0].escaping_share is None
    assert 0 < books[10.0].escaping_share < books[1.0].escaping_share < 1
    for name in ("g_rev", "gross_emission"):
        free, some, few = (getattr(books[tau], name) for tau in (0.0, 1.0, 10.0))
        assert 0 < few < some < free
    assert books[10.0].g_W <= books[1.0].g_W < books[0.0].g_W
    assert any("tau_es" in sentence for sentence in books[1.0].warnings)
    assert abs(books[1.0].net_linear) < 1e-3 * books[1.0].gross_emission


def test_fast_escape_is_free_escape():
    free, fast = exchange(0.8, T, GAMMA), exchange(0.8, T, GAMMA, escape=1e-7)
    np.testing.assert_allclose(fast.net(free.psi), free.net(free.psi), rtol=1e-5, atol=1e-9)


def test_what_is_taken_from_a_given_excess(filament):
    """A normal film: R = w, so that a line of area A takes w^4 A T/(2 tau_eps); linear in place and waveform."""
    film = filament().film
    wave = fg.drive.waveform({"ramp": [0.0, 2.0], "over": 1.0})
    line = fg.Line(w=2.0, area=0.3, place=fg.Place(at=0.0, width=0.5), amplitude=wave)
    given = fg.ExcessPhonons(strength=1.0, lines=(line,))
    x, t = np.array([[0.0, 0.5]]), np.array([0.5, 3.0])
    taken = taken_power(given, film, x, t, np.zeros((2, 2)))
    unit = reduced_temperature(0.1) / (2 * relaxation_time(3.0, 0.1))
    one = unit * 2.0**4 * 0.3
    np.testing.assert_allclose(taken, one * np.outer([1.0, 2.0], [1.0, np.exp(-0.5)]), rtol=1e-7)


def test_hot_phonons_are_taken_and_cold_ones_give(filament):
    film, x, t = filament().film, np.array([[-0.4, 0.4]]), np.array([0.0, 1.0])
    psi = np.full((2, 2), 0.7)
    for T, sign in ((0.95, 1), (0.85, -1)):
        given = fg.ExcessPhonons(strength=1.0, thermal=fg.ThermalExcess(T=T))
        assert np.all(np.sign(taken_power(given, film, x, t, psi)) == sign)
    spots = fg.ThermalExcess(T=0.9, profile=(fg.Spot(depth=0.05, at=0.4, width=0.1),))
    taken = taken_power(fg.ExcessPhonons(strength=1.0, thermal=spots), film, x, t, psi)
    hot = taken_power(fg.ExcessPhonons(strength=1.0, thermal=fg.ThermalExcess(T=0.95)), film, x, t, psi)
    np.testing.assert_allclose(taken[:, 1], hot[:, 1], rtol=1e-6)
    assert np.all(np.abs(taken[:, 0]) < 1e-9 * hot[:, 0])
