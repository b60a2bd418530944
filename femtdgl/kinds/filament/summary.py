"""What summary.json of a filament holds: every entry with its unit and its meaning."""

from __future__ import annotations

from typing import Any

from femtdgl.measure.entry import ABSENT, entry, summary
from femtdgl.measure.resolution import Resolution

POWER, ENERGY = "j0 V0 xi^(d-1)", "j0 V0 t0 xi^(d-1)"
HEATED = "heated runs"


@summary
class MeshFacts:
    """The mesh that was used."""

    nodes: int = entry("", "nodes of the fields")
    elements: int = entry("", "cells")
    order: int = entry("", "order of the elements")


@summary
class Work:
    """What the integrator did: the same on every machine, unlike seconds."""

    jacobians: int = entry("", "Jacobians made")
    factorisations: int = entry("", "complete LUs or multigrid hierarchies made of the potential; 0 in one dimension")
    iterations: int = entry("", "products with the Jacobian in GMRES")


@summary
class Sweep:
    """Hysteresis of a run whose current goes up and down again."""

    switching_current: float | None = entry(
        "j0", "where the mean voltage first rises above a tenth of the normal one; null: it never does"
    )
    retrapping_current: float | None = entry(
        "j0", "where it last falls below it on the way down; null: it was never above, or still is at the end"
    )


@summary
class Temperature:
    """A temperature as a field, over the measured part."""

    max: float = entry("Tc", "largest anywhere")
    min: float = entry("Tc", "least anywhere")
    mean: float = entry("Tc", "mean over filament and time")
    max_of_run: float = entry("Tc", "largest of the whole run")


@summary
class NodeTemperature:
    """A lumped temperature, over the measured part."""

    mean: float = entry("Tc", "mean")
    min: float = entry("Tc", "least")
    max: float = entry("Tc", "largest")
    end: float = entry("Tc", "at the end of the run")


@summary
class Ledger:
    """Energies of a heated run between two times, each computed by itself."""

    work: float = entry(ENERGY, "int j.E")
    brought: float = entry(ENERGY, "brought to nodes from outside", optional="runs with nodes")
    by_sources: float = entry(ENERGY, "from [heat.sources]", optional="runs with them")
    by_phonons: float = entry(ENERGY, "(1/2) int p d_t n", optional="runs with phonons that act back")
    through_held: float = entry(ENERGY, "out through boundaries that are held")
    to_baths: float = entry(ENERGY, "into lumped baths", optional="runs with nodes")
    condensate: float = entry(ENERGY, "gain of the energy of psi, the first part of (4.4)")
    thermal: float = entry(ENERGY, "gain of int C dT")
    nodes: float = entry(ENERGY, "gain of the lumped nodes", optional="runs with nodes")
    unaccounted: float = entry(ENERGY, "what the others leave over: 0 with the first law, lost with another source")
    mismatch: float = entry("", "|unaccounted| over int |j.E|, with what comes from sources")


@summary
class HeatSummary:
    """Heat of a run."""

    temperatures: str = entry("", "one or two")
    source: str = entry("", "what heats the electrons: first-law (4.3), w (1.5) or q_ph (2.7)")
    T: Temperature = entry("", "the one temperature", optional="one temperature")
    T_e: Temperature = entry("", "that of the electrons", optional="two temperatures")
    T_p: Temperature = entry("", "that of the phonons", optional="two temperatures")
    nodes: dict[str, NodeTemperature] = entry("", "lumped temperatures by name")
    powers: dict[str, float] = entry(POWER, "mean power from the first end of each link")
    flows: dict[str, float] = entry(POWER, "mean heat through held boundaries, and from electrons to phonons")
    drift: dict[str, float] = entry("", "change of each power from the first half of the measured part to the second")
    kelvin: dict[str, Any] = entry("K", "the temperatures again", optional="films with scales")
    ledger: Ledger = entry("", "energies of the measured part")
    ledger_of_run: Ledger = entry("", "energies of the whole run")
    units: dict[str, float] = entry("SI", "the reduced units of temperature, power, ...")

    def fields(self) -> dict[str, Temperature]:
        """The temperatures that are fields, by name."""
        named = {"T": self.T, "T_e": self.T_e, "T_p": self.T_p}
        return {name: T for name, T in named.items() if T is not ABSENT}


@summary
class PhononLedger:
    """Energies of the filament's own phonons, in the unit E0 of (2.1): they compare with each other only."""

    stored_max: float = entry("E0", "largest energy in dN, either sign")
    emitted: float = entry("E0/t0", "mean power into dN, both signs")
    reabsorbed: float = entry("E0/t0", "mean power back to the electrons")
    escaping: float = entry("E0/t0", "mean power that leaves")
    gross_emitted: float = entry("E0/t0", "mean of |emitted|: the size of the exchange")
    gross_escaping: float = entry("E0/t0", "mean of |escaping|")
    mismatch: float = entry("", "what emitted - reabsorbed - escaping - d_t stored leaves over, over gross_emitted")


@summary
class PhononSummary:
    """Phonons that act back on the gap, over the measured part."""

    form: str = entry("", "of (3.1): derived, or printed (E8)")
    strength: float = entry("", "C = (pi lambda/2) (Delta0/(s_ph p_F))^2")
    sources: list[str] = entry("", "what makes the excess: keys of [phonons]")
    balance: str | None = entry("", "of what the filament emits itself: local, equation; null: it leaves at once")
    tau_es: float = entry("t0", "how long that stays")
    response: float | None = entry("t0", "1/(1/tau_es + 1/tau_pe) at w = 2.8 T0: how long that takes to follow")
    table_error: float = entry("", "error of the table of p between its points, over its largest value")
    table_psi: float = entry("Delta0", "largest |psi| of that table; p goes on straight beyond")
    p_min: float = entry("", "least p")
    p_max: float = entry("", "largest p")
    work: float = entry(POWER, "mean of (1/2) int p d_t n, what the phonons do on psi")
    ledger: PhononLedger = entry("", "of the filament's own phonons", optional="runs with an escape time")


@summary
class VortexCount:
    """Vortices of a film in the plane."""

    gained: int = entry("", "in the kept part: vortices that came in at free edges, and antivortices that left")
    lost: int = entry("", "in the kept part: vortices that left at free edges, and antivortices that came in")
    at_end: int = entry("", "vortices inside at the end of the run")
    antivortices_at_end: int = entry("", "antivortices inside at the end of the run")


@summary
class NoiseSummary:
    """Thermal noise, and the slips of the measured part as chance events."""

    kT: float = entry("E0", "of (10.1), (10.2); E0 = 2 eta N(0) Delta0^2 x (xi^d, times thickness or cross-section)")
    seed: int = entry("", "of the noise")
    step: float = entry("t0", "length of the steps")
    method: str = entry("", "midpoint or euler")
    current: bool = entry("", "whether Johnson's current is there, (10.2)")
    forward: int = entry("", "slips along the current")
    backward: int = entry("", "slips against it")
    passages: int = entry("", "how often the windings added up came to one more than ever before: without recrossings")
    rate: float = entry("1/t0", "passages a unit of time")
    rate_error: float = entry("1/t0", "its standard error if they are independent, sqrt(passages) a unit of time")
    waiting_mean: float | None = entry("t0", "mean time from one passage to the next; null for fewer than two")
    waiting_std: float | None = entry(
        "t0",
        "their standard deviation, equal to the mean where slips come by chance; null for fewer than three",
    )


@summary
class SIScales:
    """The reduced units in SI."""

    length: float = entry("m", "xi")
    time: float = entry("s", "t0")
    potential: float = entry("V", "V0")
    current_density: float = entry("A/m^2", "j0")
    gap: float = entry("J", "Delta0")
    field: float = entry("T", "Bc2(T0)")
    penetration_depth: float = entry("m", "lambda(T0)")


@summary
class InSI:
    """The main numbers of a run in SI; currents and powers need the cross-section of the film."""

    length: float = entry("m", "extent along x")
    t_end: float = entry("s", "time reached")
    mean_voltage: float = entry("V", "over whole periods")
    period: float | None = entry("s", "null unless periodic")
    slip_rate: float | None = entry("Hz", "slips a second, of all centres together")
    current_density: float = entry("A/m^2", "at the end, at the terminal where it enters")
    current: float | None = entry("A", "at the end; null where width or thickness is not known")
    depairing_current: float | None = entry("A", "2/(3 sqrt(3)) j0 times the area of the terminal")
    mean_joule: float | None = entry("W", "mean electric work over whole periods")
    field: float = entry("T", "size of the uniform field at the end", optional="runs in a field")
    switching_current: float | None = entry("A", "as in sweep", optional="runs with a sweep")
    retrapping_current: float | None = entry("A", "as in sweep", optional="runs with a sweep")


@summary
class FilamentSummary:
    """The summary of a run of a filament; reduced units (`scales` gives them in SI, `si` the main numbers)."""

    title: str = entry("", "title of the problem")
    model: str = entry("", "finite-gap or gapless")
    interference: str = entry("", "variant of the coefficient c in (1.2), erratum E1")
    conductance: str = entry("", "variant of g in (1.3), erratum E3")
    delta: float = entry("", "2 tau_eps Delta0/hbar")
    eta: float = entry("", "1 - T0/Tc")
    length: float = entry("xi", "extent along x")
    mesh: MeshFacts = entry("", "the mesh")
    current: float = entry("j0", "current density at the end")
    t_end: float = entry("t0", "time reached")
    clock: str = entry("", "the unit of time in words")
    state: str = entry("", "stationary, relaxing, periodic, irregular, driven, normal or interrupted; see below")
    mean_voltage: float = entry(
        "V0",
        "of the recorded potential, over whole periods; without any over the kept part; "
        "of a film without terminals the EMF along the path",
    )
    mean_voltage_kept: float = entry("V0", "over all of the kept part (`measure.discard` to the end)")
    mean_voltage_windows: list[float] = entry("V0", "means over five windows of the kept part")
    mean_voltage_spread: float = entry("V0", "their standard deviation")
    period: float | None = entry(
        "t0", "mean interval between located slips of the busiest phase-slip centre; null unless periodic"
    )
    period_spread: float | None = entry("", "relative standard deviation of the intervals")
    slips_per_period: int | None = entry(
        "",
        "slips of the busiest centre after which their intervals repeat: 1 if periodic, 2 once the period has doubled; "
        "null: they do not, or not three times",
    )
    slips: int = entry("", "phase slips in the kept part")
    net_winding: int = entry("", "their windings added up: forward less backward slips")
    slip_rate: float | None = entry("1/t0", "slips a unit of time, of all centres together, whichever way")
    slip_times: list[float] = entry("t0", "when they happened")
    slip_positions: list[float] = entry("xi", "where along the filament")
    phase_slip_centres: int = entry("", "places at which slips gather")
    josephson_mismatch: float | None = entry(
        "",
        "|mean of V/(2 pi x net slip rate) - 1| over whole periods; without any, what int V dt misses of the phase "
        "that has turned, for each slip; null without slips, and where V is not taken from bank to bank",
    )
    energy_mismatch: float | None = entry(
        "",
        "|<w>/<J V> - 1| over whole periods, in a heated run with the other terms of (1.5); null with noise",
    )
    energy_balance: float | None = entry("", "rest of (1.5) over the kept part, over int |j.E|; null with noise")
    mean_dissipation: float = entry(POWER, "mean of int w over whole periods")
    mean_joule: float = entry(POWER, "mean electric work over whole periods")
    psi_center_max: float = entry("Delta0", "largest |psi| at the centre")
    psi_center_min: float = entry("Delta0", "least |psi| at the centre")
    omega_tau_eps: float | None = entry("", "(2 pi/period) tau_eps; the equations and the flux need it to be small")
    w_min: float = entry("j0 V0/xi", "least w of (1.5); never clipped")
    w_negative_share: float | None = entry("", "the negative part of w over its positive part")
    measured_from: float = entry("t0", "where the whole periods begin")
    measured_to: float = entry("t0", "where they end")
    of_probes: dict[str, Any] = entry(
        "of the probe",
        "means over the kept part, and over its windows; of a count also its value at the end, when it changed in the "
        "kept part, and by how much at most",
        spread="mean_<probe>, mean_<probe>_windows; <probe>_end, <probe>_jump_times, <probe>_largest_jump",
    )
    vortices: VortexCount = entry("", "vortices that come, go and stay", optional="films in the plane")
    resolution: Resolution = entry("", "what the mesh resolves: worst ratios, each well below 1 in a good run")
    heat: HeatSummary = entry("", "temperatures, powers and the energy ledger, [heat.md](heat.md)", optional=HEATED)
    phonons: PhononSummary = entry(
        "", "phonons that act back, [phonons.md](phonons.md)", optional="runs with phonons that act back"
    )
    noise: NoiseSummary = entry("", "thermal noise, [noise.md](noise.md)", optional="runs with [noise]")
    sweep: Sweep | None = entry("", "hysteresis, where the current goes up and down again")
    slips_in_all: int = entry("", "phase slips of the whole run")
    unknowns: int = entry("", "size of the system")
    steps: int = entry("", "accepted steps")
    work: Work = entry("", "of the integrator")
    rtol: float = entry("", "relative tolerance")
    cpu_seconds: float = entry("s", "of the march, on this machine")
    stop_reason: str = entry("", "t_end, steady, periodic, normal, slips, interrupted, or why the solver stopped")
    warnings: list[str] = entry("", "sentences on what the numbers cannot be used for")
    scales: SIScales | None = entry("SI", "the reduced units, where the film has them")
    si: InSI = entry("SI", "the main numbers again", optional="films with scales")
    versions: dict[str, str] = entry("", "of Python and of the packages that results depend on")
