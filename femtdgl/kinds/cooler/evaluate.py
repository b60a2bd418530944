"""The numbers of a cooler: the run of its filament becomes the pump, plates follow.

The reduced filament and the material that gives its scales need not belong together (aluminium has a delta a thousand
times that of [PSC]'s example); where they do not, the summary says so.
"""

from __future__ import annotations

from femtdgl.files.versions import versions
from femtdgl.kinds.cooler.assemble import assemble, scales_of, target
from femtdgl.kinds.cooler.judge import CAUTION, cautions, verdict
from femtdgl.kinds.cooler.prepare import Prepared
from femtdgl.kinds.cooler.run import FilamentRun
from femtdgl.kinds.cooler.sections import CoolerProblem
from femtdgl.kinds.cooler.summary import (
    BalanceSummary,
    CoolerSummary,
    FilamentSummary,
    InterfacesSummary,
    InterfaceSummary,
    ModeSummary,
    RunTemperatures,
)
from femtdgl.measure.entry import ABSENT
from femtdgl.thermal.cooler import Cooler, Outcome, filament_temperature
from femtdgl.thermal.cooler_links import carnot_bound
from femtdgl.thermal.kapitza import Interface
from femtdgl.units import Scales


def evaluate(prepared: Prepared, run: FilamentRun) -> tuple[Cooler, CoolerSummary]:
    """The cooler of a run, and its summary without transients."""
    problem = prepared.problem
    scales = scales_of(problem.material, run.eta)
    cooler, top, bottom = assemble(problem, scales, length=run.length, joule=run.joule, g_W=run.g_W)
    filament = filament_of(cooler, run, scales)
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
        warnings=[*cautions(balance, filament), *run.warnings],
        verdict=verdict(balance, filament),
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
    modes = {mode: mode_of(cooler, cooler.steady(mode), T_target) for mode in cooler.modes}
    return BalanceSummary(
        T_bath=cooler.T_bath,
        T_target=T_target,
        P_joule=P_joule,
        P_leak=P_leak,
        P_leak_bare=bare,
        P_leak_series=series,
        kappa_needed=(P_leak + cooler.load) / P_joule,
        kappa_needed_bare=(bare + cooler.load) / P_joule,
        kappa_needed_series=(series + cooler.load) / P_joule,
        kappa_carnot=carnot_bound(T_target, cooler.T_bath),
        g_W=cooler.g_W,
        kernel=kernel,
        path=cooler.path,
        count=cooler.count,
        load=cooler.load,
        bias_current=current,
        bias_voltage=P_joule / current,
        area=cooler.leak.S,
        thickness=cooler.leak.d,
        k=cooler.leak.k,
        reciprocal=modes["reciprocal"],
        ideal=modes["ideal"],
        paper=modes.get("paper"),
    )


def mode_of(cooler: Cooler, outcome: Outcome, T_target: float) -> ModeSummary:
    """One mode."""
    return ModeSummary(
        kappa=outcome.kappa,
        kappa_used=outcome.kappa_used,
        T_cold=outcome.T_cold,
        cools=outcome.cools(cooler.T_bath),
        reaches_target=outcome.T_cold <= T_target,
        phi_abs=outcome.phi_abs,
        phi_em=outcome.phi_em,
        limit=outcome.limit,
        T_cold_superconducting=cooler.coldest_superconducting(outcome.mode),
        label=CAUTION if outcome.mode == "paper" else ABSENT,
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
