"""The phonon flux of a real run: balance over a period, point values, the ledger, bad input."""

import json
import subprocess
import sys

import h5py
import numpy as np
import pytest
from conftest import PROBLEMS

import femtdgl as fg
from femtdgl.equations.phonons import phonon_kernel
from femtdgl.errors import InputError
from femtdgl.files.reader import Result
from femtdgl.flux import emission
from femtdgl.units import reduced_temperature

FILE = PROBLEMS / "psc_filament.toml"
T, GAMMA = reduced_temperature(0.1), 0.3
W = np.linspace(0.1, 7.0, 40)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    where = tmp_path_factory.mktemp("flux") / "run"
    fg.run(FILE, where, until=50.0, mesh__elements=30, measure__discard=12.0, output__fields=0.1)
    return where


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


def test_a_run_without_a_whole_period_says_so():
    short = fg.run(FILE, until=14.0, mesh__elements=10, measure__discard=2.0, output__fields=0.5)
    book = emission.flux_ledger(short)
    assert any("no whole period" in warning for warning in book.warnings)


def test_flux_of_a_heated_run_takes_its_temperature(tmp_path):
    """With so large a heat capacity that T stays at T0 the ledger is the isothermal one; a warm filament says so."""
    film = fg.Film(delta=10 / 3, eta=0.1)

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
    warm = book(fg.Heat(bath=0.93))
    assert warm.g_W != pytest.approx(cold.g_W, rel=1e-2)
    assert any("heated, T_e from 0.93 to" in sentence for sentence in warm.warnings)
