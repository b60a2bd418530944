"""The script that remakes [PSC] Fig. 2, and the figures of the flux."""

import runpy
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest

from femtdgl.figures import flux as plots_flux

SCRIPT = Path(__file__).parent.parent / "postprocess" / "psc_fig2.py"


@pytest.fixture(scope="module")
def script():
    mpl.use("Agg")
    return runpy.run_path(str(SCRIPT))


def test_kernels_side_by_side(script, tmp_path):
    assert script["draw_kernels"](tmp_path).stat().st_size > 50_000
    table = np.genfromtxt(tmp_path / "fig2b.csv", delimiter=",", skip_header=1)
    bose, exact, printed = table[:, 1:6], table[:, 6:11], table[:, 11:16]
    assert np.all(bose.min(axis=0) < 0) and np.all(printed > 0)
    # E6: what is negative in the exact kernel is nothing beside what is negative in the paper's
    share = -np.minimum(exact, 0).sum() / np.maximum(exact, 0).sum()
    assert share < 1e-3 < -np.minimum(bose, 0).sum() / np.maximum(bose, 0).sum()


def test_gap_rate(script, tmp_path):
    t = np.linspace(0, 10, 50)
    assert script["draw_gap_rate"](tmp_path, t, np.sin(t), (2.0, 5.0)).exists()
    assert (tmp_path / "fig2a.csv").read_text().startswith("t,dpsi_abs_dt")


def test_other_figures():
    from matplotlib import pyplot as plt

    t, w = np.linspace(0, 5, 20), np.linspace(0, 4, 30)
    flux = np.sin(t)[:, None] * np.exp(-w)
    figure, axes = plt.subplots(2, 2)
    plots_flux.spectra_at_moments(axes[0, 0], w, t, flux, [1.0, 4.0], "a.u.")
    plots_flux.flux_map(axes[0, 1], t, w, flux)
    plots_flux.exchanged_powers(axes[1, 0], t, np.abs(np.sin(t)), np.cos(t) ** 2)
    plots_flux.average_spectrum(axes[1, 1], w, np.sin(w), 0.9)
    assert all(ax.get_xlabel() for ax in axes.ravel())
    plt.close(figure)
