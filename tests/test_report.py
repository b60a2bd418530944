"""Reports: one page in one file, which a browser shows without a network, and whose slider moves."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from browser import Watched, browser

import femtdgl as fg
from femtdgl.errors import InputError
from femtdgl.figures.quantity import values
from femtdgl.kinds import registry
from femtdgl.web.html import json_in_page, table, text_of
from femtdgl.web.maths import maths, plain

PROBLEMS = Path(__file__).parent.parent / "problems"
HOSTILE = 'A film <script>alert("x")</script> & more'


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Short runs along a line, in the plane and in space, a thermal network, and a sweep."""
    root = tmp_path_factory.mktemp("runs")
    fg.run(
        PROBLEMS / "psc_filament.toml", root / "line", until=30, mesh__elements=24, output__fields=0.25, title=HOSTILE,
        measure__discard=10.0,
    )  # fmt: skip
    fg.run(PROBLEMS / "vortex_strip.toml", root / "plane", until=6, output__fields=1.0)
    fg.run(PROBLEMS / "wire_3d.toml", root / "space", until=2, mesh__h=0.3, output__fields=1.0, measure__discard=0.0)
    fg.run(PROBLEMS / "sn_balance.toml", root / "network", scan__points=12)
    fg.sweep(
        PROBLEMS / "psc_filament.toml", {"drive.current": [0.5, 1.5]}, root / "sweep", workers=1,
        changes={"mesh.elements": 10, "time.t_end": 6.0, "measure.discard": 1.0},
    )  # fmt: skip
    return root


@pytest.fixture(scope="module")
def reports(runs):
    return {name: fg.report(runs / name) for name in ("line", "plane", "space", "network", "sweep")}


def data_of(page: Path) -> dict:
    """What the slider of a page shows."""
    found = re.search(r'<script type="application/json">(.*?)</script>', page.read_text(encoding="utf-8"))
    return json.loads(found[1])


def opened(running, page, **options):
    watched = Watched(running, **options)
    watched.page.goto(page.as_uri())
    return watched


def sound(watched, page):
    """No error, no request but for the page itself and what is in it."""
    assert watched.errors == []
    assert {url for url in watched.requests if not url.startswith("data:")} == {page.as_uri()}


@pytest.mark.slow
def test_pages_work_in_a_browser_without_a_network(reports):
    with browser() as running:
        for name, page in reports.items():
            for scheme in ("light", "dark"):
                watched = opened(running, page, color_scheme=scheme)
                assert watched.page.title(), name
                widths = watched.page.evaluate("[...document.images].map(image => image.naturalWidth)")
                assert widths and min(widths) > 50, name
                assert watched.page.locator("math").count() > 3, name
                ink = watched.page.evaluate("getComputedStyle(document.body).backgroundColor")
                assert (ink == "rgb(255, 255, 255)") is (scheme == "light")
                sound(watched, page)
                watched.page.close()


@pytest.mark.parametrize("name", ["line", "plane", "space"])
def test_the_slider_moves_the_picture(reports, name):
    with browser() as running:
        watched = opened(running, reports[name])
        page, box = watched.page, watched.page.locator(".drawing")
        shown = ".drawing image.frame" if name != "line" else ".drawing .profile"
        what = "href" if name != "line" else "d"
        seen = []
        for k in (0, int(page.locator("input").get_attribute("max"))):
            page.locator("input").evaluate(
                "(slider, k) => {slider.value = k; slider.dispatchEvent(new Event('input'))}", k
            )
            words = page.locator("output").inner_text()
            seen.append((words, page.locator(shown).get_attribute(what), box.screenshot()))
        assert all(first != last for first, last in zip(*seen, strict=True))
        before = box.screenshot()
        page.locator("select").select_option(index=1)
        assert box.screenshot() != before
        page.get_by_role("button").click()
        page.wait_for_function("was => document.querySelector('output').innerText !== was", arg=words)
        sound(watched, reports[name])


def test_numbers_along_a_line_are_those_of_the_run(runs, reports):
    import base64

    data, result = data_of(reports["line"]), fg.Result(runs / "line")
    field = data["fields"][0]
    steps = np.frombuffer(base64.b64decode(field["values"]), "<u2").reshape(len(data["t"]), -1)
    shown = field["low"] + steps / 65535 * (field["high"] - field["low"])
    assert data["t"][-1] == result.t[-1] and shown.shape[1] == len(data["x"])
    for k in (0, len(data["t"]) // 2, -1):
        psi = np.abs(result.field("psi", data["t"][k]))
        assert np.abs(shown[k] - np.interp(data["x"], result.nodes[0], psi)).max() < 2e-5
    assert [slip[0] for slip in data["slips"]] == pytest.approx(result.summary["slip_times"], abs=1e-4)


def test_the_cut_through_a_body_has_its_values(runs):
    from femtdgl.web.grid import Cut

    result = fg.Result(runs / "space")
    cut = Cut(result, 40, 400)
    x, y, z = result.stored_nodes
    drawn = cut(2 * x + 3 * z + 5 * y)
    rows, columns = drawn.shape
    across, up = (np.linspace(a, b, n, endpoint=False) + (b - a) / (2 * n) for a, b, n in (
        (*cut.extent[:2], columns), (*cut.extent[:1:-1], rows)))  # fmt: skip
    wanted = 2 * across[None, :] + 3 * up[:, None]
    inside = np.isfinite(drawn)
    assert 0.5 < inside.mean() < 1  # the constriction is no part of it
    assert np.abs(drawn - wanted)[inside].max() < 1e-9
    assert values(result, "psi", slice(0, 1)).shape[1] == x.size


def test_words_of_a_problem_are_no_markup(reports):
    text = reports["line"].read_text(encoding="utf-8")
    assert "<script>alert" not in text and "&lt;script&gt;alert" in text
    assert json.loads(json_in_page({"a": "</script>"})) == {"a": "</script>"} and "<" not in json_in_page("</script>")
    assert text_of("a < b") == "a &lt; b" and "&lt;i&gt;" in table(("<i>",), [("<i>",)])


def test_it_tells_the_variants_and_the_sources(runs, reports):
    text = reports["line"].read_text(encoding="utf-8")
    assert "interference published" in text and "=0.876265".removeprefix("=") in text
    assert maths(r"c=2\delta\sqrt{\eta/u}=0.876265") in text
    for words in ("How to cite", "The femtdgl authors", "Mowgood", "Josephson", "scikit-sundae", "[boundary]"):
        assert words in text
    assert "Dey et al." in reports["network"].read_text(encoding="utf-8")
    sweep = reports["sweep"].read_text(encoding="utf-8")
    assert 'href="points/0000/"' in sweep and 'href="sweep.csv"' in sweep and "drive.current" in sweep
    for page in reports.values():
        assert page.stat().st_size < 3_000_000
        assert not re.search(r'(src|href)="(https?:)?//', page.read_text(encoding="utf-8"))
    fg.report(runs / "sweep" / "points" / "0001")
    assert 'href="points/0001/report.html"' in fg.report(runs / "sweep").read_text(encoding="utf-8")


def test_scales_of_a_film_are_told_in_si(tmp_path):
    fg.run(
        PROBLEMS / "psc_filament.toml", tmp_path / "run", until=2, mesh__elements=8, output__fields=0.5,
        film={"preset": "aluminium", "T0": "1.1 K"}, measure__discard=0.0,
    )  # fmt: skip
    page = fg.report(tmp_path / "run", tmp_path / "page.html")
    text, data = page.read_text(encoding="utf-8"), data_of(page)
    assert "Units in SI" in text and data["voltage"]["label"] == "V (µV)"
    assert re.search(r"\([\d.]+ [pn]s\)", data["times"][-1])


def test_it_goes_elsewhere_and_again_but_not_over_a_stranger(runs, tmp_path):
    target = tmp_path / "own.html"
    assert fg.report(fg.Result(runs / "network"), target) == target
    first = target.read_bytes()
    assert fg.report(runs / "network", target).read_bytes() == first
    target.write_text("mine")
    with pytest.raises(InputError, match="not written by femtdgl"):
        fg.report(runs / "network", target)
    assert target.read_text() == "mine" and list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("of, out, words", [
    ("nothing", None, "nothing"), ("line", "page.pdf", "ends in .html"), ("line", "no/where.html", "no directory"),
])  # fmt: skip
def test_bad_input_is_told_in_words(runs, tmp_path, of, out, words):
    command = [
        sys.executable,
        "-m",
        "femtdgl",
        "report",
        str(runs / of),
        *(["--out", str(tmp_path / out)] if out else []),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and words in done.stderr and "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_command_prints_the_page(runs):
    command = [sys.executable, "-m", "femtdgl", "report", str(runs / "network")]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip().endswith("report.html")


def test_formulas():
    assert maths(r"\frac{a}{b_1^2}") == (
        "<math><mfrac><mi>a</mi><msubsup><mi>b</mi><mn>1</mn><mn>2</mn></msubsup></mfrac></math>"
    )
    assert maths(r"x<\psi^{i\theta}") == (
        "<math><mrow><mi>x</mi><mo>&lt;</mo><msup><mi>ψ</mi><mrow><mi>i</mi><mi>θ</mi></mrow></msup></mrow></math>"
    )
    assert plain(r"$|\psi|/\Delta_0$ <") == "|ψ|/Δ0 &lt;"
    for wrong in (r"\nonsense", r"{a", r"a^", r"\text a"):
        with pytest.raises(ValueError, match=r"known|no '}'|too soon|braces"):
            maths(wrong)


def test_it_prints_dark_on_white(reports):
    with browser() as running:
        watched = opened(running, reports["network"], color_scheme="dark")
        watched.page.emulate_media(media="print")
        ink, paper = (
            watched.page.evaluate(f"getComputedStyle(document.body).{which}") for which in ("color", "backgroundColor")
        )
        assert (ink, paper) == ("rgb(0, 0, 0)", "rgb(255, 255, 255)")
        assert watched.page.pdf()[:5] == b"%PDF-"


def test_a_run_that_has_not_ended_has_none(runs, tmp_path):
    shutil.copytree(runs / "network", tmp_path / "run")
    (tmp_path / "run" / "summary.json").unlink()
    (tmp_path / "run" / "report.html").unlink(missing_ok=True)
    with pytest.raises(InputError, match="a run that has ended"):
        fg.report(tmp_path / "run")
    assert not (tmp_path / "run" / "report.html").exists()


def test_a_new_run_in_the_same_place_removes_it(runs, tmp_path):
    fg.run(PROBLEMS / "sn_balance.toml", tmp_path, scan__points=3)
    page = fg.report(tmp_path)
    fg.run(PROBLEMS / "sn_balance.toml", tmp_path, scan__points=3, force=True)
    assert not page.exists()


def test_without_opengl_it_says_so_and_shows_the_rest(runs, tmp_path, monkeypatch):
    from femtdgl.figures.offscreen import NoPicture
    from femtdgl.kinds import page, report

    def refuse(result):
        raise NoPicture("no OpenGL here")

    monkeypatch.setattr(report, "figures", refuse)
    monkeypatch.setattr(page, "_are_new", lambda folder, file: False)
    text = fg.report(runs / "space", tmp_path / "page.html").read_text(encoding="utf-8")
    assert "no OpenGL here" in text and len(data_of(tmp_path / "page.html")["fields"]) > 3


def test_a_kind_of_ones_own_has_a_report_without_a_word_about_it(tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "_registered", dict(registry._registered))
    monkeypatch.delitem(sys.modules, "extensions.pendulum", raising=False)
    __import__("extensions.pendulum")
    problem = tmp_path / "pendulum.toml"
    problem.write_text('kind = "pendulum"\ntitle = "A clock"\nlength = 1.0\n', encoding="utf-8")
    fg.run(problem, tmp_path / "run")
    text = fg.report(tmp_path / "run").read_text(encoding="utf-8")
    assert "A clock: 2.006 s" in text and "period" in text and "What was solved" not in text
