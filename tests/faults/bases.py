"""Good problem files, from which wrong ones are made: one of each kind, and between them nearly every key."""

LINE = """
title = "line"
[mesh]
shape = "line"
length = 1.1
elements = 4
[film]
delta = 3.0
eta = 0.1
u = 5.8
floor = 1e-12
model = "finite-gap"
interference = "consistent"
conductance = "exact"
[boundary]
left = "bank"
right = { kind = "normal" }
[drive]
current = { ramp = [0.0, 0.5], over = 0.02, at = 0.01 }
shunt = 5.0
[time]
t_end = 0.05
rtol = 1e-4
atol = 1e-4
max_step = 0.02
checkpoint = 0.03
gauge_shift = 0.1
[initial]
dips = [{ depth = 0.5, at = 0.1, width = 0.3 }]
noise = 0.01
seed = 3
[[weak_spot]]
depth = 0.3
at = [0.1]
width = 0.5
[output]
fields = 0.01
probes = 0.01
[measure]
discard = 0.01
josephson = "inner"
[stop]
steady = 1e-9
periodic = 1e-9
normal = 1e-9
[[probes]]
kind = "voltage"
name = "inner"
between = [[-0.2], [0.2]]
[[probes]]
kind = "current"
name = "through"
at = [0.1]
normal = [1.0]
radius = 2.0
[heat]
temperatures = "two"
source = "w"
bath = 0.9
hold = ["left"]
hold_phonons = ["left"]
coupling = 0.5
coupling_exponent = 5.0
electrons = { capacity = 1.0, capacity_exponent = 1.0, conductivity = 1.0, conductivity_exponent = 1.0, bcs = true }
phonons = { capacity = 1.0, capacity_exponent = 3.0, conductivity = 1.0, conductivity_exponent = 3.0 }
[heat.nodes.plate]
capacity = 1.0
capacity_exponent = 1.0
initial = 0.9
heat = 0.001
[heat.nodes.cold]
temperature = 0.8
[heat.links.contact]
kind = "Kapitza"
between = ["surface", "plate"]
sigma_K = 0.1
area = 1.0
of = "phonons"
spread = "local"
[heat.links.back]
kind = "Kapitza"
between = ["plate", "cold"]
sigma_K = 0.1
area = 1.0
[expect]
state = "stationary"
t_end = { value = 0.05, rel = 1e-3, abs = 1e-9 }
"""
STRIP = """
[mesh]
shape = "strip"
length = 4.0
width = 2.0
h = 0.6
h_fine = 0.4
cells = "triangle"
order = 1
free = false
[mesh.notch]
depth = 0.4
at = -1.2
width = 0.6
[mesh.hole]
at = [0.9, 0.0]
radius = 0.3
[film]
delta = 1.0
[boundary]
left = { kind = "normal", current = 0.3 }
right = { kind = "normal", current = { table = [[0.0, -0.3], [0.05, -0.3]] } }
bottom = { kind = "de-gennes", b = 5.0 }
top = "insulating"
hole = "insulating"
[drive]
field = { pulse = [0.0, 0.1], start = 0.01, width = 0.02, rise = 0.005 }
[time]
t_end = 0.04
rtol = 1e-3
[output]
fields = 0.02
[measure]
path = [[-2.0, -0.7], [2.0, -0.7]]
"""
WIRE = """
[mesh]
shape = "wire"
length = 2.0
width = 1.0
height = 1.0
h = 0.5
section = "rectangle"
[mesh.constriction]
width = 0.6
length = 0.6
[film]
model = "gapless"
[boundary]
left = "bank"
right = "bank"
side = "insulating"
[drive]
current = 0.2
field = [0.0, 0.0, 0.0]
[time]
t_end = 0.02
rtol = 1e-3
"""
RING = """
[mesh]
shape = "ring"
inner = 1.0
outer = 2.0
h = 0.6
cells = "quad"
[film]
[boundary]
inner = "insulating"
outer = "insulating"
[drive]
field = { ramp = [0.0, 0.2], over = 0.01 }
[time]
t_end = 0.02
rtol = 1e-3
"""
PRESET = """
[mesh]
shape = "line"
length = 1.1
elements = 4
[film]
preset = "titanium"
T0 = "380 mK"
tau_eps = "46 ps"
Tc = "0.4 K"
resistivity = 3e-7
width = "50 nm"
thickness = "10 nm"
[boundary]
left = "bank"
right = "bank"
[drive]
current = 0.5
[time]
t_end = 0.02
rtol = 1e-3
[heat]
bath = "380 mK"
[heat.nodes.plate]
capacity = 3e-22
capacity_exponent = 1.0
initial = "380 mK"
[heat.nodes.cold]
temperature = "250 mK"
[heat.links.interface]
kind = "Kapitza"
between = ["surface", "plate"]
solids = ["titanium", "silicon"]
[heat.links.photons]
kind = "NISLink"
between = ["plate", "cold"]
chi = 1.0
r0 = 1e-11
c = 0.05
Tc = "450 mK"
area = 1e-12
"""
NETWORK = """
kind = "network"
title = "network"
[nodes.source]
heat = "1 pW"
capacity = 1e-18
capacity_exponent = 1.0
initial = "0.3 K"
[nodes.drain]
capacity = 1e-18
[nodes.phonons]
temperature = "30 mK"
[links.photons]
kind = "SNLink"
between = ["source", "drain"]
R_D = 2.857
R_0 = 102.857
Tc = "0.4 K"
[links.copper]
kind = "ElectronPhonon"
between = ["source", "phonons"]
Sigma = 3e9
volume = 4.2e-20
exponent = 5.0
[links.drain_copper]
kind = "ElectronPhonon"
between = ["drain", "phonons"]
Sigma = 3e9
volume = 4.2e-20
[scan]
parameter = "nodes.source.heat"
start = "0.5 pW"
stop = "2 pW"
points = 3
spacing = "linear"
[family]
parameter = "nodes.phonons.temperature"
values = ["30 mK", "40 mK"]
[[cases]]
name = "printed"
[[cases]]
name = "other"
set = { "links.copper.Sigma" = 2e9 }
family = ["35 mK"]
[[observe]]
link = "photons"
quantity = "mean_transmission_at"
[transient]
t_end = 1e-5
points = 20
rtol = 1e-5
[[pulses]]
node = "source"
start = "1 us"
end = "2 us"
power = "1 pW"
[[events]]
node = "source"
temperature = "0.31 K"
stop = false
[expect]
"nodes.source" = { value = 0.3285, rel = 1.0 }
"""
COOLER = """
kind = "cooler"
title = "cooler"
count = 2
[filament]
kernel = "exact"
self_heating = false
problem = "PSC"
set = { "time.t_end" = 14.0, "measure.discard" = 2.0, "time.rtol" = 1e-3, "mesh.elements" = 6, "output.fields" = 0.2 }
[material]
preset = "aluminium"
width = "1 um"
thickness = "20 nm"
T0 = "1.06 K"
Tc = "1.2 K"
resistivity = 1e-8
tau_eps = "12 ns"
[bath]
temperature = "1 K"
target = "0.9 K"
[top]
solid = "fused silica"
[bottom]
sigma_K = 500.0
[path]
kind = "series"
k = 0.1
[plate]
capacity = 1e-9
capacity_exponent = 3.0
load = "1 fW"
[paper]
top_in = 1.0
top_out = 0.1
bottom_in = 0.1
bottom_out = 1.0
[expect]
"cooler.g_W" = { value = 0.0663, rel = 1e-2 }
"""
BASES = {
    "line": LINE,
    "strip": STRIP,
    "wire": WIRE,
    "ring": RING,
    "preset": PRESET,
    "network": NETWORK,
    "cooler": COOLER,
}
