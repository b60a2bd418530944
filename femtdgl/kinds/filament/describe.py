"""What would be solved, for a filament: what `femtdgl check` prints."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from femtdgl.input.limits import size
from femtdgl.kinds.filament.extent import Extent
from femtdgl.kinds.filament.in_si import describe_scales
from femtdgl.kinds.filament.warnings import resolution_warnings
from femtdgl.measure.resolution import HEALING_LENGTH, largest_field, resolution
from femtdgl.mesh.quality import sides
from femtdgl.problem.excess import ExcessPhonons
from femtdgl.problem.film import Film
from femtdgl.problem.in_python import named
from femtdgl.problem.maps import NAMES, Maps
from femtdgl.problem.noise import Noise
from femtdgl.problem.periodic import describe_ends
from femtdgl.problem.problem import Problem
from femtdgl.solve.heat.terms import HeatTerms
from femtdgl.solve.system import System
from femtdgl.units import told

RESOLVED = {1: (0.18, 0.25), 2: (0.35, 0.6)}
"""Sides of cells over the healing and over the magnetic length, by order of the elements (docs/gauge.md): the phase
turns by less than 0.8 from node to node beside a vortex, and growth rates are right to 1.5 % at order 1, 0.2 % at 2."""


def describe_problem(problem: Problem, system: System, extent: Extent) -> Iterator[str]:
    """What would be solved."""
    film = problem.film
    yield problem.title or "(no title)"
    yield f"  mesh        {problem.mesh.shape}, {system.space.N} nodes, order {problem.mesh.order}"
    yield from describe_resolution(problem, system)
    yield f"  film        delta {film.delta:g}, eta {film.eta:g}, u {film.u:.6g}"
    if film.scales is not None:
        yield from describe_scales(film, film.scales, problem.mesh.dim, system.layout.cross_section)
    yield f"  model       {film.model}, {film.conductance} conductance"
    yield f"  current     {film.interference} interference, c = {system.constants.c:.6g}"
    if problem.map is not None:
        yield from describe_map(problem.map)
    yield f"  boundary    {', '.join(f'{name}: {condition.kind}' for name, condition in problem.boundary.items())}"
    if system.space.seam is not None:
        flux = "" if problem.drive.flux is None else f", flux {problem.drive.flux(0.0):g} h/2e at t = 0"
        yield f"  ring        {describe_ends(system.space.seam.step)}{flux}"
    if problem.unnamed:
        yield f"  insulating  {', '.join(problem.unnamed)}: not in [boundary]"
    if system.heat is not None:
        yield from describe_heat(problem, system.heat)
    if problem.phonons is not None:
        yield from describe_phonons(problem.phonons, problem.film)
    if problem.noise is not None:
        yield from describe_noise(problem.noise, problem.noise.energy(film, system.space.dim))
    yield f"  unknowns    {system.size}, Jacobian entries {system.nnz}"
    yield f"  stores      {extent.frames:.6g} times of the fields, about {size(extent.stored)} before compression"
    end = f"{problem.time.t_end:g} t0"
    if film.scales is not None:
        end = f"{told(problem.time.t_end * film.scales.time, 's')} ({end})"
    yield f"  time        to {end}, rtol {problem.time.rtol:g}"


def describe_resolution(problem: Problem, system: System) -> Iterator[str]:
    """Sides of the cells against the lengths that they must resolve, and what a run would warn of."""
    h, resolved = sides(system.space.mesh), resolution(system, problem.time.t_end)
    yield f"  sides       {h.min():.3g} to {h.max():.3g} xi, median {np.median(h):.3g}"
    healing, magnetic = RESOLVED[problem.mesh.order]
    B, wanted = largest_field(system, problem.time.t_end), healing * HEALING_LENGTH
    words = f"healing {HEALING_LENGTH:.3g} xi"
    if B:
        wanted = min(wanted, magnetic * B**-0.5)
        words += f", magnetic {B**-0.5:.3g} xi (1/sqrt(B) at B = {B:.3g})"
    yield f"  lengths     {words}; recommended h {wanted:.2g}"
    for warning in resolution_warnings(resolved):
        yield f"  warning     {warning}"


def describe_map(maps: Maps) -> Iterator[str]:
    """What differs from place to place."""
    for name in NAMES:
        made = getattr(maps, name)
        if made is not None:
            yield f"  map         {name} = {named(made.value) if callable(made.value) else made.value}"
    for name, field in maps.fields.items():
        yield f"  field       {name}: {type(field).__name__.lower()}"


def describe_phonons(phonons: ExcessPhonons, film: Film) -> Iterator[str]:
    """What acts back on psi."""
    sources = ", ".join(phonons.names) or "none"
    yield f"  phonons     {sources}; strength {phonons.strength_in(film):.5g}, {phonons.form} form of (3.1)"
    if phonons.escape is not None:
        escape = phonons.escape
        words = f"tau_es {phonons.escapes_in(film):.5g} t0, C0 {escape.coupling(film):.5g}"
        yield f"  escape      {words}, balance {escape.balance}"


def describe_noise(noise: Noise, kT: float) -> Iterator[str]:
    """Thermal noise, and its steps."""
    current = "with Johnson's current" if noise.has_current else "without a current"
    words = f"kT = {kT:.5g} E0 {current}, seed {noise.seed}" if kT else "none"
    yield f"  noise       {words}; steps of {noise.step:g} t0, {noise.method}"


def describe_heat(problem: Problem, terms: HeatTerms) -> Iterator[str]:
    """What would be solved beside psi: laws, what is held, nodes and links."""
    heat, laws = terms.heat, terms.laws
    Tc = None if problem.film.scales is None else problem.film.scales.Tc
    bath = heat.bath_temperature(problem.film)
    held, *phonons = (", ".join(names) or "nowhere" for names in heat.held(problem.banks))
    if phonons and phonons[0] != held:
        held += f" (phonons: {phonons[0]})"
    kelvin = "" if Tc is None else f" ({bath * Tc:.5g} K)"
    if "heat.bath" in heat.courses:
        kelvin += " at t = 0, moving"
    count = "two temperatures" if heat.temperatures == "two" else "one temperature"
    yield f"  heat        {count}, source {heat.source}, bath {bath:.5g} Tc{kelvin}, held at: {held}"
    words = ["electrons", "phonons"] if len(laws.capacity) == 2 or len(laws.capacity[0]) == 2 else ["electrons"]
    parts = [
        (law, k)
        for laws_C, laws_k in zip(laws.capacity, laws.conductivity, strict=True)
        for law, k in zip(laws_C, laws_k, strict=True)
    ]
    for word, (C, k) in zip(words, parts, strict=True):
        gap = ", less below Tc by the gap" if C.bcs != "none" else ""
        yield f"  {word:11} C = {C.value:.5g} (T/Tc)^{C.exponent:g}, k = {k.value:.5g} (T/Tc)^{k.exponent:g}{gap}"
    if laws.coupling is not None:
        m = f"{laws.coupling.exponent:g}"
        yield f"  coupling    {laws.coupling.value:.5g} (T_e^{m} - T_p^{m})"
    unit = "Tc" if Tc is None else "K"
    for name, node in heat.nodes.items():
        if node.temperature is not None:
            moves = f"heat.nodes.{name}.temperature" in heat.courses
            state = f"{'moving, from' if moves else 'held at'} {node.temperature:g} {unit}"
        else:
            start = f" from {node.initial:g} {unit}" if node.initial is not None else ""
            state = f"free{start}" + (f", heat {node.heat:g}" if node.heat else "")
        yield f"  node        {name}: {state}"
    for name, source in heat.sources.items():
        size = "a power in time" if source.energy is None else f"energy {source.energy:g} from t = {source.start:g} on"
        yield f"  source      {name}: {size}, into {source.of}"
    for name, join in heat.links.items():
        yield f"  link        {name}: {type(join.link).__name__} between {' and '.join(join.between)}"
