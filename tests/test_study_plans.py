"""Plans of studies and their rules: what can be asked for."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from study_cases import SLIPS, bracket

from femtdgl.errors import InputError
from femtdgl.studies.plan import WORDS, Plan
from femtdgl.studies.rule import Rule

# ---- plans ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ({"mode": "bisect", "until": SLIPS}, "sweep"),
        ({"mode": "bisect", "until": SLIPS, "a": [1.0]}, "sweep"),
        ({"mode": "bisect", "until": SLIPS, "a": bracket(), "b": bracket()}, 'sweep."b"'),
        ({"mode": "bisect", "until": SLIPS, "a": bracket(tolerance=0.0)}, 'sweep."a"'),
        ({"mode": "bisect", "until": SLIPS, "a": bracket(tolerance=1e-17)}, 'sweep."a"'),
        ({"mode": "bisect", "until": SLIPS, "a": bracket(to=0.0)}, 'sweep."a"'),
        ({"mode": "bisect", "until": SLIPS, "a": bracket(count=3)}, 'sweep."a"'),
        ({"mode": "bisect", "until": SLIPS, "a": bracket(to=float("inf"))}, 'sweep."a"'),
        ({"mode": "bisect", "until": SLIPS, "a": bracket(to="1")}, 'sweep."a"'),
        ({"mode": "bisect", "a": bracket()}, "sweep.until"),
        ({"mode": "bisect", "until": "slips > many", "a": bracket()}, "sweep.until"),
        ({"mode": "bisect", "until": "slips > true", "a": bracket()}, "sweep.until"),
        ({"mode": "bisect", "until": "slips >", "a": bracket()}, "sweep.until"),
        ({"mode": "bisect", "until": "0 < slips < 3", "a": bracket()}, "sweep.until"),
        ({"mode": "bisect", "until": "", "a": bracket()}, "sweep.until"),
        ({"mode": "bisect", "until": 3, "a": bracket()}, "sweep.until"),
        ({"mode": "bisect", "until": SLIPS, "follow": 1, "a": bracket()}, "sweep.follow"),
        ({"a": bracket()}, 'sweep."a"'),
        ({"a": [1], "until": SLIPS}, "sweep.until"),
        ({"a": [1], "follow": True}, "sweep.follow"),
        ({"a": [1], "starts": {"one": {}}}, "sweep.starts"),
        ({"mode": "starts"}, "sweep.starts"),
        ({"mode": "starts", "starts": {}}, "sweep.starts"),
        ({"mode": "starts", "starts": [1]}, "sweep.starts"),
        ({"mode": "starts", "starts": {"one": 3}}, "sweep.starts.one"),
        ({"mode": "starts", "starts": {"one": {"seed": []}}}, 'sweep."starts.one.seed"'),
        ({"mode": "starts", "starts": {"one": {}}, "alike": 1.5}, "sweep.alike"),
        ({"a": [1, 2, 3], "convergence": {"over": "a"}}, "sweep.convergence"),
        ({"a": [1, 2, 3], "convergence": {"over": "b", "entries": ["v"]}}, "sweep.convergence.over"),
        ({"a": [1, 2, 2], "convergence": {"over": "a", "entries": ["v"]}}, "sweep.convergence.over"),
        ({"a": [1, 2, "x"], "convergence": {"over": "a", "entries": ["v"]}}, "sweep.convergence.over"),
        ({"a": [1, 2, 3], "convergence": {"over": "a", "entries": []}}, "sweep.convergence.entries"),
        ({"a": [1, 2, 3], "convergence": {"over": "a", "entries": ["v"], "finer": "up"}}, "sweep.convergence.finer"),
        ({"a": [1], "expect": 3}, "sweep.expect"),
        ({"a": [{"from": 0, "to": 1}]}, 'sweep."a"'),
    ],
)
def test_plans_that_are_none(table, key):
    with pytest.raises(InputError) as caught:
        Plan.read(table, file="x.toml")
    assert (caught.value.key, caught.value.file) == (key, "x.toml")
    assert caught.value.allowed


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["from", "to", "tolerance", "count", "step", "seed", "over", "entries", "x"]), inner
        )
    ),
    max_leaves=8,
)


@given(
    mode=st.sampled_from(["product", "zip", "follow", "bisect", "starts"]),
    table=st.dictionaries(st.sampled_from(["a", "a.b", "b", *WORDS]) | st.text(max_size=3), ANYTHING, max_size=5),
)
@settings(max_examples=300, deadline=None)
def test_whatever_stands_in_a_plan_it_is_read_or_refused_by_its_key(mode, table):
    table = {**table, "mode": mode}
    try:
        plan = Plan.read(table, file="x.toml")
    except InputError as error:
        assert error.key.startswith("sweep")
        assert error.allowed
    else:
        assert plan.size >= 1
        assert plan.chains[0].following([]) is not None


def test_up_and_down_is_a_list_of_ranges():
    up, down = {"from": 0.0, "to": 1.0, "step": 0.5}, {"from": 1.0, "to": 0.0, "step": -0.5}
    plan = Plan.read({"mode": "follow", "a": [up, down]})
    assert plan.values["a"] == (0.0, 0.5, 1.0, 0.5, 0.0), "the top is not solved twice"
    assert len(plan.chains) == 1
    assert Plan.read({"a": [0.1, up, 7]}).values["a"] == (0.1, 0.0, 0.5, 1.0, 7)


def test_a_start_with_several_seeds_is_several_starts():
    plan = Plan.read({"mode": "starts", "starts": {"flat": {}, "noisy": {"noise": 0.1, "seed": [1, 2]}}, "a": [3, 4]})
    assert plan.starts == {"flat": {}, "noisy 1": {"noise": 0.1, "seed": 1}, "noisy 2": {"noise": 0.1, "seed": 2}}
    assert plan.points[:3] == [{"a": 3, "start": name} for name in plan.starts]
    assert plan.size == 6
    counted = Plan.read({"mode": "starts", "starts": {"n": {"seed": {"from": 1, "to": 3, "count": 3}}}})
    assert [start["seed"] for start in counted.starts.values()] == [1, 2, 3]


@pytest.mark.parametrize(
    ("text", "found", "first", "beyond"),
    [
        ("v > 0.5", 0.6, 0.0, True),
        ("v > 0.5", 0.5, 0.0, False),
        ("v>=5e-1", 0.5, 0.0, True),
        ("v < 1", None, 0.0, False),
        ("v == periodic", "periodic", "", True),
        ("v != 'periodic'", "periodic", "", False),
        ("v == true", True, False, True),
        ("v == 3", 3, 0, True),
        ("v", "periodic", "stationary", True),
        ("v", "stationary", "stationary", False),
        ("v", None, 1.0, True),
    ],
)
def test_rules(text, found, first, beyond):
    assert Rule.read(text).holds({"v": found}, {"v": first}) is beyond


def test_a_rule_says_which_entries_are_near():
    with pytest.raises(InputError, match="mean_voltages") as caught:
        Rule.read("mean_voltages > 0").holds({"mean_voltage": 1.0, "slips": 0}, {})
    assert caught.value.allowed.startswith("mean_voltage")
    with pytest.raises(InputError, match="no number"):
        Rule.read("state > 0").holds({"state": "normal"}, {})


@given(text=st.text(max_size=30))
@settings(max_examples=200, deadline=None)
def test_a_rule_is_read_or_refused(text):
    try:
        rule = Rule.read(text)
    except InputError as error:
        assert (error.key, bool(error.allowed)) == ("sweep.until", True)
    else:
        assert rule.entry
        assert rule.how in ("", ">", "<", ">=", "<=", "==", "!=")
