"""Faults of a percent that a whole run would hide: each quantity against a value that needs no run, or a finer one."""

import numpy as np
import pytest
from conftest import PROBLEMS

import femtdgl as fg
from femtdgl.equations.vector_potential import unit_fields
from femtdgl.kinds.filament.simulation import initial_psi
from femtdgl.measure.hysteresis import retrapping_current, switching_current
from femtdgl.problem import toml
from femtdgl.solve.integrate import Integrator
from femtdgl.solve.path import line_integrals
from femtdgl.solve.system import System

FLUX_QUANTUM = 2.067833848e-15  # Wb


def test_line_integrals_of_a_polynomial_potential_are_exact():
    """A = (a + b t) (y^2, x y) along an open polygon, by hand."""

    def potential(x, t):
        shape = np.array([x[1] ** 2, x[0] * x[1]])
        return (1.5 + 0.5 * t) * shape, 0.5 * shape

    corners = np.array([[0.0, 2.0, 2.0], [1.0, 1.0, 4.0]])
    value = 2.0 * 1.0 + 2.0 * (16.0 - 1.0) / 2
    total = line_integrals(potential, corners, 3.0)
    assert total == pytest.approx([3.0 * value, 0.5 * value], rel=1e-13)


def test_the_unit_of_field_is_a_flux_quantum_over_the_area_of_a_vortex():
    """Bc2(T0) = Phi0/(2 pi xi^2), and A in Bc2 xi."""
    scales = fg.Scales(Tc=1.2, T0=1.08, D=5e-3, sigma_n=2e7)
    assert scales.field == pytest.approx(FLUX_QUANTUM / (2 * np.pi * scales.length**2), rel=1e-9)
    assert scales.vector_potential == pytest.approx(scales.field * scales.length, rel=1e-12)


@pytest.mark.parametrize("direction", [0, 1, 2])
def test_each_unit_field_of_space_points_along_its_axis(direction):
    """curl A by differences, exact for a potential that is linear."""
    at, h = np.array([0.3, -0.7, 1.1]), 0.5
    slope = np.empty((3, 3))  # d A_i / d x_j
    for j in range(3):
        ends = np.stack([at - h * np.eye(3)[j], at + h * np.eye(3)[j]], axis=1)
        A = unit_fields(ends)[direction]
        slope[:, j] = (A[:, 1] - A[:, 0]) / (2 * h)
    curl = [slope[2, 1] - slope[1, 2], slope[0, 2] - slope[2, 0], slope[1, 0] - slope[0, 1]]
    assert curl == pytest.approx(np.eye(3)[direction], abs=1e-14)


@pytest.mark.parametrize("sign", [1, -1])
def test_switching_and_retrapping_currents_lie_between_samples(sign):
    """V jumps from 0 to R J between two samples of a coarse record: the line through them passes the threshold at
    a place that is known, and neither sample is it.
    """
    J = sign * np.array([0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 0.8, 0.6, 0.4, 0.2, 0.0])
    V = np.where((np.arange(11) >= 4) & (np.arange(11) <= 8), 10.0 * J, 0.0)
    t = np.arange(11.0)
    # the mean at a sample is that of the sides next to it.
    # Less 6 J: -1.6 at 0.6, 1.7 at 0.8; back 1.1 at 0.4, -0.2 at 0.2
    up = switching_current(t, J, V, 10.0, fraction=0.6, window=1e-6)
    down = retrapping_current(t, J, V, 10.0, fraction=0.6, window=1e-6)
    assert up == pytest.approx(sign * (0.6 + 0.2 * 1.6 / 3.3), rel=1e-5)
    assert down == pytest.approx(sign * (0.4 - 0.2 * 1.1 / 1.3), rel=1e-5)


def test_psi_between_frames_comes_from_the_frames_about_it():
    """Frames 1 t0 apart against 0.25: Hermite through the two about it errs as h^4, from those before it tenfold."""
    run = {"until": 8.0, "mesh__elements": 40}
    coarse = fg.run(PROBLEMS / "psc_filament.toml", output__fields=1.0, **run)
    fine = fg.run(PROBLEMS / "psc_filament.toml", output__fields=0.25, **run)
    for t in (0.5, 2.5, 5.25, 7.75):
        assert np.abs(coarse.psi(t) - fine.field("psi", t)).max() < 3e-3, t
    for t in (0.0, 3.0, 8.0):
        assert np.abs(coarse.psi(t) - coarse.field("psi", t)).max() < 1e-12, t


def test_a_step_begins_where_the_last_one_ended():
    """So does the interval from which the order is read; the order is 1 in the first steps and at most 5."""
    problem, _ = toml.load(PROBLEMS / "psc_gapless.toml", {"mesh.elements": 40})
    system = System(problem)
    integrator = Integrator(system)
    y, yp = system.consistent(0.0, system.initial(initial_psi(problem, system)))
    integrator.start(0.0, y, yp)
    end, orders = 0.0, []
    for step in integrator.steps(1.0):
        assert step.t_old == end
        assert integrator._t_old == end
        assert integrator.dense(step.t_old)[0] == pytest.approx(y, abs=1e-6)
        end, y = step.t, step.y.copy()
        orders.append(integrator.order())
    assert orders[0] == 1
    assert max(orders) in (3, 4, 5)


def test_an_open_ledger_is_said():
    """Twelve linear elements: the first law is open by percents; a fine mesh closes it."""
    file, short = PROBLEMS / "heated_filament.toml", {"until": 40.0, "measure__discard": 10.0}
    coarse = fg.run(file, mesh__elements=12, mesh__order=1, **short).summary
    assert 1e-3 < coarse["heat"]["ledger"]["mismatch"] < 0.1
    assert any("energy ledger misses" in warning for warning in coarse["warnings"])
    fine = fg.run(file, **short).summary
    assert not any("energy ledger" in warning for warning in fine["warnings"])
