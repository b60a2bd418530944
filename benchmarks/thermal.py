"""Timings of the thermal modules, one core: `python benchmarks/thermal.py [OUT.json]`.

Bounds of the project: one Q at 1e-9 under 5 ms, sn_balance with 100 powers under 5 s, nis_setup1 under 5 s.
"""

from __future__ import annotations

import json
import platform
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import femtdgl as fg
from femtdgl.thermal import NISLink, SNLink, SuperconductorElectronPhonon

PROBLEMS = Path(__file__).parent.parent / "problems"


def mean_seconds(function: Callable[[int], object], repeats: int) -> float:
    """CPU seconds of one call."""
    function(-1)
    begun = time.process_time()
    for k in range(repeats):
        function(k)
    return (time.process_time() - begun) / repeats


def problem_seconds(stem: str, cases: int | None = None) -> float:
    """CPU seconds of a problem, with its first cases only where asked."""
    table = tomllib.loads((PROBLEMS / f"{stem}.toml").read_text())
    if cases is not None:
        table["cases"] = table["cases"][:cases]
    begun = time.process_time()
    fg.run_network(table)
    return time.process_time() - begun


def main() -> None:
    """Measure and write."""
    sn = SNLink(R_D=1.0, R_0=36.0, Tc=0.4)
    nis = NISLink(chi=2.0, r0=1e-11, c=0.05, Tc=1.2)
    sc = SuperconductorElectronPhonon(Sigma=1e9, volume=1e-20, Tc=0.4)
    dynes = SuperconductorElectronPhonon(Sigma=1e9, volume=1e-20, Tc=0.4, dynes=1e-4)
    # a new hot temperature each time, so that no table is found ready
    seconds = {
        "sn_power": mean_seconds(lambda k: sn.power(0.3 + 1e-6 * k, 0.03), 200),
        "nis_power": mean_seconds(lambda k: nis.power(0.5 + 1e-6 * k, 0.3), 200),
        "superconductor_power": mean_seconds(lambda k: sc.power(0.3 + 1e-6 * k, 0.03), 200),
        "superconductor_power_dynes": mean_seconds(lambda k: dynes.power(0.3 + 1e-6 * k, 0.03), 50),
        "sn_balance_100_powers": problem_seconds("sn_balance", cases=1),
        "nis_setup1": problem_seconds("nis_setup1"),
    }
    report = {
        "cpu_seconds": seconds,
        "machine": platform.processor() or platform.machine(),
        "python": sys.version,
    }
    text = json.dumps(report, indent=1)
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(text)
    print(text)


if __name__ == "__main__":
    main()
