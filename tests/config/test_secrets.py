"""A planted secret appears nowhere: not in errors, plans, canonical texts or differences."""

import dataclasses

import pytest

from controller.config import check_text, loads
from controller.config.canonical import canonical, digest
from controller.config.changes import differences, widens
from controller.errors import NotAvailable
from controller.quantities import Template
from tests.config.sample import changed

PLANTED = "hunter2-canary-0123456789"
GAUGE = '"tests.config.parts:Gauge", unit: share'


def planted(extra):
    return changed(GAUGE, f"{GAUGE}, {extra}")


def test_only_reveal_gives_the_value(monkeypatch):
    monkeypatch.setenv("TOKEN", PLANTED)
    text = planted('url: "https://api.example/?key=${env:TOKEN}", token: "${env:TOKEN}"')
    plan = loads(text)
    settings = plan.sensors["rate"].settings
    other = dataclasses.replace(plan, campaign="other", sensors={})
    seen = [
        repr(plan),
        str(settings),
        canonical(plan),
        digest(plan),
        *differences(plan, other),
        *widens(plan, other),
    ]
    assert not any(PLANTED in part for part in seen)
    assert "${env:TOKEN}" in canonical(plan)
    assert settings.token.reveal({"TOKEN": PLANTED}) == PLANTED
    assert settings.url.reveal({"TOKEN": PLANTED}) == f"https://api.example/?key={PLANTED}"


def test_a_variable_that_is_not_set_is_told_by_name():
    with pytest.raises(NotAvailable, match="environment variable TOKEN is not set"):
        Template("x ${env:TOKEN}").reveal({})
    assert Template("${env:A} ${env:B}").missing({"A": "1", "B": ""}) == ("B",)


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        (f"token: {PLANTED}", "a secret stands in the file"),
        (f"token: [{PLANTED}]", "not a text"),
        (f'token: "${{env:}}{PLANTED}"', "a secret stands in the file"),
        (f'url: "https://me:{PLANTED}@api.example/"', "a password stands in the address"),
        (f'url: "${{file:{PLANTED}}}"', "only environment variables can be named"),
        (
            f'headers: [{{name: Authorization, value: "https://me:{PLANTED}@x/"}}]',
            "a password stands in the address",
        ),
    ],
)
def test_a_secret_in_the_file_is_refused_and_not_repeated(extra, said):
    (problem,) = check_text(planted(extra))
    assert said in problem.text
    assert PLANTED not in str(problem)


@pytest.mark.parametrize("extra", ['query: "${env:TOKEN}"', 'labels: {a: "${env:TOKEN}"}'])
def test_nothing_is_looked_up_where_the_field_is_plain_text(extra):
    (problem,) = check_text(planted(extra))
    assert problem.text == "nothing is looked up here, received '${...}', allowed: plain text"
