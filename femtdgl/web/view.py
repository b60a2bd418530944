"""The interactive view: a page that a server of this machine, and of nobody else, keeps for a browser.

The browser draws (vtk.js); the server reads the run, also while it goes on, and needs no OpenGL.  Everything the page
loads comes with trame: it works without a network.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femtdgl.errors import InputError
from femtdgl.web.chart import numbers
from femtdgl.web.scene import Scene

HOST = "127.0.0.1"
NEEDED = ("trame.app", "trame.widgets.html", "trame.widgets.client", "trame.ui.html", "trame.widgets.vtk")
"""Modules of the extra "view"."""
MARKS = {"vortices": (0.1, 0.6, 0.9), "antivortices": (0.2, 0.7, 0.2), "line": (0.8, 0.0, 0.0)}
"""What stands on the stage beside the body, and its colours."""
EVERY = 2.0
"""Seconds between two looks at the file of a run."""
STEP = 0.12
"""Seconds a frame is shown while it plays."""


def serve(scene: Scene, *, port: int = 0, title: str = "", ready: Callable[[str], Any] | None = None) -> None:
    """Serve the view of a scene at HOST until it is interrupted; `ready` is called with its address.

    `port`: 0 takes one that is free.  Raises InputError when the extra is not installed, or the port is taken.
    """
    try:
        app, html, client, layout, vtk = (importlib.import_module(name) for name in NEEDED)
    except ImportError as error:
        words = f"needs {error.name or error}, which is not installed"
        raise InputError(words, key="view", allowed="`pip install 'femtdgl[view]'`") from None
    if port:
        _require_free(port)
    server = app.get_server(f"femtdgl-{id(scene)}", client_type="vue3")
    View(scene, server, html, client, layout, vtk, title)
    server.controller.on_server_ready.add(lambda **_: None if ready is None else ready(f"http://{HOST}:{server.port}/"))
    logging.getLogger("wslink").setLevel(logging.ERROR)
    arguments, sys.argv = sys.argv, sys.argv[:1]  # trame reads those of the program for itself
    try:
        server.start(
            port=port, host=HOST, open_browser=False, show_connection_info=False, disable_logging=True, timeout=0
        )
    finally:
        sys.argv = arguments


def _require_free(port: int) -> None:
    """Raises InputError for a port that cannot be had."""
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((HOST, port))
        except (OSError, OverflowError) as error:
            words = f"{port} cannot be had: {getattr(error, 'strerror', None) or error}"
            raise InputError(words, key="--port", allowed="another one, or 0 for any that is free") from None


class View:
    """The page, and what it does when something on it is changed."""

    def __init__(self, scene: Scene, server: Any, html: Any, client: Any, layout: Any, vtk: Any, title: str) -> None:
        self.scene, self.server, self.state = scene, server, server.state
        self.meshes: dict[str, Any] = {}
        self.playing: asyncio.Task[None] | None = None
        p, q = scene.middle
        self.state.update({
            "name": scene.names[0], "names": [{"name": each, "words": scene.label(each)} for each in scene.names],
            "row": scene.t.size - 1, "last": scene.t.size - 1, "follow": True, "plays": False,
            "p": _told(p), "q": _told(q), "fault": "", "trame__title": title or "femtdgl",
            "words": "", "plot_map": "", "plot_cut": "", "plot_voltage": "", "plot_bar": "",
        })  # fmt: skip
        self._page(html, client, layout, vtk)
        self.state.change("name", "row", "p", "q")(self.show)
        self.state.change("plays")(self._play)
        server.controller.on_server_ready.add(self._watch)
        if self.scene.dim > 1:
            server.controller.on_client_connected.add(self._look)
        self.show()

    # ---- the page -------------------------------------------------------------------------------------------------

    def _page(self, html: Any, client: Any, layout: Any, vtk: Any) -> None:
        css = (Path(__file__).parent / "view.css").read_text(encoding="utf-8")
        with np.errstate(over="ignore"), layout.DivLayout(self.server, classes="view") as page:
            client.Style(css)
            html.H1("{{ trame__title }}")
            self._controls(html)
            if self.scene.dim == 1:
                html.Div(v_html=("plot_map",), classes="map")
            else:
                with html.Div(classes="stage"):
                    self._stage(html, vtk)
                self._cut_line(html)
            html.Div(v_html=("plot_cut",), classes="cut")
            html.Div(v_html=("plot_voltage",), classes="voltage")
        self.layout = page

    def _controls(self, html: Any) -> None:
        with html.Div(classes="controls"):
            with html.Select(v_model=("name",), __properties=["v_model"]):
                html.Option("{{ each.words }}", v_for="each in names", key="each.name", value=("each.name",))
            html.Button("{{ plays ? 'Stop' : 'Play' }}", click="plays = !plays; follow = false")
            html.Input(
                type="range", classes="time", min=0, max=("last",), value=("row",), __events=["input"],
                input="row = Number($event.target.value); follow = false",
            )  # fmt: skip
            html.Span("{{ words }}", classes="words")
            with html.Label():
                html.Input(
                    type="checkbox", classes="follow", checked=("follow",), __events=["change"],
                    change="follow = $event.target.checked; if (follow) row = last",
                )  # fmt: skip
                html.Span("newest")

    def _stage(self, html: Any, vtk: Any) -> None:
        flat = {"lighting": False}
        with vtk.VtkView(background=("[1, 1, 1]",), classes="body") as self.drawn:
            for name, shown in self._shown().items():
                colour = MARKS.get(name)
                look = flat if colour is None else {**flat, "color": colour, "lineWidth": 2}
                with vtk.VtkGeometryRepresentation(property=(f"{name}_look", look)):
                    field = "rgb" if colour is None else None
                    self.meshes[name] = vtk.VtkMesh(f"mesh_{name}", dataset=shown, field_to_keep=field)
        html.Div(v_html=("plot_bar",), classes="bar")

    def _cut_line(self, html: Any) -> None:
        with html.Div(classes="controls"):
            html.Span("cut from")
            html.Input(classes="p", value=("p",), __events=["change"], change="p = $event.target.value")
            html.Span("to")
            html.Input(classes="q", value=("q",), __events=["change"], change="q = $event.target.value")
            html.Span("{{ fault }}", classes="fault")

    # ---- what it does ---------------------------------------------------------------------------------------------

    def _ends(self) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """The ends of the cut as they are asked for; None where they are none."""
        found = [numbers(str(self.state[key]), self.scene.dim) for key in "pq"]
        if found[0] is None or found[1] is None or list(found[0]) == list(found[1]):
            return None
        return np.array(found[0]), np.array(found[1])

    def _shown(self) -> dict[str, Any]:
        """What stands on the stage by name."""
        row, ends = int(self.state["row"]), self._ends() or self.scene.middle
        marks = {}
        if self.scene.dim == 2:
            marks = {"vortices": self.scene.vortices(row, 1), "antivortices": self.scene.vortices(row, -1)}
        return {"body": self.scene.body(self.state["name"], row), **marks, "line": self.scene.line(*ends)}

    def show(self, **_: Any) -> None:
        """Bring the page to what is chosen."""
        scene, state = self.scene, self.state
        state["row"] = row = min(max(int(state["row"]), 0), scene.t.size - 1)
        name = state["name"]
        state["words"] = f"t = {scene.t[row]:.3f} t₀   ({row + 1} of {scene.t.size})"
        if scene.dim == 1:
            state["plot_map"] = scene.map(name, row).svg()
        else:
            with np.errstate(over="ignore"):  # trame-vtk turns the sign of numbers that have none
                for key, shown in self._shown().items():
                    self.meshes[key].set_dataset(shown)
            state["plot_bar"] = scene.bar(name)
        ends = self._ends()
        state["fault"] = "" if ends is not None else f"two points of {scene.dim} numbers each are needed"
        state["plot_cut"] = scene.cut(name, row, *(ends or scene.middle)).svg()
        voltage = scene.voltage(row)
        state["plot_voltage"] = "" if voltage is None else voltage.svg()

    def _look(self, **_: Any) -> None:
        if self.scene.dim == 3:
            self.drawn.set_camera({"position": [0.6, -1.6, 0.7], "focalPoint": [0, 0, 0], "viewUp": [0, 0, 1]})
        self.drawn.reset_camera()

    def _watch(self, **_: Any) -> None:
        asyncio.get_running_loop().create_task(self._go_on_with_the_run())

    async def _go_on_with_the_run(self) -> None:
        """Look for new frames as long as the server lives."""
        while True:
            await asyncio.sleep(EVERY)
            try:
                new = self.scene.renewed()
            except InputError:  # it is being put together, or gone: what was read stays
                continue
            if new:
                with self.state:
                    self.state["last"] = self.scene.t.size - 1
                    if self.state["follow"]:
                        self.state["row"] = self.state["last"]
                    self.show()

    def _play(self, plays: bool, **_: Any) -> None:
        if self.playing is not None:
            self.playing.cancel()
            self.playing = None
        if plays:
            self.playing = asyncio.get_running_loop().create_task(self._frames())

    async def _frames(self) -> None:
        while True:
            await asyncio.sleep(STEP)
            with self.state:
                self.state["row"] = (int(self.state["row"]) + 1) % self.scene.t.size


def _told(point: NDArray[np.float64]) -> str:
    return " ".join(f"{x:g}" for x in point)
