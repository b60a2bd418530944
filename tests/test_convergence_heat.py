"""Order of convergence in space of (1.1), (1.4), (4.1) and (4.2) solved at once, by a manufactured solution.

psi and phi are those of `test_convergence`.  With S = sin(pi x/L) and C = cos(pi x/L),

    T_e = 0.9 + (0.15 + 0.1 sin t) C (1 + 0.4 S),    T_p = 0.9 - (0.1 - 0.15 t) C (1 - 0.6 S):

both are 0.9 at the ends, which are held.  q is the whole w of (1.5), with every finite-gap term and the interference
term; T_e acts back through eps.  In two dimensions the heat equations stand alone: psi = 0, where w = J^2.
"""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import sympy as sy
from scipy.special import ellipe, ellipk
from test_convergence import C_INT, DELTA, ETA, T_END, L, line_problem
from test_planes import brick, problem_on

import femtdgl as fg
from femtdgl.problem.heat import Carriers, Heat
from femtdgl.solve.integrate import Integrator
from femtdgl.solve.system import System
from femtdgl.units import U

W = 1.5
SIGMA, EXPONENT = 0.9, 5
ELECTRONS = Carriers(capacity=3.0, capacity_exponent=1.0, conductivity=2.0, conductivity_exponent=2.0)
PHONONS = Carriers(capacity=1.5, capacity_exponent=3.0, conductivity=0.7, conductivity_exponent=2.5)
HEAT = {
    "two": Heat(temperatures="two", electrons=ELECTRONS, phonons=PHONONS, coupling=SIGMA, source="w"),
    "one": Heat(temperatures="one", electrons=ELECTRONS, phonons=PHONONS, source="w"),
}
FIELDS = {"two": ("T_e", "T_p"), "one": ("T_e",)}


def capacity(part, T):
    return part.capacity * T**part.capacity_exponent


def rest_of_heat(kind, temperatures, w, axes, t):
    """Left minus right of (4.1), (4.2): what must be brought from outside."""
    parts = {"two": ((ELECTRONS,), (PHONONS,)), "one": ((ELECTRONS, PHONONS),)}[kind]
    rest = []
    for T, carriers in zip(temperatures, parts, strict=False):
        C = sum(capacity(part, T) for part in carriers)
        k = sum(part.conductivity * T**part.conductivity_exponent for part in carriers)
        rest.append(C * sy.diff(T, t) - sum(sy.diff(k * sy.diff(T, x), x) for x in axes))
    rest[0] -= w
    if kind == "two":
        exchange = SIGMA * (temperatures[0] ** EXPONENT - temperatures[1] ** EXPONENT)
        rest[0] += exchange
        rest[1] -= exchange
    return rest


def functions(expressions, axes, t):
    special = [{"elliptic_k": ellipk, "elliptic_e": ellipe}, "numpy"]
    return {k: sy.lambdify((*axes, t), v, modules=special, cse=True) for k, v in expressions.items()}


@cache
def exact(kind):
    x, t = sy.symbols("x t", real=True)
    S, C = sy.sin(sy.pi * x / L), sy.cos(sy.pi * x / L)
    f, chi = 1 - (0.4 + 0.2 * sy.sin(t)) * C**2, -0.5 * sy.sin(t) * S + 0.2 * sy.cos(2 * t) * C**2
    a, b = f * sy.cos(chi), f * sy.sin(chi)
    phi = 0.5 * sy.cos(t) * S + 0.3 * t * S * C
    T_e = 0.9 + (0.15 + 0.1 * sy.sin(t)) * C * (1 + 0.4 * S)
    T_p = 0.9 - (0.1 - 0.15 * t) * C * (1 - 0.6 * S)
    n = a**2 + b**2
    n_t, E, eps = sy.diff(n, t), -sy.diff(phi, x), (1 - T_e) / ETA
    nu = U / sy.sqrt(1 + DELTA**2 * n)
    turning_a, turning_b = sy.diff(a, t) - phi * b, sy.diff(b, t) + phi * a
    r_a = nu * (turning_a + DELTA**2 / 2 * a * n_t) - sy.diff(a, x, 2) - (eps - n) * a
    r_b = nu * (turning_b + DELTA**2 / 2 * b * n_t) - sy.diff(b, x, 2) - (eps - n) * b
    m = DELTA**2 * n / (1 + DELTA**2 * n)
    g = 1 + 2 / sy.pi * sy.sqrt(ETA * U) * sy.sqrt(n) * (sy.elliptic_k(m) - sy.elliptic_e(m)) / sy.sqrt(m)
    q = a * sy.diff(b, x) - b * sy.diff(a, x)
    j = q * (1 - C_INT * n_t / n) + g * E
    w = nu * (turning_a**2 + turning_b**2 + DELTA**2 / 4 * n_t**2) + E * (j - q)
    expressions = {"a": a, "b": b, "phi": phi, "T_e": T_e, "T_p": T_p, "r_a": r_a, "r_b": r_b, "j": j}
    rest = dict(zip(("r_T_e", "r_T_p"), rest_of_heat(kind, (T_e, T_p), w, (x,), t), strict=False))
    return functions({**expressions, **rest, "j_x": sy.diff(j, x)}, (x,), t)


@cache
def exact_plane(kind, J):
    """T across a strip; M' = 0 at its sides, as insulating edges want it."""
    x, y, t = sy.symbols("x y t", real=True)
    S, C = sy.sin(sy.pi * x / L), sy.cos(sy.pi * x / L)
    M = 1 + sy.cos(2 * sy.pi * y / W) / 2
    T_e = 0.9 + (0.15 + 0.1 * sy.sin(t)) * C * (1 + 0.4 * S) * M
    T_p = 0.9 - (0.1 - 0.15 * t) * C * (1 - 0.6 * S) * M
    rest = rest_of_heat(kind, (T_e, T_p), J**2, (x, y), t)
    return functions({"T_e": T_e, "T_p": T_p, **dict(zip(("r_T_e", "r_T_p"), rest, strict=False))}, (x, y), t)


class Heated(System):
    """The system with the sources of manufactured temperatures subtracted."""

    def __init__(self, problem, solution, **how):
        self.solution = solution
        super().__init__(problem, **how)

    def residual(self, t, y, yp):
        F = super().residual(t, y, yp)
        temperatures, names = self.heat.temperatures, FIELDS[self.problem.heat.temperatures]
        rest = np.concatenate([self.nodal_load(f"r_{name}", t) for name in names])
        free = temperatures.place >= 0
        F[temperatures.place[free]] -= rest[free]
        return F

    def nodal_load(self, name, t):
        values = np.broadcast_to(self.solution[name](*self.space.x, t), (self.space.nq,))
        return self.space.pullback[:, : self.space.nq] @ values

    def at_nodes(self, name, t):
        return self.solution[name](*self.space.nodes, t)

    def wrong(self, name, nodal, t):
        space = self.space
        return np.sqrt(space.weights @ (space.values(nodal) - self.solution[name](*space.x, t)) ** 2)


class Coupled(Heated):
    """The same with the sources of psi and phi."""

    def residual(self, t, y, yp):
        F = super().residual(t, y, yp)
        for f, name in enumerate(("r_a", "r_b", "j_x")):
            rows = self.assembly.writer[:, f]
            np.add.at(F, rows[rows >= 0], -self.nodal_load(name, t)[rows >= 0])
        # the current into the left bank is j there; the right bank's row is the gauge
        F[self.layout.bank_phi[0]] += self.current(t, y) - self.solution["j"](-L / 2, t)
        return F


def solved(system, psi):
    """The end of a run from the manufactured state: nodal fields (N, 5) and temperatures (fields, N)."""
    names = FIELDS[system.problem.heat.temperatures]
    T = np.stack([system.at_nodes(name, 0.0) for name in names])
    y, yp = system.consistent(0.0, system.initial(psi, T))
    t_end = system.problem.time.t_end
    integrator = Integrator(system)
    integrator.start(0.0, y, yp)
    *_, step = integrator.steps(t_end)
    temperatures = system.heat.temperatures
    nodal = temperatures.nodal(temperatures.read(step.y))
    return system.nodal(step.y, step.yp), {n: system.wrong(n, T, t_end) for n, T in zip(names, nodal, strict=True)}


def errors_on_line(kind, order, elements):
    problem = line_problem(order, elements, HEAT[kind])
    system = Coupled(problem, exact(kind))
    at, wrong = solved(system, system.at_nodes("a", 0.0) + 1j * system.at_nodes("b", 0.0))
    psi = np.hypot(*(system.wrong(name, at[:, k], T_END) for k, name in enumerate(("a", "b"))))
    return {"psi": psi, "phi": system.wrong("phi", at[:, 2], T_END), **wrong}


def errors_on_plane(kind, order, n, J=0.7):
    mesh = brick("triangle", counts=(n, n), sides=(L, W), order=order)
    problem = problem_on(
        mesh, left=fg.NormalContact(), right=fg.NormalContact(), current=J,
        film=fg.Film(delta=DELTA, eta=ETA, interference="published"),
        time=fg.Time(t_end=0.2, rtol=1e-8), heat=replace(HEAT[kind], hold=("left", "right")),
    )  # fmt: skip
    system = Heated(problem, exact_plane(kind, J), compiled=True, iterative=True)
    at, wrong = solved(system, np.zeros(system.space.N, complex))
    assert np.abs(at[:, :2]).max() == 0
    return wrong


def slopes(errors, counts):
    return {k: -np.polyfit(np.log(counts), np.log([e[k] for e in errors]), 1)[0] for k in errors[0]}


ORDERS = [(1, (10, 20, 40, 80), 1.95), (2, (6, 12, 24, 48), 2.9)]


@pytest.mark.parametrize("kind", ["two", "one"])
@pytest.mark.parametrize(("order", "meshes", "least"), ORDERS)
def test_order_of_convergence(kind, order, meshes, least):
    errors = [errors_on_line(kind, order, m) for m in meshes]
    found = slopes(errors, meshes)
    assert set(found) == {"psi", "phi", *FIELDS[kind]}
    assert min(found.values()) > least, (found, errors)


@pytest.mark.parametrize(("order", "counts", "least"), [(1, (8, 16, 32), 1.9), (2, (6, 12, 24), 2.85)])
def test_order_of_convergence_on_a_strip(order, counts, least):
    errors = [errors_on_plane("two", order, n) for n in counts]
    found = slopes(errors, counts)
    assert set(found) == {"T_e", "T_p"}
    assert min(found.values()) > least, (found, errors)
