"""Where the stationary branch between banks ends; in a long wire at the depairing current 2/(3 sqrt 3)."""

import pytest

import femtdgl as fg

LIMITS = {1.0: 1.06517, 1.1: 0.98044, 1.5: 0.76172, 2.0: 0.62209, 3.0: 0.50011, 40.0: 0.3849}


def slips(length, current, t_end):
    problem = fg.Problem(
        mesh=fg.mesh.line(length=length, elements=max(40, int(6 * length)), order=2),
        film=fg.Film(model="gapless"),
        boundary={"left": fg.Bank(), "right": fg.Bank()},
        drive=fg.Drive(current=fg.Ramp(0.0, current, over=30.0)),
        time=fg.Time(t_end=t_end, rtol=1e-6),
        output=fg.Output(fields=50.0),
    )
    return fg.run(problem).summary["slips_in_all"]


@pytest.mark.slow
@pytest.mark.parametrize(("length", "limit"), LIMITS.items())
def test_stationary_branch_ends_where_statics_says(length, limit):
    assert slips(length, 0.995 * limit, 200.0) == 0
    assert slips(length, 1.02 * limit, 400.0) > 0
