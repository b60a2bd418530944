r"""Formulas as MathML, which browsers draw by themselves, from the part of TeX that the equations need.

Letters, numbers, GREEK letters, OPERATORS and NAMES, ^ and _, \frac, \sqrt, \left( ... \right), \mathrm{...},
\text{...} and SPACES.  Another name behind a backslash raises ValueError: no formula comes from a user.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "eta": "η", "theta": "θ", "kappa": "κ", "lambda": "λ",
    "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "varphi": "φ", "psi": "ψ",
    "omega": "ω", "varepsilon": "ε", "epsilon": "ε", "chi": "χ", "zeta": "ζ", "mu": "μ",
    "Delta": "Δ", "Sigma": "Σ", "Gamma": "Γ", "Omega": "Ω", "Phi": "Φ", "hbar": "ħ", "infty": "∞",
}  # fmt: skip
OPERATORS = {
    "partial": "∂", "nabla": "∇", "cdot": "·", "times": "×", "to": "→", "int": "∫", "sum": "∑", "oint": "∮", "le": "≤",
    "ge": "≥", "ne": "≠", "pm": "±", "in": "∈", "langle": "⟨", "rangle": "⟩", "ldots": "…",
}  # fmt: skip
NAMES = ("Re", "Im", "ln", "exp", "sin", "cos", "tanh", "coth", "div", "grad", "arg")
SPACES = {",": "0.17em", ";": "0.28em", "quad": "1em", "qquad": "2em"}
TOKEN = re.compile(r"\\([A-Za-z]+|[,;{}])|(\d+(?:\.\d+)?)|([A-Za-z])|(\S)")
TEXT = re.compile(r"\{([^{}]*)\}")


def maths(formula: str, *, block: bool = False) -> str:
    """A formula as a `math` element; `block`: on a line of its own."""
    kind = ' display="block"' if block else ""
    return f"<math{kind}>{_Parser(formula).row()}</math>"


def in_text(text: str) -> str:
    """Text for a page, with what stands between dollars as formulas."""
    parts = text.split("$")
    return "".join(maths(part) if k % 2 else escape(part) for k, part in enumerate(parts))


def plain(text: str) -> str:
    """Text with what stands between dollars as letters: where no markup can be, such as in a list of choices."""
    parts = text.split("$")
    return "".join(re.sub(r"<[^>]*>", "", maths(part)) if k % 2 else escape(part) for k, part in enumerate(parts))


class _Parser:
    """One formula, read from left to right."""

    def __init__(self, formula: str) -> None:
        self.formula, self.at = formula, 0

    def row(self, end: str = "") -> str:
        """All parts up to a closing token, or to the end, as one row."""
        parts = list(self._parts(end))
        return parts[0] if len(parts) == 1 else f"<mrow>{''.join(parts)}</mrow>"

    def _parts(self, end: str) -> Iterator[str]:
        while (token := self._peek()) is not None:
            if token == end:
                self._take()
                return
            yield self._scripted()
        if end:
            raise ValueError(f"{self.formula!r} has no {end!r}")

    def _scripted(self) -> str:
        """One part with what stands above and below it."""
        base = self._one()
        scripts: dict[str, str] = {}
        while self._peek() in ("^", "_"):
            sign = self._take()
            scripts[sign] = self._one()
        if not scripts:
            return base
        if len(scripts) == 2:
            return f"<msubsup>{base}{scripts['_']}{scripts['^']}</msubsup>"
        (sign, script), *_ = scripts.items()
        tag = "msup" if sign == "^" else "msub"
        return f"<{tag}>{base}{script}</{tag}>"

    def _one(self) -> str:
        token = self._take()
        if token == "{":
            return self.row("}")
        if token.startswith("\\"):
            return self._command(token[1:])
        if token[0].isdigit():
            return f"<mn>{token}</mn>"
        if token.isalpha():
            return f"<mi>{token}</mi>"
        sign = {"-": "−", "*": "∗"}.get(token, token)
        fence = ' stretchy="false"' if token in "()[]|" else ""
        return f"<mo{fence}>{escape(sign)}</mo>"

    def _command(self, name: str) -> str:
        if name in GREEK:
            upright = ' mathvariant="normal"' if name[0].isupper() else ""
            return f"<mi{upright}>{GREEK[name]}</mi>"
        if name in OPERATORS:
            return f"<mo>{OPERATORS[name]}</mo>"
        if name in NAMES:
            return f"<mi>{name}</mi>"
        if name in SPACES:
            return f'<mspace width="{SPACES[name]}"></mspace>'
        if name in ("mathrm", "text"):
            match = TEXT.match(self.formula, self.at)
            if match is None:
                raise ValueError(f"{self.formula!r}: \\{name} wants braces")
            self.at = match.end()
            inner = escape(match[1])
            return f'<mi mathvariant="normal">{inner}</mi>' if name == "mathrm" else f"<mtext>{inner}</mtext>"
        if name == "frac":
            return f"<mfrac>{self._one()}{self._one()}</mfrac>"
        if name == "sqrt":
            return f"<msqrt>{self._one()}</msqrt>"
        if name == "left":
            first = escape(self._take())
            inner = "".join(self._parts("\\right"))
            return f"<mrow><mo>{first}</mo>{inner}<mo>{escape(self._take())}</mo></mrow>"
        raise ValueError(f"{self.formula!r}: \\{name} is not known")

    def _peek(self) -> str | None:
        match = TOKEN.search(self.formula, self.at)
        return None if match is None else match[0]

    def _take(self) -> str:
        match = TOKEN.search(self.formula, self.at)
        if match is None:
            raise ValueError(f"{self.formula!r} ends too soon")
        self.at = match.end()
        return match[0]
