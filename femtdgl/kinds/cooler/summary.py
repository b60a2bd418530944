"""The summary of a cooler: every entry of its summary.json, with unit and meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from femtdgl.measure.entry import ABSENT, entry, summary
from femtdgl.thermal.cooler import Mode

WITH_SOLID = "of a side given as a solid"


@summary
class ModeSummary:
    """One mode in its steady state."""

    kappa: float = entry("", "(5.5) heat taken from the plate per Joule heat")
    kappa_used: float = entry("", "what holding the plate at T_cold takes: kappa, or less at Carnot's bound")
    T_cold: float = entry("K", "(5.6) temperature of the plate")
    cools: bool = entry("", "whether the plate ends below the bath; never where the filament would be normal")
    reaches_target: bool = entry("", "whether T_cold <= T_target; never where the filament would be normal")
    phi_abs: float = entry("", "share of the absorbed heat that comes from the plate")
    phi_em: float = entry("", "share of the emitted heat that goes to the plate")
    leads_heat: float = entry("W", "what the leads bring to the plate at T_cold, < 0: take from it; 0 without leads")
    limit: str = entry("", "what keeps the plate from being colder, in words")
    T_cold_superconducting: float | None = entry(
        "K", "T_cold at the largest P_J that leaves the filament below Tc; null where there is none"
    )
    label: str = entry("", "that the mode is hypothetical", optional="paper", default=ABSENT)
    energy_mismatch: float = entry(
        "", "relative error of the energy ledger of the transient", optional="once it is solved", default=ABSENT
    )


@summary
class LeadsSummary:
    """The leads from the bath to the plate, all together but for the resistance."""

    count: int = entry("", "how many")
    resistance: float = entry("Ohm", "of one in its normal state")
    conducted: float = entry("W", "conducted from the bath, L0 (T_b^2 - T^2)/2R each")
    joule: float = entry("W", "that half of their Joule heat which ends on the plate")
    heat: float = entry("W", "the two together")
    least_heat: float = entry("W", "the least that normal leads can bring at this current, whatever metal and shape")


@summary
class BalanceSummary:
    """Plate and bath, all filaments together."""

    T_bath: float = entry("K", "temperature of the bath")
    T_target: float = entry("K", "temperature that the plate is wanted at")
    P_joule: float = entry("W", "Joule heat P_J")
    P_leak: float = entry("W", "what comes back to a plate at T_target, by `path`")
    P_leak_bare: float = entry("W", "(5.3) the same through the film alone")
    P_leak_series: float = entry("W", "the same with both Kapitza resistances in series")
    kappa_needed: float = entry("", "(5.4) least kappa for a plate at T_target, by `path`, with load and leads")
    kappa_needed_bare: float = entry("", "the same with the film alone")
    kappa_needed_series: float = entry("", "the same with both Kapitza resistances")
    kappa_carnot: float = entry("", "largest kappa that Carnot allows at T_target")
    interference: str = entry("", "variant of the coefficient c in (1.2) of the filament, erratum E1")
    g_W: float = entry("", "heat that the filament takes from the lattice per Joule heat, net of w at each x and t")
    g_W_with_negative_w: float = entry("", "the same with negative w counted as heat that is taken")
    g_rev: float = entry("", "heat that its reversible channel takes by itself per Joule heat")
    gross_spectral_share: float | None = entry(
        "", "(2.6) absorption over emission of its phonons by x, t and frequency; null without a whole period"
    )
    mean_spectral_share: float | None = entry("", "(2.6) the same of the spectrum averaged over x and t")
    kernel: str = entry("", "kernel of the phonon flux")
    path: str = entry("", "how heat comes back: series, parallel, leak")
    count: int = entry("", "filaments in series")
    load: float = entry("W", "heat brought to the plate from outside")
    leads: LeadsSummary | None = entry("", "what the leads bring to a plate at T_target; null without [leads]")
    bias_current: float = entry("A", "current of the filaments")
    bias_voltage: float = entry("V", "P_joule/bias_current")
    area: float = entry("m^2", "contact of one filament with each plate")
    thickness: float = entry("m", "of the film")
    k: float = entry("W/(m K)", "thermal conductivity of the film")
    reciprocal: ModeSummary = entry("", "passive interfaces: physical")
    ideal: ModeSummary = entry("", "two one-way mirrors without work, which no interface is: kappa = g_W")
    paper: ModeSummary | None = entry("", "given p's: hypothetical; null without [paper]")

    @property
    def modes(self) -> dict[Mode, ModeSummary]:
        """Those that were computed, by name."""
        both: dict[Mode, ModeSummary] = {"reciprocal": self.reciprocal, "ideal": self.ideal}
        return both if self.paper is None else {**both, "paper": self.paper}


@summary
class VariantModeSummary:
    """One mode with one interference."""

    kappa: float = entry("", "(5.5) heat taken from the plate per Joule heat")
    T_cold: float = entry("K", "(5.6) temperature of the plate")
    cools: bool = entry("", "whether the plate ends below the bath; never where the filament would be normal")
    T_cold_superconducting: float | None = entry("K", "T_cold at the largest P_J that leaves the filament below Tc")


@summary
class VariantSummary:
    """The cooler with its filament run with one interference."""

    g_W: float = entry("", "heat that the filament takes from the lattice per Joule heat, net of w at each x and t")
    g_W_with_negative_w: float = entry("", "the same with negative w counted as heat that is taken")
    g_rev: float = entry("", "heat that its reversible channel takes by itself per Joule heat")
    gross_spectral_share: float | None = entry("", "(2.6) absorption over emission by x, t and frequency")
    mean_spectral_share: float | None = entry("", "(2.6) the same of the spectrum averaged over x and t")
    P_joule: float = entry("W", "Joule heat, all filaments together")
    temperature: float = entry("K", "of the filament, T_f")
    stays_superconducting: bool | None = entry("", "T_f < Tc")
    whole_periods: bool = entry("", "whether the means are those of a whole period between two slips")
    reciprocal: VariantModeSummary = entry("", "passive interfaces")
    ideal: VariantModeSummary = entry("", "two one-way mirrors")
    paper: VariantModeSummary | None = entry("", "given p's; null without [paper]")

    @property
    def modes(self) -> dict[Mode, VariantModeSummary]:
        """Those that were computed, by name."""
        both: dict[Mode, VariantModeSummary] = {"reciprocal": self.reciprocal, "ideal": self.ideal}
        return both if self.paper is None else {**both, "paper": self.paper}


@summary
class VariantsSummary:
    """By interference."""

    by_name: Mapping[str, VariantSummary] = entry("", "with one interference", spread="<interference>")


@summary
class RunTemperatures:
    """Temperatures of a heated filament in its run."""

    mean: float = entry("K", "over filament and time")
    max: float = entry("K", "the largest")


@summary
class FilamentSummary:
    """The filament, its run and the material that gives its units."""

    delta: float = entry("", "2 tau_eps Delta0/hbar of the run")
    eta: float = entry("", "1 - T0/Tc of the run")
    length: float = entry("xi", "length")
    length_SI: float = entry("m", "length with the xi of the material")
    T0: float = entry("K", "temperature of the units")
    Tc: float = entry("K", "critical temperature of the material")
    material_delta: float = entry("", "delta of the material at T0")
    material_eta: float = entry("", "eta of the material at T0")
    temperature: float = entry("K", "T_f when P_J and the load leave through the bottom interface")
    temperature_with_cold_banks: float = entry("K", "the same with banks at T_bath and a normal film between them")
    stays_superconducting: bool | None = entry("", "T_f < Tc")
    eps: float = entry("", "(1.1) (Tc - T_f)/(Tc - T0)")
    of_run: RunTemperatures | None = entry("", "temperatures of a heated run; null where it stayed at T0")
    omega_tau_eps: float = entry("", "Josephson frequency times tau_eps")
    whole_periods: bool = entry("", "whether the means are those of a whole period between two slips")


@summary
class InterfaceSummary:
    """One interface of the film."""

    solid: str | None = entry("", "what is behind it; null: sigma_K was given")
    sigma_K: float = entry("W/(m^2 K^4)", "(5.2) heat passed per T^4")
    transmission_out_of_film: float = entry(
        "", "Gamma of longitudinal phonons out of the film", optional=WITH_SOLID, default=ABSENT
    )
    transmission_into_film: float = entry(
        "", "Gamma of longitudinal phonons into the film", optional=WITH_SOLID, default=ABSENT
    )
    critical_angle: float | None = entry(
        "degrees",
        "angle beyond which longitudinal phonons of the film are reflected; null: never",
        optional=WITH_SOLID,
        default=ABSENT,
    )
    critical_angle_transverse: float | None = entry(
        "degrees", "the same, transverse", optional=WITH_SOLID, default=ABSENT
    )
    reflects_as_printed: bool = entry(
        "", "total reflection out of the film by rho s, as printed (E9)", optional=WITH_SOLID, default=ABSENT
    )


@summary
class InterfacesSummary:
    """Both interfaces."""

    top: InterfaceSummary = entry("", "to the plate")
    bottom: InterfaceSummary = entry("", "to the bath")


@summary
class CoolerSummary:
    """A cooler."""

    kind: str = entry("", "of problem: cooler")
    title: str = entry("", "of the problem file")
    material: str = entry("", "preset that gives the units")
    cooler: BalanceSummary = entry("", "plate and bath, all filaments together")
    filament: FilamentSummary = entry("", "the filament and its run")
    interfaces: InterfacesSummary = entry("", "of the film")
    variants: VariantsSummary | None = entry(
        "", "the cooler for each coefficient c of (1.2), E1; null unless filament.variants"
    )
    warnings: list[str] = entry("", "what the numbers cannot be used for, in sentences")
    verdict: list[str] = entry("", "whether it cools, in which mode, by how much, what limits it, in sentences")
    T_bath: float = entry("K", "temperature of the bath")
    versions: Mapping[str, str] = entry("", "of Python and of the packages that results depend on")

    def with_mismatches(self, found: Mapping[Mode, float]) -> CoolerSummary:
        """The same with the energy mismatch of each mode's transient."""
        modes = self.cooler.modes
        closed: dict[str, Any] = {name: replace(modes[name], energy_mismatch=found[name]) for name in modes}
        return replace(self, cooler=replace(self.cooler, **closed))
