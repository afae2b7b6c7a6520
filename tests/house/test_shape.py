"""The shape of the code: small files, no leftovers, no word about the place where it was written."""

import re

from tests.house.places import PACKAGES, ROOT, committed

LONGEST = 400
OWN = ("*.py", "*.js", "*.css", "*.html", "*.sql")
VENDORED = re.compile(r"uplot", re.IGNORECASE)

# Put together from halves, so that this file does not contain them.
ELSEWHERE = [
    re.escape("/wo" + "rk/"),
    re.escape("../sha" + "red"),
    re.escape("/tm" + "p/setpoint"),
    re.escape("/ro" + "ot/"),
    r"\bfar" + r"m-[a-z]+",
    r"/far" + r"m/",
    r"\bissues? (show )?#?\d",
    r"\bcla" + r"ude\b",
    r"\banth" + r"ropic\b",
]


def test_no_file_is_longer_than_one_idea():
    own = [file for file in committed(*OWN) if not VENDORED.search(str(file))]
    long = {str(file.relative_to(ROOT)): count for file in own if (count := lines(file)) > LONGEST}
    assert long == {}


def test_most_files_are_short():
    counts = sorted(lines(file) for package in PACKAGES for file in committed(f"{package}/*.py"))
    assert counts[len(counts) // 2] <= 150


def test_nothing_is_left_unfinished():
    marks = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX|NotImplemented" + r"Error)\b")
    assert [hit for package in PACKAGES for hit in hits(marks, f"{package}/*")] == []


def test_nothing_speaks_of_the_place_where_it_was_written():
    assert hits(re.compile("|".join(ELSEWHERE), re.IGNORECASE)) == []


def test_the_search_finds_what_is_planted():
    words = re.compile("|".join(ELSEWHERE), re.IGNORECASE)
    for planted in [
        "see /wo" + "rk/main",
        "../sha" + "red/data",
        "issue " + "2 says",
        "the far" + "m-tool",
        "cd /ro" + "ot/x",
    ]:
        assert words.search(planted), planted
    for innocent in ["a network/link", "issues alarms", "farm sales", "reissue 2nd prizes", "a workshop/"]:
        assert not words.search(innocent), innocent


def test_no_other_folder_is_called_like_a_package():
    folders = {file.parent for file in committed() if "notebooks" in file.parts or "configs" in file.parts}
    assert not [folder for folder in folders if folder.name in PACKAGES]


def hits(words: re.Pattern[str], *patterns: str) -> list[str]:
    found = []
    for file in committed(*patterns):
        try:
            text = file.read_text()
        except UnicodeDecodeError:
            continue
        found += [f"{file.relative_to(ROOT)}: {match[0]}" for match in words.finditer(text)]
    return found


def lines(file) -> int:
    return len(file.read_text().splitlines())
