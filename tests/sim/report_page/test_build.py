"""The document: what it holds, what it may not hold, how large it is."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from sim.report_page.build import MOST, ReportTooLarge, build
from sim.report_page.bundle import bundle, paper
from tests.sim.report_page.kit import NOW, Kit

HOSTILE = "<script>alert(1)</script>"


class Document(HTMLParser):
    """Elements, their attributes, and the text that is read without scripts."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.words, self.inline, self.inside = [], [], {}, []
        self.feed(text)
        self.text = re.sub(r"\s+", " ", " ".join(self.words))

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag in ("script", "style", "title"):
            self.inside.append((tag, dict(attributes).get("type", "")))

    def handle_endtag(self, tag):
        if self.inside and self.inside[-1][0] == tag:
            self.inside.pop()

    def handle_data(self, data):
        if not self.inside:
            self.words.append(data)
        else:
            self.inline.setdefault(self.inside[-1], "")
            self.inline[self.inside[-1]] += data

    def policy(self):
        return next(a["content"] for t, a in self.tags if a.get("http-equiv") == "Content-Security-Policy")


@pytest.fixture(scope="module")
def evidence():
    return Kit().evidence()


@pytest.fixture(scope="module")
def text(evidence):
    return build(evidence, now=NOW)


@pytest.fixture(scope="module")
def document(text):
    return Document(text)


def test_everything_a_manager_asks_for_is_readable_without_a_script(document, evidence):
    for words in (
        "the plan keeps sales in its band",
        "Not certified: ",
        "you can keep 104 to 204 thousand units a week",
        "Zero gain",
        "Sign reversal",
        "Worst tenth",
        "Calm reversals",
        "Hourly units of soft drinks, 2017",
        "Referral. People bring friends. Not played: The campaign has no lever that people could pass on.",
        "--weeks 2 --draws 4 --seeds 6 --seed 1",
        "These charts need JavaScript",
    ):
        assert words.replace("\N{NO-BREAK SPACE}", " ") in document.text.replace("\N{NO-BREAK SPACE}", " ")
    for scenario in evidence.scenarios:
        assert scenario.about in document.text.lower()
    pictures = [a for t, a in document.tags if t == "path" and a.get("class") == "middle"]
    assert len(pictures) == 2 * sum(1 for one in evidence.scenarios if one.rows)
    assert all(re.fullmatch(r"M\d+ \d+(l-?\d+ -?\d+)+", picture["d"]) for picture in pictures)


def test_every_gate_stands_there_with_its_verdict(document, evidence):
    marks = [a["class"] for t, a in document.tags if t == "li" and a.get("class") in ("good", "bad")]
    failed = sum(not gate.passed for gate in evidence.gates)
    assert failed > 0
    assert marks.count("bad") == 2 * failed  # at the verdict, and at its scenario
    assert marks.count("good") == len(evidence.gates) - failed


def test_it_asks_nobody_for_anything(document, text):
    for tag, attributes in document.tags:
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            assert name not in ("src", "srcset", "action", "ping", "style"), (tag, name)
            if name == "href":
                assert value.startswith(("#", "data:image/svg+xml;base64,")), value
    assert not {tag for tag, _ in document.tags} & {"iframe", "img", "object", "embed", "base", "form"}
    assert re.findall(r"https?://[^\s\"')]*", text) == [
        "https://github.com/leeoniya/uPlot"
    ]  # in uPlot's own heading
    assert not re.search(r"@import|url\(|\bfetch\(|XMLHttpRequest|WebSocket|EventSource|import\(", text)


def test_the_policy_names_these_very_scripts_and_styles(document):
    policy = document.policy()
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    for (tag, kind), inline in document.inline.items():
        if tag != "title" and kind != "application/json":
            named = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
            assert f"'sha256-{named}'" in policy, (tag, kind)
    assert policy.count("sha256-") == 3
    assert "unsafe" not in policy


def test_names_from_outside_are_only_ever_text():
    mean = {"steady": f"</script>{HOSTILE} & <b>so on</b>"}
    kit = Kit(name=HOSTILE, kinds=("steady",), policies=("config", "fixed"), about=mean)
    evil = kit.evidence(
        statement=f"Recorded: {HOSTILE}", version='"><i>', mechanisms=(HOSTILE, "x"), calibrated=HOSTILE
    )
    plain = build(kit.evidence(), now=NOW, command=f"setpoint {HOSTILE}")
    for text in (build(evil, now=NOW, command=HOSTILE), plain):
        document = Document(text)
        assert "<script>alert" not in text.replace("\\u003c", "<")[: text.index('id="data"')]
        assert sum(tag == "script" for tag, _ in document.tags) == 3
        assert not {tag for tag, _ in document.tags} & {"i"} - {"i"}
        assert HOSTILE in document.text
        data = json.loads(document.inline[("script", "application/json")])
        assert data["scenarios"]["steady"]["about"].startswith(f"</script>{HOSTILE} & <b>so on</b>")


def test_sixteen_scenarios_of_six_policies_stay_far_below_the_limit(evidence):
    played = [one for one in evidence.scenarios if one.rows]
    sixteen = (*played, replace(played[3], kind="referral"))
    assert len(sixteen) == 16
    assert {len(one.rows) for one in sixteen} == {6}
    text = build(replace(evidence, scenarios=sixteen), now=NOW)
    assert len(text.encode()) < 0.8 * MOST
    grids = json.loads(Document(text).inline[("script", "application/json")])["grids"]
    assert max(map(len, grids)) >= 96


def test_little_evidence_is_drawn_finely():
    small = Kit(kinds=("steady",)).evidence()
    data = json.loads(Document(build(small, now=NOW)).inline[("script", "application/json")])
    assert max(map(len, data["grids"])) == 200


def test_what_can_not_fit_is_refused_by_name(evidence):
    played = [one for one in evidence.scenarios if one.rows]
    many = tuple(replace(one, kind=f"{one.kind}_{n}") for n in range(6) for one in played)
    with pytest.raises(
        ReportTooLarge, match=r"would be [\d,]+ kB with 48 points .* received 90 scenarios .* most 500 kB"
    ):
        build(replace(evidence, scenarios=many), now=NOW)


def test_the_same_evidence_makes_the_same_document(evidence, text):
    assert build(evidence, now=NOW) == text


@pytest.mark.parametrize(
    "changed",
    [
        {"scenarios": (), "gates": (), "feasible": ()},
        {"mechanisms": (), "draws": 8, "calibrated": ""},
        {"gates": ()},
    ],
    ids=["nothing", "not calibrated", "no gates"],
)
def test_evidence_with_holes_is_told_with_its_holes(changed):
    text = build(Kit(kinds=("steady",), policies=("config", "fixed")).evidence(**changed), now=NOW)
    assert ("Not calibrated" in text) == (changed.get("calibrated") == "")
    assert ("Nothing was played" in text) == (changed.get("scenarios") == ())
    assert "not played" in text


def test_scripts_are_bundled_whole_and_nothing_of_a_module_is_left():
    script = bundle().script
    assert not re.search(r"^(import|export)\b", script, re.MULTILINE)
    names = re.findall(r"^(?:const|let|function|class) (\w+)", script, re.MULTILINE)
    assert len(names) == len(set(names))
    assert "uPlot" in bundle().plot
    assert "Permission is hereby granted" in bundle().plot


def test_colours_for_paper_are_the_light_ones():
    assert bundle().style.rindex("@media print { :root {") > bundle().style.rindex(
        "prefers-color-scheme: dark"
    )
    with pytest.raises(ValueError, match="no colours"):
        paper("body { color: red; }")
