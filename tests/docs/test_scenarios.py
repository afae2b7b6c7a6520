"""The table of scenarios is the one that the scenarios give."""

from sim.scenarios._family import kinds, scenario
from tests.docs.pages import script
from tests.house.places import ROOT

scenarios = script("docs/scenarios.py")
TEXT = (ROOT / "docs" / "scenarios.md").read_text()


def test_the_table_is_not_stale():
    assert scenarios.rewritten(TEXT) == TEXT, "docs/scenarios.md is stale: python docs/scenarios.py"


def test_a_stale_table_is_noticed():
    stale = TEXT.replace(scenario("zero_gain").about, "sales answer as ever")
    assert stale != TEXT
    assert scenarios.rewritten(stale) == TEXT


def test_every_scenario_has_a_row_with_all_that_must_hold():
    rows = [line for line in TEXT.splitlines() if line.startswith(("| `", "| **`"))]
    assert len(rows) == len(kinds())
    for kind in kinds():
        (row,) = (row for row in rows if f"`{kind}`" in row)
        assert all(gate.asks in row for gate in scenario(kind).gates)
        assert row.startswith("| **") is scenario(kind).core
