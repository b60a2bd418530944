"""[PSC] Fig. 3 with numbers: plate, film and bath in each mode, temperatures in K, fluxes in P_J.  PNG and CSV.

python postprocess/psc_fig3.py [results/psc_cooler] [FOLDER]
"""

import csv
import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import femtdgl as fg
from femtdgl.figures import cooler

result = fg.Result(sys.argv[1] if len(sys.argv) > 1 else "results/psc_cooler")
folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path()
folder.mkdir(parents=True, exist_ok=True)
cooler.draw_cross_sections(result, folder).rename(folder / "psc_fig3.png")

book, T_film = result.summary["cooler"], result.summary["filament"]["temperature"]
rows = [
    {"mode": cooler.LABELS[mode], "T_plate": book[mode]["T_cold"], "T_film": T_film, "T_bath": book["T_bath"],
     "kappa": book[mode]["kappa"], **cooler.fluxes(result.summary, mode)}
    for mode in cooler.modes(result)
]  # fmt: skip
with (folder / "psc_fig3.csv").open("w", newline="") as file:
    writer = csv.DictWriter(file, rows[0])
    writer.writeheader()
    writer.writerows(rows)
print(f"{folder / 'psc_fig3'}.png, .csv")
