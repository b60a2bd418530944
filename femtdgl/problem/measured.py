"""A film by numbers that were measured on it: [film] with Tc, T0, D or xi, a resistivity, and tau_eps or delta.

    eta     = 1 - T0/Tc
    D       = 8 kB Tc eta xi^2/(pi hbar)            from xi = xi(T0), section 0 of the theory note
            = 4 kB/(pi e |d Bc2/dT|)                from the slope of Bc2 at Tc: the same, as Bc2 = hbar/(2 e xi^2)
    sigma_n = 1/resistivity = 1/(sheet_resistance thickness)
    tau_eps = hbar delta/(2 Delta0)                 where delta is what is known

These are the relations of the dirty limit near Tc that the equations rest on (Tinkham, Introduction to
Superconductivity, 2nd ed., 4.2, 4.7 and 10.2).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from femtdgl.errors import InputError
from femtdgl.input.numbers import not_negative, positive
from femtdgl.problem import presets
from femtdgl.problem.presets import number
from femtdgl.units import E_CHARGE, HBAR, K_B, Scales

CONDUCTION = {"resistivity": "resistivity", "sheet_resistance": "sheet resistance"}
DIFFUSION = {"D": "diffusion coefficient", "xi": "length", "Bc2_slope": "slope of a field"}
TIMES = {"tau_eps": "time", "delta": None}
MEASURED = {"Tc": "temperature", "T0": "temperature", **CONDUCTION, **DIFFUSION, "tau_eps": "time"}
"""Keys that say that a film is given by measured numbers, and what they measure."""
EXAMPLES = {"Tc": '"9.1 K"', "T0": '"8.2 K"'}
SIZES = ("width", "thickness")


def film(table: Any) -> Any:
    """[film] with `preset`, or with measured numbers, to the keys of Film; any other as it is.

    Raises InputError, with the key, for what is missing, twice there or impossible.
    """
    if not isinstance(table, Mapping):
        return table
    if "preset" in table:
        return presets.film(table)
    rest = dict(table)
    if not set(rest) & set(MEASURED):
        return rest | sizes(rest) if rest.get("scales") is not None else rest
    for key in ("eta", "scales"):
        if key in rest:
            raise InputError("is given beside measured numbers", key=key, allowed="Tc and T0, from which it follows")
    for key in EXAMPLES:
        if key not in rest:
            raise InputError("is missing", key=key, allowed=f"a temperature, such as {EXAMPLES[key]}")
    across = sizes(rest)
    conduction = _one_of(CONDUCTION, rest)
    diffusion = _one_of(DIFFUSION, rest)
    clock = _one_of(TIMES, rest)
    values = {key: number(key, rest.pop(key), MEASURED.get(key)) for key in (*EXAMPLES, conduction, diffusion, clock)}
    for key in (*EXAMPLES, conduction, diffusion):
        positive(key, values[key])
    not_negative(clock, values[clock])
    if conduction == "sheet_resistance" and "thickness" not in across:
        raise InputError(
            "is missing", key="thickness", allowed="a length, with which sheet_resistance is a resistivity"
        )
    resistivity = values[conduction] * (across["thickness"] if conduction == "sheet_resistance" else 1.0)
    Tc, T0 = values["Tc"], values["T0"]
    scales = Scales(
        Tc=Tc,
        T0=T0,
        D=diffusion_coefficient(diffusion, values[diffusion], Tc, T0),
        sigma_n=1 / resistivity,
        tau_eps=values.get("tau_eps", 0.0),
    )
    if clock == "delta":
        scales = Scales(
            Tc=Tc, T0=T0, D=scales.D, sigma_n=scales.sigma_n, tau_eps=inelastic_time(values["delta"], scales)
        )
    return rest | across | {"scales": scales}


def diffusion_coefficient(name: str, value: float, Tc: float, T0: float) -> float:
    """D in m^2/s from D itself, from xi(T0) in m, or from the slope |d Bc2/dT| at Tc in T/K; temperatures in K."""
    if name == "xi":
        if Tc <= T0:
            raise InputError(f"{T0!r} K is not below Tc = {Tc} K", key="T0", allowed="0 < T0 < Tc")
        return 8 * K_B * (Tc - T0) * value**2 / (math.pi * HBAR)
    return 4 * K_B / (math.pi * E_CHARGE * value) if name == "Bc2_slope" else value


def inelastic_time(delta: float, scales: Scales) -> float:
    """tau_eps in s of a film with that delta = 2 tau_eps Delta0/hbar."""
    return HBAR * delta / (2 * scales.gap)


def sizes(table: Mapping[str, Any]) -> dict[str, float]:
    """width and thickness of a table in m, those that are there."""
    found = {key: number(key, table[key], "length") for key in SIZES if table.get(key) is not None}
    for key, size in found.items():
        if not (math.isfinite(size) and size > 0):
            raise InputError(f"{table[key]!r} is not possible", key=key, allowed="a length > 0")
    return found


def _one_of(keys: Mapping[str, Any], table: Mapping[str, Any]) -> str:
    """Which one of these keys a table has."""
    given = [key for key in keys if key in table]
    if len(given) != 1:
        words = f"is given beside {given[0]}" if given else "is missing"
        raise InputError(words, key=given[-1] if given else next(iter(keys)), allowed=f"one of {', '.join(keys)}")
    return given[0]
