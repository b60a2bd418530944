"""A short bridge and a network with memory, which tests of studies solve, and what they compare."""

from femtdgl.studies import report

BRIDGE = """
title = "A short bridge"
kind = "filament"
[mesh]
shape = "line"
length = 1.1
elements = 8
order = 2
[film]
model = "gapless"
eta = 0.1
[boundary]
left = "bank"
right = "bank"
[drive]
current = 0.5
[time]
t_end = 2000.0
rtol = 1e-5
checkpoint = 2000.0
[output]
fields = 500.0
[stop]
slips = 1
steady = 1e-5
"""
CRITICAL = {"drive.current": {"from": 0.6, "to": 1.2, "tolerance": 0.02}}
SLIPS = "slips_in_all > 0"

MEMORY = """
kind = "network"
[nodes.source]
temperature = 0.5
[nodes.gate]
heat = 4.5e-16
[nodes.drain]
temperature = 0.01
[links.photons]
kind = "NISLink"
between = ["source", "gate"]
chi = 2.0
r0 = 1e-11
c = 0.05
Tc = 1.2
[links.sink]
kind = "ElectronPhonon"
between = ["gate", "drain"]
Sigma = 5e8
volume = 1.2e-20
"""


def bracket(**more):
    return {"from": 0.0, "to": 1.0, "tolerance": 0.1, **more}


def files(directory, *names):
    return [(directory / name).read_bytes() for name in ("sweep.csv", "sweep.h5", *names)]


def drawn(swept):
    return [path.name for path in report.figures(swept) if path.stat().st_size > 10_000]
