"""Where a run starts: psi and temperatures at t = 0, as the problem says or as another run ended."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from femtdgl.errors import InputError
from femtdgl.files.reader import Result
from femtdgl.problem.boundary import Bank, NormalContact
from femtdgl.problem.heat import of_electrons
from femtdgl.problem.problem import Problem
from femtdgl.solve.system import System

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]


def initial_psi(problem: Problem, system: System) -> Complex:
    """Nodal psi at t = 0: one less the dips, noise inside, 0 on normal contacts; or the end of another run."""
    space, start = system.space, problem.initial
    if start.file is not None:
        psi = earlier_run(start.file).end("psi")
        if psi.shape != (space.N,):
            raise InputError(
                f"holds {psi.size} nodes, this mesh has {space.N}",
                key="initial.file",
                allowed="a run on the same mesh",
            )
    else:
        psi = np.ones(space.N, dtype=np.complex128)
        for dip in start.dips:
            psi -= dip(space.nodes)
    inside = np.ones(space.N, dtype=bool)
    for name, condition in problem.boundary.items():
        nodes = space.boundary_nodes(name)
        if isinstance(condition, NormalContact):
            psi[nodes] = 0.0
        if isinstance(condition, Bank | NormalContact):
            inside[nodes] = False
        if isinstance(condition, Bank):
            psi[nodes] /= np.maximum(np.abs(psi[nodes]), 1e-300)
    if start.noise:
        random = np.random.default_rng(start.seed)
        noise = random.normal(scale=start.noise, size=(2, space.N))
        psi[inside] += noise[0, inside] + 1j * noise[1, inside]
    return psi


def earlier_run(file: str) -> Result:
    """A run to start from.  Raises InputError."""
    try:
        return Result(file)
    except InputError as error:
        words = f"{error.file or file}: {error.message}"
        raise InputError(words, key="initial.file", allowed=error.allowed) from None


def initial_temperatures(problem: Problem, system: System) -> tuple[Array | None, dict[str, float]]:
    """Nodal T at t = 0, (fields, N), and lumped nodes, where the run starts from the end of a heated one.

    One temperature serves both fields, and T_e serves one.
    """
    if problem.initial.file is None or system.heat is None:
        return None, {}
    earlier, heat = earlier_run(problem.initial.file), system.heat
    one = of_electrons(earlier.field_names)
    if one is None:
        return None, {}
    names = [name if name in earlier.field_names else one for name in heat.field_names]
    T = np.stack([earlier.end(name) for name in names])
    found = {name: f"T_node_{name}" for name in heat.temperatures.nodes if f"T_node_{name}" in earlier.probes}
    return T, {name: float(earlier.probes[probe][-1]) for name, probe in found.items()}
