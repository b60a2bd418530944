"""Materials by name: consistency among their numbers, films from problem files, bad input."""

import math

import numpy as np
import pytest

import femtdgl as fg
from femtdgl import config, presets
from femtdgl.emission import prefactor
from femtdgl.errors import InputError
from femtdgl.presets import MATERIALS, SOLIDS, Material
from femtdgl.units import E_CHARGE, HBAR, K_B

TABLE = {
    "mesh": {"shape": "line", "length": 2.0, "elements": 10},
    "boundary": {"left": "bank", "right": "bank"},
}


def built(film):
    return config.build({**TABLE, "film": film}, file="some.toml").film


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
    problem = config.build(table)
    assert config.build(config.parse(config.dump(problem))) == problem
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
