"""A network problem solved: steady states of the first member, the curve of each member, the first case in time."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from femtdgl.input import toml
from femtdgl.kinds.network.outcome import NetworkOutcome
from femtdgl.kinds.network.read import Member, Prepared, prepare
from femtdgl.kinds.network.summarise import summarise
from femtdgl.kinds.network.tables import NetworkProblem, ScanTable
from femtdgl.thermal.network.curve import Curve, Solution, observe
from femtdgl.thermal.network.network import SeveralSteadyStates


def run_network(problem: Mapping[str, Any] | str | Path) -> NetworkOutcome:
    """Solve a problem file of a network, or its table, and write nothing.

    The outcome has `summary`, `arrays`, `states`, `curves`, `transient` and the names of its `figures`.  Raises
    InputError naming the key.
    """
    if isinstance(problem, str | Path):
        return solve(prepare(toml.read(problem)[0], file=str(problem)))
    return solve(prepare(problem))


def solve(prepared: Prepared) -> NetworkOutcome:
    """Solve what was read.  Raises InputError where there is no steady state below the limits of the links."""
    begun = time.process_time()
    problem = prepared.problem
    states = prepared.members[0].network.roots()
    curves, transient = [], None
    if problem.scan is not None:
        curves = [scan_member(problem, problem.scan, member) for member in prepared.members]
    if problem.transient is not None:
        table = problem.transient
        transient = prepared.base.transient(
            table.t_end, pulses=problem.pulses, events=problem.events, points=table.points, rtol=table.rtol
        )
    solution = Solution(states=states, curves=tuple(curves), transient=transient)
    entries = summarise(prepared, solution, time.process_time() - begun)
    return NetworkOutcome(
        states=states, curves=solution.curves, transient=transient, entries=entries, wanted=problem.figures
    )


def scan_member(problem: NetworkProblem, table: ScanTable, member: Member) -> Curve:
    """The curve of one member."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SeveralSteadyStates)
        scan = member.network.scan(table.parameter, table.grid())
    links = member.network.links
    return Curve(
        label=member.label,
        case=member.case,
        member=member.value,
        member_unit="" if problem.family is None else member.network.unit_of(problem.family.parameter),
        scan=scan,
        observed={
            f"{item.link}.{item.quantity}": observe(member.network, scan, item.link, item.quantity)
            for item in problem.observe
        },
        observed_units={
            f"{item.link}.{item.quantity}": links[item.link][2].observables[item.quantity] for item in problem.observe
        },
    )
