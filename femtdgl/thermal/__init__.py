"""Lumped thermal parts: links, sinks, photonic circuits and their networks.  No finite elements here."""

from femtdgl.thermal.cooler import Cooler
from femtdgl.thermal.cooler_links import OneWay
from femtdgl.thermal.electron_phonon import ElectronPhonon, SuperconductorElectronPhonon
from femtdgl.thermal.johnson_noise import current_noise, noise_spectra, one_way_power, power_noise, voltage_noise
from femtdgl.thermal.kapitza import Kapitza, Leak, Solid, acoustic_mismatch
from femtdgl.thermal.lead import Lead
from femtdgl.thermal.link import Link, link_kind, require_not_negative, require_positive, require_temperatures
from femtdgl.thermal.mattis_bardeen import bcs_gap, gap_printed, mattis_bardeen
from femtdgl.thermal.network.network import Network, Node, SeveralSteadyStates
from femtdgl.thermal.network.transient import Event, Pulse
from femtdgl.thermal.photonic_nis import NISLink
from femtdgl.thermal.photonic_resistors import ResistanceStepLink, ResistorLink
from femtdgl.thermal.photonic_sn import SNLink

__all__ = [
    "Cooler",
    "ElectronPhonon",
    "Event",
    "Kapitza",
    "Lead",
    "Leak",
    "Link",
    "NISLink",
    "Network",
    "Node",
    "OneWay",
    "Pulse",
    "ResistanceStepLink",
    "ResistorLink",
    "SNLink",
    "SeveralSteadyStates",
    "Solid",
    "SuperconductorElectronPhonon",
    "acoustic_mismatch",
    "bcs_gap",
    "current_noise",
    "gap_printed",
    "link_kind",
    "mattis_bardeen",
    "noise_spectra",
    "one_way_power",
    "power_noise",
    "require_not_negative",
    "require_positive",
    "require_temperatures",
    "voltage_noise",
]
