"""Every kind of link, joined to a filament from a problem file, in a run: heat leaves the warm film and arrives."""

import numpy as np
import pytest
from conftest import PROBLEMS

import femtdgl as fg
from femtdgl.problem import toml

KINDS = {
    "Kapitza": {"sigma_K": 174.0},
    "Leak": {"k": 1e-3, "d": "1 um"},
    "ElectronPhonon": {"Sigma": 1.3e9},
    "SuperconductorElectronPhonon": {"Sigma": 1.3e9, "Tc": "400 mK"},
    "SNLink": {"R_D": "3 Ohm", "R_0": "30 Ohm", "Tc": "450 mK"},
    "NISLink": {"chi": 1.0, "r0": 1e-11, "c": 0.05, "Tc": "450 mK", "area": 1e-12},
}
PLACE = {"ElectronPhonon": "volume", "SuperconductorElectronPhonon": "volume", "Leak": "right"}


def run(kind, turned=False):
    table = toml.parse((PROBLEMS / "psc_nis_drain.toml").read_text())
    between = [PLACE.get(kind, "surface"), "cold"]
    table["heat"]["nodes"] = {"cold": {"temperature": "250 mK"}}
    table["heat"]["links"] = {"x": {"kind": kind, "between": between[::-1] if turned else between, **KINDS[kind]}}
    table["heat"]["hold"] = []
    table["time"] |= {"t_end": 2.0, "rtol": 1e-7}
    table["mesh"]["elements"], table["expect"] = 20, {}
    return fg.run(toml.build(table))


@pytest.mark.parametrize("kind", KINDS)
def test_a_link_from_a_problem_file_drains_the_filament(kind):
    result = run(kind)
    power, arrives = result.probes["power_x"], result.probes["heat_to_baths"]
    assert np.all(power > 0)
    np.testing.assert_allclose(arrives, power, rtol=1e-13)
    assert result.summary["heat"]["ledger_of_run"]["mismatch"] < 1e-4


@pytest.mark.parametrize("kind", ["Kapitza", "ElectronPhonon", "Leak"])
def test_the_order_of_the_ends_only_turns_the_sign(kind):
    there, back = run(kind), run(kind, turned=True)
    assert there.probes["power_x"][-1] == pytest.approx(-back.probes["power_x"][-1], rel=1e-6)
    assert there.summary["heat"]["T_e"]["mean"] == pytest.approx(back.summary["heat"]["T_e"]["mean"], rel=1e-9)


def test_negative_dissipation_that_heats_is_told():
    path = PROBLEMS / "heated_filament.toml"
    changes = {"film__interference": "consistent", "time__t_end": 45.0, "measure__discard": 10.0, "mesh__elements": 30}
    summary = fg.run(path, **changes).summary
    assert summary["w_negative_share"] > 0.01
    assert any("used as heat here, unclipped" in warning for warning in summary["warnings"])
    assert summary["heat"]["ledger"]["mismatch"] < 1e-4
