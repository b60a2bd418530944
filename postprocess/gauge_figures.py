"""Figures of docs/gauge.md: the convergence of plain and gauge-covariant elements, and the runs in a field.

    python postprocess/gauge_figures.py convergence [--finest 0.25]
    python postprocess/gauge_figures.py runs results/hc3_strip results/vortex_film results/vortex_entry ...

The first computes the lowest eigenvalue of -D^2 of a plate of 20 x 40 at B = 1.5 and prints its table; the second draws
stored runs: |psi| at the end, and where the field rises the vortices that came in against it.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Literal

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from scipy.sparse.linalg import eigsh
from skfem import Basis, BilinearForm, ElementTriP1, ElementTriP2
from skfem.helpers import dot, grad

import femtdgl as fg

FIGURES = Path(__file__).parent.parent / "docs" / "figures"
STYLE = fg.figures.filament.STYLE
LENGTH, WIDTH, B, CORNER = 20.0, 40.0, 1.5, 0.509905
"""The plate, its field, and the limit over B: nucleation at a right-angled corner."""
SIZES = (1.0, 0.7, 0.5, 0.35, 0.25)
ORDERS: tuple[Literal[1, 2], ...] = (1, 2)
SHIFT = 0.4 * B
"""Eigenvalues are looked for from here on: below all of them."""


def plain(order: Literal[1, 2], h: float) -> tuple[float, int]:
    """The lowest eigenvalue with elements that interpolate psi as it stands, and the number of nodes."""
    mesh = fg.mesh.strip(length=LENGTH, width=WIDTH, h=h).build()
    basis = Basis(mesh, (ElementTriP1, ElementTriP2)[order - 1](), intorder=2 * order + 2)

    @BilinearForm(dtype=np.complex128)
    def stiffness(psi, v, w):  # type: ignore[no-untyped-def]
        A = np.stack([-B * w.x[1], np.zeros_like(w.x[1])])
        across = v * dot(A, grad(psi)) - psi * dot(A, grad(v))
        return dot(grad(psi), grad(v)) + 1j * across + dot(A, A) * psi * v

    @BilinearForm(dtype=np.complex128)
    def mass(psi, v, w):  # type: ignore[no-untyped-def]
        return psi * v

    K, M = stiffness.assemble(basis), mass.assemble(basis)
    found = eigsh(K.tocsc(), k=1, M=M.tocsc(), sigma=SHIFT, return_eigenvectors=False)
    return float(found[0]), basis.N


def covariant(order: Literal[1, 2], h: float) -> tuple[float, int]:
    """That of the program: (1.1) of a gapless film linearised at psi = 0, u d_t psi = (1 + D^2) psi."""
    mesh = fg.mesh.strip(length=LENGTH, width=WIDTH, h=h, order=order)
    film = fg.Film(model="gapless", eta=0.1)
    edges = dict.fromkeys(mesh.boundaries, fg.Insulating())
    system = fg.System(fg.Problem(mesh=mesh, film=film, boundary=edges, drive=fg.Drive(field=fg.Constant(B))))
    zero, stay, move = np.zeros(system.size), np.zeros(system.nnz), np.zeros(system.nnz)
    system.jacobian_parts(0.0, zero, zero, stay, move)
    psi = system.layout.gather[:, :2].ravel()
    K, M = (system.matrix(part)[psi][:, psi] for part in (stay, move / film.u))
    found = eigsh((K + M).tocsc(), k=1, M=M.tocsc(), sigma=SHIFT, return_eigenvectors=False)
    return float(found[0]), system.space.N


def convergence(finest: float) -> Figure:
    """Error of the eigenvalue against the size of the cells, plain elements left and covariant ones right."""
    h = [size for size in SIZES if size >= finest]
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(1, 2, figsize=(8, 3.4), sharex=True, sharey=True, layout="constrained")
        for ax, kind in zip(axes, (plain, covariant), strict=True):
            for order in ORDERS:
                found = [kind(order, size) for size in h]
                for size, (value, nodes) in zip(h, found, strict=True):
                    print(f"{kind.__name__:10} order {order} h = {size:4} {nodes:6} nodes {value:.5f}")
                ax.loglog(h, [value / (B * CORNER) - 1 for value, _ in found], "o-", label=f"order {order}")
            ax.set(xlabel=r"$h/\xi$", title=kind.__name__)
            ax.grid(True, which="both", lw=0.3)
            ax.legend()
        axes[0].set_ylabel("lowest eigenvalue of $-D^2$: error")
        figure.suptitle(f"Plate of {LENGTH:g} x {WIDTH:g} $\\xi$, $B = {B:g}\\,B_{{c2}}$", fontsize=9)
        return figure


def run_figure(result: fg.Result) -> Figure:
    """|psi| at the end of a run; beside it, where the field rises, the vortices that came in against it."""
    tri, probes = fg.figures.fields.triangulation(result), result.probes
    rising = bool(np.ptp(probes["field"]) > 0)
    with plt.rc_context(STYLE):
        size = (8, 3.4) if rising else (6, 2.4)
        figure, axes = plt.subplots(1, 1 + rising, figsize=size, squeeze=False, layout="constrained")
        t = float(result.t[-1])
        top = max(1e-3, float(np.abs(result.psi(t)).max()))
        image = fg.figures.fields.magnitude(axes[0, 0], result, tri, t, top=top)
        figure.colorbar(image, ax=axes[0, 0], label=r"$|\psi|/\Delta_0$", shrink=0.8)
        if rising:
            fg.figures.fields.mark_vortices(axes[0, 0], result, t)
            ax, field = axes[0, 1], np.interp(result.read("integrals/t"), probes["t"], probes["field"])
            inside = result.read("integrals/vortices_gained") - result.read("integrals/vortices_lost")
            ax.step(field, inside, where="post")
            ax.set(xlabel="$B/B_{c2}$", ylabel="vortices in the film")
            ax.yaxis.set_major_locator(MaxNLocator(integer=True))
            ax.grid(True, lw=0.3)
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
        run_figure(fg.Result(where)).savefig(options.out / f"{Path(where).name}.png", dpi=130)


if __name__ == "__main__":
    main()
