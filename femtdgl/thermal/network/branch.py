"""The whole curve of steady states through its folds, unstable parts included: pseudo-arclength."""

from __future__ import annotations

import numpy as np

from femtdgl.thermal.network.solve import newton
from femtdgl.thermal.network.sweep import At


def trace(at: At, values: np.ndarray, x: np.ndarray, steps: int = 800) -> dict[str, np.ndarray]:
    """The curve of steady states through x at values[0] until it leaves the values' range.

    "value", T (K) of each free node and "stable", a (points,) array each.
    """
    a, span = float(values[0]), float(values[-1] - values[0])
    names = at(a).free

    def residual(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        F, traffic = at(a + span * z[-1]).residual(z[:-1])
        return F / traffic, traffic

    def jacobian(z: np.ndarray, traffic: np.ndarray) -> np.ndarray:
        h = 1e-6
        up, _ = at(a + span * (z[-1] + h)).residual(z[:-1])
        down, _ = at(a + span * (z[-1] - h)).residual(z[:-1])
        return np.column_stack(
            [at(a + span * z[-1]).jacobian(z[:-1]) / traffic[:, None], (up - down) / (2 * h) / traffic]
        )

    z = np.append(x, 1e-5)
    z[:-1] = newton(at(a + span * z[-1]), x)
    tangent = np.append(np.zeros(len(x)), 1.0)
    points, length = [z], 0.01
    for _ in range(steps):
        F, traffic = residual(z)
        bordered = np.vstack([jacobian(z, traffic), tangent])
        new = np.linalg.solve(bordered, np.append(np.zeros(len(x)), 1.0))
        tangent = new / np.linalg.norm(new)
        while length > 1e-6:
            trial, fine = z + length * tangent, False
            for _ in range(8):
                F, traffic = residual(trial)
                full = np.append(F, (trial - z) @ tangent - length)
                if np.max(np.abs(full)) < 1e-10:
                    fine = True
                    break
                correction = np.linalg.solve(np.vstack([jacobian(trial, traffic), tangent]), -full)
                if not np.all(np.isfinite(correction)) or np.max(np.abs(correction)) > 0.5:
                    break
                trial = trial + correction
            if fine:
                break
            length /= 2
        if not fine:
            break
        z = trial
        points.append(z)
        length = min(length * 1.4, 0.03)
        if not 1e-6 < z[-1] < 1 - 1e-6:
            break
    path = np.array(points)
    value = a + span * path[:, -1]
    stable = [at(v).is_stable(p[:-1]) for v, p in zip(value, path, strict=True)]
    curve = {name: np.exp(path[:, i]) for i, name in enumerate(names)}
    return {"value": value, **curve, "stable": np.array(stable)}
