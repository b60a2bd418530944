"""The Kapitza-diode cooler of [PSC] section 3: a cold plate, a filament with a phase-slip centre, a bath.

Pump.  Over a cycle the filament takes g_W P_J from the lattice and gives (1 + g_W) P_J to it, P_J the Joule heat.  Of
what it takes the share phi_abs comes from the top plate, of what it gives the share phi_em goes there.  The plate
loses, per P_J,

    (5.5)  kappa = phi_abs g_W - phi_em (1 + g_W) = (phi_abs - phi_em) g_W - phi_em.

Shares.  An interface passes sigma_K, (5.2), times a factor p for one direction; in parallel

    phi = p_top sigma_top/(p_top sigma_top + p_bottom sigma_bottom).

    "reciprocal"  p = 1, the only passive choice: Gamma12/s1^2 = Gamma21/s2^2, so phi_abs = phi_em = phi and
                  kappa = -phi < 0
    "ideal"       phi_abs = 1, phi_em = 0: kappa = g_W, two one-way mirrors without work, which no interface is
    "paper"       given p's for each direction: hypothetical, a one-way interface without work

"ideal" is no bound.  g_W is what is left of the absorption where the irreversible emission at the same place and moment
is taken off it; what could tell the two apart there too, by frequency, could take g_rev > g_W (flux/ledger.py).  What
no pump beats is Carnot.

Balance.  (5.6) kappa P_J = (what comes back from the bath) + load, with

    leak      (5.3)  G (T_b - T_c), G = k S/d
    parallel         G (T_b - T_c) + A sigma (T_b^4 - T_c^4),   1/sigma = 1/sigma_top + 1/sigma_bottom
    series           bath, interface, film, interface, plate in a row: T_1^4 = T_b^4 - P/(A sigma_bottom),
                     T_2 = T_1 - P/G,  T_c^4 = T_2^4 - P/(A sigma_top);  to first order
                     P = (T_b - T_c)/(1/G + sum 1/(A h_K))

Leads from the bath bring what a wire of their resistance conducts and half of its Joule heat (thermal/lead.py),
whatever the `path`: that is part of what comes back.

(5.4): the plate can be held at T_c if kappa > P_leak/P_J there.  No pump beats Carnot, kappa <= T_c/(T_b - T_c):
where (5.6) would have a colder plate, or has no root, the plate is at T_b kappa/(1 + kappa).

The filament itself.  In a steady state the plate keeps nothing, so all of P_J leaves through the bottom:
T_f^4 = T_b^4 + P_J/(A sigma_bottom).  In "reciprocal" and "series" with G -> infinity, T_c = T_f exactly: the plate
floats to the temperature of the filament, as it must.  With T_f < Tc, P_J < A sigma_bottom (Tc^4 - T_b^4), so

    T_c^4 > T_b^4 - kappa (1 + sigma_bottom/sigma_top)(Tc^4 - T_b^4)            (series, no load)

is the lowest temperature that a filament which is to stay superconducting can reach.  With T_f > Tc there is no
phase-slip centre and no pump: a mode cools only if its filament stays superconducting.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import scipy

from femtdgl.errors import InputError
from femtdgl.thermal.cooler_links import Bundle, OneWay, Pump, Stack, arriving, carnot_floor, scaled
from femtdgl.thermal.kapitza import Kapitza, Leak
from femtdgl.thermal.lead import Lead
from femtdgl.thermal.link import Link, require_choice, require_not_negative, require_positive
from femtdgl.thermal.network.network import Network, Node
from femtdgl.thermal.network.transient import Event, Transient, transient

Mode = Literal["reciprocal", "ideal", "paper"]
MODES: tuple[Mode, ...] = ("reciprocal", "ideal", "paper")
PATHS = ("series", "parallel", "leak")


def pump_fraction(g_W: float, phi_abs: float, phi_em: float) -> float:
    """(5.5) kappa = (phi_abs - phi_em) g_W - phi_em."""
    for key, value, most in (("g_W", g_W, math.inf), ("phi_abs", phi_abs, 1.0), ("phi_em", phi_em, 1.0)):
        if not (math.isfinite(value) and 0 <= value <= most):
            raise InputError(f"{value!r} is not possible", key=key, allowed="a number >= 0, and a share <= 1")
    return (phi_abs - phi_em) * g_W - phi_em


def top_share(sigma_top: float, sigma_bottom: float, p_top: float = 1.0, p_bottom: float = 1.0) -> float:
    """phi = p_top sigma_top/(p_top sigma_top + p_bottom sigma_bottom)."""
    through_top, through_bottom = p_top * sigma_top, p_bottom * sigma_bottom
    if not through_top + through_bottom > 0:
        raise InputError("no phonon passes either interface", key="p", allowed="one of them above 0")
    return through_top / (through_top + through_bottom)


def cold_temperature(pump: Pump, T_bath: float, path: Link, load: float = 0.0) -> float:
    """(5.6) the T_c at which the pump takes what the path and the load bring, K.

    path: bath -> plate, all that joins them.  The brought heat falls with T_c and the pumped one, bounded by Carnot,
    does not: one root.  Below T_b kappa/(1 + kappa) it is the root of a pump that has kept only Carnot's share of its
    kappa.
    """

    def surplus(T: float) -> float:
        return arriving(path, T_bath, T) + load - pump.power(T, T_bath)

    low, high = 1e-9 * T_bath, T_bath
    while surplus(high) > 0:
        low, high = high, 2 * high
        if high > 1e9 * T_bath:
            raise InputError("nothing takes the heat away", key="path", allowed="a path that conducts to the bath")
    if surplus(high) == 0:
        return high
    return float(scipy.optimize.brentq(surplus, low, high, xtol=1e-300, rtol=1e-15, maxiter=500))


def plate_temperature(pump: Pump, T_bath: float, path: Link, load: float = 0.0) -> float:
    """(5.6) where kappa is within Carnot's bound; the coldest plate that it is within the bound at, where not."""
    return max(cold_temperature(pump, T_bath, path, load), carnot_floor(pump.kappa, T_bath))


def filament_temperature(P_joule: float, T_bath: float, bottom: Kapitza, ends: float = 0.0) -> float:
    """T_f of P_J = A sigma_bottom (T_f^4 - T_b^4) + ends (T_f - T_b), K.

    ends: conductance to cold banks, W/K; 12 k S/L for uniform heat and the mean temperature of a fin of length L.
    """
    top = (T_bath**4 + P_joule / (bottom.area * bottom.sigma_K)) ** 0.25
    if ends == 0:
        return top

    def surplus(T: float) -> float:
        return bottom.power(T, T_bath) + ends * (T - T_bath) - P_joule

    return float(scipy.optimize.brentq(surplus, T_bath, top * (1 + 1e-12), rtol=1e-14))


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One mode of a cooler in its steady state."""

    mode: Mode
    """"reciprocal", "ideal" or "paper"."""
    phi_abs: float
    """Share of what the filament takes that comes from the plate."""
    phi_em: float
    """Share of what it gives that goes there."""
    kappa: float
    """(5.5)."""
    kappa_used: float
    """What holding the plate at T_cold takes: kappa, or less at Carnot's bound."""
    T_cold: float
    """K."""
    limit: str
    """What sets T_cold, in words."""
    superconducting: bool | None
    """Of the filament, at this power; None: not known."""

    def colder(self, T_bath: float) -> bool:
        """Whether the plate of the balance is below the bath, by more than rounding."""
        return self.T_cold < T_bath * (1 - 1e-12)

    def cools(self, T_bath: float) -> bool:
        """Whether the plate ends below the bath: not where the filament would be normal, and no pump."""
        return self.superconducting is not False and self.colder(T_bath)

    def reaches(self, T_target: float) -> bool:
        """Whether the plate ends at a target below the bath, or colder."""
        return self.superconducting is not False and self.T_cold <= T_target


@dataclass(frozen=True, kw_only=True)
class Cooler:
    """`count` identical filaments in series under one plate.  P_joule, top, bottom, leak: of one filament.

    A mode is "reciprocal" (passive interfaces), "ideal" or "paper"; temperatures in K, powers in W.  Equations (5.4)
    to (5.6).  Raises InputError for values that are not possible.
    """

    T_bath: float
    """K."""
    P_joule: float
    """W, Joule heat of one filament."""
    g_W: float
    """What a filament takes from the lattice over a cycle, over its Joule heat."""
    top: Kapitza
    """Interface of a filament and the plate."""
    bottom: Kapitza
    """Interface of a filament and the bath."""
    leak: Leak
    """Conduction between bath and plate, (5.3)."""
    path: str = "series"
    """How heat comes back from the bath, (5.6): "series", "parallel" or "leak"."""
    one_way: OneWay | None = None
    """Factors of the mode "paper"; None: that mode is not there."""
    Tc: float | None = None
    """K, of the filament; None: not known."""
    count: int = 1
    """Filaments in series under one plate."""
    load: float = 0.0
    """W, brought to the plate from outside."""
    leads: Lead | None = None
    """One of those that carry the current from the bath to the plate."""
    lead_count: int = 2
    """Of the whole group."""
    capacity: float | None = None
    """J/K at 1 K, of the plate; None: not known."""
    capacity_exponent: float = 3.0
    """Of its T."""

    def __post_init__(self) -> None:
        require_positive(self, "T_bath", "P_joule")
        require_not_negative(self, "g_W", "load", "capacity_exponent")
        require_choice(self, "path", PATHS)
        if self.capacity is not None:
            require_positive(self, "capacity")
        for name in ("count", "lead_count"):
            number = getattr(self, name)
            if number != int(number) or number < 1:
                raise InputError(f"{number!r} is not possible", key=name, allowed="1, 2, ...")
        for name in ("top", "bottom"):
            side = getattr(self, name)
            if side.p_forward != 1 or side.p_backward != 1:
                raise InputError("a passive interface has p = 1", key=name, allowed="p's in one_way")
            if not side.sigma_K > 0:
                raise InputError("passes no phonon", key=f"{name}.sigma_K", allowed="above 0")
        if self.Tc is not None and not self.T_bath < self.Tc:
            raise InputError(
                f"{self.T_bath!r} K is not below Tc = {self.Tc} K", key="T_bath", allowed="0 < T_bath < Tc"
            )

    @property
    def stack(self) -> Stack:
        """Bath, interface, film, interface, plate: of one filament."""
        return Stack(layers=(self.bottom, self.leak, self.top))

    @property
    def way_back(self) -> Link:
        """How heat comes back from the bath through one filament, by `path`."""
        if self.path == "series":
            return self.stack
        if self.path == "leak":
            return self.leak
        both = 1 / (1 / (self.top.area * self.top.sigma_K) + 1 / (self.bottom.area * self.bottom.sigma_K))
        return Bundle(links=(self.leak, Kapitza(area=1.0, sigma_K=both)))

    @property
    def all_leads(self) -> Link | None:
        """The leads together, from the bath to the plate; None without."""
        return None if self.leads is None else scaled(self.leads, self.lead_count)

    @property
    def ways_back(self) -> Link:
        """All that joins the bath to the plate: every filament, and the leads."""
        filaments, leads = scaled(self.way_back, self.count), self.all_leads
        return filaments if leads is None else Bundle(links=(filaments, leads))

    def leads_heat(self, T_cold: float) -> float:
        """What the leads bring to a plate at T_cold, W; negative where they cool it."""
        leads = self.all_leads
        return 0.0 if leads is None else arriving(leads, self.T_bath, T_cold)

    def leak_power(self, T_cold: float) -> tuple[float, float, float]:
        """Heat from the bath to a plate at T_cold, W, all filaments: by `path`, by (5.3) alone, and with both Kapitza
        resistances in series.
        """
        links = (self.way_back, self.leak, self.stack)
        return tuple(self.count * link.power(self.T_bath, T_cold) for link in links)  # type: ignore[return-value]

    def shares(self, mode: Mode) -> tuple[float, float]:
        """(phi_abs, phi_em) in a mode."""
        if mode == "ideal":
            return 1.0, 0.0
        top, bottom = self.top.area * self.top.sigma_K, self.bottom.area * self.bottom.sigma_K
        if mode == "reciprocal":
            phi = top_share(top, bottom)
            return phi, phi
        if self.one_way is None:
            raise InputError("is missing", key="one_way", allowed='the p\'s of mode "paper"')
        p = self.one_way
        return top_share(top, bottom, p.top_in, p.bottom_in), top_share(top, bottom, p.top_out, p.bottom_out)

    def pump(self, mode: Mode) -> Pump:
        """All filaments together, in a mode."""
        return Pump(kappa=pump_fraction(self.g_W, *self.shares(mode)), P_joule=self.count * self.P_joule)

    @property
    def modes(self) -> tuple[Mode, ...]:
        """Those that can be computed: "paper" needs its p's."""
        return tuple(mode for mode in MODES if mode != "paper" or self.one_way is not None)

    def steady(self, mode: Mode) -> Outcome:
        """(5.6) in a mode."""
        phi_abs, phi_em = self.shares(mode)
        pump = self.pump(mode)
        T = plate_temperature(pump, self.T_bath, self.ways_back, self.load)
        used = pump.kappa
        if carnot_floor(pump.kappa, self.T_bath) == T:
            used = (arriving(self.ways_back, self.T_bath, T) + self.load) / pump.P_joule
        return Outcome(
            mode=mode, phi_abs=phi_abs, phi_em=phi_em, kappa=pump.kappa, kappa_used=used, T_cold=T,
            limit=self.limit(pump.kappa, used, T, phi_abs, phi_em), superconducting=self.stays_superconducting,
        )  # fmt: skip

    def limit(self, kappa: float, used: float, T_cold: float, phi_abs: float, phi_em: float) -> str:
        """What keeps the plate from being colder than T_cold, in words.

        used: kappa, or less at Carnot's bound; phi_abs, phi_em: the shares of (5.5).
        """
        if kappa <= 0:
            most = phi_abs * self.g_W / (1 + self.g_W)
            return (
                f"kappa <= 0: {phi_em:.3g} of the emission goes to the plate, and only below {most:.2g} would it cool"
            )
        if used < kappa:
            return f"Carnot: no pump of this kappa works at a colder plate; holding it there takes kappa {used:.3g}"
        by_filaments, by_leads = self.count * self.way_back.power(self.T_bath, T_cold), self.leads_heat(T_cold)
        if by_leads > max(by_filaments, self.load):
            return "the heat that the leads bring"
        if self.load > by_filaments:
            return "the load on the plate"
        if self.path != "series":
            return "the leak through the film"
        middle = self.stack.conductance(self.T_bath)
        share = {
            "the film's own conduction": middle / self.leak.conductance,
            "the Kapitza resistance to the plate": middle / self.top.conductance(self.T_bath),
            "the Kapitza resistance to the bath": middle / self.bottom.conductance(self.T_bath),
        }
        return f"heat that comes back from the bath; of its way, most resistance is {max(share, key=share.__getitem__)}"

    @property
    def filament_temperature(self) -> float:
        """T_f when all of P_J, the load and what the leads bring leaves through the bottom interface, K.

        The plate is then that of the mode "reciprocal".
        """
        brought = self.load
        if self.leads is not None:
            brought += self.leads_heat(
                plate_temperature(self.pump("reciprocal"), self.T_bath, self.ways_back, self.load)
            )
        return filament_temperature(self.P_joule + brought / self.count, self.T_bath, self.bottom)

    @property
    def stays_superconducting(self) -> bool | None:
        """T_f < Tc; None without Tc."""
        return None if self.Tc is None else self.filament_temperature < self.Tc

    def at_largest_power(self) -> Cooler | None:
        """The same cooler with the largest P_J that leaves the filament below Tc; None without Tc or where the load
        alone is too much.
        """
        if self.Tc is None:
            return None
        most = self.bottom.power(self.Tc, self.T_bath) - self.load / self.count
        if self.leads is None:
            return replace(self, P_joule=most) if most > 0 else None

        def excess(P_joule: float) -> float:
            return replace(self, P_joule=P_joule).filament_temperature - self.Tc  # type: ignore[operator]

        low, high = 1e-12 * abs(most), abs(most)
        if excess(low) > 0:
            return None
        while excess(high) <= 0:
            high *= 2
        return replace(self, P_joule=float(scipy.optimize.brentq(excess, low, high, xtol=1e-300, rtol=1e-13)))

    def coldest_superconducting(self, mode: Mode) -> float | None:
        """T_c with the largest P_J that leaves the filament below Tc, at the same kappa of a mode, K."""
        gentle = self.at_largest_power()
        return None if gentle is None else gentle.steady(mode).T_cold

    def network(self, mode: Mode, initial: float | None = None) -> Network:
        """Plate and bath, for the transient: its ledger is that of every network; initial: of the plate, K."""
        if self.capacity is None:
            raise InputError("a transient needs it", key="capacity", allowed="a heat capacity in J/K")
        plate = Node(
            heat=self.load, capacity=self.capacity, capacity_exponent=self.capacity_exponent,
            initial=self.T_bath if initial is None else initial,
        )  # fmt: skip
        links: dict[str, tuple[str, str, Link]] = {
            "pump": ("plate", "bath", self.pump(mode)),
            "way_back": ("bath", "plate", scaled(self.way_back, self.count)),
        }
        if self.all_leads is not None:
            links["leads"] = ("bath", "plate", self.all_leads)
        return Network({"plate": plate, "bath": Node(temperature=self.T_bath)}, links)

    def approach(self, mode: Mode, t_end: float, points: int = 400) -> Transient:
        """The plate from its initial temperature until t_end (s), stored at so many points; it ends early where a
        colder plate is beyond Carnot's bound.
        """
        floor = carnot_floor(self.pump(mode).kappa, self.T_bath)
        events = [Event(node="plate", temperature=floor, stop=True)] if floor > 0 else []
        return transient(self.network(mode), t_end, events=events, points=points)


def against_thickness(cooler: Cooler, factors: Sequence[float]) -> list[tuple[Cooler, float]]:
    """The same cooler with the film `factor` times as thick: P_J and current grow, k S/d falls; (cooler, T_f) each."""
    made = []
    for factor in factors:
        leak = replace(cooler.leak, d=cooler.leak.d * factor)
        leads = None if cooler.leads is None else replace(cooler.leads, current=cooler.leads.current * factor)
        other = replace(cooler, P_joule=cooler.P_joule * factor, leak=leak, leads=leads)
        made.append((other, other.filament_temperature))
    return made
