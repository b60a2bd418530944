"""The phonon flux of a real run: balance over a period, point values, the ledger, bad input."""

import json
import re
import subprocess
import sys

import h5py
import numpy as np
import pytest
from conftest import PROBLEMS

import femtdgl as fg
from femtdgl.equations.phonons import phonon_kernel, reversible_heat
from femtdgl.errors import InputError
from femtdgl.files.reader import Result
from femtdgl.flux import emission
from femtdgl.flux.ledger import ledger
from femtdgl.problem import toml
from femtdgl.problem.presets import MATERIALS
from femtdgl.units import HBAR, K_B, reduced_temperature

FILE = PROBLEMS / "psc_filament.toml"
PAGE = (PROBLEMS.parent / "docs" / "flux.md").read_text()
T, GAMMA = reduced_temperature(0.1), 0.3
W = np.linspace(0.1, 7.0, 40)
LINE = {
    "mesh": {"shape": "line", "length": 2.0, "elements": 10},
    "boundary": {"left": "bank", "right": "bank"},
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    where = tmp_path_factory.mktemp("flux") / "run"
    fg.run(FILE, where, until=50.0, mesh__elements=30, measure__discard=12.0, output__fields=0.1)
    return where


@pytest.mark.slow
def test_net_over_a_period_is_zero_and_falls_with_the_output_interval(run):
    shares = []
    for interval in (0.4, 0.2, 0.1):
        where = run
        if interval != 0.1:
            result = fg.run(FILE, until=50.0, mesh__elements=30, measure__discard=12.0, output__fields=interval)
        else:
            result = Result(where)
        book = emission.flux_ledger(result)
        assert abs(book.net_linear) < 1e-4 * book.gross_emission  # |psi| at the two slips, cubic in between
        shares.append(abs(book.net_sampled) / book.gross_emission)
    assert shares[-1] < 1e-3
    assert shares[0] > shares[-1]


@pytest.mark.parametrize("kernel", ["exact", "bose", "printed"])
def test_point_values_against_the_kernel_itself(run, kernel):
    """dW/dw at stored times and a node is w^3 K(w; |psi|) d|psi|/dt."""
    result = Result(run)
    node = 20
    flux = fg.phonon_flux(result, W, kernel, positions=[node])
    psi, psi_t = result.field("psi")[:, node], result.field("psi_t")[:, node]
    rate = np.real(psi.conj() * psi_t) / np.abs(psi)
    rows = np.arange(5, result.t.size, 37)
    direct = W**3 * phonon_kernel(W, np.abs(psi[rows, None]), T, GAMMA, kernel) * rate[rows, None]
    largest = np.abs(W**3 * phonon_kernel(W, 1.0, T, GAMMA, kernel)).max() * np.abs(rate).max()
    assert np.abs(flux.positions[rows, 0] - direct).max() < 2e-6 * largest


@pytest.mark.slow
def test_filament_flux_and_gross_emission_against_a_direct_quadrature(run):
    result = Result(run)
    times, period = emission.last_cycle(result)
    assert period == pytest.approx(11.937, abs=0.01)
    record = emission.Record(result, times)
    book = emission.flux_ledger(result)
    w = np.linspace(0.005, 25.0, 1500)
    grid = np.linspace(0, 1.0, 60)
    H = w**3 * phonon_kernel(w, grid[:, None], T, GAMMA)
    up, down = (np.trapezoid(np.maximum(sign * H, 0), w, axis=1) for sign in (1, -1))
    plus, minus = np.interp(record.psi_abs, grid, up), np.interp(record.psi_abs, grid, down)
    emitted = np.maximum(record.rate, 0) * plus + np.maximum(-record.rate, 0) * minus
    gross = np.trapezoid(emitted @ record.weights, times) / period
    assert book.gross_emission == pytest.approx(gross, rel=2e-3)
    assert record.weights.sum() == pytest.approx(1.1)


def test_ledger_closes(run):
    book = emission.flux_ledger(Result(run))
    assert book.irreversible == pytest.approx(book.joule, rel=2e-3)  # w between frames is linear
    assert book.gross_emission == pytest.approx(book.gross_absorption, rel=1e-4)
    assert 0 < book.g_W < 1
    assert book.omega_tau_eps == pytest.approx(1.335, abs=2e-3)
    assert any("Omega tau_eps" in warning for warning in book.warnings)


def test_relaxation_loss_is_its_work_and_the_average_has_a_deficit(run):
    flux = fg.phonon_flux(Result(run), np.linspace(0.3, 5.0, 24), kinetics="relaxation")
    assert flux.loss.sum() == pytest.approx(flux.work.sum(), rel=1e-6)
    assert flux.average[0] < 0 < flux.average[-1]
    assert np.count_nonzero(np.diff(np.sign(flux.average))) == 1


def test_command_writes_what_the_contract_says(run):
    done = subprocess.run(
        [sys.executable, "-m", "femtdgl", "flux", str(run), "--kernel", "bose", "--full"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "kernel bose" in done.stdout
    book = json.loads((run / "flux.json").read_text())
    for key in (
        "kernel", "kinetics", "gross_emission", "gross_absorption", "net_linear", "joule", "irreversible", "g_W",
        "g_rev", "gross_spectral_share", "mean_spectral_share", "g_W_with_negative_w", "w_negative", "energy_ratio",
        "omega_tau_eps", "n_min", "n_max", "warnings",
    ):  # fmt: skip
        assert key in book
    assert book["kernel"] == "bose"
    assert (run / "figures" / "flux.png").stat().st_size > 10_000
    with h5py.File(run / "flux.h5") as file, h5py.File(run / "result.h5") as result:
        nt, nw = file["t"].size, file["w"].size
        assert file["filament"].shape == (nt, nw)
        assert file["flux"].shape == (nt, result["fields/psi"].shape[1], nw)
        weights = emission.Record(Result(run), Result(run).t).weights
        np.testing.assert_allclose(
            np.tensordot(file["flux"][7], weights, (0, 0)), file["filament"][7], rtol=1e-4, atol=1e-6
        )


def test_what_is_absorbed_per_joule_heat_in_three_ways(run):
    """g_W nets the irreversible emission at the same x and t, g_rev does not, the share of (2.6) goes by frequency."""
    result = Result(run)
    book = emission.flux_ledger(result)
    assert book.g_W == pytest.approx(0.0663, rel=2e-3)
    assert book.g_rev == pytest.approx(0.1947, rel=2e-3)
    assert book.g_rev == pytest.approx(book.reversible_heat / book.joule, rel=1e-4)  # isothermal, a closed cycle
    assert book.g_W_with_negative_w == book.g_W and book.w_negative == 0
    assert book.reversible_heat == pytest.approx(0.154, abs=5e-4)  # five times smaller than the Joule heat (E7)
    assert book.joule == pytest.approx(0.790, abs=5e-4)
    assert book.gross_spectral_share == pytest.approx(0.818, abs=4e-3)
    assert book.mean_spectral_share == pytest.approx(0.0446, abs=1e-3)
    for key, form in (
        ("g_W", ".3g"),
        ("g_rev", ".3g"),
        ("gross_spectral_share", ".2g"),
        ("mean_spectral_share", ".2g"),
    ):
        printed = re.search(rf"^\| `{key}` \|.*\| ([\d.]+) \|$", PAGE, re.MULTILINE)[1]
        assert printed == format(getattr(book, key), form)
    assert f"is {book.reversible_heat:.3f} (`reversible_heat`" in PAGE
    assert f"the Joule heat\n{book.joule:.3f} of the same units" in PAGE


@pytest.mark.slow
def test_spectral_shares_against_the_average_spectrum(run):
    """The share of the mean is that of `phonon_flux`, which takes twice the times and its own frequencies."""
    result = Result(run)
    w = np.linspace(0.02, 20.0, 160)
    average = fg.phonon_flux(result, w, kinetics="relaxation").average
    lost, given = (np.trapezoid(np.maximum(sign * average, 0), w) for sign in (-1, 1))
    assert emission.flux_ledger(result).mean_spectral_share == pytest.approx(lost / given, rel=2e-2)


def test_negative_w_is_no_heat_and_is_reported_apart():
    """interference = "consistent": with its negative w counted, more would be absorbed than the reversible heat."""
    changes = {"until": 75.0, "mesh__elements": 40, "measure__discard": 12.0, "film__interference": "consistent"}
    book = emission.flux_ledger(fg.run(FILE, **changes))
    assert book.g_W_with_negative_w == pytest.approx(0.222, rel=5e-3)
    assert book.g_W == pytest.approx(0.1206, rel=5e-3)
    assert book.g_W < book.g_rev < book.g_W_with_negative_w
    assert book.w_negative == pytest.approx(0.053, rel=2e-2)
    assert any("not a heat, and is not counted" in warning for warning in book.warnings)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"w": [-1.0, 2.0]}, "w"),
        ({"w": [np.nan]}, "w"),
        ({"kernel": "best"}, "kernel"),
        ({"kinetics": "fast"}, "kinetics"),
    ],
)
def test_bad_input(run, change, key):
    with pytest.raises(InputError) as error:
        fg.phonon_flux(Result(run), **{"w": W, **change})
    assert error.value.key == key


def test_result_without_fields_and_gapless_film(run, tmp_path):
    with h5py.File(run / "result.h5") as old, h5py.File(tmp_path / "result.h5", "w") as new:
        new.attrs.update(old.attrs)
        for name in ("probes", "slips", "mesh"):
            old.copy(name, new)
    (tmp_path / "summary.json").write_text((run / "summary.json").read_text())
    with pytest.raises(InputError, match="holds no 'fields/t'"):
        fg.phonon_flux(Result(tmp_path), W)
    gapless = fg.run(PROBLEMS / "psc_gapless.toml", until=2.0, mesh__elements=10)
    with pytest.raises(InputError, match="gapless"):
        fg.phonon_flux(gapless, W)


def test_si_prefactor_needs_a_material(run):
    scales = fg.Scales(Tc=3.7, T0=3.33, D=1e-2, sigma_n=5e7, tau_eps=3e-11)
    phonons = fg.Phonons(coupling=0.6, sound_speed=2.0e3, debye_over_fermi=1.6e-3, cross_section=1e-14)
    film = fg.Film(scales=scales, phonons=phonons)
    assert film.delta == pytest.approx(scales.delta)
    assert emission.prefactor(film) > 0
    double = fg.Film(scales=scales, phonons=fg.Phonons(**{**phonons.__dict__, "cross_section": 2e-14}))
    assert emission.prefactor(double) == pytest.approx(2 * emission.prefactor(film))
    assert emission.prefactor(fg.Film(delta=1.0)) is None


RATIOS = [
    (name, kernel, float(value))
    for name, *values in re.findall(r"^\| (\w+) \| (0\.0\d+) \| (0\.0\d+) \|$", PAGE, re.MULTILINE)
    for kernel, value in zip(("exact", "bose"), values, strict=True)
]
"""The table of docs/flux.md."""


def test_the_page_has_all_materials():
    assert {name for name, *_ in RATIOS} == set(MATERIALS)
    assert ("aluminium", "exact", 0.0510) in RATIOS


@pytest.mark.parametrize(("name", "kernel", "ratio"), RATIOS)
def test_energy_of_the_SI_spectrum_against_the_exchange_that_it_is_the_spectrum_of(name, kernel, ratio):
    """(2.1) of a material at |psi| = 1, gamma = 0.3, against -T dS/dt = (N(0)/T) S1 d|Delta|/dt, all in SI by hand.

    tau_eps is that of the material; only gamma is not its own, for the quadrature.
    """
    m, volume = MATERIALS[name], 1e-20
    film = toml.build({**LINE, "film": {"preset": name, "T0": 0.9 * m.Tc, "cross_section": 1e-14}}).film
    w = np.linspace(1e-3, 32.0, 4001)
    area = np.trapezoid(w**3 * phonon_kernel(w, 1.0, T, GAMMA, kernel), w)
    gap = film.scales.gap
    amplitude = film.phonons.coupling * m.tau_eps * volume / (2 * np.pi * HBAR**4 * film.phonons.sound_speed**3)
    spectrum = amplitude * film.phonons.debye_over_fermi / (K_B * 0.9 * m.Tc) * gap**6 * area  # per d|psi|
    exchanged = m.N0 * float(reversible_heat(1.0, T, GAMMA)) / T * gap**2 * volume
    t = np.linspace(0, 1, 41)
    psi = 1 - 1e-4 * np.cos(2 * np.pi * t)[:, None]
    rate = 2e-4 * np.pi * np.sin(2 * np.pi * t)[:, None]
    book = ledger(t, [1.0], psi, rate, np.ones_like(psi), 1.0, T, 1 / GAMMA, 0.1, 1e-3, kernel,
                  energy_unit=emission.energy_unit(film))  # fmt: skip
    assert book.energy_ratio == pytest.approx(spectrum / exchanged, rel=2e-3)
    assert book.energy_ratio == pytest.approx(ratio, rel=6e-3)  # to the digits of the page
    assert any("In SI (2.1) carries" in warning for warning in book.warnings)


def test_reduced_films_have_no_energy_in_SI(run):
    book = emission.flux_ledger(Result(run))
    assert book.energy_ratio is None
    assert not any("SI" in warning for warning in book.warnings)


def test_a_run_without_a_whole_period_says_so():
    short = fg.run(FILE, until=14.0, mesh__elements=10, measure__discard=2.0, output__fields=0.5)
    book = emission.flux_ledger(short)
    assert book.gross_spectral_share is None and book.mean_spectral_share is None
    assert any("no whole period" in warning for warning in book.warnings)


@pytest.mark.slow
def test_flux_of_a_heated_run_takes_its_temperature(tmp_path):
    """With so large a heat capacity that T stays at T0 the ledger is the isothermal one; a warm filament says so."""
    film = fg.Film(delta=10 / 3, eta=0.1, interference="published")

    def book(heat):
        problem = fg.Problem(
            mesh=fg.mesh.line(length=1.1, elements=20, order=2), film=film,
            boundary={"left": fg.Bank(), "right": fg.Bank()}, drive=fg.Drive(current=fg.Ramp(0, 1.5, over=1.0)),
            output=fg.Output(fields=0.05), measure=fg.Measure(discard=12.0), heat=heat,
        )  # fmt: skip
        return emission.flux_ledger(fg.run(problem, until=40.0))

    cold, inert = book(None), book(fg.Heat(electrons=fg.Carriers(capacity=1e12)))
    assert inert.g_W == pytest.approx(cold.g_W, rel=5e-5)  # the steps of two runs at rtol 1e-6 differ: 1.4e-5
    assert abs(inert.net_linear) < 1e-5 * inert.gross_emission  # zero over a cycle, as in every run
    warm = book(fg.Heat(bath=0.93, source="w"))
    assert warm.g_W != pytest.approx(cold.g_W, rel=1e-2)
    assert any("heated, T_e from 0.93 to" in sentence for sentence in warm.warnings)
