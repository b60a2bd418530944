"""The interactive view: a browser draws it, the slider moves it, nobody else reaches it, it goes on with the run."""

import json
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil
import pytest
from browser import Watched, browser

import femtdgl as fg
from femtdgl.errors import InputError
from femtdgl.kinds import registry
from femtdgl.web import chart
from femtdgl.web.scene import Scene

PROBLEMS = Path(__file__).parent.parent / "problems"


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Short runs along a line, in the plane with vortices, and in space; a thermal network."""
    root = tmp_path_factory.mktemp("runs")
    fg.run(PROBLEMS / "psc_filament.toml", root / "line", until=8, mesh__elements=12, output__fields=0.5,
           measure__discard=0.0)  # fmt: skip
    fg.run(PROBLEMS / "vortex_film.toml", root / "plane", until=30, output__fields=2.0, mesh__length=12.0,
           mesh__width=12.0, mesh__h=1.0, drive__field=0.35, measure__discard=0.0, time__checkpoint=10.0)  # fmt: skip
    fg.run(PROBLEMS / "wire_3d.toml", root / "space", until=4, mesh__h=0.3, output__fields=1.0, measure__discard=0.0)
    fg.run(PROBLEMS / "sn_balance.toml", root / "network", scan__points=6)
    return root


@contextmanager
def served(directory, *options):
    """The address of a view in a process of its own, and the process."""
    command = [sys.executable, "-u", "-m", "femtdgl", "view", str(directory), *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        said = []
        for line in process.stdout:
            said.append(line)
            if found := re.search(r"http://127\.0\.0\.1:\d+/", line):
                yield found[0], process
                return
        pytest.fail(f"no address: {''.join(said)}")
    finally:
        process.kill()
        process.wait()


def ready(running, address):
    watched = Watched(running)
    watched.page.goto(address)
    watched.page.wait_for_function("document.querySelector('.words')?.innerText.includes('of')")
    watched.page.wait_for_timeout(1500)  # its first picture
    return watched


def colours(picture):
    """How many colours a screenshot has."""
    import io

    from PIL import Image

    return len(Image.open(io.BytesIO(picture)).convert("RGB").getcolors(1 << 24))


def moved(page, k):
    """The slider at a frame."""
    page.locator(".time").evaluate("(s, k) => {s.value = k; s.dispatchEvent(new Event('input'))}", k)
    page.wait_for_function(f"document.querySelector('.words').innerText.includes('({k + 1} of')")
    page.wait_for_timeout(1000)


@pytest.mark.parametrize(
    "name, picture",
    [
        ("line", ".map"),
        pytest.param("plane", ".stage", marks=pytest.mark.slow),
        pytest.param("space", ".stage", marks=pytest.mark.slow),
    ],
)
def test_it_draws_and_the_slider_changes_the_picture(runs, name, picture):
    pytest.importorskip("trame", reason="needs the extra view")
    with browser() as running, served(runs / name) as (address, _):
        watched = ready(running, address)
        page = watched.page
        seen = [page.locator(picture).screenshot()]
        assert colours(seen[0]) > 60  # a field, and no empty window
        moved(page, 1)
        seen.append(page.locator(picture).screenshot())
        before = page.locator(".cut").inner_html()
        page.locator("select").select_option(index=1)
        page.wait_for_function("was => document.querySelector('.cut').innerHTML !== was", arg=before)
        page.wait_for_timeout(1000)
        seen.append(page.locator(picture).screenshot())
        assert len(set(seen)) == 3
        outside = [url for url in watched.requests if not url.startswith((address, "data:", "blob:"))]
        assert [url for url in outside if not url.startswith(address.replace("http", "ws"))] == []
        assert [words for words in watched.errors if "405" not in words] == []  # trame asks for a launcher first


def test_the_cut_is_where_it_is_asked_for(runs):
    pytest.importorskip("trame", reason="needs the extra view")
    with browser() as running, served(runs / "plane") as (address, _):
        page = ready(running, address).page
        before = page.locator(".cut").inner_html()
        page.locator(".p").fill("0 -5")
        page.locator(".p").press("Enter")
        page.wait_for_function("was => document.querySelector('.cut').innerHTML !== was", arg=before)
        page.locator(".q").fill("nowhere")
        page.locator(".q").press("Enter")
        page.wait_for_function("document.querySelector('.fault').innerText.includes('2 numbers')")


def test_only_this_machine_reaches_it_and_ctrl_c_ends_it(runs):
    pytest.importorskip("trame", reason="needs the extra view")
    with served(runs / "line") as (address, process):
        listening = [c for c in psutil.Process(process.pid).net_connections("inet") if c.status == psutil.CONN_LISTEN]
        assert [c.laddr.ip for c in listening] == ["127.0.0.1"]
        port = listening[0].laddr.port
        assert str(port) in address
        again = subprocess.run(
            [sys.executable, "-m", "femtdgl", "view", str(runs / "line"), "--port", str(port)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert again.returncode == 2 and "--port" in again.stderr and "in use" in again.stderr
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) in (0, 130)
        assert "Traceback" not in process.stdout.read()


def test_it_goes_on_with_the_run(runs):
    pytest.importorskip("trame", reason="needs the extra view")
    with browser() as running, served(runs / "line") as (address, _):
        page = ready(running, address).page
        assert page.locator(".words").inner_text().endswith("(17 of 17)")
        fg.resume(runs / "line", until=10, exact=False)
        page.wait_for_function("document.querySelector('.words').innerText.includes('(21 of 21)')")


@pytest.mark.parametrize("of, words", [("network", "no fields in space"), ("nothing", "nothing")])
def test_what_cannot_be_viewed_is_told_in_words(runs, of, words):
    done = subprocess.run(
        [sys.executable, "-m", "femtdgl", "view", str(runs / of)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2 and words in done.stderr and "Traceback" not in done.stderr


def test_without_the_extra_it_says_what_to_install(runs):
    code = (
        "import sys; sys.modules['trame'] = sys.modules['trame.app'] = None; "
        f"sys.argv = ['femtdgl', 'view', {str(runs / 'line')!r}]; from femtdgl.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "femtdgl[view]" in done.stderr


# ---- what is shown, without a browser ---------------------------------------------------------------------------


def scene(runs, name):
    result = fg.Result(runs / name)
    return registry.of_result(result).view(result)


def test_colours_of_a_body_are_those_of_its_field(runs):
    made = scene(runs, "plane")
    row = made.t.size - 1
    low, high, rgb = made.ends("psi")
    body = made.body("psi", row)
    drawn = np.abs(made.result.read("fields/psi", row))
    assert np.array_equal(body.point_data["rgb"], rgb[np.round(255 * (drawn - low) / (high - low)).astype(int)])
    half = scene(runs, "space").body("phase", 1)
    assert half.bounds[2] >= -1e-9 and half.point_data["rgb"].shape == (half.n_points, 3)


def test_a_ring_stands_around_every_vortex(runs):
    made = scene(runs, "plane")
    row = made.t.size - 1
    found = made.result.vortices(float(made.t[row]))
    count = int(np.sum(found.winding > 0))
    assert count > 0
    rings = made.vortices(row, 1)
    middles = rings.points.reshape(2, count, -1, 3).mean(axis=(0, 2))[:, :2]
    assert np.allclose(middles, found.x[found.winding > 0], atol=1e-5)
    assert made.vortices(0, -1).n_points == 1  # none


@pytest.mark.parametrize("name, p, q", [("plane", [-5, -4], [5, 3]), ("space", [-1.4, 0.1, 0], [1.4, 0.1, 0.2])])
def test_a_cut_has_the_values_of_the_elements(runs, name, p, q):
    made, row = scene(runs, name), 1
    way, drawn = made._sampled("psi", row, np.array(p, float), np.array(q, float))
    line = made.result.line(p, q, way.size, float(made.t[row]), "|psi|")
    assert np.allclose(way, line.s)
    inside = np.isfinite(drawn) & np.isfinite(line.values)
    assert inside.mean() > 0.9
    assert np.abs(drawn - np.abs(line.values))[inside].max() < 5e-3  # of |psi| at the nodes, where elements have psi


def test_a_run_without_fields_is_refused(tmp_path):
    fg.run(PROBLEMS / "sn_balance.toml", tmp_path, scan__points=3)
    with pytest.raises(InputError, match="no fields"):
        Scene(fg.Result(tmp_path))


def test_charts_have_round_numbers_and_broken_curves():
    assert chart.ticks(-0.3, 1.04, 4) == pytest.approx([0, 0.5, 1.0])
    assert chart.numbers("1, 2.5", 2) == [1, 2.5] and chart.numbers("1 x", 2) is None
    assert chart.numbers("1 nan", 2) is None and chart.numbers("1", 2) is None
    drawn = chart.Chart((0, 1), (0, 1), ("<x>", "y"), 100).curve(np.arange(4) / 3, np.array([0, 1, np.nan, 1])).svg()
    assert drawn.count("M") >= 2 and "&lt;x&gt;" in drawn and "nan" not in drawn
    assert json.dumps(drawn)
