"""Figures of docs/gauge.md: the convergence of plain and gauge-covariant elements, and the runs in a field.

    python postprocess/gauge_figures.py convergence [--finest 0.35]
    python postprocess/gauge_figures.py runs [results/hc3_strip results/vortex_film results/vortex_entry ...]

The first computes the lowest eigenvalue of -D^2 of a plate of 20 x 40 at B = 1.5 and prints its table; the second draws
stored runs: |psi| at the end, and where vortices come in, their number against B.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import scipy.sparse as sp
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray
from scipy.sparse.linalg import eigsh

import femtdgl as fg
from femtdgl.figures.fields import magnitude, triangulation
from femtdgl.figures.filament import STYLE
from femtdgl.files.reader import Result
from femtdgl.problem import toml
from femtdgl.problem.drive import Constant, UniformField
from femtdgl.solve.space import Space
from femtdgl.solve.transport import UniformTransport

Array = NDArray[np.float64]

FIGURES = Path(__file__).parent.parent / "docs" / "figures"
LENGTH, WIDTH, B, CORNER = 20.0, 40.0, 1.5, 0.509905
"""The plate, its field, and the limit over B: nucleation at a right-angled corner."""
SIZES = {1: (1.0, 0.7, 0.5, 0.35, 0.25), 2: (1.0, 0.7, 0.5, 0.35)}


def operators(space: Space, *, covariant: bool) -> tuple[sp.csr_matrix, list[sp.csr_matrix]]:
    """psi and D psi at the quadrature points from complex nodal values: (nq, N) each."""
    dofs, value, gradient, weight = space.elements
    field = UniformField((Constant(B),), np.zeros(2))
    shape = (*weight.shape, dofs.shape[1])
    V, G = np.broadcast_to(value, shape), np.broadcast_to(gradient, (*shape, 2))
    if covariant:
        carried = UniformTransport(space, field).at(0.0)
        turn = carried.cos + 1j * carried.sin
        parts = [turn * V] + [turn * (G[..., d] + 1j * V * carried.a[..., d]) for d in range(2)]
    else:
        A = field(space.x, 0.0)[0].reshape(2, *weight.shape, 1)
        parts = [V + 0j] + [G[..., d] - 1j * A[d] * V for d in range(2)]
    rows = np.broadcast_to(np.arange(space.nq).reshape(*weight.shape, 1), shape).ravel()
    columns = np.broadcast_to(dofs[:, None], shape).ravel()
    first, *rest = (sp.csr_matrix((p.ravel(), (rows, columns)), shape=(space.nq, space.N)) for p in parts)
    return first, rest


def lowest_eigenvalue(order: int, h: float, *, covariant: bool) -> tuple[float, int]:
    """Of -D^2 with insulating edges, and the number of nodes."""
    space = Space(fg.mesh.strip(length=LENGTH, width=WIDTH, h=h).build(), order, quadrature=2 * order + 2)
    V, D = operators(space, covariant=covariant)
    weights = sp.diags(space.weights)
    K, M = sum(d.conj().T @ weights @ d for d in D), V.conj().T @ weights @ V
    found = eigsh(K.tocsc(), k=1, M=M.tocsc(), sigma=0.0, which="LM", return_eigenvectors=False)
    return float(found[0]), space.N


def convergence(finest: float) -> Figure:
    """Error of the eigenvalue against the size of the cells, plain elements left and covariant ones right."""
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(1, 2, figsize=(8, 3.4), sharex=True, sharey=True, layout="constrained")
        for ax, covariant in zip(axes, (False, True), strict=True):
            for order, sizes in SIZES.items():
                h = np.array([size for size in sizes if size >= finest])
                found = [lowest_eigenvalue(order, size, covariant=covariant) for size in h]
                for size, (value, nodes) in zip(h, found, strict=True):
                    print(
                        f"{'covariant' if covariant else 'plain':10} P{order} h = {size:4} {nodes:6} nodes {value:.5f}"
                    )
                errors = [value / (B * CORNER) - 1 for value, _ in found]
                ax.loglog(h, errors, "o-", label=f"order {order}")
            ax.set(xlabel=r"$h/\xi$", title="covariant" if covariant else "plain")
            ax.grid(True, which="both", lw=0.3)
            ax.legend()
        axes[0].set_ylabel("lowest eigenvalue of $-D^2$: error")
        figure.suptitle(f"Plate of {LENGTH:g} x {WIDTH:g} $\\xi$, B = {B:g} Bc2", fontsize=9)
        return figure


def field_of(result: Result) -> Any:
    """B(t) of a run."""
    return toml.build(toml.parse(result.problem_text), file=str(result.directory)).drive.field


def run_figure(result: Result) -> Figure:
    """|psi| at the end of a run; beside it, where vortices came in, their number against B."""
    slips, tri, B_of = result.read("slips/t"), triangulation(result), field_of(result)
    counted = slips.size > 0 and len(B_of.corners) > 0
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(
            1,
            2 if counted else 1,
            figsize=(8 if counted else 6, 3.4 if counted else 2.4),
            squeeze=False,
            layout="constrained",
        )
        t = float(result.t[-1])
        image = magnitude(axes[0, 0], result, tri, t, top=max(1e-3, float(np.abs(result.psi(t)).max())))
        figure.colorbar(image, ax=axes[0, 0], label=r"$|\psi|$", shrink=0.8)
        if counted:
            count = np.cumsum(result.read("slips/winding"))
            at = np.concatenate(([0.0], [B_of(s) for s in slips], [B_of(t)]))
            axes[0, 1].step(at, np.concatenate(([0], count, count[-1:])), where="post")
            axes[0, 1].set(xlabel="B/Bc2", ylabel="vortices inside the path")
            axes[0, 1].yaxis.set_major_locator(MaxNLocator(integer=True))
            axes[0, 1].grid(True, lw=0.3)
        figure.suptitle(result.summary["title"], fontsize=9)
        return figure


def main() -> None:
    """Make the figures asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("convergence", "runs"))
    parser.add_argument("run", nargs="*", help="directories of runs")
    parser.add_argument("--finest", type=float, default=0.25, help="smallest h of the convergence figure")
    parser.add_argument("--out", type=Path, default=FIGURES)
    options = parser.parse_args()
    if options.what == "convergence":
        convergence(options.finest).savefig(options.out / "gauge_convergence.png", dpi=130)
    for where in options.run:
        run_figure(Result(where)).savefig(options.out / f"{Path(where).name}.png", dpi=130)


if __name__ == "__main__":
    main()
