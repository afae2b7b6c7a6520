"""The tables of the documentation are those that the code gives."""

import dataclasses

import pytest

from controller import registry
from controller.config.typed import alias
from controller.plan import Campaign
from tests.docs.pages import script
from tests.house.places import ROOT

tables = script("docs/tables.py")
WITH_TABLES = [page for page in sorted((ROOT / "docs").glob("*.md")) if "<!-- table:" in page.read_text()]
KINDS = [(family, kind) for family in registry.FAMILIES for kind in registry.kinds(family)]


@pytest.mark.parametrize("page", WITH_TABLES, ids=lambda page: page.name)
def test_no_table_is_stale(page):
    text = page.read_text()
    assert tables.rewritten(text) == text, f"{page.name} is stale: python docs/tables.py"


def test_a_stale_table_is_noticed():
    text = (ROOT / "docs" / "config.md").read_text()
    stale = text.replace("| `scan` | a time: `5m` | `1m` |", "| `scan` | a time: `5m` | `2m` |")
    assert stale != text
    assert tables.rewritten(stale) == text


@pytest.mark.parametrize(("family", "kind"), KINDS)
def test_every_kind_on_disk_has_its_page(family, kind):
    text = (ROOT / "docs" / "kinds.md").read_text()
    assert f"### {kind}\n\n<!-- table: {family} {kind} -->" in text, f"give {kind} a heading in docs/kinds.md"
    assert f"[{kind}](#{kind})" in text


def test_every_block_of_a_campaign_has_a_heading():
    """But those of one line, which the first table explains, and those that no engine serves yet."""
    explained = {"campaign", "auto_accepts", "holdout", "events"}
    text = (ROOT / "docs" / "config.md").read_text()
    names = {alias(field.name) for field in dataclasses.fields(Campaign)} - explained
    assert {name for name in names if f"\n## {name}" not in text} == set()


def test_every_key_has_a_meaning():
    rows = [line for page in WITH_TABLES for line in page.read_text().splitlines() if line.startswith("| `")]
    assert len(rows) > 150
    assert [row for row in rows if row.endswith("|  |")] == []


def test_the_law_is_told_with_how_well_it_was_read():
    text = (ROOT / "docs" / "law.md").read_text()
    assert "not legal advice" in text
    for profile in tables.law.PROFILES.values():
        for rule in profile:
            assert f"| {rule.says} | {rule.source} | {rule.evidence} |" in text
