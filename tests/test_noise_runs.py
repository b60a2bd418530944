"""Runs with thermal noise: what they tell, resumed runs, recovery, ensembles, and what is refused."""

import numpy as np
import pytest
from conftest import PROBLEMS
from noise_cases import U, march, ones, slipping, strip, wire

import femtdgl as fg
from femtdgl.errors import InputError
from femtdgl.files.reader import Result
from femtdgl.measure.cycle import Slips
from femtdgl.measure.waiting import first_passages, waiting_times
from femtdgl.problem import toml
from femtdgl.solve.march import March
from femtdgl.solve.system import System
from femtdgl.units import K_B

NOISY = fg.Noise(kT=5e-3, step=0.05, seed=11)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A noisy run with slips; its checkpoints at 4 and 8 are times of the grid."""
    where = tmp_path_factory.mktemp("noise") / "whole"
    fg.run(slipping(NOISY, rtol=1e-6), where)
    return where


def test_a_run_tells_its_noise(whole):
    result = Result(whole)
    noise, slips = result.summary["noise"], result.read("slips/winding")
    assert (noise["kT"], noise["seed"], noise["step"], noise["current"]) == (5e-3, 11, 0.05, True)
    assert noise["forward"] - noise["backward"] == result.summary["net_winding"] > 0
    assert 0 < noise["passages"] <= noise["forward"] <= slips.size
    assert noise["rate"] == pytest.approx(noise["passages"] / 10.0)
    assert result.attributes["noise_seed"] == 11
    assert result.summary["energy_mismatch"] is None is result.summary["energy_balance"]
    assert result.summary["steps"] == 240 == result.probes["t"].size - 1


def test_josephson_holds_with_noise(whole):
    """To rounding: a bank turns by -int phi dt in every step."""
    summary = Result(whole).summary
    assert summary["slips"] >= 2 and summary["josephson_mismatch"] < 1e-10


@pytest.mark.parametrize("first", [8.0, 6.13])
def test_a_resumed_run_is_the_uninterrupted_one_to_the_bit(whole, tmp_path, first):
    fg.run(slipping(NOISY, t_end=first, rtol=1e-6), tmp_path / "half")
    resumed, one = fg.resume(tmp_path / "half", until=12.0), Result(whole)
    for name in ("fields/t", "fields/psi", "fields/phi", "slips/t"):
        assert np.array_equal(one.read(name), resumed.read(name)), name
    assert np.array_equal(one.probes["voltage"], resumed.probes["voltage"])
    assert one.summary["noise"] == resumed.summary["noise"]


@pytest.mark.slow
def test_a_wire_driven_normal_recovers_with_noise_only():
    """Driven far above what it can carry, and released: without noise psi stays dead, with a floor it comes back."""
    pulse = fg.Table((0.0, 250.0, 250.0, 400.0), (4.0, 4.0, 0.0, 0.0))

    def end(noise):
        problem = wire(
            noise, length=12.0, elements=12, order=2, eps=1.0, end="normal", drive=fg.Drive(current=pulse),
            time=fg.Time(t_end=400.0, checkpoint=200.0, rtol=1e-5), output=fg.Output(fields=50.0, probes=5.0),
        )  # fmt: skip
        return fg.run(problem)

    dead, alive = end(None), end(fg.Noise(floor=1e-3, step=0.25, method="euler"))
    assert np.abs(dead.last_psi()).max() < 1e-3
    assert np.abs(alive.last_psi()).max() > 0.9
    driven = np.abs(alive.psi(200.0)).max()
    assert 1e-5 < driven < 1e-2, "the floor is a floor"


def test_noise_in_a_strip_with_a_field():
    """A run with contacts, current and field, order 1: figures, probes and summary as ever."""
    noise = fg.Noise(kT=5e-3, step=0.1)
    problem = strip(noise, eps=1.0, field=0.2, end=fg.NormalContact, current=0.1, h=0.7, time=fg.Time(t_end=3.0))
    summary = fg.run(problem).summary
    assert summary["stop_reason"] == "t_end" and summary["steps"] == 30
    assert np.isfinite(summary["mean_voltage"]) and summary["noise"]["kT"] == 5e-3


def test_seeds_make_an_ensemble(tmp_path):
    """[sweep] over noise.seed: other seeds, other runs; the same seed, the same run."""
    path = tmp_path / "seeds.toml"
    path.write_text(toml.dump(slipping(NOISY, t_end=3.0, rtol=1e-5)))
    table = fg.sweep(path, {"noise.seed": [1, 2, 1]}, tmp_path / "out", workers=1).table
    V = table["mean_voltage"]
    assert V[0] == V[2] != V[1]
    assert list(table["noise.seed"]) == [1, 2, 1] and set(table["status"]) == {"solved"}


def test_dark_slips(tmp_path):
    """Two points of the shipped sweep for a short time: noise makes slips, and without noise there is none."""
    keys = {"noise.kT": [0.0, 0.4], "drive.current": [1.8]}
    changes = {"time.t_end": 120.0, "measure.discard": 0.0}
    table = fg.sweep(PROBLEMS / "dark_slips.toml", keys, tmp_path / "out", workers=1, changes=changes).table
    assert set(table["status"]) == {"solved"}
    assert table["slips_in_all"][0] == 0 == table["noise.rate"][0]
    assert table["noise.forward"][1] >= table["noise.passages"][1] >= 2
    assert table["noise.rate"][1] == pytest.approx(table["noise.passages"][1] / 120.0)


def velocity(J, kT, length, points=800):
    """Mean d gamma/dt of a short gapless filament, psi straight from bank to bank: docs/noise.md."""

    def energy(gamma):
        return (1 - np.cos(gamma)) / length + length * (1 - np.cos(gamma)) ** 2 / 30

    x = 2 * np.pi * np.arange(points) / points
    y = x + np.pi / points
    there = x[:, None] + y[None, :]
    rise = energy(there) - energy(x)[:, None] - J * y[None, :]
    zeta = (1 + 2 / 15 * U * length**2 * np.sin(there / 2) ** 2) / length
    area = np.mean(zeta * np.exp(rise / kT)) * (2 * np.pi) ** 2
    return 2 * np.pi * kT * (1 - np.exp(-2 * np.pi * J / kT)) / area


@pytest.mark.slow
def test_the_mean_voltage_of_a_short_filament_below_its_critical_current():
    """That of a particle in a tilted washboard, within three standard errors and what is not quasi-static."""
    J, kT, length = 1.8, 0.4, 0.5
    problem = wire(
        fg.Noise(kT=kT, step=0.2, seed=21), length=length, elements=4, order=2, eps=1.0, end="bank",
        drive=fg.Drive(current=J), time=fg.Time(t_end=1e6, checkpoint=1e6, rtol=1e-4),
    )  # fmt: skip
    system, steps = march(problem, 8000.0, psi=ones)
    V = np.mean([system.voltage(step.t, step.y) for step in steps])
    assert velocity(J, kT, length) == pytest.approx(0.2790, abs=1e-4)
    assert pytest.approx(velocity(J, kT, length), rel=0.1) == V


def test_first_passages():
    """Recrossings count neither as slips nor as waiting times."""
    t = np.array([1.0, 2.0, 2.1, 2.2, 5.0, 6.0, 6.5])
    winding = np.array([1, 1, -1, 1, 1, -1, 1])
    slips = Slips(t, np.zeros(7), winding)
    assert list(first_passages(slips)) == [1.0, 2.0, 5.0]
    assert list(waiting_times(slips)) == [1.0, 3.0]
    assert list(first_passages(Slips(t, np.zeros(7), -winding))) == [1.0, 2.0, 5.0]
    assert first_passages(slips.within(10.0, 11.0)).size == 0
    assert list(first_passages(Slips(t[:2], np.zeros(2), np.array([2, 1])))) == [1.0, 1.0, 2.0]


# ---- input ------------------------------------------------------------------------------------------------


def test_temperature_to_kT():
    """kT = kB T over 2 eta N(0) Delta0^2 x xi x cross-section, or xi^2 x thickness."""
    table = toml.parse((PROBLEMS / "psc_filament.toml").read_text())
    del table["expect"]
    table["film"] = {"preset": "aluminium", "T0": "1.06 K", "width": "1 um", "thickness": "20 nm"}
    table["noise"] = {"temperature": "1.06 K"}
    film = toml.build(table).film
    xi, E0 = film.scales.length, film.scales.heat_capacity * film.scales.Tc
    noise = toml.build(table).noise
    assert noise.energy(film, 1) == pytest.approx(K_B * 1.06 / (E0 * xi * 20e-15), rel=1e-12)
    assert noise.energy(film, 2) == pytest.approx(K_B * 1.06 / (E0 * xi**2 * 20e-9), rel=1e-12)
    assert noise.energy(film, 3) == pytest.approx(K_B * 1.06 / (E0 * xi**3), rel=1e-12)
    assert fg.Noise(floor=1e-3).energy(film, 1) == 5e-7


@pytest.mark.parametrize(
    ("section", "key"),
    [
        ({}, "noise.kT"),
        ({"kT": 0.1, "floor": 0.1}, "noise.kT"),
        ({"kT": -0.1}, "noise.kT"),
        ({"kT": float("nan")}, "noise.kT"),
        ({"floor": -1.0}, "noise.floor"),
        ({"temperature": "1 K"}, "noise.temperature"),
        ({"temperature": "1 um"}, "noise.temperature"),
        ({"kT": 0.1, "step": 0.0}, "noise.step"),
        ({"kT": 0.1, "seed": -1}, "noise.seed"),
        ({"kT": 0.1, "seed": 2**63}, "noise.seed"),
        ({"kT": 0.1, "current": 3}, "noise.current"),
        ({"kT": 0.1, "method": "trapezoid"}, "noise.method"),
        ({"kT": 0.1, "method": "euler"}, "noise.method"),
        ({"kT": 0.1, "sed": 1}, "noise.sed"),
        (0.1, "noise"),
    ],
)
def test_noise_that_is_refused(section, key):
    table = toml.parse((PROBLEMS / "psc_filament.toml").read_text())
    with pytest.raises(InputError) as caught:
        toml.build({**table, "noise": section}, file="x.toml")
    assert (caught.value.file, caught.value.key) == ("x.toml", key)
    assert caught.value.allowed


def test_elements_that_noise_cannot_be_given_to():
    """The quadrature of tetrahedra of order 2 has negative weights."""
    problem = fg.Problem(
        mesh=fg.mesh.wire(length=2.0, width=1.0, h=0.5, order=2, cells="tetrahedron"),
        film=fg.Film(delta=0.0, eta=0.1),
        boundary={"left": fg.Bank(), "right": fg.Bank(), "side": fg.Insulating()},
        noise=fg.Noise(kT=1e-3),
    )
    with pytest.raises(InputError, match="negative weights"):
        March(System(problem))
