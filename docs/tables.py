"""Write the tables of the docs that are made from the program: entries of summaries, keys of problem files.

python docs/tables.py            write them
python docs/tables.py --check    say whether they are up to date, exit status 1 if not
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import keys  # noqa: E402

from femtdgl.kinds import registry  # noqa: E402
from femtdgl.measure.entry import markdown  # noqa: E402

PAGES = [HERE / name for name in ("results.md", "cooler.md", "keys.md")]
TABLE = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
KEYS = re.compile(r"(<!-- keys -->\n).*?(<!-- end -->)", re.DOTALL)


def filled(text: str) -> str:
    """The page with every table as the program has it now."""
    text = TABLE.sub(lambda m: f"{m[1]}{markdown(registry.named(m[2]).summary)}\n{m[3]}", text)
    return KEYS.sub(lambda m: f"{m[1]}\n{keys.page()}\n\n{m[2]}", text)


if __name__ == "__main__":
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        if "--check" in sys.argv:
            if filled(text) != text:
                sys.exit(f"{page} is out of date: run python docs/tables.py")
        else:
            page.write_text(filled(text), encoding="utf-8")
