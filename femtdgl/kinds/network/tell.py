"""What is said of a network: before it is solved, and at its end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from femtdgl.kinds.network.read import Prepared


def describe(prepared: Prepared) -> Iterator[str]:
    """What would be solved, line by line."""
    problem, network = prepared.problem, prepared.base
    yield problem.title or "(no title)"
    yield f"  nodes       {', '.join(network.nodes)}"
    yield f"  links       {', '.join(network.links)}"
    if problem.cases:
        yield f"  cases       {', '.join(prepared.cases)}"
    if problem.family is not None:
        yield f"  family      {problem.family.parameter}, {len(prepared.members)} networks"
    if problem.scan is not None:
        yield f"  scan        {problem.scan.parameter}, {len(problem.scan.grid())} values"
    if problem.transient is not None:
        yield f"  transient   to {problem.transient.t_end:g} s, {len(problem.pulses)} pulses"


def lines(summary: Mapping[str, Any], name: str) -> Iterator[str]:
    """The summary of a network for people; `name` stands for a title that is not there."""
    yield summary["title"] or name
    yield "  " + ", ".join(f"{name} {T * 1e3:.6g} mK" for name, T in summary["nodes"].items())
    yield "  " + ", ".join(f"{name} {P:.4g} W" for name, P in summary["links"].items())
    for root in summary["roots"]:
        places = ", ".join(f"{name} {T * 1e3:.8g} mK" for name, T in root["temperatures"].items())
        yield f"  steady state ({'stable' if root['stable'] else 'unstable'}): {places}"
    for window in summary.get("ndtc_windows", ()):
        yield "  NDTC window: " + ", ".join(f"{key} {value}" for key, value in window.items())
    for warning in summary["warnings"]:
        yield f"  warning: {warning}"
