"""Expressions: what they are worth, their derivatives, and that text can do nothing else."""

import builtins
import math
import pickle
import random

import numpy as np
import pytest

from femtdgl.errors import InputError
from femtdgl.input.expression import DEEPEST, FUNCTIONS, LONGEST, Expression

VALUES = [
    ("0.4 + 0.1*sin(2*pi*0.3*t)", lambda t: 0.4 + 0.1 * math.sin(2 * math.pi * 0.3 * t)),
    ("-t**2 + e**-t", lambda t: -(t**2) + math.exp(-t)),
    ("1/(1 + t)", lambda t: 1 / (1 + t)),
    ("sqrt(t)*log(t) - tan(t)/cosh(t)", lambda t: math.sqrt(t) * math.log(t) - math.tan(t) / math.cosh(t)),
    ("t**t", lambda t: t**t),
    ("where(0.5 < t <= 3, t, 7)", lambda t: t if 0.5 < t <= 3 else 7.0),
    ("min(t, 2) + max(t, 2)*abs(-t)", lambda t: min(t, 2) + max(t, 2) * t),
    ("hypot(t, 2) + atan2(t, 2)", lambda t: math.hypot(t, 2) + math.atan2(t, 2)),
    ("  erf(t) +\n rise(t/4)", lambda t: math.erf(t) + (t / 4) ** 3 * (10 - 15 * t / 4 + 6 * (t / 4) ** 2)),
    ("1e-3*t + 1_0", lambda t: 1e-3 * t + 10),
]


@pytest.mark.parametrize(("text", "function"), VALUES, ids=[text for text, _ in VALUES])
def test_values_and_slopes(text, function):
    made = Expression(text, ("t",))
    for t in (0.7, 1.3, 2.4):
        assert made(t=t) == pytest.approx(function(t), rel=1e-14)
        h = 1e-5
        by_hand = (function(t + h) - function(t - h)) / (2 * h)
        assert made.slope("t", t=t) == pytest.approx(by_hand, rel=1e-8, abs=1e-8)
    t = np.array([0.7, 1.3, 2.4])
    assert np.array_equal(made(t=t), [made(t=one) for one in t])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_slopes_of_all_functions(name):
    """By each argument, against a difference."""
    known = FUNCTIONS[name]
    letters = ("x", "y", "z")[: known.arguments]
    made = Expression(f"{name}({', '.join(letters)})", letters)
    at = dict(zip(letters, (0.31, 0.57, 0.83), strict=False))
    for letter in letters:
        h = 1e-6
        up, down = ({**at, letter: at[letter] + side * h} for side in (1, -1))
        by_hand = (made(**up) - made(**down)) / (2 * h)
        assert made.slope(letter, **at) == pytest.approx(by_hand, rel=1e-8, abs=1e-9)


def test_several_names_and_constants():
    made = Expression("1 - 0.2*exp(-(x**2 + y**2))", ("x", "y", "z", "t"))
    assert made.used == {"x", "y"} and made.smooth
    assert made(x=np.zeros(3), y=np.zeros(3)) == pytest.approx(0.8)
    assert made.slope("t", x=0.0, y=0.0) == 0.0
    assert Expression("3", ("t",))() == 3.0
    assert not Expression("x > 0", ("x",)).smooth and Expression("where(2 > 1, x, 5)", ("x",))(x=4.0) == 4.0
    assert Expression("abs(-2)*x", ("x",)).smooth  # of a constant there is nothing to bend
    again = pickle.loads(pickle.dumps(made))
    assert again == made and again(x=1.0, y=0.0) == made(x=1.0, y=0.0)


BAD = [
    ("__import__('os').system('true')", 1, "is no function"),
    ("1 + t.real", 5, "attribute"),
    ("t[0]", 1, "subscript"),
    ("t^2", 1, "powers are written **"),
    ("1 + 2*tt", 7, "'tt' is not known; did you mean 't'?"),
    ("sen(t)", 1, "did you mean 'sin'?"),
    ("1 + sin", 5, "is a function"),
    ("sin(t, 2)", 1, "takes 1 arguments, not 2"),
    ("sin(x=t)", 1, "takes 1 arguments"),
    ("(t", 1, "was never closed"),
    ("t**1000", 1, "larger than 100"),
    ("9**9**9**9", 4, "larger than 100"),
    ("1e999*t", 1, "beyond what can be computed with"),
    ("2j*t", 1, "is no number"),
    ("'a'*3", 1, "is no number"),
    ("True", 1, "is no number"),
    ("lambda: t", 1, "lambda"),
    ("(t := 3)", 2, "namedexpr"),
    ("[t for t in (1, 2)]", 1, "listcomp"),
    ("f'{t}'", 1, "joinedstr"),
    ("t == 1", 1, "< <= > >= only"),
    ("t if t else 1", 1, "ifexp"),
    ("", 1, "is no expression"),
    ("t = 1", 3, "is no expression"),
    ("t; t", 2, "is no expression"),
    ("\x00", 1, "is no expression"),
    ("*t", 1, "is no"),
]


@pytest.mark.parametrize(("text", "place", "says"), BAD, ids=[repr(text) for text, *_ in BAD])
def test_what_is_wrong_is_said_with_its_place(text, place, says):
    with pytest.raises(InputError) as error:
        Expression(text, ("t",))
    words = str(error.value)
    assert says in words
    assert f"position {place}: " in words and "numbers, t, pi, e, + - * / **" in words


@pytest.mark.parametrize(
    "text",
    ["t" + "+t" * LONGEST, "-" * (LONGEST - 1) + "t", "(" * 300 + "t" + ")" * 300, "sin(" * 60 + "t" + ")" * 60],
    ids=["long", "minus", "brackets", "deep"],
)
def test_what_is_too_long_or_too_deep_is_refused(text):
    with pytest.raises(InputError):
        Expression(text, ("t",))
    assert Expression("sin(" * (DEEPEST - 1) + "t" + ")" * (DEEPEST - 1), ("t",))(t=0.0) == 0.0


WORDS = [
    *FUNCTIONS, "t", "x", "pi", "e", "__import__", "os", "open", "exec", "eval", "lambda", "print", "globals", "import",
    "class", "__class__", "__bases__", "yield", "await", "if", "else", "for", "in", "not", "and", "or", "True", "None",
]  # fmt: skip
SIGNS = [*"+-*/%^&|~<>=!@.,:;()[]{}'\"\\#$?_ \t\n\x00é∂", "**", "//", "<=", ">=", "==", ":=", "->", "<<", "..."]


def text_of(random):
    """A string of words, signs and numbers; every third looks like an expression."""
    if random.random() < 0.35:
        return shaped(random, 4)
    pieces = []
    for _ in range(random.randint(0, 14)):
        kind = random.random()
        if kind < 0.35:
            pieces.append(random.choice(WORDS))
        elif kind < 0.75:
            pieces.append(random.choice(SIGNS))
        elif kind < 0.95:
            pieces.append(random.choice(["0", "1", "2.5", "1e3", "9" * random.randint(1, 60), "1e400", "0x1f", ".5"]))
        else:
            pieces.append(chr(random.randint(0, 0x2FFF)))
    return "".join(pieces)


def shaped(random, depth):
    """An expression, nearly always a good one."""
    if depth == 0 or random.random() < 0.2:
        return random.choice(["t", "pi", "2", "0.3", "1e5", "x", "t.a"])
    if random.random() < 0.4:
        name = random.choice(list(FUNCTIONS))
        count = FUNCTIONS[name].arguments
        return f"{name}({', '.join(shaped(random, depth - 1) for _ in range(count))})"
    sign = random.choice(["+", "-", "*", "/", "**", "<", "%"])
    return f"({shaped(random, depth - 1)}{sign}{shaped(random, depth - 1)})"


def test_no_text_runs_code_or_crashes(monkeypatch):
    """5,000 strings: each is a function of t, or an InputError that says where; nothing of Python is called."""
    called = []
    for name in ("eval", "exec", "open", "print", "globals"):
        monkeypatch.setattr(builtins, name, lambda *a, name=name, **k: called.append(name))
    seeded, good = random.Random(11), 0
    for _ in range(5000):
        text = text_of(seeded)
        try:
            made = Expression(text, ("t",))
        except InputError as error:
            assert "position" in str(error) or "characters" in str(error)
            assert error.allowed.startswith("numbers, t") or error.allowed.startswith("an expression")
            continue
        good += 1
        value, slope = made(t=1.25), made.slope("t", t=1.25)
        assert np.shape(value) == () and np.shape(slope) == ()
        float(value), float(slope)
        assert made.used <= {"t"}
    assert called == []
    assert good > 500
