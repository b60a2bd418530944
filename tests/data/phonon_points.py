"""Writes phonon_points.json: the kernels by mpmath at 40 digits, straight from (2.3)-(2.5) on the whole axis.

Nothing is folded or substituted here: complex square roots, and pieces between the edges.  Run once by hand
(a few minutes): python tests/data/phonon_points.py
"""

import json
from itertools import pairwise
from pathlib import Path

import mpmath as mp

mp.mp.dps = 40

POINTS = [  # w, Psi, T, gamma: small and large gap, cold and hot, near the jump, sharp
    ("0.3", "0.05", "0.929093", "0.3"),
    ("0.001", "0.7", "0.929093", "0.3"),
    ("2.2", "1", "0.2", "0.1"),
    ("1.4", "0.7", "0.5", "0.01"),
    ("12", "0.9", "0.929093", "0.3"),
    ("0.6", "0.3", "3", "1.5"),
    ("2.001", "1", "0.929093", "0.001"),
    ("0.9", "0.001", "0.929093", "0.2"),
    ("2.000001", "1", "0.929093", "0"),
    ("1.999999", "1", "0.929093", "0"),
    ("0.8000003", "0.4", "0.3", "0"),
    ("0.7999996", "0.4", "0.3", "0"),
    ("5", "0.02", "0.929093", "0"),
    ("0.0001", "0.8", "0.929093", "0"),
    ("3", "1.2", "0.15", "0"),
]


def functions(psi, gamma):
    def root(e):
        z = mp.mpc(e, gamma)
        s = mp.sqrt(z - psi) * mp.sqrt(z + psi)  # Im s >= 0 for Im z >= 0
        return (s if mp.im(s) >= 0 else -s), z

    def N1(e):
        if gamma == 0:
            return abs(e) / mp.sqrt(e * e - psi * psi) if abs(e) > psi else mp.mpf(0)
        s, z = root(e)
        return mp.re(z / s)

    def R2(e):
        if gamma == 0:
            return mp.sign(e) * psi / mp.sqrt(e * e - psi * psi) if abs(e) > psi else mp.mpf(0)
        s, _ = root(e)
        return mp.re(psi / s)

    return N1, R2


def kernels(w, psi, T, gamma):
    N1, R2 = functions(psi, gamma)
    N = 1 / mp.expm1(w / T)

    def f(e):
        return 1 / (mp.exp(e / T) + 1)

    def g(e):
        ratio = (psi / e if abs(e) > psi else e / psi) if gamma == 0 else R2(e) / N1(e)
        return ratio / mp.cosh(e / (2 * T)) ** 2

    def P(e):
        return N1(e) * N1(w - e) + R2(e) * R2(w - e)

    def Q(e):
        return N1(e) * N1(w + e) - R2(e) * R2(w + e)

    far = w + psi + 70 * T
    edges = [psi, -psi, w - psi, w + psi, psi - w, -w - psi]
    extra = [mp.mpf(0), w, -w, w / 2]
    for k in range(1, 7):
        extra += [p + sign * gamma * 10 ** (k - 2) for p in edges for sign in (1, -1)] if gamma else []
    extra += [sign * (psi + w * mp.mpf(10) ** k) for k in range(5) for sign in (1, -1)]
    extra += [sign * k * T for k in (1, 4, 16) for sign in (1, -1)]

    def integral(function, low, high):
        cuts = sorted({x for x in edges + extra if low < x < high} | {low, high})
        total = mp.mpf(0)
        for a, b in pairwise(cuts):
            middle = (a + b) / 2
            if gamma == 0 and function(middle) == 0:
                continue  # inside a gap
            total += mp.quad(function, [a, b])
        return total / 4

    return {
        "exact": integral(lambda e: P(e) * (N + f(w - e)) * g(e), -far, far),
        "bose": N * integral(lambda e: P(e) * g(e), -far, far),
        "printed": N
        * (
            integral(lambda e: P(e) * g(e), mp.mpf(0), far)
            - integral(lambda e: Q(e) * (g(e + w) - g(e)), mp.mpf(0), far)
        ),
    }


if __name__ == "__main__":
    rows = []
    for point in POINTS:
        values = kernels(*(mp.mpf(x) for x in point))
        rows.append(
            dict(zip(("w", "Psi", "T", "gamma"), point, strict=True))
            | {name: mp.nstr(value, 18) for name, value in values.items()}
        )
        print(rows[-1], flush=True)  # noqa: T201
    about = "Phonon kernels of theory (2.3)-(2.5), energies in Delta0, by mpmath: see phonon_points.py"
    Path(__file__).with_suffix(".json").write_text(json.dumps({"about": about, "points": rows}, indent=1) + "\n")
