"""kind = "cooler": the shipped file, what it writes, the three sources of a filament, bad input."""

import copy
import json
import re
import runpy
import shutil
import subprocess
import sys
import tomllib

import h5py
import numpy as np
import pytest
from conftest import PROBLEMS

import femtdgl as fg
from femtdgl.errors import InputError, SolverStopped
from femtdgl.files.atomic import write_json
from femtdgl.files.reader import Result
from femtdgl.flux.emission import flux_ledger
from femtdgl.kinds import report
from femtdgl.kinds.cooler.evaluate import evaluate
from femtdgl.kinds.cooler.kind import KIND
from femtdgl.kinds.cooler.prepare import prepare
from femtdgl.kinds.cooler.run import read_run
from femtdgl.kinds.cooler.solve import filament_run
from femtdgl.kinds.cooler.summary import CoolerSummary
from femtdgl.kinds.cooler.tell import variant_lines
from femtdgl.kinds.expect import unmet
from femtdgl.kinds.filament.kind import FilamentJob
from femtdgl.measure.entry import as_json, markdown, rows

FILE = PROBLEMS / "psc_cooler.toml"
SHARES = ("g_W", "g_W_with_negative_w", "g_rev", "gross_spectral_share", "mean_spectral_share")


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    where = tmp_path_factory.mktemp("cooler") / "run"
    fg.run(FILE, where)
    return Result(where)


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
        ("ideal", ("0.06219 K", "Carnot", "0.0663", "1.07")),
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


LEADS = {"resistivity": 1e-8, "length": "1 mm", "cross_section": 1e-12, "count": 3}


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


def changed(path, value, filament):
    table = tomllib.loads(FILE.read_text())
    del table["expect"]
    table["filament"] = copy.deepcopy(filament)
    *parents, last = path.split("/") if path else [""]
    here = table
    for part in parents:
        here = here.setdefault(part, {})
    if value is None:
        here.pop(last, None)
    else:
        here[last] = value
    return table


def written(where, table):
    import tomli_w

    file = where / "cooler.toml"
    file.write_text(tomli_w.dumps(table))
    return file


def summary_of(table, where):
    """Of a file with a stored filament, without transients and figures."""
    prepared = prepare(table, file=str(where / "cooler.toml"))
    return as_json(evaluate(prepared, filament_run(prepared, where))[1])


def test_stored_and_inline_filaments_agree_with_the_file(shipped, tmp_path):
    stored = {"result": str(shipped.directory / "filament")}
    again = summary_of(changed("count", 100, stored), tmp_path)["cooler"]
    book = shipped.summary["cooler"]
    assert again["g_W"] == book["g_W"]
    assert again["P_joule"] == pytest.approx(100 * book["P_joule"])
    assert again["bias_current"] == pytest.approx(book["bias_current"])
    assert again["bias_voltage"] == pytest.approx(100 * book["bias_voltage"])
    assert again["reciprocal"]["T_cold"] == pytest.approx(book["reciprocal"]["T_cold"])
    inline = tomllib.loads((PROBLEMS / "psc_filament.toml").read_text())
    del inline["expect"]
    inline["mesh"]["elements"] = 20
    inline["time"]["t_end"] = 50.0
    inline["measure"]["discard"] = 12.0
    table = changed("paper", None, inline)
    prepared = prepare(table, file=str(tmp_path / "cooler.toml"))
    coarse = as_json(evaluate(prepared, read_run(fg.run(prepared.filament.problem), prepared.kernel))[1])
    assert coarse["cooler"]["g_W"] == pytest.approx(book["g_W"], rel=2e-2)
    assert coarse["cooler"]["paper"] is None
    assert coarse["filament"]["whole_periods"]


def test_a_run_without_a_whole_period_is_said(shipped, tmp_path):
    short = fg.run(PROBLEMS / "psc_filament.toml", tmp_path / "short", until=30.0, mesh__elements=20)
    assert short.summary["state"] != "periodic"
    s = summary_of(changed("", None, {"result": str(tmp_path / "short")}), tmp_path)
    assert s["filament"]["whole_periods"] is False
    assert "no whole period" in s["warnings"][0]


def test_sigma_k_instead_of_a_solid_and_other_paths(shipped, tmp_path):
    stored = {"result": str(shipped.directory / "filament")}
    for kind in ("parallel", "leak"):
        table = changed("path", {"kind": kind, "k": 1.0}, stored)
        table["top"] = {"sigma_K": 300.0}
        book = summary_of(table, tmp_path)["cooler"]
        assert book["path"] == kind
        assert book["P_leak"] >= book["P_leak_bare"] > book["P_leak_series"]


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        ("leads", {"length": "1 mm", "cross_section": 1e-12}, "leads.resistivity"),
        ("leads", {**LEADS, "length": "1 s"}, "leads.length"),
        ("leads", {**LEADS, "cross_section": 0.0}, "leads.cross_section"),
        ("leads", {**LEADS, "count": 0}, "leads.count"),
        ("leads", {**LEADS, "cuont": 2}, "leads.cuont"),
        ("bath", None, "bath"),
        ("bath/temperature", "2 K", "bath.temperature"),
        ("bath/temperature", "-1 K", "bath.temperature"),
        ("bath/temperature", "1 W", "bath.temperature"),
        ("bath/target", "1.2 K", "bath.target"),
        ("plate/capacity", -1e-9, "plate.capacity"),
        ("plate/load", "1 K", "plate.load"),
        ("plate/mass", 1.0, "plate.mass"),
        ("material/T0", "1.3 K", "material.T0"),
        ("material/preset", "aluminum", "material.preset"),
        ("material/width", "0 m", "material.width"),
        ("material/thickness", "-1 nm", "material.thickness"),
        ("top/solid", "silicone", "top.solid"),
        ("top/sigma_K", 300.0, "top"),
        ("paper/top_in", 1.5, "paper.top_in"),
        ("path/kind", "diode", "path.kind"),
        ("count", 0, "count"),
        ("filament", {}, "filament"),
        ("filament", {"problem": "psc_gapless.toml"}, ""),
        ("filament/kernel", "best", "filament.kernel"),
        (
            "filament",
            {"problem": str(PROBLEMS / "psc_filament.toml"), "set": {"film.delta": -1}},
            "filament.set.film.delta",
        ),
        ("filament/result", "nowhere", ""),
        ("filament/variants", True, "filament.variants"),
        ("filament/variants", "all", "filament.variants"),
        ("diode", "ideal", "diode"),
    ],
)
def test_bad_input_is_found_before_anything_is_written(shipped, tmp_path, path, value, key):
    filament = {"result": str(shipped.directory / "filament")}
    file = written(tmp_path, changed(path, value, filament))
    with pytest.raises(InputError) as error:
        fg.run(file, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    if key:
        assert error.value.key == key
    assert error.value.file


def test_a_plate_without_a_bath_on_the_command_line(shipped, tmp_path):
    file = written(tmp_path, changed("bath", None, {"result": str(shipped.directory / "filament")}))
    done = subprocess.run(
        [sys.executable, "-m", "femtdgl", "run", str(file), "--out", str(tmp_path / "out")],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.splitlines() == [f"femtdgl: {file}: bath: is missing (allowed: a value for bath)"]
    assert not (tmp_path / "out").exists()


def test_gapless_filament_is_refused(tmp_path):
    table = changed("", None, {"problem": str(PROBLEMS / "psc_gapless.toml")})
    with pytest.raises(InputError, match="gapless"):
        fg.run(written(tmp_path, table))


def test_an_interrupted_filament_makes_no_cooler(shipped, tmp_path, monkeypatch):
    table = changed("", None, {"problem": str(PROBLEMS / "psc_filament.toml")})

    def interrupted(job, where, watch=None):
        shutil.copytree(shipped.directory / "filament", where, dirs_exist_ok=True)
        write_json(where / "summary.json", {**Result(where).summary, "stop_reason": "interrupted"})

    monkeypatch.setattr(FilamentJob, "solve", interrupted)
    with pytest.raises(SolverStopped, match="interrupted"):
        KIND.read(table, "", file=str(tmp_path / "c.toml")).solve(tmp_path)
    assert not (tmp_path / "summary.json").exists()


def test_command_line(shipped, tmp_path):
    stored = {"result": str(shipped.directory / "filament")}
    file = written(tmp_path, changed("count", 2, stored))
    done = subprocess.run(
        [sys.executable, "-m", "femtdgl", "run", str(file), "--out", str(tmp_path / "out")],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "physically, with passive interfaces: it does not cool" in done.stdout
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["cooler"]["count"] == 2
    assert "aluminium" in "".join(report.describe_file(str(file), ()))


FAR = {"kind": "voltage", "name": "voltage", "between": [[0.1], [0.5]]}


@pytest.mark.parametrize(
    ("filament", "key"),
    [
        ({"problem": str(PROBLEMS / "psc_filament.toml"), "set": {"probes": [FAR]}}, "filament.set.probes"),
        ({"problem": str(PROBLEMS / "psc_filament.toml"), "set": {"drive.current": {"ramp": [0]}}},
         "filament.set.drive.current"),
        ({"inline": {"probes": [FAR]}}, "filament.probes"),
        ({"inline": {"initial": {"file": "nowhere"}}}, "filament.initial.file"),
    ],
)  # fmt: skip
def test_what_only_the_system_of_the_filament_finds_is_said_when_it_is_read(tmp_path, filament, key):
    """By the key that the file of the cooler has for it, and by check as by run."""
    if "inline" in filament:
        inline = tomllib.loads((PROBLEMS / "psc_filament.toml").read_text())
        del inline["expect"]
        filament = {**inline, **filament["inline"]}
    file = written(tmp_path, changed("", None, filament))
    for refuse in (lambda: fg.run(file, tmp_path / "out"), lambda: list(report.describe_file(file))):
        with pytest.raises(InputError) as caught:
            refuse()
        assert caught.value.key == key and caught.value.file
    assert not (tmp_path / "out").exists()


@pytest.fixture(scope="module")
def unfit(shipped, tmp_path_factory):
    """Directories that hold no run that a cooler could read, and what is said of them."""
    folder = tmp_path_factory.mktemp("unfit")
    for name in ("interrupted", "killed"):
        shutil.copytree(shipped.directory / "filament", folder / name)
    summary = Result(folder / "interrupted").summary
    write_json(folder / "interrupted" / "summary.json", {**summary, "stop_reason": "interrupted"})
    (folder / "killed" / "summary.json").unlink()
    fg.run(PROBLEMS / "psc_filament.toml", folder / "at rest", until=5.0, mesh__elements=10, drive__current=0.0)
    fg.run(PROBLEMS / "psc_gapless.toml", folder / "gapless", until=5.0, mesh__elements=10)
    shutil.copytree(shipped.directory, folder / "a cooler")
    return folder


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("interrupted", "was interrupted"),
        ("killed", "no summary.json"),
        ("at rest", "dissipates nothing"),
        ("gapless", "no phonon flux"),
        ("a cooler", "is the run of a cooler"),
    ],
)
def test_a_stored_run_that_cannot_pump_is_refused_when_it_is_read(unfit, tmp_path, name, words):
    file = written(tmp_path, changed("", None, {"result": str(unfit / name)}))
    with pytest.raises(InputError, match=words) as caught:
        fg.run(file, tmp_path / "out")
    assert caught.value.file
    assert not (tmp_path / "out").exists()


def test_a_current_that_ends_with_the_run_has_no_bias_voltage(shipped, monkeypatch):
    run = Result(shipped.directory / "filament")
    monkeypatch.setitem(run.summary, "current", 0.0)
    with pytest.raises(InputError, match="no current at its end"):
        read_run(run, "exact")


def test_describes_the_filament_that_would_be_run(shipped, tmp_path):
    lines = list(report.describe_file(FILE))
    assert lines[0].startswith("Kapitza-diode cooler")
    assert "  top         fused silica, sigma_K 403 W/(m^2 K^4)" in lines
    assert "  modes       reciprocal, ideal, paper" in lines
    assert "    mesh        line, 201 nodes, order 2" in lines  # indented below the filament
    assert "    time        to 75 t0, rtol 1e-07" in lines
    assert lines[-1] == "  variants    the same filament with interference consistent and off"
    stored = changed("paper", None, {"result": str(shipped.directory / "filament")})
    told = "\n".join(report.describe_file(written(tmp_path, stored)))
    assert "stored: " in told and "reciprocal, ideal\n" in told and "mesh" not in told


def keys(table, within=""):
    """Dotted keys of a summary."""
    for name, value in table.items():
        yield within + name
        if isinstance(value, dict) and name != "versions":
            yield from keys(value, f"{within}{name}.")


def test_every_entry_of_the_summary_has_its_unit_and_meaning(shipped):
    """The dataclass is the summary: what the JSON holds, `help()` shows and the page lists."""
    declared = {name: (unit, meaning) for name, unit, meaning in rows(CoolerSummary)}
    found = {re.sub(r"^variants\.\w+", "variants.<interference>", key) for key in keys(shipped.summary)}
    assert found <= set(declared)
    missing = set(declared) - found
    assert missing == {
        "cooler.reciprocal.label", "cooler.ideal.label", "filament.of_run.mean", "filament.of_run.max",
        *(f"cooler.leads.{name}" for name in ("count", "resistance", "conducted", "joule", "heat", "least_heat")),
    }  # fmt: skip
    assert declared["cooler.ideal.T_cold"] == ("K", "(5.6) temperature of the plate")
    assert all(meaning for _, meaning in declared.values())
    assert "heat taken from the plate per Joule heat" in CoolerSummary.__doc__
    assert markdown(CoolerSummary) in (PROBLEMS.parent / "docs" / "cooler.md").read_text()
