"""Lumped thermal parts: links, sinks, photonic circuits and their networks.  No finite elements here."""

from femtdgl.thermal.cooler import Cooler, OneWay
from femtdgl.thermal.electron_phonon import ElectronPhonon, SuperconductorElectronPhonon
from femtdgl.thermal.kapitza import Kapitza, Leak, Solid, acoustic_mismatch
from femtdgl.thermal.link import Link, link_kind, require_not_negative, require_positive, require_temperatures
from femtdgl.thermal.mattis_bardeen import bcs_gap, gap_printed, mattis_bardeen
from femtdgl.thermal.network.network import Network, Node, SeveralSteadyStates
from femtdgl.thermal.network.transient import Event, Pulse
from femtdgl.thermal.photonic_nis import NISLink
from femtdgl.thermal.photonic_sn import SNLink

__all__ = [
    "Cooler",
    "ElectronPhonon",
    "Event",
    "Kapitza",
    "Leak",
    "Link",
    "NISLink",
    "Network",
    "Node",
    "OneWay",
    "Pulse",
    "SNLink",
    "SeveralSteadyStates",
    "Solid",
    "SuperconductorElectronPhonon",
    "acoustic_mismatch",
    "bcs_gap",
    "gap_printed",
    "link_kind",
    "mattis_bardeen",
    "require_not_negative",
    "require_positive",
    "require_temperatures",
]
