"""A real browser for tests of pages: Chromium without a window, and what it says and asks for."""

import shutil
from contextlib import contextmanager

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
OPTIONS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]  # fmt: skip


@contextmanager
def browser():
    """Chromium; skips the test where there is none, or nothing to drive it."""
    driver = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (extra test)")
    if CHROMIUM is None:
        pytest.skip("there is no Chromium: apt-get install chromium")
    with driver.sync_playwright() as control:
        # a fresh profile each time
        running = control.chromium.launch(executable_path=CHROMIUM, args=OPTIONS, timeout=120_000)
        try:
            yield running
        finally:
            running.close()


class Watched:
    """A page whose errors and requests are kept."""

    def __init__(self, running, **options):
        self.errors, self.requests = [], []
        self.page = running.new_page(viewport={"width": 1000, "height": 900}, **options)
        self.page.set_default_timeout(60_000)
        self.page.on("console", lambda said: said.type == "error" and self.errors.append(said.text))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda asked: self.requests.append(asked.url))
