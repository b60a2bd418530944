"""[map]: eps, conductivity and thickness as functions of place and, of eps, of time; disorder, tables, images."""

import json
import math

import numpy as np
import pytest
import tomli_w
from conftest import complex_step
from scipy.integrate import quad

import femtdgl as fg
from femtdgl.problem import toml
from femtdgl.problem.problem import describe

NORMAL = fg.Initial(dips=(fg.Spot(depth=1.0, width=1e6),))


def line(maps=None, *, length=4.0, elements=20, current=0.0, ends=None, t_end=5.0, **keys):
    ends = ends or (fg.Bank(), fg.Bank())
    keys = {"film": fg.Film(model="gapless", eta=0.1), "time": fg.Time(t_end=t_end, rtol=1e-6)} | keys
    return fg.Problem(
        mesh=fg.mesh.line(length=length, elements=elements, order=2),
        boundary=dict(zip(("left", "right"), ends, strict=True)),
        drive=fg.Drive(current=current),
        map=maps,
        **keys,
    )


INSULATED = (fg.Insulating(), fg.Insulating())
CONTACTS = (fg.NormalContact(), fg.NormalContact())


def test_an_expression_is_the_weak_spot_it_says():
    spot = fg.Spot(depth=0.3, at=1.0, width=0.5)
    text = fg.Maps(eps="1 - 0.3*exp(-(x - 1)**2/(2*0.5**2))")
    given, mapped = fg.System(line(weak_spot=(spot,))), fg.System(line(text))
    assert np.abs(given.eps - mapped.eps).max() < 1e-15
    in_python = fg.System(line(fg.Maps(eps=lambda x: 1 - 0.3 * np.exp(-((x[0] - 1) ** 2) / 0.5))))
    assert np.abs(in_python.eps - given.eps).max() < 1e-15
    by_Tc = fg.System(line(fg.Maps(Tc="1 - 0.1*0.3*exp(-(x - 1)**2/0.5)")))
    assert np.abs(by_Tc.eps - given.eps).max() < 1e-14
    both = fg.System(line(text, weak_spot=(spot,)))
    assert np.abs(both.eps - (2 * given.eps - 1)).max() < 1e-15


def test_a_uniform_eps_that_moves_has_a_closed_form():
    """u d_t n = 2 (eps(t) - n) n of a uniform gapless filament: linear in 1/n."""
    rate = 2 / fg.units.U
    eps = "0.6 + 0.3*cos(0.7*t)"

    def grown(t):  # int_0^t eps
        return 0.6 * t + 0.3 / 0.7 * math.sin(0.7 * t)

    time = fg.Time(t_end=6.0, rtol=1e-9, atol=1e-10)
    result = fg.run(line(fg.Maps(eps=eps), ends=INSULATED, time=time))
    for t in result.t[::4]:
        whole = quad(lambda s, t=t: math.exp(rate * (grown(s) - grown(t))), 0.0, t, epsabs=1e-12)[0]
        n = 1 / (math.exp(-rate * grown(t)) + rate * whole)
        assert np.abs(np.abs(result.psi(t)) ** 2 - n).max() < 1e-7
    assert result.summary["state"] == "driven"


@pytest.mark.parametrize(
    "eps", ["0.8 + 0.2*sin(t)*exp(-x**2)", lambda x, t: 0.8 + 0.2 * np.sin(t) * np.exp(-(x[0] ** 2))]
)
def test_the_balance_of_an_eps_that_moves(eps):
    """(1.5) has (1/2) int n d_t eps: the balance closes to the tolerance with it, and not without."""
    time = fg.Time(t_end=12.0, rtol=1e-8, atol=1e-9)
    problem = line(fg.Maps(eps=eps), length=1.5, elements=16, current=1.6, time=time, measure=fg.Measure(discard=3.0))
    result = fg.run(problem)
    assert result.summary["energy_balance"] < 1e-5
    t, power = result.probes["t"], result.probes["condensation"]
    kept = t >= 3.0
    assert abs(np.trapezoid(power[kept], t[kept])) > 1e-2


def test_the_jacobian_with_an_eps_that_moves():
    system = fg.System(line(fg.Maps(eps="1 - 0.5*sin(t)*exp(-x**2)", conductivity="1 + 0.3*tanh(x)"), elements=6))
    rng = np.random.default_rng(4)
    y, yp = rng.normal(size=(2, system.size))
    J = complex_step(system, 1.3, y, yp, 2.0)
    found = system.matrix(system.jacobian(1.3, y, yp, 2.0)).toarray()
    assert np.abs(found - J).max() < 1e-12 * np.abs(J).max()
    assert np.abs(system.residual(1.3, y, yp) - system.residual(2.3, y, yp)).max() > 1e-3


def test_the_voltage_of_a_normal_wire_of_mapped_conductivity():
    """V = J int dx/sigma = J L^-1 ... : int dx/(1 + x^2) from -2 to 2 is 2 atan 2."""
    problem = line(fg.Maps(conductivity="1 + x**2"), elements=60, current=0.7, ends=CONTACTS, initial=NORMAL)
    assert fg.run(problem).summary["mean_voltage"] == pytest.approx(0.7 * 2 * math.atan(2.0), rel=1e-7)


def film(maps, h=0.5, **keys):
    keys = {"film": fg.Film(model="gapless", eta=0.1), "time": fg.Time(t_end=2.0, rtol=1e-6)} | keys
    contact, edge = fg.NormalContact(), fg.Insulating()
    return fg.Problem(
        mesh=fg.mesh.strip(length=6.0, width=2.0, h=h, order=1),
        boundary={"left": contact, "right": contact, "top": edge, "bottom": edge},
        drive=fg.Drive(current=0.5),
        map=maps,
        **keys,
    )  # fmt: skip


def test_the_voltage_of_a_normal_film_of_mapped_thickness():
    """V = I int dx/(w d(x)); of cells each with its own, second order in h."""
    errors = []
    for h in (1.0, 0.5):
        problem = film(fg.Maps(thickness="1 + 0.1*x"), h=h, initial=NORMAL)
        current = 0.5 * fg.System(problem).layout.areas[0]  # J is that of the first terminal
        exact = current / 2.0 * math.log(1.3 / 0.7) / 0.1
        errors.append(abs(fg.run(problem).probes["voltage"][-1] / exact - 1))
    assert errors[1] < 5e-4 and errors[1] < 0.5 * errors[0]


# ---- fields ---------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_disorder_is_that_of_its_correlation():
    """Mean 0, its standard deviation, exp(-r^2/(2 l^2)) between points, nearly normal; over seeds."""
    rng = np.random.default_rng(1)
    x = rng.uniform(-300, 300, (2, 4000))
    fields = [fg.Disorder(random=0.3, length=1.5, seed=seed) for seed in range(30)]
    values = np.stack([field(x) for field in fields])
    assert abs(values.mean()) < 3e-3 and values.std() == pytest.approx(0.3, rel=0.01)
    assert np.mean(values**4) / np.mean(values**2) ** 2 == pytest.approx(3.0, abs=0.1)
    for r in (0.75, 1.5, 3.0):
        moved = np.stack([field(x + np.array([[0.6 * r], [0.8 * r]])) for field in fields])
        assert np.mean(values * moved) / 0.09 == pytest.approx(math.exp(-(r**2) / (2 * 1.5**2)), abs=0.02)


def test_disorder_is_the_same_on_every_mesh():
    maps = {"eps": "1 + g", "fields": {"g": {"random": 0.2, "length": 0.8, "seed": 5}}}
    coarse, fine = (fg.System(film(fg.Maps(eps="1 + g", fields=maps["fields"]), h=h)) for h in (0.7, 0.3))
    field = fg.Disorder(random=0.2, length=0.8, seed=5)
    for system in (coarse, fine):
        assert np.array_equal(system.eps, 1 + field(system.space.x))
    other = fg.Disorder(random=0.2, length=0.8, seed=6)
    assert np.abs(other(fine.space.x) - field(fine.space.x)).max() > 0.1
    x = np.array([[0.3, -1.0], [0.0, 0.0]])
    assert np.array_equal(field(x[:1]), field(x))  # a line sees what a film has along it


def test_a_profile():
    field = fg.Profile(table=((-1.0, 0.0), (1.0, 1.0)), along="y")
    assert np.allclose(field(np.array([[9.0, 9.0, 9.0], [-3.0, 0.5, 2.0]])), [0.0, 0.75, 1.0])


BOX = [[-2.0, -1.0], [2.0, 1.0]]
AT = np.array([[-2.0, 0.0, 2.0, 1.0, -9.0], [-1.0, 0.0, 1.0, -0.5, -1.0]])


def test_an_array_is_read_as_it_is_indexed_and_a_table_as_it_is_seen(tmp_path):
    def expected(x):  # linear in x and y: straight lines between points are exact
        return 10 * np.clip(x[0], -2, 2) + x[1]

    X, Y = np.meshgrid(np.linspace(-2, 2, 5), np.linspace(-1, 1, 3), indexing="ij")
    np.save(tmp_path / "a.npy", 10 * X + Y)
    np.savetxt(tmp_path / "a.csv", (10 * X + Y).T[::-1], delimiter=",")
    for name in ("a.npy", "a.csv"):
        field = fg.Sampled(box=BOX, file=str(tmp_path / name))
        assert np.allclose(field(AT), expected(AT)), name
    assert np.allclose(fg.Sampled.of(10 * X + Y, BOX)(AT), expected(AT))
    np.savetxt(tmp_path / "row.csv", [[0.0, 1.0, 4.0]], delimiter=",")
    assert np.allclose(
        fg.Sampled(box=[[0.0], [2.0]], file=str(tmp_path / "row.csv"))(np.array([[0.5, 1.5]])), [0.5, 2.5]
    )


def test_a_picture_is_seen_the_right_way_round(tmp_path):
    """White on the upper left, black elsewhere."""
    from matplotlib.image import imsave

    picture = np.zeros((4, 8, 3))
    picture[:2, :4] = 1.0
    imsave(tmp_path / "a.png", picture)
    field = fg.Sampled(box=BOX, file=str(tmp_path / "a.png"))
    assert np.allclose(field(np.array([[-1.5, 1.5, -1.5, 1.5], [0.7, 0.7, -0.7, -0.7]])), [1.0, 0.0, 0.0, 0.0])


def test_a_map_from_a_file_is_stored_and_resumes_without_it(tmp_path):
    rng = np.random.default_rng(3)
    np.save(tmp_path / "grains.npy", rng.normal(size=(7, 5)))
    table = describe(film(None, h=0.8, time=fg.Time(t_end=2.0, rtol=1e-5, checkpoint=1.0)))
    table["map"] = {"eps": "1 + 0.1*g", "fields": {"g": {"file": "grains.npy", "box": [[-3.0, -1.0], [3.0, 1.0]]}}}
    (tmp_path / "problem.toml").write_text(tomli_w.dumps(table))
    fg.run(tmp_path / "problem.toml", tmp_path / "whole")
    half = fg.run(tmp_path / "problem.toml", tmp_path / "half", until=1.0)
    (tmp_path / "grains.npy").unlink()
    again = fg.resume(tmp_path / "half", until=2.0)
    assert np.array_equal(again.last_psi(), fg.Result(tmp_path / "whole").last_psi())
    assert "grains.npy" not in half.problem_text
    assert json.loads((tmp_path / "half" / "summary.json").read_text())["t_end"] == 2.0


def test_files_hold_all_but_functions():
    maps = fg.Maps(
        eps="1 + 0.1*g + p*a",
        conductivity=2.0,
        fields={
            "g": fg.Disorder(random=1.0, length=1.0),
            "p": {"table": [[0.0, 0.0], [1.0, 0.1]]},
            "a": fg.Sampled.of(np.ones((2, 2)), BOX),
        },
    )
    problem = film(maps)
    assert toml.build(toml.parse(toml.dump(problem))) == problem


def test_a_function_is_asked_for_again(tmp_path):
    def eps(x):
        return 1 - 0.2 * np.exp(-(x[0] ** 2))

    problem = line(fg.Maps(eps=eps), current=0.3, time=fg.Time(t_end=2.0, rtol=1e-5, checkpoint=1.0))
    fg.run(problem, tmp_path / "whole")
    fg.run(problem, tmp_path / "half", until=1.0)
    with pytest.raises(fg.InputError, match=r"map\.eps: was run with 'eps' in Python"):
        fg.resume(tmp_path / "half", until=2.0)
    again = fg.resume(tmp_path / "half", until=2.0, map__eps=eps)
    assert np.array_equal(again.last_psi(), fg.Result(tmp_path / "whole").last_psi())


BAD = [
    ({"eps": "1 - y**2"}, "map.eps", "'y', the mesh 1 dimensions"),
    ({"eps": "1 - foo"}, "map.eps", "position 5: 'foo' is not known"),
    ({"conductivity": "1 + t"}, "map.conductivity", "'t' is not known"),
    ({"eps": "1 + step(t - 5)"}, "map.eps", "jumps or bends in time"),
    ({"eps": "1/x**0.5"}, "map.eps", "is not finite at"),
    ({"conductivity": "x"}, "map.conductivity", "above 0 everywhere"),
    ({"thickness": 2.0}, "map.thickness", "two dimensions"),
    ({"eps": 1.0, "Tc": 1.0}, "map.Tc", "one of them"),
    ({"eps": True}, "map.eps", "is no map"),
    ({"epsilon": 1.0}, "map.epsilon", "did you mean 'eps'"),
    ({"fields": {"x": {"random": 1.0, "length": 1.0}}}, "map.fields", "is no name"),
    ({"fields": {"g": {"random": 1.0}}}, "map.fields.g.length", "is missing"),
    ({"fields": {"g": {"randm": 1.0}}}, "map.fields.g", "is no field"),
    ({"fields": {"g": {"random": 1.0, "length": 0.0}}}, "map.fields.g.length", "> 0"),
    ({"fields": {"g": {"file": "nowhere.npy", "box": [[0.0], [1.0]]}}}, "map.fields.g.file", "cannot be read"),
    ({"fields": {"g": {"file": "problem.toml", "box": [[0.0], [1.0]]}}}, "map.fields.g.file", "of no known kind"),
    ({"fields": {"g": {"data": "abc", "box": [[0.0], [1.0]]}}}, "map.fields.g.data", "cannot be read"),
    ({"fields": {"g": {"table": [[1.0, 0.0], [0.0, 1.0]]}}}, "map.fields.g.table", "do not rise"),
]


@pytest.mark.parametrize(("maps", "key", "says"), BAD, ids=[str(k) for k in range(len(BAD))])
def test_what_is_wrong_is_said(maps, key, says):
    table = describe(line())
    table["map"] = maps
    with pytest.raises(fg.InputError) as error:
        fg.System(toml.build(table))
    assert error.value.key == key and says in str(error.value)


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (lambda x: x, "returns"),
        (lambda x: "a", "does not work"),
        (lambda x: x[2], "does not work"),
        (lambda x: np.nan, "finite"),
    ],
)
def test_a_function_that_is_no_map(function, says):
    with pytest.raises(fg.InputError, match=says) as error:
        fg.System(line(fg.Maps(eps=function)))
    assert error.value.key == "map.eps"


@pytest.mark.slow
def test_field_cooling_of_a_ring_by_an_eps_that_moves():
    """From above Tc in a field: B r^2/2 = 2 quanta about the hole freeze in, and stay when the field goes."""
    edge = fg.Insulating()
    problem = fg.Problem(
        mesh=fg.mesh.ring(inner=3.0, outer=5.0, h=0.6, order=2),
        film=fg.Film(model="gapless", eta=0.1),
        boundary={"inner": edge, "outer": edge},
        drive=fg.Drive(field={"table": [[0.0, 0.25], [120.0, 0.25], [160.0, 0.0], [180.0, 0.0]]}),
        map=fg.Maps(eps="-1 + 2*rise(t/40)"),
        probes=(fg.FluxoidProbe(name="fluxoid", boundary="inner"),),
        initial=fg.Initial(dips=(fg.Spot(depth=1.0, width=1e6),), noise=0.02, seed=3),
        time=fg.Time(t_end=180.0, rtol=1e-4),
        output=fg.Output(fields=20.0),
    )
    result = fg.run(problem)
    t, psi = result.probes["t"], result.probes["psi_max"]
    assert psi[np.searchsorted(t, 15.0)] < 0.05 and psi[-1] > 0.8
    assert result.probes["fluxoid"][-1] == 2
    assert result.summary["warnings"] == []
