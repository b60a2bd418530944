"""Materials by name.  Every number stands beside its source; what belongs to a film and not to its material is a
typical value, says so, and can be replaced in a problem file.

    N(0) = 3 gamma_S/(2 pi^2 kB^2)      per spin, from the Sommerfeld constant gamma_S per volume
    D    = 1/(2 e^2 N(0) rho)           Einstein, so that sigma_n = 2 e^2 N(0) D of section 0 holds
    tau_eps(Tc) = tau_0/(7 zeta(3))     rate of an electron at the Fermi level at Tc, for alpha^2 F ~ omega^2 (Kaplan)
    k    = L0 T/rho                     Wiedemann and Franz: of the normal film, an upper bound below Tc
    C_e  = gamma_S T,  gamma_S = (2 pi^2/3) kB^2 N(0)       of the normal film
    C_p  = (2 pi^2 kB^4/(15 hbar^3)) T^3 sum_i 1/s_i^3      Debye, i: one longitudinal and two transverse branches
    k_p  = (1/3) sum_i C_i s_i l                            kinetic theory, l the mean free path of phonons
    Sigma of (4.1): where no measurement is known to us, from 5 Sigma T^4 tau_eps = gamma_S T at Tc.  An estimate: the
           life time of an electron at the Fermi level stands for the time in which the electrons cool

Sources. CRC: CRC Handbook of Chemistry and Physics, "Properties of Superconductors", "Speed of Sound in Various
Media", "Physical Constants". Kittel: Introduction to Solid State Physics, 8th ed., tables 1.4 (atomic densities), 5.1
(Debye temperatures), 6.1 (Fermi energies), 6.2 (heat capacity), 6.3 (resistivity at 295 K). AM: Ashcroft and Mermin,
Solid State Physics, table 2.1. Kaye & Laby: Tables of Physical and Chemical Constants, 16th ed., 2.4.1. McMillan:
Phys. Rev. 167, 331 (1968), table II. Kaplan: Kaplan et al., Phys. Rev. B 14, 4854 (1976), table I. Giazotto: Giazotto
et al., Rev. Mod. Phys. 78, 217 (2006), table of Sigma.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from femtdgl.errors import InputError
from femtdgl.input.nearest import nearest
from femtdgl.input.numbers import SI, positive
from femtdgl.input.section import Section
from femtdgl.problem.film import Lattice, Phonons
from femtdgl.thermal.kapitza import Interface, Solid
from femtdgl.thermal.lead import LORENZ
from femtdgl.units import E_CHARGE, HBAR, K_B, ZETA_3, Scales, parse

AVOGADRO = 6.02214076e23  # 1/mol, exact
UOHM_CM, MJ, EV, NS, PS = 1e-8, 1e-3, E_CHARGE, 1e-9, 1e-12


def density_of_states(sommerfeld: float, atoms: float) -> float:
    """N(0) per spin in 1/(J m^3) from gamma_S in J/(mol K^2) and the atomic density in 1/m^3."""
    return 3 * sommerfeld * atoms / AVOGADRO / (2 * math.pi**2 * K_B**2)


def inelastic_time(tau_0: float) -> float:
    """tau_eps at Tc from Kaplan's tau_0."""
    return tau_0 / (7 * ZETA_3)


def cooling_constant(sommerfeld: float, tau_eps: float, Tc: float) -> float:
    """Sigma in W/(m^3 K^5) of electrons that cool in tau_eps (s) at Tc (K): gamma_S/(5 tau_eps Tc^3).

    `sommerfeld` is gamma_S per volume, J/(m^3 K^2).
    """
    return sommerfeld / (5 * tau_eps * Tc**3)


@dataclass(frozen=True, kw_only=True)
class Material(Section):
    """A superconductor, in SI units."""

    Tc: float
    """K."""
    resistivity: float
    """Ohm m, normal, at low temperature: of a film, not of the element."""
    N0: float
    """1/(J m^3), per spin."""
    tau_eps: float
    """S, at Tc."""
    density: float
    """kg/m^3."""
    longitudinal: float
    """m/s."""
    transverse: float
    """m/s."""
    coupling: float
    """lambda."""
    debye_temperature: float
    """K."""
    fermi_energy: float
    """J."""
    Sigma: float
    """W/(m^3 K^5), electrons to phonons, (4.1); of the material: it does not follow a replaced Tc or tau_eps."""

    def __post_init__(self) -> None:
        for field in fields(self):
            positive(field.name, getattr(self, field.name), SI)

    @property
    def sigma_n(self) -> float:
        """Normal conductivity, S/m."""
        return 1 / self.resistivity

    @property
    def D(self) -> float:
        """Diffusion coefficient, m^2/s."""
        return self.sigma_n / (2 * E_CHARGE**2 * self.N0)

    @property
    def solid(self) -> Solid:
        """For acoustic mismatch."""
        return Solid(density=self.density, longitudinal=self.longitudinal, transverse=self.transverse)

    def scales(self, T0: float) -> Scales:
        """The reduced units at the bath temperature T0."""
        return Scales(Tc=self.Tc, T0=T0, D=self.D, sigma_n=self.sigma_n, tau_eps=self.tau_eps, N0=self.N0)

    def phonons(self, cross_section: float) -> Phonons:
        """For (2.1): longitudinal phonons, the branch that couples to the electrons' density; cross_section in m^2."""
        return Phonons(
            coupling=self.coupling,
            sound_speed=self.longitudinal,
            debye_over_fermi=K_B * self.debye_temperature / self.fermi_energy,
            cross_section=cross_section,
            fermi_energy=self.fermi_energy,
        )

    def lattice(self, path: float) -> Lattice:
        """For (4.1) and (4.2): phonons with the mean free path l (m)."""
        return Lattice(
            capacity=self.phonon_capacity(self.Tc),
            conductivity=self.phonon_conductivity(self.Tc, path),
            Sigma=self.Sigma,
        )

    def thermal_conductivity(self, T: float) -> float:
        """L0 T/rho, W/(m K): the normal film's, an upper bound below Tc."""
        return LORENZ * T / self.resistivity

    @property
    def sommerfeld(self) -> float:
        """gamma_S = (2 pi^2/3) kB^2 N(0) per volume, J/(m^3 K^2)."""
        return 2 * math.pi**2 / 3 * K_B**2 * self.N0

    def electron_capacity(self, T: float) -> float:
        """C_e = gamma_S T of the normal film, J/(m^3 K)."""
        return self.sommerfeld * T

    def phonon_capacity(self, T: float) -> float:
        """C_p = (2 pi^2 kB^4/(15 hbar^3)) T^3 sum 1/s^3, J/(m^3 K): T far below the Debye temperature."""
        return 2 * math.pi**2 * K_B**4 / (15 * HBAR**3) * T**3 * self._slowness(3)

    def phonon_conductivity(self, T: float, path: float) -> float:
        """k_p = (1/3) C_p s l, W/(m K), at T (K) with the mean free path l (m): about the thickness of a film, or its
        grain.

        s = sum s^-2/sum s^-3: the mean speed with weights C_i ~ s_i^-3, so that C_p s = sum C_i s_i.
        """
        positive("path", path, "a length > 0, in m")
        return self.phonon_capacity(T) * self._slowness(2) / self._slowness(3) * path / 3

    def _slowness(self, power: int) -> float:
        """sum over the three branches of s^-power."""
        return self.longitudinal**-power + 2 * self.transverse**-power


MATERIALS: dict[str, Material] = {
    "aluminium": Material(
        Tc=1.175,  # CRC
        resistivity=2.74 * UOHM_CM / 3,  # Kittel over a residual resistance ratio of 3, typical of evaporated films
        N0=density_of_states(1.35 * MJ, 6.02e28),  # Kittel
        tau_eps=inelastic_time(438 * NS),  # Kaplan; measured times in films are up to ten times shorter
        density=2700.0,  # CRC
        longitudinal=6420.0,  # CRC, rolled
        transverse=3040.0,  # CRC, rolled
        coupling=0.38,  # McMillan
        debye_temperature=428.0,  # Kittel
        fermi_energy=11.7 * EV,  # AM
        Sigma=0.3e9,  # Giazotto: 0.2e9 to 0.3e9
    ),
    "tin": Material(
        Tc=3.722,  # CRC
        resistivity=11.0 * UOHM_CM / 10,  # Kittel over a residual resistance ratio of 10, typical of films
        N0=density_of_states(1.78 * MJ, 3.62e28),  # Kittel
        tau_eps=inelastic_time(2.30 * NS),  # Kaplan
        density=7310.0,  # CRC, white tin
        longitudinal=3320.0,  # CRC, rolled
        transverse=1670.0,  # CRC, rolled
        coupling=0.60,  # McMillan
        debye_temperature=200.0,  # Kittel, white tin
        fermi_energy=10.2 * EV,  # AM
        Sigma=1.5e9,  # estimate: gamma_S/(5 tau_eps Tc^3)
    ),
    "niobium": Material(
        Tc=9.25,  # CRC
        resistivity=14.5 * UOHM_CM / 4,  # Kittel over a residual resistance ratio of 4, typical of sputtered films
        N0=density_of_states(7.79 * MJ, 5.56e28),  # Kittel
        tau_eps=inelastic_time(0.149 * NS),  # Kaplan
        density=8570.0,  # CRC
        longitudinal=5068.0,  # Kaye & Laby
        transverse=2092.0,  # Kaye & Laby
        coupling=0.82,  # McMillan; tunnelling gives up to 1.0
        debye_temperature=275.0,  # Kittel
        fermi_energy=5.32 * EV,  # AM
        Sigma=1.0e10,  # estimate: gamma_S/(5 tau_eps Tc^3)
    ),
    "NbN": Material(
        Tc=16.0,  # CRC: 16 K for the bulk; 9 to 15 K in films of 3 to 30 nm
        resistivity=200 * UOHM_CM,  # typical of sputtered films
        N0=1 / (2 * E_CHARGE**2 * 0.5e-4 * 200 * UOHM_CM),  # from D = 0.5 cm^2/s, typical of sputtered films
        tau_eps=14.7 * PS * (10 / 16) ** 3.5,  # 11.9 to 17.5 ps at 10 K, T^-3.2..-3.8: Sidorova, PRB 102, 054501 (2020)
        density=8470.0,  # CRC
        longitudinal=4600.0,  # estimate: twice the transverse one, as in niobium
        transverse=2300.0,  # estimate: Debye's mean speed 2.6 km/s for 331 K and 9.5e28 atoms/m^3
        coupling=1.46,  # Kihlstrom, Simon and Wolf, PRB 32, 1843 (1985)
        debye_temperature=331.0,  # estimate: low-temperature heat capacity of the bulk; films have less
        fermi_energy=8.0 * EV,  # estimate: free electrons, k_F = 1.45e10 1/m (n = 1e29 1/m^3)
        Sigma=4.2e9,  # estimate: gamma_S/(5 tau_eps Tc^3)
    ),
    "titanium": Material(
        Tc=0.40,  # CRC
        resistivity=43.1 * UOHM_CM / 1.5,  # Kittel over a residual resistance ratio of 1.5, typical of films
        N0=density_of_states(3.35 * MJ, 5.66e28),  # Kittel
        tau_eps=757 * NS,  # estimate: gamma_S/(5 Sigma Tc^3), Sigma = 1.3e9 W/(m^3 K^5) (Manninen et al., APL 74, 3020)
        density=4506.0,  # CRC
        longitudinal=6070.0,  # CRC
        transverse=3125.0,  # CRC
        coupling=0.38,  # McMillan
        debye_temperature=420.0,  # Kittel
        fermi_energy=HBAR**2 * (3 * math.pi**2 * 4 * 5.66e28) ** (2 / 3) / (2 * 9.1093837e-31),  # estimate: four free
        # electrons an atom
        Sigma=1.3e9,  # Manninen et al., as above
    ),
}

SOLIDS: dict[str, Solid] = {
    **{name: material.solid for name, material in MATERIALS.items()},
    "silicon": Solid(
        density=2330, longitudinal=8433, transverse=5843
    ),  # [100], McSkimin, J. Appl. Phys. 24, 988 (1953)
    "sapphire": Solid(density=3980, longitudinal=11100, transverse=6040),  # polycrystal mean, Kaye & Laby
    "fused silica": Solid(density=2200, longitudinal=5968, transverse=3764),  # CRC
    "copper": Solid(density=8930, longitudinal=4760, transverse=2325),  # CRC, annealed
    "gold": Solid(density=19300, longitudinal=3240, transverse=1200),  # CRC, hard-drawn
    "lead": Solid(density=11340, longitudinal=2160, transverse=700),  # CRC, annealed
}

REPLACEABLE = ("Tc", "resistivity", "tau_eps")
"""What a problem file may replace: properties of the film."""


def chosen(table: Mapping[str, Any], name: str) -> Any:
    """The entry of that name.  Raises InputError with the nearest one."""
    if not isinstance(name, str) or name not in table:
        raise InputError(f"{name!r} is unknown{nearest(str(name), table)}", key="preset", allowed=", ".join(table))
    return table[name]


def interface(film: str, plate: str) -> Interface:
    """Two solids by name, film and plate side by side, for acoustic mismatch (5.2).  Raises InputError with the
    nearest name.
    """
    return Interface(film=chosen(SOLIDS, film), plate=chosen(SOLIDS, plate))


def material(name: str, **replaced: float | str) -> Material:
    """A preset by its name, with properties of the film replaced: Tc (K), resistivity (Ohm m), tau_eps (s).

    Raises InputError for an unknown name, and for what cannot be replaced.
    """
    dimension = {"Tc": "temperature", "tau_eps": "time"}
    numbers = {}
    for key, value in replaced.items():
        if key not in REPLACEABLE:
            raise InputError("cannot be replaced", key=key, allowed=", ".join(REPLACEABLE))
        numbers[key] = number(key, value, dimension.get(key))
    return replace(chosen(MATERIALS, name), **numbers)


def number(key: str, value: float | str, dimension: str | None = None) -> float:
    """A number or a quantity as text; errors name the key."""
    try:
        return parse(value, dimension)
    except InputError as error:
        raise error.at(key=key) from None
    except (TypeError, ValueError):
        raise InputError(f"{value!r} is not possible", key=key, allowed="a number or a quantity") from None


def film(table: Any) -> Any:
    """The table [film] with `preset` to the keys of Film; any other [film] as it is.

    preset = "aluminium", T0 = "1.06 K"; for the phonon flux in SI also cross_section (m^2), or width and thickness,
    which heat needs (the thickness is also the mean free path of its phonons; without it that is xi); Tc, resistivity,
    tau_eps replace those of the preset; other keys are those of Film.  Raises InputError, with the key.
    """
    if not isinstance(table, Mapping) or "preset" not in table:
        return table
    rest = dict(table)
    name = rest.pop("preset")
    for key in ("delta", "eta", "scales", "phonons"):
        if key in rest:
            raise InputError("is given by the preset", key=key, allowed="a preset and T0, or delta and eta")
    if "T0" not in rest:
        raise InputError("is missing", key="T0", allowed='the temperature of a preset, such as "1.06 K"')
    T0 = number("T0", rest.pop("T0"), "temperature")
    made = material(name, **{key: rest.pop(key) for key in REPLACEABLE if key in rest})
    rest["scales"] = made.scales(T0)
    sizes = {key: number(key, rest[key], "length") for key in ("width", "thickness") if key in rest}
    for key, size in sizes.items():
        if not (math.isfinite(size) and size > 0):
            raise InputError(f"{rest[key]!r} is not possible", key=key, allowed="a length > 0")
    section = cross_section(rest) if "cross_section" in rest or "width" in sizes else None
    if section is not None:
        rest["phonons"] = made.phonons(section)
    rest["lattice"] = made.lattice(sizes.get("thickness", rest["scales"].length))
    return {**rest, **sizes}


def cross_section(rest: dict[str, Any]) -> float | None:
    """Takes cross_section, or width and thickness, out of a table; m^2."""
    if "cross_section" in rest:
        return number("cross_section", rest.pop("cross_section"))
    if "width" not in rest and "thickness" not in rest:
        return None
    for key in ("width", "thickness"):
        if key not in rest:
            raise InputError("is missing", key=key, allowed="width and thickness, or cross_section")
    return number("width", rest.pop("width"), "length") * number("thickness", rest.pop("thickness"), "length")
