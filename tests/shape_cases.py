"""A few shapes, sizes of meshes, and orders of convergence."""

import numpy as np
import skfem

from femtdgl.mesh import Quality
from femtdgl.mesh.curved import is_curved

FILM = {"shape": "rectangle", "size": [10, 4]}
DISC = {"shape": "disc", "radius": 1.0}
ANGLE = [[0, 0], [4, 0], [4, 4], [2, 4], [2, 2], [0, 2]]
BRICK = {"shape": "box", "size": [3, 2, 1]}


def size(mesh):
    return Quality.of(mesh).volume


def extent(mesh, facets):
    """Length or area of facets of a mesh."""
    elements = {1: (skfem.ElementTriP1, skfem.ElementTetP1), 2: (skfem.ElementTriP2, skfem.ElementTetP2)}
    element = elements[1 + is_curved(mesh)][mesh.dim() - 2]()
    return float(skfem.FacetBasis(mesh, element, facets=facets, intorder=8).dx.sum())


def orders(errors):
    """Orders of convergence between meshes each of half the size of cells."""
    errors = np.abs(np.array(errors))
    return np.log2(errors[:-1] / errors[1:])
