"""Order of convergence in space, by a manufactured solution with every finite-gap term on.

psi = (1 - h(t) C^2) exp(i chi),  chi = -F(t) S + k(t) C^2,  phi = F'(t) S + m(t) S C,  with S = sin(pi x/L) and
C = cos(pi x/L): at the banks C = 0, so |psi| = 1 there and d theta/dt = -phi hold exactly.  The sources that
(1.1) and (1.4) then need come from the strong form, by computer algebra with sympy's own elliptic integrals.
"""

import numpy as np
import pytest
import sympy as sy
from scipy.special import ellipe, ellipk

import femtdgl as fg
from femtdgl.solve.integrate import Integrator
from femtdgl.solve.system import System
from femtdgl.units import U

L, DELTA, ETA, T_END = 2.0, 3.0, 0.1, 0.3
C_INT = 2 * DELTA * np.sqrt(ETA / U)


@pytest.fixture(scope="module")
def exact():
    x, t = sy.symbols("x t", real=True)
    S, C = sy.sin(sy.pi * x / L), sy.cos(sy.pi * x / L)
    f, chi = 1 - (0.4 + 0.2 * sy.sin(t)) * C**2, -0.5 * sy.sin(t) * S + 0.2 * sy.cos(2 * t) * C**2
    a, b = f * sy.cos(chi), f * sy.sin(chi)
    phi = 0.5 * sy.cos(t) * S + 0.3 * t * S * C
    n = a**2 + b**2
    n_t = sy.diff(n, t)
    nu = U / sy.sqrt(1 + DELTA**2 * n)
    r_a = nu * (sy.diff(a, t) - phi * b + DELTA**2 / 2 * a * n_t) - sy.diff(a, x, 2) - (1 - n) * a
    r_b = nu * (sy.diff(b, t) + phi * a + DELTA**2 / 2 * b * n_t) - sy.diff(b, x, 2) - (1 - n) * b
    m = DELTA**2 * n / (1 + DELTA**2 * n)
    g = 1 + 2 / sy.pi * sy.sqrt(ETA * U) * sy.sqrt(n) * (sy.elliptic_k(m) - sy.elliptic_e(m)) / sy.sqrt(m)
    q = a * sy.diff(b, x) - b * sy.diff(a, x)
    j = q * (1 - C_INT * n_t / n) - g * sy.diff(phi, x)
    special = [{"elliptic_k": ellipk, "elliptic_e": ellipe}, "numpy"]

    def make(expression):
        return sy.lambdify((x, t), expression, modules=special, cse=True)

    needed = {"a": a, "b": b, "phi": phi, "r_a": r_a, "r_b": r_b, "j": j, "j_x": sy.diff(j, x)}
    return {name: make(expression) for name, expression in needed.items()}


class Manufactured(System):
    """The system with the sources of the manufactured solution subtracted."""

    def __init__(self, problem, exact):
        self.exact = exact
        super().__init__(problem)

    def residual(self, t, y, yp):
        F = super().residual(t, y, yp)
        space, layout, exact = self.space, self.layout, self.exact
        x = space.x[0]
        sources = np.stack([np.broadcast_to(exact[k](x, t), x.shape) for k in ("r_a", "r_b", "j_x")], axis=1)
        nodal = space.pullback[:, : space.nq] @ sources
        writer = self.assembly.writer
        for f in range(3):
            rows = writer[:, f]
            np.add.at(F, rows[rows >= 0], -nodal[rows >= 0, f])
        # the current into the left bank is j there; the right bank's row is the gauge
        F[layout.bank_phi[0]] += self.current(t, y) - exact["j"](-L / 2, t)
        return F


def line_problem(order, elements, heat=None):
    """The filament of the manufactured solution."""
    return fg.Problem(
        mesh=fg.mesh.line(length=L, elements=elements, order=order),
        film=fg.Film(delta=DELTA, eta=ETA, interference="published"),
        boundary={"left": fg.Bank(), "right": fg.Bank()},
        drive=fg.Drive(current=0.5),
        time=fg.Time(t_end=T_END, rtol=1e-9, atol=1e-10),
        heat=heat,
    )


def error(exact, order, elements):
    problem = line_problem(order, elements)
    system = Manufactured(problem, exact)
    nodes = system.space.nodes[0]
    psi = exact["a"](nodes, 0.0) + 1j * exact["b"](nodes, 0.0)
    y, yp = system.consistent(0.0, system.initial(psi))
    integrator = Integrator(system)
    integrator.start(0.0, y, yp)
    *_, step = integrator.steps(T_END)
    space, x = system.space, system.space.x[0]
    nodal = system.nodal(step.y, step.yp)
    got = space.values(nodal[:, :3])
    wrong = [got[:, k] - exact[name](x, T_END) for k, name in enumerate(("a", "b", "phi"))]
    psi_error = np.sqrt(space.weights @ (wrong[0] ** 2 + wrong[1] ** 2))
    return psi_error, np.sqrt(space.weights @ wrong[2] ** 2)


@pytest.mark.parametrize(("order", "meshes", "least"), [(1, (10, 20, 40, 80), 1.95), (2, (6, 12, 24, 48), 2.9)])
def test_order_of_convergence(exact, order, meshes, least):
    errors = np.array([error(exact, order, m) for m in meshes])
    slopes = -np.polyfit(np.log(meshes), np.log(errors), 1)[0]
    assert slopes[0] > least, f"psi converges at order {slopes[0]:.2f}: {errors[:, 0]}"
    assert slopes[1] > least, f"phi converges at order {slopes[1]:.2f}: {errors[:, 1]}"
