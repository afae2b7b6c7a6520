"""Every link between pages leads somewhere, headings included; every page is found from the index."""

from pathlib import Path

import pytest

from tests.docs.pages import PAGES, anchors, links
from tests.house.places import ROOT


def broken(page: Path, text: str) -> list[str]:
    found = []
    for link in links(text):
        place, _, anchor = link.partition("#")
        target = (page.parent / place).resolve() if place else page
        if not target.exists():
            found.append(f"{link}: there is no such file")
        elif anchor and anchor not in anchors(target.read_text()):
            found.append(f"{link}: there is no such heading")
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page):
    assert broken(page, page.read_text()) == []


def test_a_broken_link_is_found():
    page = ROOT / "docs" / "README.md"
    text = "[a](config.md#runs-when-and-by-which-calendar) [b](nowhere.md) [c](config.md#nothing) `[d](e.md)`"
    assert broken(page, text) == [
        "nowhere.md: there is no such file",
        "config.md#nothing: there is no such heading",
    ]


def test_every_page_of_docs_is_in_the_index():
    index = ROOT / "docs" / "README.md"
    named = {(index.parent / link.partition("#")[0]).resolve() for link in links(index.read_text())}
    pages = {page for page in PAGES if page.parent == index.parent}
    assert pages - named - {index} == set()
