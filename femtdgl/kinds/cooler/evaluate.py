"""The numbers of a cooler: the run of its filament becomes the pump, plates follow.

The reduced filament and the material that gives its scales need not belong together (aluminium has a delta a thousand
times that of [PSC]'s example); where they do not, the summary says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from femtdgl.files.versions import versions
from femtdgl.kinds.cooler.assemble import assemble, scales_of, target
from femtdgl.kinds.cooler.judge import CAUTION, cautions, over_variants, verdict
from femtdgl.kinds.cooler.prepare import Prepared
from femtdgl.kinds.cooler.run import FilamentRun
from femtdgl.kinds.cooler.sections import CoolerProblem
from femtdgl.kinds.cooler.summary import (
    BalanceSummary,
    CoolerSummary,
    FilamentSummary,
    InterfacesSummary,
    InterfaceSummary,
    LeadsSummary,
    ModeSummary,
    RunTemperatures,
    VariantModeSummary,
    VariantsSummary,
    VariantSummary,
)
from femtdgl.measure.entry import ABSENT
from femtdgl.problem.film import Interference
from femtdgl.thermal.cooler import Cooler, Outcome, filament_temperature
from femtdgl.thermal.cooler_links import carnot_bound
from femtdgl.thermal.kapitza import Interface
from femtdgl.thermal.lead import least_heat
from femtdgl.units import Scales


def evaluate(
    prepared: Prepared, run: FilamentRun, others: Mapping[Interference, FilamentRun] | None = None
) -> tuple[Cooler, CoolerSummary]:
    """The cooler of a run, and its summary without transients; `others` are runs with other interference."""
    problem = prepared.problem
    scales = scales_of(problem.material, run.eta)
    cooler, top, bottom = assemble(
        problem, scales, length=run.length, joule=run.joule, g_W=run.g_W, current=run.current
    )
    filament = filament_of(cooler, run, scales)
    variants = variants_of(problem, {run.interference: run, **others}) if others else None
    balance = balance_of(cooler, run, scales, problem, prepared.kernel)
    return cooler, CoolerSummary(
        kind=problem.kind,
        title=problem.title,
        material=problem.material.preset,
        cooler=balance,
        filament=filament,
        interfaces=InterfacesSummary(
            top=interface_of(problem.top.solid, cooler.top.sigma_K, top),
            bottom=interface_of(problem.bottom.solid, cooler.bottom.sigma_K, bottom),
        ),
        variants=variants,
        warnings=[*cautions(balance, filament), *run.warnings],
        verdict=[*verdict(balance, filament), *over_variants(variants)],
        T_bath=cooler.T_bath,
        versions=versions(),
    )


def balance_of(cooler: Cooler, run: FilamentRun, scales: Scales, problem: CoolerProblem, kernel: str) -> BalanceSummary:
    """Plate and bath."""
    T_target = target(problem, cooler.T_bath)
    width = cooler.leak.S / (run.length * scales.length)
    current = run.current * scales.current_density * cooler.leak.d * width
    P_joule = cooler.count * cooler.P_joule
    P_leak, bare, series = cooler.leak_power(T_target)
    outside = cooler.load + cooler.leads_heat(T_target)
    modes = {mode: mode_of(cooler, cooler.steady(mode), T_target) for mode in cooler.modes}
    return BalanceSummary(
        T_bath=cooler.T_bath,
        T_target=T_target,
        P_joule=P_joule,
        P_leak=P_leak,
        P_leak_bare=bare,
        P_leak_series=series,
        kappa_needed=(P_leak + outside) / P_joule,
        kappa_needed_bare=(bare + outside) / P_joule,
        kappa_needed_series=(series + outside) / P_joule,
        kappa_carnot=carnot_bound(T_target, cooler.T_bath),
        interference=run.interference,
        g_W=cooler.g_W,
        g_W_with_negative_w=run.g_W_with_negative_w,
        g_rev=run.g_rev,
        gross_spectral_share=run.gross_spectral_share,
        mean_spectral_share=run.mean_spectral_share,
        kernel=kernel,
        path=cooler.path,
        count=cooler.count,
        load=cooler.load,
        leads=leads_of(cooler, T_target),
        bias_current=current,
        bias_voltage=P_joule / current,
        area=cooler.leak.S,
        thickness=cooler.leak.d,
        k=cooler.leak.k,
        reciprocal=modes["reciprocal"],
        ideal=modes["ideal"],
        paper=modes.get("paper"),
    )


def leads_of(cooler: Cooler, T_target: float) -> LeadsSummary | None:
    """What the leads do to a plate at T_target."""
    lead, count = cooler.leads, cooler.lead_count
    if lead is None:
        return None
    return LeadsSummary(
        count=count,
        resistance=lead.resistance,
        conducted=count * lead.conducted(cooler.T_bath, T_target),
        joule=count * lead.joule / 2,
        heat=cooler.leads_heat(T_target),
        least_heat=count * least_heat(lead.current, cooler.T_bath, T_target),
    )


def mode_of(cooler: Cooler, outcome: Outcome, T_target: float) -> ModeSummary:
    """One mode."""
    return ModeSummary(
        kappa=outcome.kappa,
        kappa_used=outcome.kappa_used,
        T_cold=outcome.T_cold,
        cools=outcome.cools(cooler.T_bath),
        reaches_target=outcome.reaches(T_target),
        phi_abs=outcome.phi_abs,
        phi_em=outcome.phi_em,
        leads_heat=cooler.leads_heat(outcome.T_cold),
        limit=outcome.limit,
        T_cold_superconducting=cooler.coldest_superconducting(outcome.mode),
        label=CAUTION if outcome.mode == "paper" else ABSENT,
    )


def variants_of(problem: CoolerProblem, runs: Mapping[Interference, FilamentRun]) -> VariantsSummary:
    """The cooler of each run, in the order of the names."""
    return VariantsSummary(by_name={name: variant_of(problem, runs[name]) for name in get_args(Interference)})


def variant_of(problem: CoolerProblem, run: FilamentRun) -> VariantSummary:
    """The cooler of one run."""
    scales = scales_of(problem.material, run.eta)
    cooler = assemble(problem, scales, length=run.length, joule=run.joule, g_W=run.g_W, current=run.current).cooler
    modes = {
        mode: VariantModeSummary(
            kappa=outcome.kappa,
            T_cold=outcome.T_cold,
            cools=outcome.cools(cooler.T_bath),
            T_cold_superconducting=cooler.coldest_superconducting(mode),
        )
        for mode, outcome in ((mode, cooler.steady(mode)) for mode in cooler.modes)
    }
    return VariantSummary(
        g_W=run.g_W,
        g_W_with_negative_w=run.g_W_with_negative_w,
        g_rev=run.g_rev,
        gross_spectral_share=run.gross_spectral_share,
        mean_spectral_share=run.mean_spectral_share,
        P_joule=cooler.count * cooler.P_joule,
        temperature=cooler.filament_temperature,
        stays_superconducting=cooler.stays_superconducting,
        whole_periods=run.whole_periods,
        reciprocal=modes["reciprocal"],
        ideal=modes["ideal"],
        paper=modes.get("paper"),
    )


def filament_of(cooler: Cooler, run: FilamentRun, scales: Scales) -> FilamentSummary:
    """The filament; its temperatures are those of the balance of heat."""
    T_f, of_run = cooler.filament_temperature, run.temperature
    ends = 12 * cooler.leak.k * cooler.leak.d * cooler.leak.S / (run.length * scales.length) ** 2
    return FilamentSummary(
        delta=run.delta,
        eta=run.eta,
        length=run.length,
        length_SI=run.length * scales.length,
        T0=scales.T0,
        Tc=scales.Tc,
        material_delta=scales.delta,
        material_eta=scales.eta,
        temperature=T_f,
        temperature_with_cold_banks=filament_temperature(cooler.P_joule, cooler.T_bath, cooler.bottom, ends),
        stays_superconducting=cooler.stays_superconducting,
        eps=(scales.Tc - T_f) / (scales.Tc - scales.T0),
        of_run=None if of_run is None else RunTemperatures(mean=of_run[0] * scales.Tc, max=of_run[1] * scales.Tc),
        omega_tau_eps=run.omega_tau_eps,
        whole_periods=run.whole_periods,
    )


def interface_of(solid: str | None, sigma_K: float, interface: Interface | None) -> InterfaceSummary:
    """One interface; without its acoustics where sigma_K was given."""
    if interface is None:
        return InterfaceSummary(solid=solid, sigma_K=sigma_K)
    out, into = interface.transmissions
    longitudinal, transverse = interface.critical_angles
    return InterfaceSummary(
        solid=solid,
        sigma_K=sigma_K,
        transmission_out_of_film=out,
        transmission_into_film=into,
        critical_angle=longitudinal,
        critical_angle_transverse=transverse,
        reflects_as_printed=interface.reflects_as_printed,
    )
