"""The README keeps its word: its file is the file, its promises have tests, its commands exist."""

import ast
import re

import click
import pytest

from controller.cli import main
from tests.docs.pages import PAGES, blocks, commands
from tests.house.places import ROOT

README = (ROOT / "README.md").read_text()
NAMED = re.findall(r"tests/[\w/]+\.py::\w+", README)
WRITTEN = [
    (page.relative_to(ROOT), words) for page in PAGES for words in commands(page.read_text())
]  # every command line of every page


def test_the_campaign_shown_is_the_file():
    assert (ROOT / "configs" / "shortest.yaml").read_text() in blocks(README, "yaml")


def test_the_first_screen_holds_what_it_should():
    first = README[: README.index("\n## ")]
    order = [
        "**A thermostat",
        "first_screen.svg",
        "make run",
        "make test",
        "pip install",
        "```yaml",
        "not for",
    ]
    places = [first.index(part) for part in order]
    assert places == sorted(places)


def test_every_promise_names_a_test():
    rows = README[README.index("| promise | test |") : README.index("**Who puts")].strip().splitlines()[2:]
    assert len(rows) > 10
    assert [row for row in rows if "::test_" not in row] == []


@pytest.mark.parametrize("name", NAMED)
def test_a_named_test_exists(name):
    file, _, function = name.partition("::")
    tree = ast.parse((ROOT / file).read_text())
    assert function in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(
    ("page", "words"), WRITTEN, ids=lambda part: " ".join(part) if isinstance(part, list) else ""
)
def test_a_command_that_is_written_down_can_be_typed(page, words):
    """It is known, and so are its options, their choices and the number of its arguments; it is not run."""
    context = click.Context(main, info_name="setpoint")
    command = main.get_command(context, words[0])
    assert command is not None, f"{page}: there is no subcommand {words[0]}"
    inner = click.Context(command, info_name=words[0], parent=context, resilient_parsing=True)
    given, rest, _ = command.make_parser(inner).parse_args(list(words[1:]))
    assert rest == []
    for parameter in command.params:
        if isinstance(parameter.type, click.Choice) and given.get(parameter.name):
            assert given[parameter.name] in parameter.type.choices


def test_the_commands_of_the_first_ten_minutes_are_among_them():
    typed = {words[0] for page, words in WRITTEN if str(page) == "README.md"}
    assert {
        "init",
        "check",
        "calibrate",
        "simulate",
        "market",
        "run",
        "status",
        "accept",
        "why",
        "hold",
        "resume",
    } <= typed


def test_every_make_target_and_script_that_is_named_exists():
    makefile = (ROOT / "Makefile").read_text()
    for target in set(re.findall(r"`?make (\w+)", "\n".join(blocks(README)))):
        assert f"\n{target}: ;" in makefile
    for file in set(re.findall(r"`python ([\w/]+\.py)`", README)):
        assert (ROOT / file).is_file()


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("simulate", "commands"),
        ("calibrate", "calibration"),
        ("sweep", "sweeps"),
        ("market", "served_market"),
        ("run", "commands"),
        ("demo", "commands"),
    ],
)
def test_every_option_stands_in_the_page_that_explains_it(name, file):
    told = (ROOT / "docs" / f"{file}.md").read_text() + (ROOT / "docs" / "commands.md").read_text()
    command = main.get_command(click.Context(main), name)
    options = [option for parameter in command.params for option in parameter.opts if option[:2] == "--"]
    assert options
    assert [option for option in options if not re.search(rf"{option}\b", told)] == []
