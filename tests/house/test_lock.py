"""The locked requirements: complete, hashed, of one mind, and free of addresses."""

import re
import tomllib

import pytest

from tests.house.places import ROOT, committed

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUN, DEV = "requirements.txt", "requirements-dev.txt"


def pins(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9.-]+)==([^ ;]+)", (ROOT / name).read_text(), re.MULTILINE))


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=!~\[; ]", each)[0].lower().replace("_", "-") for each in requirements}


@pytest.mark.parametrize(
    "name", [RUN, DEV, "Makefile", ".ci/make.py", ".ci/environment.py", ".ci/lock.py", ".ci/run"]
)
def test_names_no_index_and_no_address(name):
    text = (ROOT / name).read_text()
    assert not re.search(
        r"https?://|file://|ftp://|\bgit\+|index[-_]url|find-links\s+\S*/|trusted-host|\d+\.\d+\.\d+\.\d+/",
        text,
    )


def test_no_configuration_of_a_package_client_is_committed():
    assert not [file for file in committed() if file.name in {"pip.conf", "pip.ini", "uv.toml", ".pypirc"}]
    assert "uv" not in PROJECT["tool"]


@pytest.mark.parametrize("name", [RUN, DEV])
def test_every_pin_has_a_hash(name):
    blocks = re.split(r"^(?=[a-z0-9])", (ROOT / name).read_text(), flags=re.MULTILINE)[1:]
    assert len(blocks) == len(pins(name)) > 30
    assert [block for block in blocks if "--hash=sha256:" not in block] == []


def test_the_small_lock_brings_what_runs_and_builds_the_project():
    wanted = names(PROJECT["project"]["dependencies"]) | names(PROJECT["build-system"]["requires"])
    assert wanted <= set(pins(RUN))
    assert names(PROJECT["dependency-groups"]["build"]) <= set(pins(RUN))


def test_the_large_lock_is_the_small_one_and_more():
    extras = PROJECT["project"]["optional-dependencies"]
    assert pins(RUN).items() <= pins(DEV).items()
    assert names([each for group in extras.values() for each in group]) <= set(pins(DEV))


def test_only_simple_pid_has_an_upper_cap():
    wanted = [PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"].values()]
    capped = [each for group in wanted for each in group if re.search(r"<|~=|==", each)]
    assert names(capped) == {"simple-pid"}


@pytest.mark.parametrize("name", [RUN, DEV])
def test_the_lock_says_how_much_it_brings(name):
    first = (ROOT / name).read_text().splitlines()[0]
    assert re.fullmatch(r"# \d+ packages, \d+ MB to download, \d+ MB on disk", first)
