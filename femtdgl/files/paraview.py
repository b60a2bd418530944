"""Export for ParaView: a PVD series of VTU files, DIR/paraview/fields.pvd, which ParaView 5.11 opens by itself.

Fields live on the nodes of Lagrange elements of order 1 or 2, so each element becomes one VTK cell of that order and
nothing is interpolated: VTK_QUADRATIC_TRIANGLE, VTK_BIQUADRATIC_QUAD, VTK_QUADRATIC_TETRA, VTK_TRIQUADRATIC_HEXAHEDRON.
The nodes of a cell in VTK's order are found by place: VTK's reference points are carried into the first element through
its corners (through all its nodes, where cells are curved), and the nodes of that element that lie there are taken;
every other element must then agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np
from numpy.typing import NDArray

from femtdgl.errors import InputError
from femtdgl.files.atomic import replacing
from femtdgl.files.mark import is_ours, mark_xml
from femtdgl.files.reader import Result
from femtdgl.mesh.curved import is_curved

Array = NDArray[np.float64]
Index = NDArray[np.int64]

LINE = ((0,), (1,), (0.5,))
TRIANGLE = ((0, 0), (1, 0), (0, 1), (0.5, 0), (0.5, 0.5), (0, 0.5))
QUAD = ((0, 0), (1, 0), (1, 1), (0, 1), (0.5, 0), (1, 0.5), (0.5, 1), (0, 0.5), (0.5, 0.5))
TETRAHEDRON = (
    (0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1),
    (0.5, 0, 0), (0.5, 0.5, 0), (0, 0.5, 0), (0, 0, 0.5), (0.5, 0, 0.5), (0, 0.5, 0.5),
)  # fmt: skip
HEXAHEDRON = (
    (0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1),
    (0.5, 0, 0), (1, 0.5, 0), (0.5, 1, 0), (0, 0.5, 0), (0.5, 0, 1), (1, 0.5, 1), (0.5, 1, 1), (0, 0.5, 1),
    (0, 0, 0.5), (1, 0, 0.5), (1, 1, 0.5), (0, 1, 0.5),
    (0, 0.5, 0.5), (1, 0.5, 0.5), (0.5, 0, 0.5), (0.5, 1, 0.5), (0.5, 0.5, 0), (0.5, 0.5, 1), (0.5, 0.5, 0.5),
)  # fmt: skip

CELLS: dict[tuple[str, int], tuple[int, tuple[tuple[float, ...], ...]]] = {
    ("MeshLine", 1): (3, LINE[:2]),
    ("MeshLine", 2): (21, LINE),
    ("MeshTri", 1): (5, TRIANGLE[:3]),
    ("MeshTri", 2): (22, TRIANGLE),
    ("MeshQuad", 1): (9, QUAD[:4]),
    ("MeshQuad", 2): (28, QUAD),
    ("MeshTet", 1): (10, TETRAHEDRON[:4]),
    ("MeshTet", 2): (24, TETRAHEDRON),
    ("MeshHex", 1): (12, HEXAHEDRON[:8]),
    ("MeshHex", 2): (29, HEXAHEDRON),
    ("MeshTri2", 2): (22, TRIANGLE),
    ("MeshTet2", 2): (24, TETRAHEDRON),
}
"""VTK's number of a cell and its reference points in VTK's order, by type of mesh and order."""


def vtk_cells(result: Result) -> tuple[int, Index]:
    """VTK's number of the cells of a result, and their nodes (cells, nodes of a cell) in VTK's order."""
    import skfem

    kind = str(result.attributes["mesh_type"])
    number, reference = CELLS[kind, int(result.attributes["order"])]
    corners = getattr(skfem, kind).elem.refdom.p  # (dim, corners), in the order of the mesh
    points, cells, dofs = result.read("mesh/points"), result.read("mesh/cells"), result.read("mesh/dofs")
    x = np.asarray(reference, float)  # (k, dim)
    if is_curved(result.mesh):
        cells, shape = dofs, _quadratic(kind, x)
    elif corners.shape[1] == corners.shape[0] + 1:
        shape = np.concatenate([1 - x.sum(axis=1, keepdims=True), x], axis=1)
    else:
        shape = np.prod([np.where(c == 1, x[:, d : d + 1], 1 - x[:, d : d + 1]) for d, c in enumerate(corners)], axis=0)
    wanted = np.einsum("kc,dcn->ndk", shape, points[:, cells])  # (cells, dim, k)
    held = np.moveaxis(result.stored_nodes[:, dofs], 2, 0)  # (cells, dim, nodes)
    distance = np.linalg.norm(wanted[0][:, :, None] - held[0][:, None, :], axis=0)
    order = np.argmin(distance, axis=1)
    size = np.ptp(wanted, axis=2).max()
    if np.unique(order).size != order.size or np.abs(held[:, :, order] - wanted).max() > 1e-9 * size:
        raise InputError("holds elements that VTK cells do not match", key="mesh/dofs", file=str(result.file))
    return number, np.ascontiguousarray(dofs[order].T.astype(np.int64))


def _quadratic(kind: str, x: Array) -> Array:
    """Shape functions (k, nodes) of curved cells at points (k, dim) of the reference cell."""
    import skfem

    element = getattr(skfem, kind).elem()
    return np.stack([element.lbasis(x.T, i)[0] for i in range(element.doflocs.shape[0])], axis=1)


def frames(result: Result, times: Iterable[float] | None = None) -> list[int]:
    """Rows of the stored fields nearest to the times; all of them for None.  Raises InputError outside the run."""
    t = result.t
    if times is None:
        return list(range(t.size))
    rows = set()
    for time in times:
        slack = 1e-9 * max(1.0, abs(float(t[-1])))
        if not t[0] - slack <= time <= t[-1] + slack:
            raise InputError(f"{time!r} is not possible", key="times", allowed=f"times from {t[0]:g} to {t[-1]:g}")
        rows.add(int(np.argmin(np.abs(t - time))))
    if not rows:
        raise InputError("names no time", key="times", allowed=f"times from {t[0]:g} to {t[-1]:g}")
    return sorted(rows)


def arrays(result: Result, row: int) -> Iterator[tuple[str, Array]]:
    """Name and values, (N,) or (N, 3), of what is exported of a stored frame."""
    psi = result.read("fields/psi", row)
    yield "|psi|", np.abs(psi)
    yield "arg psi", np.angle(psi)
    yield "psi_re", np.ascontiguousarray(psi.real)
    yield "psi_im", np.ascontiguousarray(psi.imag)
    for name in result.field_names:
        if name in ("t", "psi", "psi_t", "A", "B"):
            continue
        values = result.read(f"fields/{name}", row)
        if values.shape[-1] != result.nodes.shape[1]:
            continue
        if values.ndim == 2:
            vector = np.zeros((values.shape[1], 3))
            vector[:, : values.shape[0]] = values.T
            values = vector
        yield name, np.ascontiguousarray(values)
    A = result.stored_vector_potential(float(result.t[row]))
    if A is not None:  # of the gauge of arg psi, psi_re and psi_im
        vector = np.zeros((A.shape[1], 3))
        vector[:, : A.shape[0]] = A.T
        yield "A", vector


def of_cells(result: Result, row: int) -> Iterator[tuple[str, Array]]:
    """Name and values, (cells,), of what is exported by cell: in the plane the vortices, by their winding."""
    if result.nodes.shape[0] == 2:
        yield "winding", result.windings(float(result.t[row])).astype(np.float64)


def export(result: Result, times: Iterable[float] | None = None, folder: Path | None = None) -> Path:
    """Write the stored frames nearest to `times` (None: all) and return the path of fields.pvd.

    `folder`: where; None: DIR/paraview.  There frames of the run from an export before stay, and in the series; in a
    folder of one's own the series is what was asked for.  Each file appears whole.
    """
    from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray
    from vtkmodules.vtkCommonCore import vtkPoints
    from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkUnstructuredGrid
    from vtkmodules.vtkIOXML import vtkXMLUnstructuredGridWriter

    rows = frames(result, times)
    number, cells = vtk_cells(result)
    stored = result.stored_nodes
    nodes = np.zeros((stored.shape[1], 3))
    nodes[:, : stored.shape[0]] = stored.T
    points = vtkPoints()
    points.SetData(numpy_to_vtk(nodes, deep=True))
    array = vtkCellArray()
    offsets = np.arange(0, cells.size + 1, cells.shape[1], dtype=np.int64)
    array.SetData(numpy_to_vtkIdTypeArray(offsets, deep=True), numpy_to_vtkIdTypeArray(cells.ravel(), deep=True))
    grid = vtkUnstructuredGrid()
    grid.SetPoints(points)
    grid.SetCells(number, array)

    place = result.directory / "paraview"
    own = folder is None or folder.resolve() == place.resolve()
    folder = place if folder is None else folder
    data = folder / "fields"
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot be made: {error.strerror}", key="--out", file=str(folder)) from None
    written = []
    for row in rows:
        at_points, in_cells = grid.GetPointData(), grid.GetCellData()
        for target, pairs in ((at_points, arrays(result, row)), (in_cells, of_cells(result, row))):
            for name, values in pairs:
                field = numpy_to_vtk(values, deep=True)
                field.SetName(name)
                target.AddArray(field)  # takes the place of the one of the frame before
        file = data / f"{row:06d}.vtu"
        writer = vtkXMLUnstructuredGridWriter()
        writer.SetInputData(grid)
        writer.SetDataModeToAppended()
        writer.EncodeAppendedDataOff()
        with replacing(file) as temporary:
            writer.SetFileName(str(temporary))
            if not writer.Write():
                raise OSError(f"{file} cannot be written: VTK does not say why; the disk may be full")
            mark_xml(temporary)
        written.append(row)
    kept = [row for row in range(result.t.size) if row in written or (own and is_ours(data / f"{row:06d}.vtu"))]
    entries = [(float(result.t[row]), f"{data.name}/{row:06d}.vtu") for row in kept]
    series = folder / "fields.pvd"
    with replacing(series) as temporary:
        temporary.write_text(_pvd(entries), encoding="utf-8")
        mark_xml(temporary)
    for old in data.glob("*.vtu") if own else ():  # of frames that the run no longer has
        if old.stem not in {f"{row:06d}" for row in kept} and is_ours(old):
            old.unlink()
    return series


def _pvd(entries: Iterable[tuple[float, str]]) -> str:
    """The text of a PVD file: times and the names of their files."""
    lines = [f'    <DataSet timestep="{t!r}" part="0" file={quoteattr(file)}/>' for t, file in entries]
    kind = '<VTKFile type="Collection" version="0.1" byte_order="LittleEndian">'
    return "\n".join(['<?xml version="1.0"?>', kind, "  <Collection>", *lines, "  </Collection>", "</VTKFile>", ""])
