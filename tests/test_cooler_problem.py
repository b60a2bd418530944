"""kind = "cooler": the shipped file and what it writes."""

import re
import runpy
import sys
import tomllib

import h5py
import numpy as np
import pytest
from conftest import PROBLEMS
from cooler_cases import FILE, LEADS, changed, summary_of, written

import femtdgl as fg
from femtdgl.errors import InputError
from femtdgl.files.reader import Result
from femtdgl.flux.emission import flux_ledger
from femtdgl.kinds import report
from femtdgl.kinds.cooler.prepare import prepare
from femtdgl.kinds.cooler.tell import variant_lines
from femtdgl.kinds.expect import unmet

SHARES = ("g_W", "g_W_with_negative_w", "g_rev", "gross_spectral_share", "mean_spectral_share")


def test_shipped_file_meets_its_expectations(shipped):
    expect = tomllib.loads(FILE.read_text())["expect"]
    assert unmet(shipped.summary, expect) == []


def test_summary_holds_the_contract(shipped):
    book = shipped.summary["cooler"]
    assert {"T_bath", "P_joule", "P_leak", "reciprocal", "ideal", "paper"} <= set(book)
    for mode in ("reciprocal", "ideal", "paper"):
        assert {"kappa", "T_cold", "cools"} <= set(book[mode])
        assert book[mode]["energy_mismatch"] < 1e-4
    assert book["reciprocal"]["kappa"] == -book["reciprocal"]["phi_em"]
    assert book["ideal"]["kappa"] == book["g_W"]
    assert "hypothetical" in book["paper"]["label"]
    assert book["P_leak_bare"] > 1e3 * book["P_leak_series"]


def test_no_mode_beats_carnot_and_the_target_is_judged(shipped):
    book = shipped.summary["cooler"]
    assert book["kappa_carnot"] == pytest.approx(9.0)
    for mode in ("reciprocal", "ideal", "paper"):
        kappa, T = book[mode]["kappa"], book[mode]["T_cold"]
        assert T > 1 or kappa <= T / (1 - T) * (1 + 1e-12)
        assert book[mode]["reaches_target"] is False  # of a filament above Tc, however cold the balance has the plate
    assert book["ideal"]["T_cold"] < 0.9 and book["ideal"]["kappa"] >= book["kappa_needed"]
    assert any("is reached by: none" in line for line in report.lines(shipped))


def test_no_mode_cools_with_a_filament_that_would_be_normal(shipped):
    assert shipped.summary["filament"]["stays_superconducting"] is False
    book = shipped.summary["cooler"]
    assert [book[mode]["cools"] for mode in ("reciprocal", "ideal", "paper")] == [False] * 3
    assert book["ideal"]["T_cold_superconducting"] < 1  # a gentler current would


@pytest.mark.slow
def test_interferences_side_by_side(shipped):
    """E1: the filament is run with each coefficient c; what it absorbs is reported in three ways for each."""
    book, variants = shipped.summary["cooler"], shipped.summary["variants"]
    assert list(variants) == ["published", "consistent", "off"]
    shown = {"interference": "published", **{k: variants["published"][k] for k in SHARES}}
    assert {k: book[k] for k in ("interference", *SHARES)} == shown
    g_W = {name: variant["g_W"] for name, variant in variants.items()}
    assert g_W == pytest.approx({"published": 0.0663, "consistent": 0.1206, "off": 0.0539}, rel=5e-3)
    assert variants["consistent"]["g_W_with_negative_w"] == pytest.approx(0.222, rel=5e-3)
    for name, variant in variants.items():
        stored = Result(shipped.directory / ("filament" if name == "published" else f"variants/{name}"))
        assert stored.summary["interference"] == name
        ledger = flux_ledger(stored)
        assert {key: variant[key] for key in SHARES} == {key: getattr(ledger, key) for key in SHARES}
        assert variant["g_W"] < variant["g_rev"]
        assert variant["whole_periods"] and not variant["ideal"]["cools"]
        assert variant["ideal"]["kappa"] == variant["g_W"]
        assert variant["temperature"] > 1.175 > variant["ideal"]["T_cold_superconducting"]
    lines = list(report.lines(shipped))
    table = next(i for i, line in enumerate(lines) if line.split()[:3] == ["interference", "g_W", "with"])
    assert [line.split()[0] for line in lines[table + 1 : table + 4]] == list(variants)
    assert any("does not depend on the interference" in line for line in lines)


def on_the_page(name):
    """The table of docs/cooler.md that `python docs/variants.py results/NAME` writes there."""
    page = (PROBLEMS.parent / "docs" / "cooler.md").read_text()
    return re.search(rf"<!-- run: {name} -->\n```\n(.*?)\n```", page, re.DOTALL)[1]


def assert_same_table(printed, lines):
    """Word by word; numbers to 2e-3, which is less than their last digit is worth."""
    found = "\n".join(lines).split()
    assert len(printed.split()) == len(found)
    for one, other in zip(printed.split(), found, strict=True):
        if re.fullmatch(r"[-+.\de]+\*?", one):
            assert one.endswith("*") == other.endswith("*")
            assert float(one.rstrip("*")) == pytest.approx(float(other.rstrip("*")), rel=2e-3)
        else:
            assert one == other


def test_the_page_prints_the_table_of_the_program(shipped):
    assert_same_table(on_the_page("psc_cooler"), variant_lines(shipped.summary))


@pytest.mark.slow
def test_the_page_prints_the_table_of_the_cooler_near_tc(tmp_path):
    s = fg.run(PROBLEMS / "psc_cooler_near_tc.toml", tmp_path / "run", filament__variants=True).summary
    assert_same_table(on_the_page("psc_cooler_near_tc"), variant_lines(s))
    modes = [[mode for mode in ("reciprocal", "ideal", "paper") if v[mode]["cools"]] for v in s["variants"].values()]
    assert modes == [["ideal", "paper"]] * 3


def test_variants_are_run_only_when_they_are_wanted(shipped, tmp_path):
    s = summary_of(changed("", None, {"result": str(shipped.directory / "filament")}), tmp_path)
    assert s["variants"] is None
    assert not any("interference" in line for line in s["verdict"])


@pytest.mark.slow
def test_near_tc_the_filament_stays_superconducting_and_the_plate_is_as_warm(tmp_path):
    file = PROBLEMS / "psc_cooler_near_tc.toml"
    s = fg.run(file, tmp_path / "run").summary
    assert unmet(s, tomllib.loads(file.read_text())["expect"]) == []
    book, T_f = s["cooler"], s["filament"]["temperature"]
    top, bottom = (s["interfaces"][name]["sigma_K"] for name in ("top", "bottom"))
    per_area, T4 = book["P_joule"] / book["area"], 1.16325**4
    assert pytest.approx((T4 + per_area / bottom) ** 0.25, rel=1e-12) == T_f
    assert book["reciprocal"]["T_cold"] == pytest.approx(T_f, rel=1e-6)
    closed = (T4 - book["g_W"] * per_area * (1 / top + 1 / bottom)) ** 0.25  # the film's own resistance is nothing
    assert book["ideal"]["T_cold"] == pytest.approx(closed, rel=1e-5)
    assert s["filament"]["eps"] == pytest.approx((1.175 - T_f) / (1.175 - 1.16325))
    run = s["filament"]["of_run"]  # the filament was run with its own heat, and has come to rest at T_f
    assert run["mean"] == pytest.approx(T_f, abs=0.02 * (T_f - 1.16325)) and run["max"] < 1.175
    warnings = " ".join(s["warnings"])
    assert "above Tc" not in warnings and "eps = 1" not in warnings and "settle" not in warnings


def test_without_its_own_heat_the_filament_is_taken_at_eps_one(tmp_path):
    """The Joule heat of the cold filament is 8 % too small, and the output says what it belongs to."""
    file = PROBLEMS / "psc_cooler_near_tc.toml"
    changes = {"filament.self_heating": False, "filament.set.time.t_end": 50.0, "filament.set.measure.discard": 12.0}
    s = fg.run(file, tmp_path / "run", **{key.replace(".", "__"): value for key, value in changes.items()}).summary
    assert s["filament"]["of_run"] is None
    assert s["filament"]["temperature"] - 1.16325 < 0.95 * (1.1675 - 1.16325)
    assert any("eps of (1.1) is 0.6" in warning and "eps = 1" in warning for warning in s["warnings"])


@pytest.mark.slow
def test_a_heated_filament_that_does_not_come_to_rest_or_passes_tc_says_so(tmp_path):
    file = PROBLEMS / "psc_cooler_near_tc.toml"
    changes = {"material__thickness": "5 nm", "filament__set__time.t_end": 60.0, "filament__set__measure.discard": 12.0}
    s = fg.run(file, tmp_path / "run", **changes).summary
    assert any("too short for it to settle" in warning for warning in s["warnings"])


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"filament": {"problem": "psc_filament.toml", "self_heating": "yes"}}, "filament.self_heating"),
        ({"filament": {"problem": "heated_filament.toml", "self_heating": True}}, "filament.self_heating"),
    ],
)
def test_self_heating_needs_a_filament_that_can_have_it(changes, key):
    table = {**tomllib.loads((PROBLEMS / "psc_cooler_near_tc.toml").read_text()), **changes}
    with pytest.raises(InputError) as caught:
        prepare(table, file=str(PROBLEMS / "x.toml"))
    assert caught.value.key == key


@pytest.mark.parametrize(
    ("mode", "told"),
    [
        ("reciprocal", ("fused silica", "sapphire", "3.647 K", "3.65 K: normal", "0.0533", "0.857", "0.209", "0.804")),
        ("ideal", ("0.0622 K", "Carnot", "0.0663", "1.07")),
        ("paper", ("2.719 K", "0.0647", "0.31", "0.00158", "0.756", "0.245")),
    ],
)
def test_cross_section_tells_temperatures_and_fluxes(shipped, mode, told):
    from matplotlib.figure import Figure

    from femtdgl.figures.cooler import cross_section

    ax = Figure().subplots()
    cross_section(ax, shipped, mode)
    text = "\n".join(item.get_text() for item in ax.texts)
    assert [part for part in told if part not in text] == []


def test_fluxes_balance_on_every_body_and_the_script_writes_them(shipped, tmp_path, monkeypatch):
    """The film gets nothing but P_J; a plate that is not at Carnot's bound keeps nothing; then the bath gets P_J."""
    from femtdgl.figures.cooler import fluxes

    for mode in ("reciprocal", "ideal", "paper"):
        f = fluxes(shipped.summary, mode)
        up, down = (f[f"emitted_to_{side}"] - f[f"absorbed_from_{side}"] for side in ("plate", "bath"))
        assert up + down == pytest.approx(1, rel=1e-12)
        if mode != "ideal":
            assert up + f["return_to_plate"] == pytest.approx(0, abs=1e-12)
            assert down - f["return_to_plate"] == pytest.approx(1, rel=1e-12)
    monkeypatch.setattr(sys, "argv", ["psc_fig3.py", str(shipped.directory), str(tmp_path)])
    runpy.run_path(str(PROBLEMS.parent / "postprocess" / "psc_fig3.py"))
    assert (tmp_path / "psc_fig3.png").stat().st_size > 20_000
    header, *rows = (tmp_path / "psc_fig3.csv").read_text().splitlines()
    assert header.startswith("mode,T_plate,T_film,T_bath,kappa,absorbed_from_plate")
    labels = ["reciprocal (physical)", "ideal (one-way mirrors)", "paper (hypothetical)"]
    assert [row.split(",")[0] for row in rows] == labels


def test_power_is_that_of_the_run_in_watts(shipped):
    filament = Result(shipped.directory / "filament")
    ledger = flux_ledger(filament)
    book, s = shipped.summary["cooler"], shipped.summary["filament"]
    from femtdgl.problem.presets import MATERIALS

    scales = MATERIALS["aluminium"].scales(0.9 * 1.175)
    I0 = scales.current_density * 1e-6 * 20e-9
    assert book["P_joule"] == pytest.approx(ledger.joule * I0 * scales.potential, rel=1e-9)
    assert book["bias_current"] == pytest.approx(1.5 * I0)
    assert ledger.joule == pytest.approx(1.5 * filament.summary["mean_voltage"], rel=1e-3)
    assert book["area"] == pytest.approx(1.1 * scales.length * 1e-6)
    assert s["material_delta"] == pytest.approx(scales.delta)


def test_leads_of_a_file(shipped, tmp_path):
    """Conduction and Joule heat by the closed form, with the current of the run; they count in (5.4)."""
    stored = {"result": str(shipped.directory / "filament")}
    book = summary_of(changed("leads", LEADS, stored), tmp_path)["cooler"]
    without, leads = shipped.summary["cooler"], book["leads"]
    L0, R, I0 = 2.44300e-8, 10.0, without["bias_current"]
    assert leads["resistance"] == pytest.approx(R)
    assert leads["conducted"] == pytest.approx(3 * L0 * (1 - 0.81) / (2 * R), rel=1e-4)
    assert leads["joule"] == pytest.approx(3 * I0**2 * R / 2, rel=1e-12)
    assert leads["heat"] == pytest.approx(leads["conducted"] + leads["joule"], rel=1e-12)
    assert leads["least_heat"] == pytest.approx(3 * I0 * (L0 * 0.19) ** 0.5, rel=1e-4)
    assert leads["heat"] > leads["least_heat"]
    more = leads["heat"] / without["P_joule"]
    assert book["kappa_needed"] == pytest.approx(without["kappa_needed"] + more, rel=1e-9)
    assert book["reciprocal"]["leads_heat"] < leads["joule"]  # a warm plate loses heat through them
    assert book["reciprocal"]["T_cold"] != without["reciprocal"]["T_cold"]
    superconducting = changed("leads", {**LEADS, "superconducting": True}, stored)
    assert summary_of(superconducting, tmp_path)["cooler"]["leads"]["heat"] == pytest.approx(leads["conducted"])


@pytest.mark.slow
def test_leads_are_told_and_drawn(shipped, tmp_path):
    stored = {"result": str(shipped.directory / "filament")}
    result = fg.run(written(tmp_path, changed("leads", LEADS, stored)), tmp_path / "out")
    assert any("3 leads bring" in line for line in report.lines(result))
    assert any("3 normal, 10 Ohm each" in line for line in report.describe_file(tmp_path / "cooler.toml"))
    with h5py.File(result.file) as file:
        assert file["transient/reciprocal/energy_leads"][-1] != 0
    from matplotlib.figure import Figure

    from femtdgl.figures.cooler import LEADS as COLOUR
    from femtdgl.figures.cooler import cross_section, fluxes

    ax = Figure().subplots()
    cross_section(ax, result, "reciprocal")
    assert any(text.get_color() == COLOUR for text in ax.texts)
    f = fluxes(result.summary, "reciprocal")
    up = f["emitted_to_plate"] - f["absorbed_from_plate"]
    assert up + f["return_to_plate"] + f["leads_to_plate"] == pytest.approx(0, abs=1e-12)


def test_says_what_does_not_belong_together(shipped):
    text = " ".join(shipped.summary["warnings"])
    assert "do not belong together" in text
    assert "above Tc" in text
    assert "not at the bath's" in text
    lines = list(report.lines(shipped))
    verdicts = [line for line in lines if "verdict" in line]
    assert any("reciprocal does not cool" in line for line in verdicts)
    assert any("ideal (one-way mirrors) does not cool: its filament would be normal" in line for line in verdicts)
    assert any("paper (hypothetical)" in line for line in verdicts)
    assert any("E9" in line for line in lines)


def test_arrays_and_figures(shipped):
    with h5py.File(shipped.file) as file:
        assert {"problem", "transient", "kappa", "thickness"} <= set(file)
        assert all("hypothetical" in file[f"{group}/paper"].attrs["label"] for group in ("transient", "thickness"))
        for mode in ("reciprocal", "ideal", "paper"):
            T = file[f"transient/{mode}/T_plate"][:]
            assert T[0] == 1.0
            assert T[-1] == pytest.approx(shipped.summary["cooler"][mode]["T_cold"], rel=1e-3)
        assert np.all(np.diff(file["kappa/T_cold"][:]) <= 0.05)
        assert np.all(np.diff(file["thickness/T_filament"][:]) > 0)
    names = {path.name for path in (shipped.directory / "figures").iterdir()}
    assert names == {"kappa.png", "thickness.png", "transient.png", "cross_section.png"}
    assert {path.name for path in report.figures(shipped)} == names
