"""Results as tables of pandas and datasets of xarray, with the unit of every column."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

FIELDS = {
    "t": "t0", "psi": "Delta0", "psi_t": "Delta0/t0", "phi": "V0", "j_s": "j0", "j_int": "j0", "j_n": "j0", "j": "j0",
    "w": "j0 V0/xi", "B": "Bc2", "A": "Bc2 xi", "T": "Tc", "T_e": "Tc", "T_p": "Tc", "p": "1", "dN": "1",
    "|psi|": "Delta0", "|psi|^2": "Delta0^2", "arg psi": "rad",
}  # fmt: skip
"""Units of fields, and of what is made of them."""


def probe_units(attributes: Mapping[str, Any]) -> dict[str, str]:
    """The unit of each probe; of files that do not tell, none."""
    found: dict[str, str] = json.loads(attributes.get("probe_units", "{}"))
    return {"t": "t0", **found}


def table(probes: Mapping[str, Any], units: Mapping[str, str]) -> Any:
    """Probes as a pandas.DataFrame over t; `attrs["units"]` has the units.  Raises ImportError without pandas."""
    import pandas

    frame = pandas.DataFrame({name: probes[name] for name in probes}).set_index("t")
    frame.attrs["units"] = {name: units[name] for name in ("t", *frame.columns) if name in units}
    return frame


def dataset(nodes: Any, fields: Mapping[str, Any], probes: Mapping[str, Any], units: Mapping[str, str],
            probes_in: Mapping[str, str], problem: str) -> Any:  # fmt: skip
    """Fields and probes as an xarray.Dataset, each with its unit in `attrs["units"]`.

    nodes: (dim, N), in the unit that `units` has for "x"; fields: by name, with "t"; probes_in: units of the probes.
    Raises ImportError without xarray.
    """
    import xarray

    dim, names = nodes.shape[0], "xyz"
    node = "x" if dim == 1 else "node"
    length = {"units": units["x"]}
    coordinates: dict[str, Any] = {names[d]: (node, nodes[d], length) for d in range(dim)}
    data: dict[str, Any] = {}
    for name, values in fields.items():
        if name == "t":
            continue
        middle = () if values.ndim == 2 else ("component",) if values.shape[1] == dim else (f"{name}_part",)
        data[name] = (("t", *middle, node), values, _attributes(units, name))
    data |= {name: ("t_probe", values, _attributes(probes_in, name)) for name, values in probes.items() if name != "t"}
    coordinates |= {
        "t": ("t", fields["t"], {"units": units["t"]}),
        "t_probe": ("t_probe", probes["t"], {"units": units["t"]}),
        "component": list(names[:dim]),
    }
    data = {f"{name}_probe" if name in coordinates else name: values for name, values in data.items()}
    return xarray.Dataset(data, coords=coordinates, attrs={"problem": problem})


def _attributes(units: Mapping[str, str], name: str) -> dict[str, str]:
    return {"units": units[name]} if name in units else {}
