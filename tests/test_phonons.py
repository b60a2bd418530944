"""Phonons that act back (theory section 3): the table of p, its place in (1.1), its symmetry, its work."""

import tomllib
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from conftest import PROBLEMS, complex_step
from scipy.integrate import quad

import femtdgl as fg
from femtdgl.equations.feedback import pair_breaking, thermal_excess
from femtdgl.equations.feedback_table import FeedbackTable, at_frequencies, breaking, equilibrium, gaps, panels, warm
from femtdgl.equations.phonons import density_of_states, level_velocity, pair_density
from femtdgl.measure.series import Series
from femtdgl.problem import toml
from femtdgl.solve.phonons import squares
from femtdgl.solve.system import System
from femtdgl.units import critical_temperature, reduced_temperature

T0 = reduced_temperature(0.1)
PSC = PROBLEMS / "psc_filament.toml"


def phonons(strength=0.02, **keys):
    return fg.ExcessPhonons(strength=strength, **keys)


def line(at=None, *, w=2.5, area=0.5, wide=0.3, **keys):
    place = None if at is None else fg.Place(at=at, width=wide)
    return fg.Line(w=w, area=area, place=place, **keys)


def rising():
    return fg.drive.waveform({"ramp": [0.0, 1.0], "over": 3.0})


# ---- the table -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("gamma", [0.1, 0.3, 2.0])
def test_table_of_a_thermal_excess_against_finer_quadrature(gamma):
    hot = 1.3 * T0
    made = breaking(1.5, gamma, T0, hot, "derived")
    table = FeedbackTable(gamma, 1.5, made.of(thermal_excess(made.axis.w, hot, T0)[:, None]))
    psi = np.array([0.0, 0.013, 0.11, 0.333, 0.71, 0.997, 1.42])
    edges = np.concatenate([np.linspace(0, 3, int(12 / gamma) + 8), np.geomspace(3, 60, 40)[1:]])
    w, weight = panels(edges, 12)
    B = pair_breaking(w, psi[:, None], gamma, equilibrium(T0), points=140)
    reference = (B * w**2 * weight) @ thermal_excess(w, hot, T0)
    assert np.abs(table(psi**2, np.ones(1))[0] - reference).max() < 1e-6 * table.largest


@pytest.mark.parametrize("form", ["derived", "printed"])
def test_table_of_a_line_against_adaptive_quadrature(form):
    """Of the plain integral over e, with an adaptive rule that knows nothing of the table's."""
    gamma, n = 0.3, equilibrium(T0)
    _, psi = gaps(1.5, gamma)
    for w in (0.2, 1.0, 2.0, 3.0):
        table = FeedbackTable(gamma, 1.5, at_frequencies(np.array([w]), psi, gamma, T0, form))
        for size in (0.05, 0.42, 0.93, 1.38):

            def integrand(e, w=w, size=size):
                N, R = (f(np.array([e, w - e]), size, gamma) for f in (density_of_states, pair_density))
                factor = level_velocity(e, size, gamma) if form == "derived" else R[0]
                return (N[0] * N[1] + R[0] * R[1]) * factor / size * (1 - n(e) - n(w - e))

            cuts = sorted(c for c in {0.0, w, size, w - size} if 0 <= c <= w)
            exact = sum(quad(integrand, a, b, epsabs=1e-13, epsrel=1e-10, limit=200)[0] for a, b in pairwise(cuts))
            found = table(np.array([size**2]), np.ones(1))[0][0]
            assert abs(found - exact) < 1e-6 * table.largest


def test_slope_of_the_table_and_its_end():
    made = breaking(1.5, 0.3, T0, 1.2 * T0, "derived")
    table = FeedbackTable(0.3, 1.5, made.of(thermal_excess(made.axis.w, 1.2 * T0, T0)[:, None]))
    n = np.array([0.0, 0.01, 0.5, 1.9, 2.2499, 2.2501, 4.0])
    p, slope = table(n + 1e-30j, np.ones(1))
    np.testing.assert_allclose(p.imag / 1e-30, slope.real, rtol=1e-12)
    edge, _ = table(np.array([2.25 - 1e-9, 2.25 + 1e-9]), np.ones(1))
    assert abs(np.diff(edge)[0]) < 1e-8 * table.largest


def test_a_profile_of_temperatures_is_as_good_as_each():
    made = breaking(1.5, 0.3, T0, 1.3 * T0, "derived")
    polynomial = warm(made, 0.5 * T0, 1.3 * T0)
    psi2 = np.linspace(0, 2, 9)
    for T in (0.55 * T0, 0.9 * T0, 1.27 * T0):
        by_degree = FeedbackTable(0.3, 1.5, polynomial.coefficients)
        amplitude = (polynomial.basis(np.array([T]))[0] - polynomial.basis(np.array([T0]))[0])[0]
        direct = FeedbackTable(0.3, 1.5, made.of(thermal_excess(made.axis.w, T, T0)[:, None]))
        difference = by_degree(psi2, amplitude)[0] - direct(psi2, np.ones(1))[0]
        assert np.abs(difference).max() < 1e-6 * direct.largest


# ---- in the system -------------------------------------------------------------------------------------

VARIANTS = {
    "line": phonons(lines=(line(0.2),)),
    "printed": phonons(lines=(line(0.2),), form="printed"),
    "band": phonons(lines=(line(width=1.0, amplitude=rising()),)),
    "profile": phonons(
        thermal=fg.ThermalExcess(T=0.92, profile=(fg.Spot(depth=0.1, at=0.3, width=0.5),)),
        tables=(fg.Tabulated(w=(1.0, 2.0, 3.0), dN=(0.0, 0.4, 0.1)),),
    ),
    "lattice": phonons(thermal=fg.ThermalExcess(T="T_p", amplitude=rising()), lines=(line(0.2),)),
}
TWO = fg.Heat(temperatures="two", coupling=2.0, phonons=fg.Carriers(capacity=3.0, conductivity=1.0))


def swinging(x, t):
    shape = 1 + x**2
    return 0.3 * np.sin(0.7 * t) * shape, 0.21 * np.cos(0.7 * t) * shape


@pytest.mark.parametrize("potential", [None, swinging])
@pytest.mark.parametrize("name", VARIANTS)
def test_jacobian_against_complex_step(filament, rng, name, potential):
    problem = filament(
        elements=4, right=fg.NormalContact(), phonons=VARIANTS[name], vector_potential=potential,
        heat=TWO if name == "lattice" else None,
    )  # fmt: skip
    for compiled in (False, True):
        system = System(problem, compiled=compiled)
        y, yp = 0.6 * rng.normal(size=(2, system.size))
        reference = complex_step(system, 0.4, y, yp, 3.7)
        J = system.matrix(system.jacobian(0.4, y, yp, 3.7)).toarray()
        assert np.abs(J - reference).max() < 1e-10 * np.abs(reference).max()


def strip(**keys):
    edges = {"bottom": fg.Insulating(), "top": fg.Insulating()}
    return fg.Problem(
        mesh=keys.pop("mesh", fg.mesh.strip(length=2.0, width=0.5, h=0.4)), film=fg.Film(delta=3.0),
        boundary=keys.pop("boundary", {"left": fg.Bank(), "right": fg.Bank(), **edges}),
        phonons=VARIANTS["line"], **keys,
    )  # fmt: skip


def wire():
    mesh = fg.mesh.wire(length=1.0, width=0.6, h=0.5)
    boundary = {"left": fg.Bank(), "right": fg.Bank(), "side": fg.Insulating()}
    return strip(mesh=mesh, boundary=boundary)


PLANES = {
    "plain": strip,
    "field": lambda: strip(drive=fg.Drive(current=0.3, field=fg.drive.waveform({"ramp": [0.0, 0.3], "over": 1.0}))),
    "space": wire,
}


@pytest.mark.parametrize("name", PLANES)
def test_jacobian_in_two_and_three_dimensions(rng, name):
    """With and without gauge-covariant elements; arrays, and compiled loops in both parts."""
    arrays, compiled = (System(PLANES[name](), compiled=how) for how in (False, True))
    y, yp = 0.6 * rng.normal(size=(2, arrays.size))
    np.testing.assert_allclose(arrays.residual(0.4, y, yp), compiled.residual(0.4, y, yp), rtol=1e-11, atol=1e-11)
    reference = complex_step(arrays, 0.4, y, yp, 3.7)
    data, rate = np.zeros((2, compiled.nnz))
    compiled.jacobian_parts(0.4, y, yp, data, rate)
    for system, entries in ((arrays, arrays.jacobian(0.4, y, yp, 3.7)), (compiled, data + 3.7 * rate)):
        assert np.abs(system.matrix(entries).toarray() - reference).max() < 1e-10 * np.abs(reference).max()


def test_p_is_linear_in_the_excess_and_vanishes_with_it(filament):
    def p(area):
        system = System(filament(phonons=phonons(lines=(line(area=area),))))
        y = system.initial(np.full(system.space.N, 0.8 + 0.1j))
        state = system.state(y, np.zeros_like(y))
        return system.feedback(0.0, y, state, None).p

    np.testing.assert_allclose(p(0.5), 0.5 * p(1.0), rtol=1e-13)
    assert np.all(p(1.0) < 0)
    assert np.all(p(0.0) == 0)
    n = 0.8**2 + 0.1**2
    B = pair_breaking(2.5, np.sqrt(n), 1 / 3.0, equilibrium(T0))
    assert p(1.0)[4] == pytest.approx(-0.02 * 3.0 / 0.1 * 2.5**2 * B, rel=1e-6)


def test_what_cannot_act_is_left_out(filament):
    """To the bit: there is no term at all."""
    for none in (phonons(strength=0.0, lines=(line(),)), phonons()):
        assert System(filament(phonons=none)).phonons is None


def test_what_cannot_act_changes_no_bit_of_a_run(tmp_path):
    none = phonons(strength=0.0, lines=(line(amplitude=rising()),), escape=fg.Escape(time=0.0, emission=1.0))
    short = {"time__t_end": 4.0, "mesh__elements": 12}
    without, with_ = psc(tmp_path, None, "without", **short), psc(tmp_path, none, "with", **short)
    for name in ("t", "psi", "psi_t", "phi", "w"):
        np.testing.assert_array_equal(without.field(name), with_.field(name))
    assert "phonons" not in with_.summary
    assert "p" not in with_.field_names


def test_lattice_at_the_temperature_of_the_electrons_does_nothing(filament, rng):
    system = System(filament(phonons=phonons(thermal=fg.ThermalExcess(T="T_p")), heat=TWO))
    y, yp = 0.5 * rng.normal(size=(2, system.size))
    temperatures = system.heat.temperatures
    T = temperatures.read(y)
    for T_p, sign in ((1.0, 0), (1.1, -1), (0.9, 1)):
        T[: temperatures.N] = 0.9
        T[temperatures.N : 2 * temperatures.N] = 0.9 * T_p
        temperatures.write(T, y)
        p = system.feedback(0.0, y, system.state(y, yp), None).p
        free = p[10:-10]  # the banks are held
        assert np.all(np.abs(free) < 1e-12) if sign == 0 else np.all(np.sign(free) == sign)


# ---- runs ----------------------------------------------------------------------------------------------


def psc(tmp_path, given, name="run", **changes):
    """psc_filament with these phonons, shorter and a little less accurate."""
    problem, _ = toml.load(PSC)
    problem = replace(problem, phonons=given, title=name)
    changes = {"mesh__elements": 40, "time__t_end": 60.0, "time__rtol": 1e-6, **changes}
    return fg.run(problem, tmp_path / name, **changes)


def test_an_excess_moves_the_slip_and_its_mirror_image_the_other_way(tmp_path):
    place = {}
    for at in (-0.2, 0.0, 0.05, 0.2):
        run = psc(tmp_path, phonons(strength=0.004, lines=(line(at),)), f"at{at}")
        place[at] = np.mean(run.summary["slip_positions"])
        assert run.summary["state"] == "periodic"
    assert abs(place[0.0]) < 1e-9
    assert 0 < place[0.05] < place[0.2] < 0.2
    assert place[0.2] > 1e-3
    assert place[-0.2] == pytest.approx(-place[0.2], rel=1e-6)


def test_a_narrow_strip_gives_the_numbers_of_a_line(tmp_path):
    given = phonons(strength=0.01, lines=(line(0.15),), thermal=fg.ThermalExcess(T=0.95))
    lengths = {"film": toml.load(PSC)[0].film, "phonons": given, "drive": fg.Drive(current=1.5)}
    course = fg.Time(t_end=30.0, rtol=1e-6), fg.Output(fields=1.0), fg.Measure(discard=5.0)
    time, output, measure = course
    ends = {"left": fg.Bank(), "right": fg.Bank()}
    sides = {"bottom": fg.Insulating(), "top": fg.Insulating()}
    found = []
    for name, mesh, boundary in (
        ("line", fg.mesh.line(length=1.1, elements=22, order=2), ends),
        ("strip", fg.mesh.strip(length=1.1, width=0.1, h=0.05, order=2), {**ends, **sides}),
    ):
        problem = fg.Problem(mesh=mesh, boundary=boundary, time=time, output=output, measure=measure, **lengths)
        found.append(fg.run(problem, tmp_path / name).summary)
    line_, strip_ = found
    assert strip_["period"] == pytest.approx(line_["period"], rel=1e-3)
    assert strip_["mean_voltage"] == pytest.approx(line_["mean_voltage"], rel=1e-3)
    assert np.mean(strip_["slip_positions"]) == pytest.approx(np.mean(line_["slip_positions"]), abs=1e-3)
    assert strip_["phonons"]["p_min"] == pytest.approx(line_["phonons"]["p_min"], rel=1e-3)


def test_work_of_the_phonons_within_the_cycle(tmp_path):
    """(1.5) over each output interval, to 1e-4 of the work of a period; over a cycle static phonons do no work."""
    run = psc(tmp_path, phonons(strength=0.02, lines=(line(0.1),)), mesh__elements=100, time__rtol=1e-7)
    s, probes = run.summary, run.probes
    t = np.asarray(probes["t"])
    names = ("work", "dissipation", "phonon_work", "free_energy")
    work, heat, by_phonons, F = (Series(t, np.asarray(probes[name])) for name in names)
    period = s["period"]
    edges = np.arange(s["measured_from"], s["measured_from"] + period, 0.05)
    whole = work.integral(edges[0], edges[0] + period)
    gained = 0.5 * np.diff(F.at(*edges))
    moved = [by_phonons.integral(a, b) for a, b in pairwise(edges)]
    rest = [
        gain + heat.integral(a, b) - work.integral(a, b) - done
        for gain, done, (a, b) in zip(gained, moved, pairwise(edges), strict=True)
    ]
    assert np.abs(rest).max() < 1e-5 * whole
    assert np.sum(np.abs(moved)) > 0.02 * whole
    assert abs(by_phonons.integral(s["measured_from"], s["measured_to"])) < 1e-4 * whole
    assert s["energy_mismatch"] < 1e-4
    assert s["energy_balance"] < 1e-4
    assert s["phonons"]["form"] == "derived"


def test_ledger_of_a_heated_run_with_the_phonons_of_its_own_lattice(tmp_path):
    """The first law with the work of the phonons; without that line it misses."""
    phonons_ = phonons(strength=0.02, thermal=fg.ThermalExcess(T="T_p"))
    lattice = fg.Carriers(capacity=40.0, conductivity=2.0)
    heat = fg.Heat(temperatures="two", coupling=20.0, phonons=lattice, hold=(), hold_phonons=("left", "right"))
    problem = replace(toml.load(PSC)[0], phonons=phonons_, heat=heat)
    changes = {"mesh__elements": 40, "time__t_end": 20.0, "time__rtol": 1e-6, "measure__discard": 2.0}
    s = fg.run(problem, tmp_path / "run", **changes).summary
    book = s["heat"]["ledger_of_run"]
    assert s["phonons"]["p_max"] > 0 or s["phonons"]["p_min"] < 0
    assert book["mismatch"] < 1e-4
    assert abs(book["by_phonons"]) > 10 * abs(book["unaccounted"])
    assert s["energy_balance"] < 1e-4


# ---- input ---------------------------------------------------------------------------------------------

BAD = {
    "lines.0.area": ("phonons={strength=1.0,lines=[{w=2.0,area=-1.0}]}", "phonons.lines.0.area"),
    "lines.0.w": ("phonons={strength=1.0,lines=[{w=-2.0,area=1.0}]}", "phonons.lines.0.w"),
    "band": ("phonons={strength=1.0,lines=[{w=1.0,width=2.0,area=1.0}]}", "phonons.lines.0.width"),
    "amplitude": ("phonons={strength=1.0,lines=[{w=1.0,area=1.0,amplitude=-1.0}]}", "phonons.lines.0.amplitude"),
    "cold": ("phonons={strength=1.0,thermal={T=0.0}}", "phonons.thermal.T"),
    "profile": (
        "phonons={strength=1.0,thermal={T=0.9,profile=[{depth=-1.0}]}}", "phonons.thermal.profile",
    ),
    "kelvin": ('phonons={strength=1.0,thermal={T="1 K"}}', "phonons.thermal.T"),
    "lattice": ('phonons={strength=1.0,thermal={T="T_p"}}', "phonons.thermal.T"),
    "order": ("phonons={strength=1.0,tables=[{w=[2.0,1.0],dN=[0.0,0.0]}]}", "phonons.tables.0.w"),
    "short": ("phonons={strength=1.0,tables=[{w=[1.0,2.0],dN=[0.0]}]}", "phonons.tables.0.dN"),
    "less than none": ("phonons={strength=1.0,tables=[{w=[1.0,2.0],dN=[0.0,-9.0]}]}", "phonons.tables.0.dN"),
    "strength": ("phonons={strength=-1.0}", "phonons.strength"),
    "no strength": ("phonons={lines=[{w=1.0,area=1.0}]}", "phonons.strength"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input_names_its_key(tmp_path, name):
    text, key = BAD[name]
    with pytest.raises(fg.InputError) as caught:
        fg.run(PSC, tmp_path / "run", phonons=tomllib.loads(text)["phonons"])
    assert caught.value.key == key
    assert not (tmp_path / "run").exists()


def test_phonons_of_a_gapless_film_are_refused(filament):
    with pytest.raises(fg.InputError, match="gapless"):
        filament(film=fg.Film(delta=0.0), phonons=phonons(lines=(line(),)))


def test_a_file_says_what_python_says(filament):
    problem = filament(phonons=VARIANTS["profile"])
    assert toml.build(toml.parse(toml.dump(problem))).phonons == problem.phonons


def test_temperatures_are_in_units_of_the_film(filament):
    """T_ph in Tc: at the temperature of the film there is no excess."""
    system = System(filament(phonons=phonons(thermal=fg.ThermalExcess(T=0.9))))
    y = system.initial(np.ones(system.space.N, complex))
    at = squares(system.arrays, system.state(y, np.zeros_like(y)), None)
    assert np.abs(system.phonons(0.0, at).p).max() < 1e-12
    assert 0.9 * critical_temperature(0.1) == pytest.approx(T0)
