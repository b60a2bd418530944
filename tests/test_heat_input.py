"""[heat] of a problem file: what is wrong with it is said in one message with file, key, value and what is allowed."""

import pytest
from conftest import PROBLEMS

import femtdgl as fg
from femtdgl.kinds.run import read_file
from femtdgl.problem import toml
from femtdgl.problem.heat import Carriers, Heat, Join
from femtdgl.problem.presets import SOLIDS
from femtdgl.thermal import Kapitza, Leak, Network, NISLink, Node, acoustic_mismatch

REDUCED, SI = PROBLEMS / "heated_filament.toml", PROBLEMS / "psc_nis_drain.toml"

WRONG = [
    (REDUCED, {"heat.links.interface.between": ["nowhere", "substrate"]}, "heat.links.interface.between", "nowhere"),
    (REDUCED, {"heat.links.interface.between": ["surface", "nowhere"]}, "heat.links.interface.between", "substrate"),
    (REDUCED, {"heat.links.interface.between": ["substrate"]}, "heat.links.interface.between", "two names"),
    (REDUCED, {"heat.links.interface.between": ["substrate", "substrate"]}, "heat.links.interface.between", "both"),
    (REDUCED, {"heat.links.interface.kind": "Kapitsa"}, "heat.links.interface.kind", "did you mean 'Kapitza'"),
    (REDUCED, {"heat.links.interface.sigma_k": 1.0}, "heat.links.interface.sigma_k", "did you mean 'sigma_K'"),
    (REDUCED, {"heat.links.interface.sigma_K": -1.0}, "heat.links.interface.sigma_K", "-1.0"),
    (REDUCED, {"heat.links.interface.solids": ["tin", "silicon"]}, "heat.links.interface.solids", "beside sigma_K"),
    (SI, {"heat.links.interface.solids": ["tin", "silicone"]}, "heat.links.interface.solids", "did you mean 'silicon'"),
    (SI, {"heat.links.interface.solids": 3}, "heat.links.interface.solids", "3 is not possible"),
    (SI, {"heat.links.interface.solids": "ab"}, "heat.links.interface.solids", "two names"),
    (SI, {"heat.links.interface.solids": ["tin"]}, "heat.links.interface.solids", "two names"),
    (REDUCED, {"heat.links.interface.of": "ions"}, "heat.links.interface.of", "electrons"),
    (REDUCED, {"heat.links.interface.spread": "even"}, "heat.links.interface.spread", "mean"),
    (REDUCED, {"heat.links.interface.kind": "NISLink"}, "heat.links.interface.chi", "is missing"),
    (
        REDUCED,
        {
            "heat.links.interface": {
                "kind": "Kapitza",
                "between": ["surface", "substrate"],
                "solids": ["tin", "silicon"],
            }
        },
        "heat.links.interface",
        "is in SI",
    ),
    (REDUCED, {"heat.electrons.capacity": -1.0}, "heat.electrons.capacity", "a number > 0"),
    (REDUCED, {"heat.electrons.capasity": 1.0}, "heat.electrons.capasity", "did you mean 'capacity'"),
    (REDUCED, {"heat.electrons.conductivity": float("nan")}, "heat.electrons.conductivity", "nan"),
    (REDUCED, {"heat.electrons.conductivity_exponent": -1.0}, "heat.electrons.conductivity_exponent", ">= 0"),
    (REDUCED, {"heat.temperatures": "three"}, "heat.temperatures", "'one' or 'two'"),
    (REDUCED, {"heat.temperatures": "two"}, "heat.phonons.capacity", "preset"),
    (REDUCED, {"heat.coupling": 1.0}, "heat.coupling", "two"),
    (REDUCED, {"heat.coupling_exponent": 6.0}, "heat.coupling_exponent", "two"),
    (REDUCED, {"heat.hold_phonons": []}, "heat.hold_phonons", "two"),
    (SI, {"heat.coupling_exponent": 6.0}, "heat.coupling", "is missing"),
    (SI, {"heat.hold_phonons": ["up"]}, "heat.hold_phonons", "left, right"),
    (REDUCED, {"heat.nodes.substrate.temperature": "0.9 K"}, "heat.nodes.substrate.temperature", "has a unit"),
    (REDUCED, {"heat.links.interface.area": "2 m"}, "heat.links.interface.area", "has a unit"),
    (
        REDUCED,
        {"heat.nodes": {"a/b": {"temperature": 0.9}, "substrate": {"temperature": 0.9}}},
        "heat.nodes.a/b",
        "letters",
    ),
    (REDUCED, {"probes": [{"kind": "voltage", "name": "T_max", "between": [[0.0], [0.5]]}]}, "probes", "in use"),
    (REDUCED, {"heat.source": "joule"}, "heat.source", "q_ph"),
    (REDUCED, {"heat.source": "q_ph", "film.model": "gapless"}, "heat.source", "finite gap"),
    (REDUCED, {"heat.bath": -0.9}, "heat.bath", "in Tc"),
    (REDUCED, {"heat.bath": "1 K"}, "heat.bath", "needs the Tc"),
    (REDUCED, {"heat.hold": ["top"]}, "heat.hold", "left, right"),
    (REDUCED, {"heat.nodes.substrate.temperature": 0.0}, "heat.nodes.substrate.temperature", "positive"),
    (REDUCED, {"heat.nodes.surface.temperature": 0.9}, "heat.nodes.surface", "another name"),
    (REDUCED, {"heat.nodes.left.temperature": 0.9}, "heat.nodes.left", "is a boundary"),
    (REDUCED, {"heat.nodes.plate.heat": 1.0}, "heat.nodes.plate.capacity", "a heat capacity > 0, or a temperature"),
    (REDUCED, {"heat.nodes.plate.capacity": -1.0}, "heat.nodes.plate.capacity", "-1.0"),
    (REDUCED, {"heat.nodes.plate.capacity": 1.0}, "heat.nodes.plate", "has no link"),
    (SI, {"film.T0": "0.5 K"}, "film.T0", "0 < T0 < Tc"),
    (SI, {"film.thickness": "-1 nm"}, "film.thickness", "a length > 0"),
    (SI, {"heat.bath": "20 nm"}, "heat.bath", "K with a prefix"),
    (SI, {"heat.phonons.bcs": True}, "heat.phonons.bcs", "electrons"),
    (SI, {"heat.nodes.cold.capacity": 1e-21}, "heat.nodes.cold.temperature", "a bath keeps its temperature"),
    (SI, {"heat.nodes.cold.temperature": "600 mK"}, "heat.links.photons", "0.6 K"),
]


@pytest.mark.parametrize(
    ("path", "changes", "key", "says"), WRONG, ids=[f"{k}-{i}" for i, (_, _, k, _) in enumerate(WRONG)]
)
def test_wrong_input_names_its_key(path, changes, key, says):
    with pytest.raises(fg.InputError) as caught:
        read_file(path, changes)
    assert caught.value.file == str(path)
    assert caught.value.key.startswith(key)
    assert says in str(caught.value)


def test_a_film_without_thickness_cannot_take_links_in_si():
    with pytest.raises(fg.InputError, match=r"film\.thickness"):
        toml.build(_without_sizes())


def _without_sizes():
    table = toml.parse(SI.read_text())
    del table["film"]["width"], table["film"]["thickness"]
    return table


def test_a_link_beyond_its_model_stops_the_run_and_keeps_it(tmp_path):
    """The plate is heated past the Tc of its junction: a failed solve, not bad input."""
    job = read_file(SI, {"heat.nodes.plate.heat": 1e-12, "time.t_end": 20.0})
    with pytest.raises(fg.SolverStopped, match=r"heat\.links\.photons: .* above Tc = 0\.45 K"):
        job.solve(tmp_path)
    assert fg.Result(tmp_path).probes["T_node_plate"].max() > 0.95


@pytest.mark.parametrize("name", ["heated_filament", "psc_nis_drain", "hotspot_strip", "psc_plates"])
def test_shipped_files_survive_a_round_trip(name):
    problem, _ = toml.load(PROBLEMS / f"{name}.toml")
    assert toml.build(toml.parse(toml.dump(problem))) == problem


def test_every_link_is_read_and_written():
    """A link of every kind from a table, its size left to its place where it has one."""
    tables = {
        "Kapitza": {"sigma_K": 2.0}, "Leak": {"k": 1.0, "d": 2.0}, "ElectronPhonon": {"Sigma": 3.0},
        "SuperconductorElectronPhonon": {"Sigma": 3.0, "Tc": 1.2}, "SNLink": {"R_D": 3.0, "R_0": 30.0, "Tc": 1.2},
        "NISLink": {"chi": 1.0, "r0": 1e-11, "c": 0.05, "Tc": 1.5},
    }  # fmt: skip
    for kind, values in tables.items():
        join = Join.read({"kind": kind, "between": ["surface", "bath"], "of": "electrons", **values})
        assert join.per_size == (kind in ("Kapitza", "Leak", "ElectronPhonon", "SuperconductorElectronPhonon"))
        assert join.mean == (kind in ("SNLink", "NISLink"))
        assert Join.read(join.described()) == join


def test_an_interface_by_its_solids_has_their_acoustic_mismatch():
    table = {"kind": "Kapitza", "between": ["surface", "plate"], "solids": ["tin", "silicon"]}
    assert Join.read(table).link.sigma_K == pytest.approx(acoustic_mismatch(SOLIDS["tin"], SOLIDS["silicon"]))


def test_a_network_joins_by_naming_its_places(filament):
    network = Network(
        {"film": Node(), "plate": Node(capacity=2.0), "bath": Node(temperature=0.9)},
        {
            "top": ("film", "plate", Kapitza(area=1.0, sigma_K=1.0)),
            "out": ("plate", "bath", Leak(k=1.0, S=1.0, d=1.0)),
        },
    )
    heat = Heat.with_network(network, {"film": "surface"}, electrons=Carriers(capacity=3.0))
    assert set(heat.nodes) == {"plate", "bath"} and heat.links["top"].between == ("surface", "plate")
    assert heat.electrons.capacity == 3.0 and isinstance(heat.links["out"].link, Leak)
    result = fg.run(filament(heat=heat, time=fg.Time(t_end=40.0)))
    assert result.probes["T_node_plate"].max() > 0.901  # warmed through the surface, drained into the bath
    assert result.probes["power_out"].max() > 0
    assert result.summary["heat"]["ledger_of_run"]["mismatch"] < 1e-4


def test_photonic_links_see_the_electrons_and_interfaces_the_phonons():
    nis = NISLink(chi=1.0, r0=1e-11, c=0.05, Tc=1.5)
    assert Join(between=("surface", "b"), link=nis).side == "electrons"
    assert Join(between=("surface", "b"), link=Kapitza(area=1.0, sigma_K=1.0)).side == "phonons"
    assert Join(between=("surface", "b"), link=nis, of="phonons").side == "phonons"
