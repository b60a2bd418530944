"""What a problem file can say, Python can too: words, tables in any form, files written; help and a progress bar."""

import inspect
import io
import pydoc
import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import PROBLEMS, numbers
from hypothesis import given, settings
from hypothesis import strategies as st

import femtdgl as fg
from femtdgl.input.meanings import meanings
from femtdgl.kinds import bar
from femtdgl.kinds.kind import Progress
from femtdgl.problem import toml

SHIPPED = []
for path in sorted(PROBLEMS.glob("*.toml")):
    table = toml.parse(path.read_text())
    if table.get("kind", "filament") == "filament" and "sweep" not in table:
        SHIPPED.append(path)
LINE = {"shape": "line", "length": 4.0}
ENDS = {"left": "bank", "right": "normal"}


def made(**words):
    return fg.Problem(**{"mesh": LINE, "film": {"delta": 2.0}, "boundary": ENDS, **words})


def test_there_are_shipped_problems():
    assert len(SHIPPED) > 20


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_problem_is_written_and_read_as_it_is(path, tmp_path):
    problem = fg.load(path)
    assert fg.load(problem.save(tmp_path / "again.toml")) == problem
    words = toml.parse(path.read_text())
    if "path" not in words["mesh"]:  # which is one from the file, and in Python from where one is
        assert fg.Problem(**words) == problem


times = st.lists(numbers(0, 1e3), min_size=1, max_size=5).map(sorted)


@settings(max_examples=60, deadline=None)
@given(
    length=st.floats(0.5, 50),
    elements=st.integers(2, 400),
    delta=numbers(0, 100),
    eta=st.floats(1e-3, 0.999),
    ends=st.tuples(*[st.sampled_from([fg.Bank(), fg.NormalContact()])] * 2),
    pairs=times.flatmap(lambda t: st.tuples(*[st.tuples(st.just(s), numbers(-3, 3)) for s in t])),
    spots=st.lists(st.builds(fg.Spot, depth=numbers(0, 0.9), at=numbers(-9, 9)), max_size=3).map(tuple),
    title=st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=30),
)
def test_any_problem_is_written_and_read_as_it_is(
    tmp_path_factory, length, elements, delta, eta, ends, pairs, spots, title
):
    problem = fg.Problem(
        mesh=fg.mesh.line(length=length, elements=elements),
        film=fg.Film(delta=delta, eta=eta),
        boundary=dict(zip(("left", "right"), ends, strict=True)),
        drive=fg.Drive(current=fg.Table(pairs)),
        weak_spot=spots,
        title=title,
    )
    file = tmp_path_factory.mktemp("written") / "problem.toml"
    assert fg.load(problem.save(file)) == problem


def test_words_are_what_they_mean():
    line, film, ends = fg.mesh.line(length=4.0), fg.Film(delta=2.0), {"left": fg.Bank(), "right": fg.NormalContact()}
    assert made() == fg.Problem(mesh=line, film=film, boundary=ends)
    problem = made(
        drive={"current": {"ramp": [0, 1], "over": 2}},
        weak_spot=[{"depth": 0.1}],
        probes=[{"kind": "voltage", "name": "v", "between": np.array([[-1.0], [1.0]])}],
        time={"t_end": np.float64(20)},
    )
    assert problem.drive == fg.Drive(current=fg.Ramp(0, 1, over=2)) and problem.weak_spot == (fg.Spot(depth=0.1),)
    assert problem.probes == (fg.VoltageProbe(name="v", between=((-1.0,), (1.0,))),) and problem.time.t_end == 20
    assert fg.Problem(mesh=line, film=film, boundary={**ends, "right": "normal"}) == made()
    assert fg.Problem(mesh=line, film={}, boundary=ends).film == fg.Film()
    assert (
        fg.Problem(mesh=line, film=film, boundary=ends, drive={"current": fg.Ramp(0, 1, over=2)}).drive == problem.drive
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"film": {"delte": 1.0}}, r"film.delte: unknown key; did you mean 'delta'"),
        ({"film": "niobium"}, "film: 'niobium' is not possible"),
        ({"boundary": {"left": "bnk", "right": "bank"}}, 'boundary.left: .*"bank"'),
        ({"drive": {"curent": 1.0}}, "did you mean 'current'"),
        ({"mesh": {"shape": "lines", "length": 1}}, "mesh.*'lines' is not possible"),
        ({"time": 30}, "time: 30 is not possible"),
        ({"weak_spot": [{"deep": 1}]}, "weak_spot"),
    ],
)
def test_wrong_words_are_refused_as_in_a_file(words, said):
    with pytest.raises(fg.InputError, match=said):
        made(**words)


def test_recipes_take_the_words_of_a_file():
    strip = fg.mesh.strip(length=8, width=4, h=np.float64(1.0), hole={"radius": 1}, notch=None)
    assert strip == fg.mesh.Strip(length=8.0, width=4.0, h=1.0, hole=fg.mesh.Hole(radius=1.0))
    assert (
        fg.mesh.wire(length=8, width=2, height=2, h=1, constriction={"width": 1, "length": 2}).constriction.width == 1
    )
    waiting = fg.mesh.strip(length="5 um", width=1, h=0.1)
    with pytest.raises(fg.InputError, match=r"mesh\.length: '5 um' has a unit"):
        made(mesh=waiting)
    with pytest.raises(AttributeError, match="has text with units"):
        waiting.build()
    with pytest.raises(fg.InputError, match="did you mean 'hole'"):
        fg.mesh.strip(length=8, width=4, h=1, hol={"radius": 1})
    assert "h_fine" in inspect.signature(fg.mesh.strip).parameters


def test_keywords_of_a_run_name_their_section():
    with pytest.raises(fg.InputError, match=r"current: unknown key.*or a key of a section, such as drive__current"):
        fg.run(made(), current=1.2)
    with pytest.raises(fg.InputError, match=r"drive\.curent: unknown key; did you mean 'current'"):
        fg.run(made(), drive__curent=1.2)


def test_keywords_of_a_run_take_sections_and_waveforms(tmp_path):
    """As objects or as tables, of a Problem or of a file; functions too, of a Problem."""
    table = {"time.t_end": 2.0, "drive.current": {"ramp": [0, 1], "over": 2}, "initial": {"noise": 0.1}}
    objects = {"time": fg.Time(t_end=2.0), "drive.current": fg.Ramp(0, 1, over=2), "initial": fg.Initial(noise=0.1)}
    again, text = toml.build_again(made(), objects)
    assert again == toml.build_again(made(), table)[0] and "python_function" not in text
    assert toml.build(toml.parse(text)) == again
    assert made(initial=fg.Initial(file=tmp_path)).save(tmp_path / "b.toml").read_text().count(str(tmp_path)) == 1
    file = made().save(tmp_path / "a.toml")
    one, other = (fg.run(file, **{key.replace(".", "__"): value for key, value in changes.items()}, until=0.1)
                  for changes in (objects, table))  # fmt: skip
    assert one.problem == other.problem == replace(again, time=replace(again.time, t_end=0.1))

    def wave(t):
        return 0.1 * t

    for changes in ({"drive.current": wave}, {"drive": fg.Drive(current=wave)}, {"drive.current": fg.Function(wave)}):
        problem, text = toml.build_again(made(), changes)
        assert problem.drive.current(2.0) == 0.2 and 'python_function = "wave"' in text
    with pytest.raises(fg.InputError, match="is a Python function, which goes with a Problem"):
        fg.run(file, drive__current=fg.Function(wave))


def test_a_film_of_a_preset():
    film = fg.Film(preset="niobium", T0="8 K")
    assert film == fg.load(PROBLEMS / "psc_filament.toml", {"film": {"preset": "niobium", "T0": "8 K"}}).film
    assert film.scales.Tc == 9.25 and film.delta == film.scales.delta
    assert fg.Film(preset="niobium", T0="8 K", interference="off").interference == "off"
    with pytest.raises(fg.InputError, match="did you mean 'niobium'"):
        fg.Film(preset="nobium", T0="8 K")
    with pytest.raises(TypeError, match="unexpected keyword"):
        fg.Film(T9="8 K")


def test_tables_in_any_form():
    table = fg.Table((0.0, 1.0), (2.0, 3.0))
    pairs = [(0, 2), (1, 3)]
    by_two = fg.Table([0, 1], np.array([2, 3])), fg.Table((0, 1), [2, 3])
    for other in (fg.Table(pairs), fg.Table(np.array(pairs)), *by_two):
        assert other == table and hash(other) == hash(table)
    assert made(drive={"current": {"table": np.array(pairs)}}).drive.current == table
    for wrong in (([1, 2, 3],), ([[1, 2, 3]],), ("abc",), ([1, 2], [[1, 2]]), ([], [])):
        with pytest.raises(fg.InputError, match="table"):
            fg.Table(*wrong)


def test_functions_are_not_written(tmp_path):
    problem = made(vector_potential=lambda x, t: (0 * x, 0 * x))
    with pytest.raises(fg.InputError, match="vector_potential: is a Python function"):
        problem.save(tmp_path / "problem.toml")
    assert not list(tmp_path.iterdir())


def test_help_tells_what_fields_are():
    told = pydoc.plain(pydoc.render_doc(fg.Film))
    assert "eta: float = 0.1" in told and "1 - T0/Tc." in told
    assert "published" in inspect.getdoc(fg.Film) and fg.Film().__doc__ == fg.Film.__doc__
    assert "Fields:" in inspect.getdoc(fg.mesh.strip)
    assert "Current" not in meanings(fg.Film)


def sections():
    """All dataclasses that a problem file is made of."""
    import dataclasses

    from femtdgl.input.section import Section

    made, todo = set(), [Section]
    while todo:
        for each in todo.pop().__subclasses__():
            todo.append(each)
            if dataclasses.is_dataclass(each) and each.__module__.startswith(("femtdgl.problem", "femtdgl.mesh")):
                made.add(each)
    return sorted(made, key=lambda cls: cls.__qualname__)


@pytest.mark.parametrize("cls", sections(), ids=lambda cls: cls.__qualname__)
def test_every_field_is_described(cls):
    from dataclasses import fields

    known = {"kind", "shape", *meanings(cls)}
    assert [f.name for f in fields(cls) if f.init and f.name not in known] == []


class Clock:
    """Time that goes by as it is told."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def test_the_bar_waits_and_then_tells():
    clock, stream = Clock(), io.StringIO()
    shown = bar.Bar(bar.Terminal(stream), clock=clock)
    for t, now in ((0.0, 0.0), (10.0, 0.9)):
        clock.now = now
        shown(Progress(t=t, t_end=100.0))
    assert stream.getvalue() == ""
    clock.now = 2.0
    shown(Progress(t=25.0, t_end=100.0))
    assert "25% [######" in stream.getvalue() and "about 0:06 left" in stream.getvalue()
    before = stream.getvalue()
    clock.now = 2.1
    shown(Progress(t=26.0, t_end=100.0))
    assert stream.getvalue() == before
    shown.screen.close()
    assert stream.getvalue().endswith("\r") and "\n" not in stream.getvalue()


def test_the_bar_starts_where_a_run_goes_on():
    clock, stream = Clock(), io.StringIO()
    shown = bar.Bar(bar.Terminal(stream), clock=clock)
    shown(Progress(t=90.0, t_end=100.0))
    clock.now = 5.0
    shown(Progress(t=91.0, t_end=100.0))
    assert " 10% [" in stream.getvalue() and "about 0:45 left" in stream.getvalue()


def test_a_bar_only_where_somebody_sees_it(monkeypatch):
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    monkeypatch.setattr(bar, "QUIET", 0.0)
    monkeypatch.setattr(bar, "EVERY", 0.0)
    problem, seen = made(time={"t_end": 1.0}), []
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    fg.run(problem)
    assert sys.stderr.getvalue() == ""
    monkeypatch.setattr(sys, "stderr", terminal)
    fg.run(problem, progress=False)
    assert terminal.getvalue() == ""
    fg.run(problem, watch=seen.append)
    assert "%" in terminal.getvalue() and isinstance(seen[-1].order, int) and seen[-1].t == 1.0
    monkeypatch.setattr("multiprocessing.parent_process", lambda: "some")
    assert bar.screen() is None


def test_a_bar_in_a_notebook(monkeypatch):
    """By display and update alone, as IPython has them."""
    told = []
    handle = SimpleNamespace(update=told.append)
    shown = bar.Notebook(lambda content, display_id: told.append(content) or handle, lambda text: text)
    shown.show(0.25, "t < 3")
    shown.show(0.5, "t = 3")
    shown.close()
    assert told[0] == "<progress value='0.2500' max='1'></progress> t &lt; 3" and "0.5000" in told[1]
    shell = type("ZMQInteractiveShell", (), {})()
    display = SimpleNamespace(HTML=str, display=lambda *a, **k: handle)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell, display=display))
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    assert isinstance(bar.screen(), bar.Notebook)
