"""Write the tables of docs/cooler.md that come from runs: the cooler with each interference, as the program prints it.

python docs/variants.py results/psc_cooler results/psc_cooler_near_tc

A table stands between `<!-- run: NAME -->` and `<!-- end -->`, NAME the directory of the run; a run needs
`--set filament.variants=true` where its file does not say it.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from femtdgl.files.reader import Result
from femtdgl.kinds.cooler.tell import variant_lines

PAGE = Path(__file__).parent / "cooler.md"


def filled(text: str, run: Path) -> str:
    """The page with the table of one run."""
    lines = "\n".join(variant_lines(Result(run).summary))
    table = re.compile(rf"(<!-- run: {re.escape(run.name)} -->\n).*?(<!-- end -->)", re.DOTALL)
    return table.sub(lambda found: f"{found[1]}```\n{lines}\n```\n{found[2]}", text)


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8")
    for run in sys.argv[1:]:
        text = filled(text, Path(run))
    PAGE.write_text(text, encoding="utf-8")
