"""The phonon flux of a stored run: `phonon_flux`, and what `femtdgl flux` writes.

The record is read as |psi|(x, t) and d|psi|/dt; psi and d_t psi are stored, so that both are exact at the stored times
and cubic in between.  Cycle means are taken over the last whole period between two located slips, cut into equal steps
not longer than the output interval: the trapezoid rule over a closed cycle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from femtdgl.equations.phonon_balance import rate_of_coupling
from femtdgl.errors import InputError
from femtdgl.files.atomic import write_json
from femtdgl.files.frames import interval
from femtdgl.files.hdf5 import created, reserve, store
from femtdgl.files.reader import Result
from femtdgl.flux.excess import taken_power
from femtdgl.flux.ledger import Ledger, ledger
from femtdgl.flux.linear import Exchange, LinearFlux, exchange, largest, linear_flux, resolved_flux, spectral_prefactor
from femtdgl.flux.relaxation import relaxation_time
from femtdgl.flux.spectrum import RelaxationFlux, SpectralShares, relaxation_flux, spectral_shares
from femtdgl.flux.stored import Escaping, stored_escape
from femtdgl.flux.table import tabulate
from femtdgl.problem import toml
from femtdgl.problem.film import Film
from femtdgl.problem.heat import of_electrons
from femtdgl.problem.problem import Problem
from femtdgl.solve.space import Space
from femtdgl.units import K_B, critical_temperature, reduced_temperature

Array = NDArray[np.float64]

FREQUENCIES = np.linspace(0.02, 8.0, 300)
"""Default w, in Delta0."""
SPECTRUM_TIMES, SPECTRUM_PLACES, SPECTRUM_FREQUENCIES = 48, 13, 80
"""Resolution of the collision integral (2.6) in kinetics="relaxation", which costs 0.2 ms a point."""


@dataclass(frozen=True)
class Record:
    """|psi| and its rate at given times t on the nodes of a result, sorted along the filament."""

    result: Result
    """Of the run."""
    t: Array
    """(nt,), t0."""

    @cached_property
    def problem(self) -> Problem:
        """The problem of the run."""
        return toml.build(toml.parse(self.result.problem_text), file=str(self.result.directory))

    @property
    def film(self) -> Film:
        """The film of the run."""
        return self.problem.film

    @property
    def escape(self) -> float:
        """a = C0 tau_es in 1/Delta0 of phonons that stay for a time, (3.2); 0: they leave at once."""
        phonons, film = self.problem.phonons, self.film
        if phonons is None or phonons.escape is None:
            return 0.0
        return phonons.escapes_in(film) * rate_of_coupling(phonons.escape.coupling(film), film.eta, film.u)

    @cached_property
    def weights(self) -> Array:
        """Weights of the nodes that integrate over the filament (N,), in xi^dim."""
        space = Space(self.result.mesh, int(self.result.attributes["order"]))
        return np.asarray(space.mass.sum(axis=1)).ravel()

    @cached_property
    def _interval(self) -> tuple[NDArray[np.intp], Array]:
        """Number of the stored frame before each time (nt,), and the share of the way to the next one (nt, 1)."""
        if self.result.t.size < 2:
            raise InputError("holds fewer than two stored times", file=str(self.result.file), allowed="a longer run")
        i, s = interval(self.result.t, self.t)
        return i, s[:, None]

    @cached_property
    def _sampled(self) -> tuple[Array, Array]:
        """|psi| and d|psi|/dt (nt, N): cubic Hermite of psi between stored frames."""
        psi, psi_t = self.result.read("fields/psi"), self.result.read("fields/psi_t")
        i, s = self._interval
        h = np.diff(self.result.t)[i][:, None]
        d = psi[i + 1] - psi[i]
        value = psi[i] + s * (h * psi_t[i] + s * (3 * d - h * (2 * psi_t[i] + psi_t[i + 1])))
        value += s**3 * (h * (psi_t[i] + psi_t[i + 1]) - 2 * d)
        rate = (
            psi_t[i]
            + 2 * s * (3 * d / h - 2 * psi_t[i] - psi_t[i + 1])
            + 3 * s**2 * (psi_t[i] + psi_t[i + 1] - 2 * d / h)
        )
        size = np.abs(value)
        return size, np.real(value.conj() * rate) / np.maximum(size, 1e-300)

    @property
    def psi_abs(self) -> Array:
        """|psi| (nt, N)."""
        return self._sampled[0]

    @property
    def rate(self) -> Array:
        """d|psi|/dt (nt, N)."""
        return self._sampled[1]

    @cached_property
    def dissipation(self) -> Array:
        """w of (1.5) (nt, N), linear between stored frames."""
        return self._linear(self.result.read("fields/w"))

    def _linear(self, stored: Array) -> Array:
        """Stored frames (frames, N) at the times (nt, N)."""
        i, s = self._interval
        return (1 - s) * stored[i] + s * stored[i + 1]

    @cached_property
    def joule(self) -> Array:
        """J V (nt,) times the cross-section, from the recorded probes."""
        probes = self.result.probes
        return np.interp(self.t, probes["t"], probes["work"])

    @cached_property
    def heated(self) -> Array | None:
        """T_e of a heated run in Delta0 (nt, N), linear between stored frames; None: T0 throughout."""
        name = of_electrons(self.result.field_names)
        Tc = critical_temperature(self.film.eta)
        return None if name is None else self._linear(self.result.read(f"fields/{name}")) * Tc

    @cached_property
    def escaping(self) -> Escaping | None:
        """What escapes, where the phonons of the run had an equation; None otherwise."""
        return stored_escape(self.result, self.problem, self.t)

    @property
    def temperature(self) -> float:
        """T0 in Delta0; of a heated run, the mean of T_e over the filament and the times."""
        if self.heated is None:
            return reduced_temperature(self.film.eta)
        return float(self.heated.mean(axis=0) @ self.weights / self.weights.sum())

    @property
    def gamma(self) -> float:
        """Broadening hbar/(2 tau_eps) in Delta0, 1/delta."""
        if self.film.delta == 0:
            raise InputError(
                "a gapless film has no finite tau_eps, so (2.1) gives no flux",
                key="film.delta",
                file=str(self.result.directory),
                allowed="delta > 0",
            )
        return 1 / self.film.delta


def last_cycle(result: Result) -> tuple[Array, float | None]:
    """Times of the last whole period, and the period; the kept part of the run and None where it has none."""
    frames, summary = result.t, result.summary
    step = float(np.median(np.diff(frames))) if frames.size > 1 else 1.0
    times = np.asarray(summary["slip_times"])
    if times.size >= 2 and summary["phase_slip_centres"] == 1 and (summary["state"] == "periodic" or times.size == 2):
        start, stop = float(times[-2]), float(times[-1])
        return np.linspace(start, stop, max(16, int(np.ceil((stop - start) / step))) + 1), stop - start
    start = max(summary["measured_from"], float(frames[0]))
    inside = frames[frames >= start]
    return (inside if inside.size > 1 else frames), None


def phonon_flux(
    result: Result,
    w: ArrayLike = FREQUENCIES,
    kernel: str = "exact",
    kinetics: str = "linear",
    *,
    positions: Sequence[int] = (),
) -> LinearFlux | RelaxationFlux:
    """(2.1) dW/dw of a result at its stored times, or the cycle average of (2.6) with kinetics="relaxation".

    w > 0 in Delta0; kernel "exact", "bose" or "printed"; positions: nodes, for flux per length; in `prefactor(film)`.
    """
    frequencies = np.asarray(w, float)
    _check(kernel, kinetics, frequencies)
    if kinetics == "linear":
        record = Record(result, result.t)
        return _linear(record, frequencies, kernel, result.as_stored(positions).tolist(), largest(record.psi_abs))
    return _relaxation(result, frequencies)


def _linear(record: Record, w: Array, kernel: str, positions: Sequence[int], psi_max: float) -> LinearFlux:
    """(2.1), or what escapes of it, at the times of the record."""
    T, gamma = record.temperature, record.gamma
    table = tabulate(w, psi_max, T, gamma, kernel, escape=record.escape)
    if record.escaping is not None:
        return record.escaping.linear(w, record.weights, list(positions), table)
    return linear_flux(
        record.t, record.weights, record.psi_abs, record.rate, w, T, gamma, kernel, positions=positions, table=table
    )


def _check(kernel: str, kinetics: str, w: Array) -> None:
    """Raises InputError for what no flux can be computed with."""
    if kernel not in ("exact", "bose", "printed"):
        raise InputError(f"{kernel!r} is not possible", key="kernel", allowed='"exact", "bose" or "printed"')
    if kinetics not in ("linear", "relaxation"):
        raise InputError(f"{kinetics!r} is not possible", key="kinetics", allowed='"linear" or "relaxation"')
    if not (np.all(np.isfinite(w)) and np.all(w > 0)):
        raise InputError(f"{w!r} is not possible", key="w", allowed="energies above 0, in Delta0")


def _relaxation(result: Result, frequencies: Array) -> RelaxationFlux:
    """Cycle average of (2.6) over the last period."""
    times, period = last_cycle(result)
    if period is None:
        raise InputError("has no period", file=str(result.directory), allowed='a periodic run, or kinetics="linear"')
    record = Record(result, times)
    weights, psi = closed_cycle(record)
    return relaxation_flux(
        times, weights, psi, frequencies, record.temperature, record.film.delta, record.film.eta,
        every=max(1, len(times) // SPECTRUM_TIMES),
    )  # fmt: skip


def _shares(record: Record, period: float | None) -> SpectralShares | None:
    """What is absorbed of the spectrum (2.6) in the last cycle; None without one, and in two and three dimensions,
    where the populations of every node would have to be followed.
    """
    if period is None or record.result.nodes.shape[0] > 1:
        return None
    weights, psi = closed_cycle(record)
    return spectral_shares(record.t, weights, psi, record.temperature, record.film.delta, record.film.eta)


def closed_cycle(record: Record) -> tuple[Array, Array]:
    """Weights and |psi| (nt, places) of a cycle that ends as it begins: what it misses is the jitter of the slips."""
    places, weights = coarse_places(record)
    psi = record.psi_abs[:, places]
    psi[-1] = psi[0]
    return weights, psi


def coarse_places(record: Record) -> tuple[NDArray[np.intp], Array]:
    """A few nodes along a filament and their trapezoid weights; for other meshes every node."""
    nodes = record.result.stored_nodes
    if nodes.shape[0] > 1:
        return np.arange(nodes.shape[1]), record.weights
    order = np.argsort(nodes[0])
    places = order[np.unique(np.linspace(0, order.size - 1, SPECTRUM_PLACES).round().astype(int))]
    x = nodes[0, places]
    return places, np.convolve(np.diff(x), [0.5, 0.5])


def prefactor(film: Film) -> float | None:
    """(2.1) in SI, 1/s for each xi of the filament and each unit of the reduced flux; None without a material."""
    if film.scales is None or film.phonons is None:
        return None
    scales, phonons = film.scales, film.phonons
    return spectral_prefactor(
        coupling=phonons.coupling,
        tau_eps=scales.tau_eps,
        volume=phonons.cross_section * scales.length,
        sound_speed=phonons.sound_speed,
        temperature=K_B * scales.T0,
        debye_over_fermi=phonons.debye_over_fermi,
        gap=scales.gap,
        time=scales.time,
    )


def energy_unit(film: Film) -> float | None:
    """Energy of (2.1) in SI where it is 1 in reduced units, over the unit j0 V0 S of the heats; None without a
    material.
    """
    per_energy = prefactor(film)
    if per_energy is None or film.scales is None or film.phonons is None:
        return None
    scales = film.scales
    return per_energy * scales.gap / (scales.current_density * scales.potential * film.phonons.cross_section)


def flux_ledger(
    result: Result, kernel: str = "exact", *, relaxed: RelaxationFlux | None = None, exchanged: Exchange | None = None
) -> Ledger:
    """The energy ledger of the last cycle of a run (docs/flux.md)."""
    times, period = last_cycle(result)
    record = Record(result, times)
    omega = 2 * np.pi / period if period is not None else abs(float(np.mean(record.joule)))
    psi_max, T, escape = largest(record.psi_abs), record.temperature, record.escape
    inside = None
    if escape > 0:
        psi_max = psi_max if exchanged is None else float(exchanged.psi[-1])
        exchanged = exchanged or exchange(psi_max, T, record.gamma, kernel, escape=escape)
        inside = exchange(psi_max, T, record.gamma, kernel)
    book = ledger(
        times, record.weights, record.psi_abs, record.rate, record.dissipation, record.joule, record.temperature,
        1 / record.gamma, record.film.eta, omega, kernel, relaxed=relaxed, exchanged=exchanged, T_local=record.heated,
        shares=_shares(record, period), energy_unit=energy_unit(record.film), emitted_inside=inside,
        escaping=None if record.escaping is None else record.escaping.powers(),
    )  # fmt: skip
    sentences = list(book.warnings)
    if period is None:
        sentences.append(
            "The run has no whole period between two located slips: "
            "means are over its kept part, and g_W is no cycle's."
        )
    if escape > 0:
        sentences.append(
            f"Phonons stay, C0 tau_es = {escape:.3g}/Delta0: the flux, g_W and g_rev are of what leaves, by "
            f"{'the local balance (3.2)' if record.escaping is None else 'dN of the run'}; the spectrum (2.6) and its "
            "shares are of what is emitted."
        )
    if record.heated is not None:
        Tc = critical_temperature(record.film.eta)
        low, high = record.heated.min() / Tc, record.heated.max() / Tc
        sentences.append(
            f"The run is heated, T_e from {low:.4g} to {high:.4g} Tc: the spectra are those of its mean temperature; "
            "the reversible heat and g_W are taken at the local one, and over a cycle that heat need not vanish."
        )
    taken = None
    phonons = record.problem.phonons
    if phonons is not None and phonons.sources:
        power = taken_power(phonons, record.film, result.stored_nodes, times, record.psi_abs) @ record.weights
        taken = float(np.trapezoid(power, times) / (times[-1] - times[0]))
        sentences.append(
            "Phonons that are given shine on the filament: what it takes from them (taken_from_excess) is beside its "
            "own exchange, and is no heat of [heat]."
        )
    return replace(book, warnings=sentences, taken_from_excess=taken)


class Written(NamedTuple):
    """What `write_flux` computed: the contents of flux.json, and what its figure shows."""

    summary: dict[str, Any]
    linear: LinearFlux
    emitted: Array
    absorbed: Array
    relaxed: RelaxationFlux | None
    psi_max: float
    """The largest |psi| in the last cycle, of all nodes."""
    center_max: float
    """The same at the node in the middle."""


def write_flux(
    result: Result, kernel: str = "exact", kinetics: str = "linear", *, w: Array = FREQUENCIES, full: bool = False
) -> Written:
    """Compute the flux of a run and write flux.h5 and flux.json beside it.

    flux.h5: `t`, `w`, `filament` (nt, nw), `center` (nt, nw), `emitted` and `absorbed` power (nt,); with relaxation
    `average_w`, `average`; with `full` `flux` (nt, N, nw), written in chunks.
    """
    _check(kernel, kinetics, w)
    record, x = Record(result, result.t), result.stored_nodes
    gamma, T = record.gamma, record.temperature
    psi_max = largest(record.psi_abs)
    center = int(np.argmin(np.sum((x - x.mean(axis=1, keepdims=True)) ** 2, axis=0)))
    linear = _linear(record, w, kernel, [center], psi_max)
    exchanged = exchange(psi_max, T, gamma, kernel, escape=record.escape)
    stored = record.escaping
    powers = exchanged.powers(record.psi_abs, record.rate) if stored is None else stored.powers()
    emitted, absorbed = (part @ record.weights for part in powers)
    relaxed = None
    if kinetics == "relaxation":
        relaxed = _relaxation(result, np.linspace(w[0], w[-1], SPECTRUM_FREQUENCIES))
    book = flux_ledger(result, kernel, relaxed=relaxed, exchanged=exchanged)
    summary = {
        **book.as_dict(),
        "tau_eps": relaxation_time(record.film.delta, record.film.eta),
        "temperature": T,
        "gamma": gamma,
        "table_error": linear.table.error,
        "prefactor_SI": prefactor(record.film),
        "units": "gross and net: prefactor of (2.1); heats: j0 V0 xi^(d-1); energies in Delta0, times in t0",
    }
    with created(result.directory / "flux.h5") as file:
        attributes = {"kernel": kernel, "kinetics": kinetics, "gamma": gamma, "temperature": T}
        file.attrs.update({"format": "femtdgl flux 1", **attributes})
        for name, data in (("t", linear.t), ("w", linear.w), ("emitted", emitted), ("absorbed", absorbed)):
            store(file, name, data)
        for name, data in (("filament", linear.filament), ("center", linear.positions[:, 0])):
            store(file, name, data, compressed=True)
        if relaxed is not None:
            store(file, "average_w", relaxed.w)
            store(file, "average", relaxed.average)
        if full:
            shape = (linear.t.size, record.weights.size, w.size)
            target = reserve(file, "flux", shape, float, compressed=True)
            if stored is not None:
                target[:] = np.moveaxis(stored.at(w, stored.density), 1, 2)
            for first, part in () if stored is not None else resolved_flux(record.psi_abs, record.rate, linear.table):
                target[first : first + len(part)] = part
    write_json(result.directory / "flux.json", summary)
    cycle = Record(result, last_cycle(result)[0]).psi_abs
    return Written(summary, linear, emitted, absorbed, relaxed, float(cycle.max()), float(cycle[:, center].max()))
