"""Materials by name: consistency among their numbers, films from problem files, bad input."""

import math

import numpy as np
import pytest

import femtdgl as fg
from femtdgl.errors import InputError
from femtdgl.flux.emission import prefactor
from femtdgl.problem import presets, toml
from femtdgl.problem.heat import Join
from femtdgl.problem.presets import MATERIALS, SOLIDS, Material
from femtdgl.units import E_CHARGE, HBAR, K_B

TABLE = {
    "mesh": {"shape": "line", "length": 2.0, "elements": 10},
    "boundary": {"left": "bank", "right": "bank"},
}


def built(film):
    return toml.build({**TABLE, "film": film}, file="some.toml").film


def test_the_five_materials_are_there():
    assert {"aluminium", "tin", "niobium", "NbN", "titanium"} == set(MATERIALS)
    assert {"silicon", "sapphire", "fused silica"} | set(MATERIALS) <= set(SOLIDS)


@pytest.mark.parametrize("name", MATERIALS)
def test_einstein_relation_and_film(name):
    material = MATERIALS[name]
    scales = material.scales(0.9 * material.Tc)
    assert scales.sigma_n == pytest.approx(2 * E_CHARGE**2 * material.N0 * material.D, rel=1e-12)
    assert scales.eta == pytest.approx(0.1)
    film = built({"preset": name, "T0": 0.9 * material.Tc, "cross_section": 1e-14})
    assert film.scales == scales
    assert film.delta == pytest.approx(scales.delta, rel=1e-12)
    assert prefactor(film) > 0


@pytest.mark.parametrize("name", [n for n in MATERIALS if n != "tin"])
def test_debye_temperature_agrees_with_the_speeds_of_sound(name):
    """Theta = (hbar/kB) s (6 pi^2 n)^(1/3), 3/s^3 = 1/s_l^3 + 2/s_t^3: independent sources within 25 %.

    Not white tin, whose low-temperature 200 K and room-temperature speeds differ more.
    """
    atoms = {"aluminium": 6.02e28, "niobium": 5.56e28, "titanium": 5.66e28, "NbN": 9.5e28}[name]
    m = MATERIALS[name]
    s = (3 / (1 / m.longitudinal**3 + 2 / m.transverse**3)) ** (1 / 3)
    assert HBAR / K_B * s * (6 * math.pi**2 * atoms) ** (1 / 3) == pytest.approx(m.debye_temperature, rel=0.25)


def test_aluminium_against_known_numbers():
    m = MATERIALS["aluminium"]
    assert pytest.approx(1.72e10, rel=0.01) == m.N0 * E_CHARGE * 1e-18  # 1/(eV um^3), as detectors quote it
    assert m.tau_eps == pytest.approx(52e-9, rel=0.01)
    assert m.scales(1.06).delta > 1e3  # far from the 10/3 of [PSC]
    assert m.thermal_conductivity(1.0) == pytest.approx(2.443e-8 / m.resistivity, rel=1e-3)


@pytest.mark.parametrize("name", ["tin", "niobium", "NbN", "titanium"])
def test_cooling_constant_and_inelastic_time_belong_together(name):
    """Three Sigma come from tau_eps; titanium's tau_eps comes from its Sigma."""
    m = MATERIALS[name]
    assert presets.cooling_constant(m.sommerfeld, m.tau_eps, m.Tc) == pytest.approx(m.Sigma, rel=0.04)


def test_measured_cooling_constant_of_aluminium_agrees_with_its_inelastic_time():
    m = MATERIALS["aluminium"]
    assert presets.cooling_constant(m.sommerfeld, m.tau_eps, m.Tc) == pytest.approx(m.Sigma, rel=0.2)


@pytest.mark.parametrize(("name", "molar", "atoms"), [("aluminium", 1.35e-3, 6.02e28), ("niobium", 7.79e-3, 5.56e28)])
def test_electron_capacity_is_that_of_the_source(name, molar, atoms):
    m = MATERIALS[name]
    assert m.sommerfeld == pytest.approx(molar * atoms / presets.AVOGADRO, rel=1e-12)
    assert m.electron_capacity(0.7) == pytest.approx(0.7 * molar * atoms / presets.AVOGADRO, rel=1e-12)
    diffusion = m.thermal_conductivity(0.7) / m.electron_capacity(0.7)
    assert diffusion == pytest.approx(m.D, rel=1e-12)  # Wiedemann and Franz with Einstein: k_e = C_e D


@pytest.mark.parametrize("name", [n for n in MATERIALS if n != "tin"])
def test_phonon_capacity_against_the_debye_temperature(name):
    """C = (12 pi^4/5) n kB (T/Theta)^3, with the 25 % of the Debye temperatures to the third power."""
    atoms = {"aluminium": 6.02e28, "niobium": 5.56e28, "titanium": 5.66e28, "NbN": 9.5e28}[name]
    m, T = MATERIALS[name], 0.9
    debye = 12 * math.pi**4 / 5 * atoms * K_B * (T / m.debye_temperature) ** 3
    assert 0.8**3 < m.phonon_capacity(T) / debye < 1.25**3
    assert m.phonon_capacity(2 * T) == pytest.approx(8 * m.phonon_capacity(T), rel=1e-12)


def test_phonon_capacity_is_the_integral_over_bose_functions():
    """C = d/dT int w g(w) N(w/T) dw, g = w^2/(2 pi^2 s^3), summed over branches."""
    from scipy.integrate import quad

    m, T = MATERIALS["tin"], 1.7
    x4 = quad(lambda x: x**4 * math.exp(-x) / math.expm1(-x) ** 2, 1e-9, 60, epsabs=0, epsrel=1e-11)[0]
    branches = sum(K_B * (K_B * T / HBAR) ** 3 / (2 * math.pi**2 * s**3) * x4
                   for s in (m.longitudinal, m.transverse, m.transverse))  # fmt: skip
    assert m.phonon_capacity(T) == pytest.approx(branches, rel=1e-8)


def test_phonon_conductivity_sums_the_branches():
    m, T, path = MATERIALS["aluminium"], 0.5, 1e-7
    one = 2 * math.pi**2 * K_B**4 / (15 * HBAR**3) * T**3
    branches = sum(one / s**3 * s * path / 3 for s in (m.longitudinal, m.transverse, m.transverse))
    assert m.phonon_conductivity(T, path) == pytest.approx(branches, rel=1e-12)
    mean_speed = 3 * m.phonon_conductivity(T, path) / (m.phonon_capacity(T) * path)
    assert m.transverse < mean_speed < m.longitudinal
    with pytest.raises(InputError) as error:
        m.phonon_conductivity(T, 0.0)
    assert error.value.key == "path"


def test_film_from_a_problem_file_with_units_and_replacements():
    film = built({"preset": "aluminium", "T0": "1.06 K", "width": "1 um", "thickness": "20 nm", "Tc": "1.3 K",
                  "tau_eps": "10 ns", "resistivity": 2e-8, "conductance": "normal"})  # fmt: skip
    assert film.scales.Tc == 1.3
    assert film.scales.tau_eps == pytest.approx(1e-8)
    assert film.scales.sigma_n == pytest.approx(5e7)
    assert film.phonons.cross_section == pytest.approx(2e-14)
    assert film.conductance == "normal"
    assert built({"preset": "tin", "T0": "3.5 K"}).phonons is None
    assert built({"delta": 3.0, "eta": 0.1}) == fg.Film(delta=3.0, eta=0.1)


def test_a_preset_film_runs_and_is_read_back():
    table = {**TABLE, "film": {"preset": "NbN", "T0": "14.4 K"}, "time": {"t_end": 1.0}}
    problem = toml.build(table)
    assert toml.build(toml.parse(toml.dump(problem))) == problem
    result = fg.run(problem)
    assert result.summary["delta"] == pytest.approx(problem.film.delta)
    assert result.summary["scales"]["length"] == pytest.approx(problem.film.scales.length)
    assert np.isfinite(result.probes["voltage"]).all()


@pytest.mark.parametrize(
    ("film", "key"),
    [
        ({"preset": "aluminum", "T0": "1 K"}, "film.preset"),
        ({"preset": "aluminium"}, "film.T0"),
        ({"preset": "aluminium", "T0": "1.2 K"}, "film.T0"),
        ({"preset": "aluminium", "T0": "1 m"}, "film.T0"),
        ({"preset": "aluminium", "T0": "-1 K"}, "film.T0"),
        ({"preset": "aluminium", "T0": "1 K", "delta": 3.0}, "film.delta"),
        ({"preset": "aluminium", "T0": "1 K", "width": "1 um"}, "film.thickness"),
        ({"preset": "aluminium", "T0": "1 K", "Tc": "-2 K"}, "film.Tc"),
        ({"preset": "aluminium", "T0": "1 K", "cross_section": -1e-14}, "film.cross_section"),
        ({"preset": "aluminium", "T0": "1 K", "tickness": 1.0}, "film.tickness"),
    ],
)
def test_bad_input(film, key):
    with pytest.raises(InputError) as error:
        built(film)
    assert error.value.key == key
    assert error.value.file == "some.toml"


def test_materials_die_at_birth():
    values = dict.fromkeys(Material.__dataclass_fields__, 1.0)
    for name in values:
        with pytest.raises(InputError) as error:
            Material(**{**values, name: -1.0})
        assert error.value.key == name
    with pytest.raises(InputError) as error:
        presets.material("tin", density=1.0)
    assert error.value.key == "density"


def test_an_interface_by_name_is_the_same_for_a_link_and_for_a_cooler():
    made = presets.interface("aluminium", "sapphire")
    assert (made.film, made.plate) == (MATERIALS["aluminium"].solid, SOLIDS["sapphire"])
    table = {"kind": "Kapitza", "between": ["surface", "plate"], "solids": ["aluminium", "sapphire"]}
    assert Join.read(table).link.sigma_K == made.sigma_K


@pytest.mark.parametrize("name", ["saphire", 3, ["sapphire"], {"solid": "sapphire"}])
def test_a_solid_that_is_no_name_is_refused_in_words(name):
    with pytest.raises(InputError, match="is unknown"):
        presets.interface("aluminium", name)
    with pytest.raises(InputError, match="is unknown") as caught:
        Join.read({"kind": "Kapitza", "between": ["surface", "plate"], "solids": ["tin", name]})
    assert caught.value.key == "solids"
