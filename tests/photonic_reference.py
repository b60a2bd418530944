"""The reference table of the thermal tests, and the circuits of the two papers."""

import json
from pathlib import Path

from femtdgl.thermal import (
    ElectronPhonon,
    Network,
    NISLink,
    Node,
    SNLink,
    SuperconductorElectronPhonon,
)

REFERENCE = json.loads((Path(__file__).parent / "data" / "photonic.json").read_text())


def sn_network(power, sigma_copper=3e9):
    p = REFERENCE["steady_sn"]["params"]
    copper = ElectronPhonon(Sigma=sigma_copper, volume=p["VCu"])
    return Network(
        {"source": Node(heat=power), "drain": Node(), "bath": Node(temperature=p["Tp"])},
        {
            "photons": ("source", "drain", SNLink(R_D=p["RD"], R_0=p["R0"], Tc=0.4)),
            "source_copper": ("source", "bath", copper),
            "titanium": (
                "source",
                "bath",
                SuperconductorElectronPhonon(Sigma=p["SigTi"], volume=p["VTi"], Tc=0.4, ratio=1.76),
            ),
            "drain_copper": ("drain", "bath", copper),
        },
    )


def nis_network(device, power, T_R, bath=0.01, **node):
    if device == "Ag":
        normal, V_S = ElectronPhonon(Sigma=5e8, volume=5.2e-21), 4e-21
    else:
        normal, V_S = ElectronPhonon(Sigma=3e7, volume=5.2e-20, exponent=6.0), 8e-21
    return Network(
        {"left": Node(heat=power, **node), "right": Node(temperature=T_R), "bath": Node(temperature=bath)},
        {
            "photons": ("left", "right", NISLink(chi=2.0, r0=1e-11, c=0.05, Tc=1.2)),
            "normal": ("left", "bath", normal),
            "aluminium": ("left", "bath", SuperconductorElectronPhonon(Sigma=3e8, volume=V_S, Tc=1.2)),
        },
    )
