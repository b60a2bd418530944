"""The mesh of a result as VTK has it, without a window: what a browser draws of it, and cuts through bodies."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femtdgl.files.paraview import vtk_cells
from femtdgl.files.reader import Result

Array = NDArray[np.float64]


def grid_of(result: Result) -> Any:
    """The pyvista.UnstructuredGrid over the nodes of a result, as they are stored; planes and lines lie at z = 0."""
    pyvista: Any = importlib.import_module("pyvista")
    number, cells = vtk_cells(result)
    nodes = result.stored_nodes
    points = np.zeros((nodes.shape[1], 3))
    points[:, : nodes.shape[0]] = nodes.T
    return pyvista.UnstructuredGrid({number: cells}, points)


class Cut:
    """Nodal values of a body on the plane through its middle, normal to y, by its cells: pictures (rows, columns), the
    top row first, NaN outside the mesh.

    `along`, `most`: pixels along a side and in all, at most.
    """

    def __init__(self, result: Result, along: int, most: int) -> None:
        pyvista: Any = importlib.import_module("pyvista")
        self.grid = grid_of(result)
        x0, x1, y0, y1, z0, z1 = self.grid.bounds
        wide, high = x1 - x0, z1 - z0
        side = max(max(wide, high) / along, np.sqrt(wide * high / most))
        columns, rows = (max(2, round(size / side)) for size in (wide, high))
        self.shape = rows, columns
        self.extent = [float(end) for end in (x0, x1, z0, z1)]
        X, Z = np.meshgrid(x0 + (np.arange(columns) + 0.5) * wide / columns, z1 - (np.arange(rows) + 0.5) * high / rows)
        places = np.column_stack([X.ravel(), np.full(X.size, 0.5 * (y0 + y1)), Z.ravel()])
        self.points = pyvista.PolyData(places)

    def __call__(self, nodal: Array) -> Array:
        """Values on the plane of nodal ones (N,), nodes as they are stored."""
        self.grid.point_data["nodal"] = nodal
        found = self.points.sample(self.grid)
        drawn = np.where(found["vtkValidPointMask"] > 0, found["nodal"], np.nan)
        return np.asarray(drawn, float).reshape(self.shape)
