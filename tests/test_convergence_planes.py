"""Order of convergence for triangles, quadrilaterals, tetrahedra and hexahedra, every finite-gap term on.

The manufactured solution is that of `test_convergence` with its middle part modulated across the filament,

    psi = (1 - h(t) C^2 M) exp(i chi),  chi = -F(t) S + k(t) C^2 M,  phi = F'(t) S + m(t) S C M,

S = sin(pi x/L), C = cos(pi x/L), M = 1 + (1/2) cos(2 pi y/W) (times the same of z): at the banks C = 0, and across the
sides every normal derivative vanishes, as insulating edges want it.
"""

from functools import cache

import numpy as np
import pytest
import sympy as sy
from scipy.special import ellipe, ellipk
from test_planes import brick, problem_on

import femtdgl as fg
from femtdgl.solve.integrate import Integrator
from femtdgl.solve.system import System
from femtdgl.units import U

L, W, DELTA, ETA, T_END = 2.0, 1.5, 3.0, 0.1, 0.1
C_INT = 2 * DELTA * np.sqrt(ETA / U)


@cache
def exact(dim):
    x, y, z, t = sy.symbols("x y z t", real=True)
    axes = (x, y, z)[:dim]
    S, C = sy.sin(sy.pi * x / L), sy.cos(sy.pi * x / L)
    M = sy.Mul(*(1 + sy.cos(2 * sy.pi * w / W) / 2 for w in axes[1:]))
    f, chi = 1 - (0.2 + 0.1 * sy.sin(t)) * C**2 * M, -0.5 * sy.sin(t) * S + 0.2 * sy.cos(2 * t) * C**2 * M
    a, b = f * sy.cos(chi), f * sy.sin(chi)
    phi = 0.5 * sy.cos(t) * S + (0.1 + 0.3 * t) * S * C * M
    n = a**2 + b**2
    n_t = sy.diff(n, t)
    nu = U / sy.sqrt(1 + DELTA**2 * n)
    lap_a, lap_b = (sum(sy.diff(part, w, 2) for w in axes) for part in (a, b))
    r_a = nu * (sy.diff(a, t) - phi * b + DELTA**2 / 2 * a * n_t) - lap_a - (1 - n) * a
    r_b = nu * (sy.diff(b, t) + phi * a + DELTA**2 / 2 * b * n_t) - lap_b - (1 - n) * b
    m = DELTA**2 * n / (1 + DELTA**2 * n)
    g = 1 + 2 / sy.pi * sy.sqrt(ETA * U) * sy.sqrt(n) * (sy.elliptic_k(m) - sy.elliptic_e(m)) / sy.sqrt(m)
    j = [(a * sy.diff(b, w) - b * sy.diff(a, w)) * (1 - C_INT * n_t / n) - g * sy.diff(phi, w) for w in axes]
    special = [{"elliptic_k": ellipk, "elliptic_e": ellipe}, "numpy"]
    names = ("a", "b", "phi", "r_a", "r_b", "j", "div_j")
    values = (a, b, phi, r_a, r_b, j[0], sum(sy.diff(part, w) for part, w in zip(j, axes, strict=True)))
    return {k: sy.lambdify((*axes, t), v, modules=special, cse=True) for k, v in zip(names, values, strict=True)}


class Manufactured(System):
    """The system with the sources of the manufactured solution subtracted."""

    def residual(self, t, y, yp):
        F = super().residual(t, y, yp)
        space, solution = self.space, exact(self.space.dim)
        sources = np.stack([solution[k](*space.x, t) * np.ones(space.nq) for k in ("r_a", "r_b", "div_j")], axis=1)
        nodal = space.pullback[:, : space.nq] @ sources
        writer = self.assembly.writer
        for f in range(3):
            rows = writer[:, f]
            np.add.at(F, rows[rows >= 0], -nodal[rows >= 0, f])
        # the current into the left bank is that of j there; the right bank's row is the gauge
        points, weights = np.polynomial.legendre.leggauss(12)
        across = np.meshgrid(*[points * W / 2] * (space.dim - 1), indexing="ij")
        weight = np.prod(np.meshgrid(*[weights * W / 2] * (space.dim - 1), indexing="ij"), axis=0)
        into = np.sum(weight * solution["j"](np.full(weight.shape, -L / 2), *across, t))
        F[self.layout.bank_phi[0]] += self.current(t, y) * self.layout.areas[0] - into
        return F


def error(cells, order, n):
    dim = 2 if cells in ("triangle", "quad") else 3
    mesh = brick(cells, counts=(n, n, n)[:dim], sides=(L, W, W)[:dim], order=order)
    system = Manufactured(
        problem_on(
            mesh,
            current=0.5,
            film=fg.Film(delta=DELTA, eta=ETA, interference="published"),
            time=fg.Time(t_end=T_END, rtol=1e-7),
        )
    )
    solution, space = exact(dim), system.space
    psi = solution["a"](*space.nodes, 0.0) + 1j * solution["b"](*space.nodes, 0.0)
    y, yp = system.consistent(0.0, system.initial(psi))
    integrator = Integrator(system)
    integrator.start(0.0, y, yp)
    *_, step = integrator.steps(T_END)
    got = space.values(system.nodal(step.y, step.yp)[:, :3])
    wrong = [got[:, k] - solution[name](*space.x, T_END) for k, name in enumerate(("a", "b", "phi"))]
    psi_error = np.sqrt(space.weights @ (wrong[0] ** 2 + wrong[1] ** 2))
    return psi_error, np.sqrt(space.weights @ wrong[2] ** 2)


CASES = [
    ("triangle", 1, (8, 16, 32), 1.9),
    ("quad", 1, (8, 16, 32), 1.9),
    ("triangle", 2, (6, 12, 24), 2.85),
    ("quad", 2, (6, 12, 24), 2.85),
    pytest.param("tetrahedron", 1, (4, 6, 9), 1.8, marks=pytest.mark.slow),
    pytest.param("tetrahedron", 2, (4, 6, 9), 2.7, marks=pytest.mark.slow),
    pytest.param("hexahedron", 1, (6, 9, 14), 1.8, marks=pytest.mark.slow),
    pytest.param("hexahedron", 2, (4, 6, 9), 2.7, marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("cells", "order", "counts", "least"), CASES)
def test_order_of_convergence(cells, order, counts, least):
    errors = np.array([error(cells, order, n) for n in counts])
    slopes = -np.polyfit(np.log(counts), np.log(errors), 1)[0]
    assert slopes[0] > least, f"psi converges at order {slopes[0]:.2f}: {errors[:, 0]}"
    assert slopes[1] > least, f"phi converges at order {slopes[1]:.2f}: {errors[:, 1]}"
