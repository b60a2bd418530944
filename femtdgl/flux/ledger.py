"""The energy ledger that stands beside every flux: which heat is which, and where the theory ends.

Two channels, which must be kept apart (E7).

- *Reversible exchange*, first order in d|psi|/dt: (2.1) for its spectrum and, per volume,
  (s1/(2 eta)) d_t n = -T dS/dt for its energy.  Of both signs in a cycle, zero in the mean.
- *Irreversible heat*, second order: w of (1.5), whose mean is the Joule heat <J V>.

Both together are what the lattice receives at a point, (2.7)  q_ph = w + (s1/(2 eta)) d_t n.  How much of it the
filament takes depends on what is told apart, and there are three answers:

    g_W    q_ph at each x and t: (mean of the negative part of max(w, 0) + (s1/(2 eta)) d_t n)/(mean Joule heat).  The
           irreversible emission is netted against the absorption beside it: (5.5) of the theory uses this one
    g_rev  the reversible channel by itself: (mean of the negative part of (s1/(2 eta)) d_t n)/(mean Joule heat) >= g_W
    gross_spectral_share  by frequency too: of the spectrum (2.6) of relaxing populations, absorption over emission,
           resolved in x, t and w.  Shape only, so that it is no share of the Joule heat; that of (2.3) is 1 (E7).
           mean_spectral_share is that of its mean over x and t: what a filter sees that does not change in time

Where w < 0 it is not a heat that comes from the lattice (interference = "consistent": the interference current has no
partner in the equation of psi), and none of the three counts it; `w_negative` says how much there is, and
`g_W_with_negative_w` what g_W would be with it.

Where phonons stay for a time tau_es ([phonons.escape]) all of this is of what leaves: the spectrum is K/(1 + a R), and
the reversible heat at each x and t is the share of it that the energy of the spectrum has there.

Units.  Gross emission, gross absorption and net of the linear spectrum carry the prefactor of (2.1), so they
compare with each other only.  Heats, Joule and w carry that of section 0.  All are means over time of powers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import ArrayLike

from femtdgl.equations.phonon_quadrature import Array, fermi
from femtdgl.equations.phonons import population_shift
from femtdgl.equations.reversible_heat import entropy_table
from femtdgl.errors import InputError
from femtdgl.flux.linear import Exchange, exchange, largest
from femtdgl.flux.relaxation import relaxation_time
from femtdgl.flux.spectrum import RelaxationFlux, SpectralShares

SLOW = 0.2
"""Omega tau_eps up to which (2.2), the first order in it, is taken at its word."""
AGREES = 0.1
"""How far the energy of (2.1) in SI may be from that of (2.7), relative, without a word."""


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """The figures of `flux.json`.  Powers are means over the record; None: not computed."""

    kernel: str
    kinetics: str
    gross_emission: float  # linear spectrum, resolved in x, w and t; prefactor of (2.1)
    gross_absorption: float
    net_linear: float  # emission - absorption between the ends of the record: 0 over a closed cycle
    net_sampled: float | None  # the same from d|psi|/dt at the stored times: tests the output interval
    reversible_heat: float  # mean positive part of (s1/(2 eta)) d_t n: what is lent and returned
    heat_absorbed: float  # mean negative part of q_ph (2.7) without negative w, as a positive number
    joule: float  # <J V>
    irreversible: float  # <w>
    w_negative: float  # mean negative part of w, as a positive number: no heat
    g_W: float | None  # heat_absorbed/joule
    g_W_with_negative_w: float | None  # the same with w as it is
    g_rev: float | None  # mean negative part of (s1/(2 eta)) d_t n over joule
    gross_spectral_share: float | None  # (2.6) absorption/emission, resolved in x, t and w; None without a cycle
    mean_spectral_share: float | None  # the same of the mean over x and t
    energy_ratio: float | None  # energy of (2.1) in SI over reversible_heat; None without a material
    escaping_share: float | None  # of the gross emission, what leaves where phonons stay for a time; None: all of it
    taken_from_excess: float | None  # mean power taken from phonons that are given, prefactor of (2.1); None: none are
    omega_tau_eps: float
    n_min: float  # of the populations that the kinetics uses
    n_max: float
    relaxation_loss: float | None  # only with kinetics="relaxation"
    relaxation_work: float | None
    warnings: list[str]

    def as_dict(self) -> dict[str, object]:
        """For `flux.json`."""
        return asdict(self)


def ledger(
    t: ArrayLike,
    x_weights: ArrayLike,
    psi_abs: Array,
    dpsi_abs_dt: Array,
    dissipation: Array,
    joule: ArrayLike,
    T: float,
    delta: float,
    eta: float,
    omega: float,
    kernel: str = "exact",
    *,
    relaxed: RelaxationFlux | None = None,
    exchanged: Exchange | None = None,
    T_local: Array | None = None,
    shares: SpectralShares | None = None,
    energy_unit: float | None = None,
    emitted_inside: Exchange | None = None,
    escaping: tuple[Array, Array] | None = None,
) -> Ledger:
    """The ledger of a record of whole periods, or of a window where there is none.

    t (nt,); x_weights (nx,); psi_abs, dpsi_abs_dt and dissipation = w of (1.5), all (nt, nx); joule = J V, a
    number or (nt,); omega = 2 pi/period, or the mean voltage; reduced units.  `relaxed` gives the
    populations and heats of kinetics="relaxation", `exchanged` saves the table of `exchange`.  `T_local` (nt, nx) of a
    heated run is the temperature that its reversible heat has.  `shares` of (2.6) are passed through; `energy_unit`, of
    a film that is a material, is the energy that (2.1) has in SI where it is 1 here, over the unit of the heats.
    `emitted_inside`: the exchange of the film with its own phonons, where `exchanged` is that of those that leave;
    `escaping` (nt, nx) the powers that leave and come back, where they are known better than by it.
    """
    t, weights = np.asarray(t, float), np.asarray(x_weights, float)
    psi, rate = np.asarray(psi_abs, float), np.asarray(dpsi_abs_dt, float)
    w = np.asarray(dissipation, float)
    if not (psi.shape == rate.shape == w.shape == (len(t), len(weights))):
        raise InputError(
            f"the shapes are {psi.shape}, {rate.shape}, {w.shape}",
            key="psi_abs, dpsi_abs_dt, dissipation",
            allowed=f"{(len(t), len(weights))} = (times, x) for all",
        )
    gamma, tau, duration = 1 / delta, relaxation_time(delta, eta), t[-1] - t[0]
    exchanged = exchanged or exchange(largest(psi), T, gamma, kernel)
    emitted, absorbed = (float(part.sum(axis=0) @ weights) / duration for part in exchanged.energies(psi))
    emission, absorption = exchanged.powers(psi, rate) if escaping is None else escaping

    def mean(power: Array) -> float:
        over_x = power @ weights if power.ndim == 2 else power
        return float(np.trapezoid(over_x, t)) / duration

    reversible = reversible_power(psi, rate, T if T_local is None else T_local, delta, eta)
    escaping_share = None
    if escaping is not None:
        emitted, absorbed = mean(emission), mean(absorption)
    if emitted_inside is not None:
        inside = emitted_inside.net(psi)
        inside = np.where(inside > 0, inside, 1.0)
        if escaping is None:
            reversible = reversible * exchanged.net(psi) / inside
        else:
            heat = reversible_power(psi, np.ones_like(psi), T if T_local is None else T_local, delta, eta)
            reversible = heat / inside * (emission - absorption)
        gross = sum(float(part.sum(axis=0) @ weights) / duration for part in emitted_inside.energies(psi))
        escaping_share = (emitted + absorbed) / gross if gross > 0 else None
    joule_mean = mean(np.broadcast_to(np.asarray(joule, float), t.shape))
    heat_absorbed = mean(np.maximum(-(np.maximum(w, 0) + reversible), 0))
    lent = mean(np.maximum(reversible, 0))

    def per_joule(heat: float) -> float | None:
        return heat / joule_mean if joule_mean > 0 else None

    with_negative = per_joule(mean(np.maximum(-(w + reversible), 0)))
    ratio = None
    if energy_unit is not None and lent > 0:
        ratio = energy_unit * mean(np.maximum(emission - absorption, 0)) / lent
    if relaxed is None:
        n_min, n_max = population_range(psi, rate, T, delta, eta)
    else:
        n_min, n_max = relaxed.n_min, relaxed.n_max
    negative, positive = mean(np.maximum(-w, 0)), mean(np.maximum(w, 0))
    return Ledger(
        kernel=kernel,
        kinetics="linear" if relaxed is None else "relaxation",
        gross_emission=emitted,
        gross_absorption=absorbed,
        net_linear=emitted - absorbed,
        net_sampled=mean(emission - absorption),
        reversible_heat=lent,
        heat_absorbed=heat_absorbed,
        joule=joule_mean,
        irreversible=mean(w),
        w_negative=negative,
        g_W=per_joule(heat_absorbed),
        g_W_with_negative_w=with_negative,
        g_rev=per_joule(mean(np.maximum(-reversible, 0))),
        gross_spectral_share=None if shares is None else shares.gross,
        mean_spectral_share=None if shares is None else shares.mean,
        energy_ratio=ratio,
        escaping_share=escaping_share,
        taken_from_excess=None,
        omega_tau_eps=float(omega * tau),
        n_min=n_min,
        n_max=n_max,
        relaxation_loss=None if relaxed is None else float(relaxed.loss.sum() / duration),
        relaxation_work=None if relaxed is None else float(relaxed.work.sum() / duration),
        warnings=[
            *_warnings(kernel, omega * tau, n_min, n_max),
            *_negative_w(negative / positive if positive > 0 else 0.0, per_joule(heat_absorbed), with_negative),
            *_energy_of_spectrum(ratio),
        ],
    )


def reversible_power(psi_abs: Array, dpsi_abs_dt: Array, T: float | Array, delta: float, eta: float) -> Array:
    """(s1/(2 eta)) d_t n of (2.7) per volume, units of section 0.  Arguments and result of one shape, or T a number."""
    return entropy_table(1 / delta, eta)(psi_abs**2, np.asarray(T))[0] / eta * psi_abs * dpsi_abs_dt


def population_range(
    psi_abs: Array, dpsi_abs_dt: Array, T: float, delta: float, eta: float, *, bins: int = 1000
) -> tuple[float, float]:
    """Smallest and largest n = f + delta n of (2.2) over e >= 0 and the record.

    At one |psi| the extremes belong to the extreme rates, so only those are kept, in `bins` of |psi|.
    """
    tau, gamma = relaxation_time(delta, eta), 1 / delta
    psi, rate = psi_abs.ravel(), dpsi_abs_dt.ravel()
    order = np.lexsort((rate, np.floor(psi / largest(psi_abs) * bins)))
    bin_of = np.floor(psi[order] / largest(psi_abs) * bins)
    first = np.flatnonzero(np.diff(bin_of, prepend=-1.0))
    last = np.append(first[1:], len(bin_of)) - 1
    chosen = order[np.unique(np.concatenate([first, last]))]
    e = np.concatenate([np.linspace(0, 2 * psi.max() + 2 * gamma, 300), np.linspace(2, 12, 40) * T])
    n = fermi(e / T) + population_shift(e, psi[chosen, None], T, gamma, rate[chosen, None], tau)
    return float(n.min()), float(n.max())


def _warnings(kernel: str, slowness: float, n_min: float, n_max: float) -> list[str]:
    sentences = []
    if slowness > SLOW:
        sentences.append(f"Omega tau_eps = {slowness:.3g} is above {SLOW}: the linear flux (2.1) is outside its range.")
    if n_min < 0 or n_max > 1:
        sentences.append(
            f"The populations of (2.2) run from {n_min:.3g} to {n_max:.3g}, outside 0 to 1: "
            "the linear flux is not the flux of any state there."
        )
    if kernel == "printed":
        sentences.append("The kernel is [PSC] eq. (13) as printed: wrong in a sign, kept for comparison (E4).")
    return sentences


def _negative_w(share: float, g_W: float | None, with_negative: float | None) -> Iterator[str]:
    """What a negative w is not."""
    if share > 0:
        counted = "" if g_W is None else f": g_W is {g_W:.3g} without it and would be {with_negative:.3g} with it"
        yield (
            f"w is negative in places, {100 * share:.2g} % of its positive part: "
            f"that is not a heat, and is not counted as absorbed{counted}."
        )


def _energy_of_spectrum(ratio: float | None) -> Iterator[str]:
    """What the amplitude of (2.1) in SI is worth."""
    if ratio is not None and abs(ratio - 1) > AGREES:
        yield (
            f"In SI (2.1) carries {ratio:.2g} times the energy of the exchange that it is the spectrum of, -T dS/dt "
            "of (2.7): its amplitude follows from lambda, tau_eps and omega_D/eps_F, that of the heat from N(0), and a "
            "relaxation time does not conserve energy together with the collision integral.  The shape is that of "
            "(2.1), the energy that of (2.7): divide prefactor_SI by energy_ratio."
        )
