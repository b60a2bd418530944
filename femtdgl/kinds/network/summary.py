"""The entries of a network's summary.json, with units and meanings; temperatures by node, powers by link."""

from __future__ import annotations

from femtdgl.measure.entry import ABSENT, entry, summary

PARAMETER = "SI unit of the parameter"
SCANNED = "with [scan]"
UNBOUNDED = "null: the sweep up ends in a fold, where it is infinite"


@summary
class Root:
    """A steady state."""

    temperatures: dict[str, float] = entry("K", "of the free nodes")
    stable: bool = entry("", "whether a small deviation dies away")


@summary
class NdtcWindow:
    """Where a response decreases along a sweep: negative differential thermal conductance."""

    curve: str = entry("", "label of the curve", optional="in the list of all curves", default=ABSENT)
    quantity: str = entry("", '"T(<node>)" or "P(<link>)", the response')
    sweep: str = entry("", '"up" or "down"')
    # `from` is a word of Python: a table of one item
    start: dict[str, float] = entry(PARAMETER, "smaller end of the window", spread="from")
    to: float = entry(PARAMETER, "larger end of the window")
    high: float = entry("K or W", "modulus of the response at the end from which it falls")
    low: float = entry("K or W", "modulus of the response at the other end")
    fall: float = entry("", "(high - low)/high")
    open: bool = entry("", "whether one end is the scan's own")


@summary
class SweepSummary:
    """One pass over the values of a scan."""

    T: dict[str, list[float]] = entry("K", "temperature of each node")
    P: dict[str, list[float]] = entry("W", "power of each link")
    stable: list[bool] = entry("", "whether the state is stable")
    falls: list[float] = entry(PARAMETER, "values before which the branch ended in a fold and the state fell")


@summary
class CurveSummary:
    """A scan of one case and member of the family."""

    parameter: str = entry("", "what is changed: nodes.<node>.<field> or links.<link>.<field>")
    value: list[float] = entry(PARAMETER, "its values")
    ndtc_windows: tuple[NdtcWindow, ...] = entry("", "where a response decreases")
    hysteresis: list[float] | None = entry(PARAMETER, "first and last value at which up and down differ; null: nowhere")
    states_at_ends: list[int] = entry("", "how many steady states there are at the first and the last value")
    up: SweepSummary = entry("", "from the first value to the last")
    down: SweepSummary = entry("", "back from the last value", optional="where it is another curve")
    observed: dict[str, list[float]] = entry(
        "", "what [[observe]] asks for, along the sweep up", spread="<link>.<quantity>"
    )
    largest_power: dict[str, float] = entry("W", "power of largest modulus of each link, sweep up")
    temperature_ranges: dict[str, list[float]] = entry("K", "lowest and highest temperature of each node, sweep up")
    steepest_responsivity: dict[str, float | None] = entry(
        "", f"smallest dT/d(parameter) of each node that moves; {UNBOUNDED}", optional="along a temperature"
    )
    largest_drop: dict[str, float] = entry(
        "K",
        "temperature at the first value minus the lowest one, of each node that moves",
        optional="along a temperature",
    )
    largest_gain: dict[str, float | None] = entry(
        "", f"d(power)/d(parameter) of largest modulus of each link; {UNBOUNDED}", optional="along a heat"
    )


@summary
class Scans:
    """The curves of a problem."""

    curves: dict[str, CurveSummary] = entry("", "each by its label: case/value of the family", spread="<curve>")


@summary
class Crossing:
    """An event."""

    time: float = entry("s", "when it was crossed")
    node: str = entry("", "whose temperature it was")


@summary
class TransientSummary:
    """The network in time."""

    t_end: float = entry("s", "end")
    final: dict[str, float] = entry("K", "temperature of each free node at the end")
    crossings: tuple[Crossing, ...] = entry("", "crossings of the temperatures of [[events]]")
    energy_mismatch: float = entry("", "|stored - received| over the energy that went through")


@summary
class NetworkSummary:
    """summary.json of a network."""

    kind: str = entry("", '"network"')
    title: str = entry("", "title of the problem")
    nodes: dict[str, float] = entry("K", "temperature of each node in the coldest stable state, first case and member")
    links: dict[str, float] = entry("W", "power that leaves the first end of each link in that state")
    roots: tuple[Root, ...] = entry("", "all steady states of the first case and member, coldest first")
    warnings: tuple[str, ...] = entry("", "sentences about what looks wrong in the input, or is not single-valued")
    scan: Scans = entry("", "the curves", optional=SCANNED)
    ndtc_windows: tuple[NdtcWindow, ...] = entry("", "those of all curves", optional=SCANNED)
    transient: TransientSummary = entry("", "the first case in time", optional="with [transient]")
    cpu_seconds: float = entry("s", "processor time spent")
    versions: dict[str, str] = entry("", "versions of what the result depends on")
