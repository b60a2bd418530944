"""The table of a network's problem file to the networks it speaks of: all that can be wrong is said here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from femtdgl.errors import InputError
from femtdgl.figures.network import FIGURES
from femtdgl.input.nearest import nearest
from femtdgl.input.quantities import in_si
from femtdgl.input.tables import convert_tree, validated
from femtdgl.kinds.network.tables import Case, NetworkProblem
from femtdgl.thermal.catalogue import link_class
from femtdgl.thermal.link import Link
from femtdgl.thermal.network.curve import require_observable
from femtdgl.thermal.network.network import Network, Node
from femtdgl.thermal.network.scan import require_monotonic
from femtdgl.thermal.network.transient import require_transient

OF_PARAMETERS = ("cases", "scan", "family", "title", "kind")
"""Sections with names, and with values whose unit is that of what they name."""


class Member(NamedTuple):
    """One network of a problem: that of a case, with a value of the family's parameter where there is a family."""

    label: str
    case: str
    value: float | None
    network: Network


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A checked problem: it may have no steady state, but nothing in it can still be wrong."""

    problem: NetworkProblem
    cases: dict[str, Network]  # at least one; "" where the file has none
    members: tuple[Member, ...]

    @property
    def base(self) -> Network:
        """The network of the first case."""
        return next(iter(self.cases.values()))


def prepare(table: Mapping[str, Any], *, file: str = "") -> Prepared:
    """Check a table as tomllib gives it.  Raises InputError naming the key."""
    try:
        problem = read_problem(table)
        require_figures(problem.figures)
        base = read_network(problem)
        cases = problem.cases or (Case(name=""),)
        require_distinct([case.name for case in cases], "cases.name", "another name for each case")
        networks = {case.name: with_values(base, case.set) for case in cases}
        members = tuple(member for case in cases for member in members_of(problem, case, networks[case.name]))
        require_distinct([member.label for member in members], "family.values", "values that differ in 6 digits")
        prepared = Prepared(problem=problem, cases=networks, members=members)
        require_scan(prepared)
        if problem.transient is not None:
            require_transient(prepared.base, problem.transient.t_end, problem.pulses, problem.events)
    except InputError as error:
        raise error.at(file=error.file or file) from None
    return prepared


def read_problem(table: Mapping[str, Any]) -> NetworkProblem:
    """The tables as dataclasses, units converted, unknown keys refused."""
    if table.get("kind") != "network":
        raise InputError(f"{table.get('kind')!r} is not a network", key="kind", allowed='"network"')
    known = {item.name for item in fields(NetworkProblem)} - set(OF_PARAMETERS)
    converted = {k: convert_tree(v, k, k) if k in known else v for k, v in table.items()}
    converted |= values_of_parameters(table)
    problem: NetworkProblem = validated(NetworkProblem, converted, "")
    return problem


def values_of_parameters(table: Mapping[str, Any]) -> dict[str, Any]:
    """`[scan]`, `[family]` and the families of `[[cases]]` with values in SI: their unit is that of the parameter."""
    found: dict[str, Any] = {}
    for section in ("scan", "family"):
        values = table.get(section)
        if isinstance(values, Mapping):
            found[section] = in_units(table, values.get("parameter"), values, ("start", "stop", "values"), section)
    family, cases = table.get("family"), table.get("cases")
    if isinstance(family, Mapping) and isinstance(cases, list | tuple):
        found["cases"] = [
            in_units(table, family.get("parameter"), case, ("family",), f"cases.{k}")
            if isinstance(case, Mapping)
            else case
            for k, case in enumerate(cases)
        ]
    return found


def in_units(
    table: Mapping[str, Any], parameter: Any, values: Mapping[str, Any], keys: tuple[str, ...], where: str
) -> dict[str, Any]:
    """A table in which some keys hold values of a parameter: these in SI, as far as the parameter can be found."""
    kind, name, field = (*str(parameter).split(".", 2), "", "")[:3]
    made = dict(values)
    try:
        cls = Node if kind == "nodes" else link_class(table["links"][name]["kind"])
    except (InputError, KeyError, TypeError):
        return made
    for key in keys:
        if key in made:
            try:
                made[key] = in_si(cls, field, made[key])
            except InputError as error:
                raise error.at(key=f"{where}.{key}") from None
    return made


def read_network(problem: NetworkProblem) -> Network:
    """Nodes and links before any case."""
    nodes = {name: validated(Node, values, f"nodes.{name}") for name, values in problem.nodes.items()}
    return Network(nodes, {name: read_link(name, values) for name, values in problem.links.items()})


def read_link(name: str, values: Mapping[str, Any]) -> tuple[str, str, Link]:
    """The two nodes and the link of `[links.<name>]`."""
    rest = dict(values)
    kind, between = rest.pop("kind", None), rest.pop("between", None)
    try:
        link = link_class(kind)
    except InputError as error:
        raise error.at(key=f"links.{name}.kind") from None
    if not (isinstance(between, list | tuple) and len(between) == 2):
        words = f"{between!r} is not possible" if "between" in values else "is missing"
        raise InputError(words, key=f"links.{name}.between", allowed="two names of nodes")
    return str(between[0]), str(between[1]), validated(link, rest, f"links.{name}")


def with_values(network: Network, values: Mapping[str, Any]) -> Network:
    """The network with several values changed, each read as in its own section of the file."""
    for path, value in values.items():
        kind, name, key = (*path.split(".", 2), "", "")[:3]
        there: Mapping[str, Any] = network.nodes if kind == "nodes" else {k: v[2] for k, v in network.links.items()}
        thing = there.get(name)
        given = {} if thing is None else own_values(thing)
        if thing is not None and key in {f.name for f in fields(thing)}:
            value = getattr(validated(type(thing), {**given, key: value}, f"{kind}.{name}"), key)
        network = network.with_value(path, value)
    return network


def own_values(thing: Any) -> dict[str, Any]:
    """The values of a node or a link that are not its defaults."""
    values = {f.name: (getattr(thing, f.name), f.default) for f in fields(thing) if f.init}
    return {name: value for name, (value, default) in values.items() if value != default}


def members_of(problem: NetworkProblem, case: Case, network: Network) -> Iterator[Member]:
    """The members of one case: itself where there is no family."""
    if problem.family is None:
        yield Member(case.name or "scan", case.name, None, network)
        return
    values = case.family or problem.family.values
    if not values:
        raise InputError("values are missing", key="family.values", allowed="one or more")
    for value in values:
        label = "/".join(part for part in (case.name, f"{value:.6g}") if part)
        yield Member(label, case.name, value, network.with_value(problem.family.parameter, value))


def require_scan(prepared: Prepared) -> None:
    """Die, naming the key, unless every member can be scanned and observed."""
    scan = prepared.problem.scan
    if scan is None:
        return
    values = scan.grid()
    require_monotonic(values)
    for member in prepared.members:
        for value in (values[0], values[-1]):  # what lies between is allowed with them
            member.network.with_value(scan.parameter, float(value))
        for item in prepared.problem.observe:
            require_observable(member.network, item.link, item.quantity)


def require_figures(names: tuple[str, ...]) -> None:
    """Die, with the nearest name, where there is no such figure."""
    for name in names:
        if name not in FIGURES:
            message = f"{name!r} is no figure{nearest(name, FIGURES)}"
            raise InputError(message, key="figures", allowed=", ".join(FIGURES))


def require_distinct(names: list[str], key: str, allowed: str) -> None:
    """Die when a name stands twice."""
    for name, count in Counter(names).items():
        if count > 1:
            raise InputError(f"{name!r} stands {count} times", key=key, allowed=allowed)
