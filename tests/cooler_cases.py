"""The shipped cooler with other tables, and what comes of it."""

import copy
import tomllib

from conftest import PROBLEMS

from femtdgl.kinds.cooler.evaluate import evaluate
from femtdgl.kinds.cooler.prepare import prepare
from femtdgl.kinds.cooler.solve import filament_run
from femtdgl.measure.entry import as_json

FILE = PROBLEMS / "psc_cooler.toml"
LEADS = {"resistivity": 1e-8, "length": "1 mm", "cross_section": 1e-12, "count": 3}


def changed(path, value, filament):
    table = tomllib.loads(FILE.read_text())
    del table["expect"]
    table["filament"] = copy.deepcopy(filament)
    *parents, last = path.split("/") if path else [""]
    here = table
    for part in parents:
        here = here.setdefault(part, {})
    if value is None:
        here.pop(last, None)
    else:
        here[last] = value
    return table


def written(where, table):
    import tomli_w

    file = where / "cooler.toml"
    file.write_text(tomli_w.dumps(table))
    return file


def summary_of(table, where):
    """Of a file with a stored filament, without transients and figures."""
    prepared = prepare(table, file=str(where / "cooler.toml"))
    return as_json(evaluate(prepared, filament_run(prepared, where))[1])
