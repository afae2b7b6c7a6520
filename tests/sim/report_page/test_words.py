"""What the report says in words: verdict, certificate, the cases that are always told, guardrails, sources."""

from dataclasses import replace

import numpy as np
import pytest

from controller.certificates import GateResult
from controller.quantities import Money
from sim.report_page import gates, origins, policies, rails, reach, verdict
from sim.report_page.costs import beyond, difference
from sim.report_page.names import guard
from sim.runs.figures import worst_decile
from tests.sim.report_page.kit import FEASIBLE, MARKET, NOW, STARTS, Kit

FEW = ("steady", "zero_gain", "sign_reversal")


@pytest.fixture(scope="module")
def evidence():
    return Kit(kinds=FEW).evidence()


def only(scenario, *names):
    return replace(scenario, rows=tuple(row for row in scenario.rows if row.name in names))


def with_calm(evidence, scenario):
    return replace(evidence, scenarios=(scenario, *evidence.scenarios[1:]))


def test_the_verdict_tells_band_and_money_of_the_calm_market(evidence):
    plan, still = (evidence.scenario("steady").row(name).scores for name in ("config", "fixed"))
    said = verdict.headline(evidence)
    assert said.startswith(
        "In 48 simulated futures of a calm market the plan keeps sales in its band (±10 % of target)"
    )
    assert (
        f"{100 * plan.inside.mean():.0f} % of the time; doing nothing, {100 * still.inside.mean():.0f} %"
        in said
    )
    more = float((plan.spend - still.spend).mean())
    assert f"Over two weeks it costs {float(f'{more:.3g}'):,.0f} CNY more than doing nothing and " in said
    assert "the best fixed win-rate" in said


def test_the_verdict_says_it_where_another_is_better(evidence):
    loss = {row.name: row.scores.loss for row in evidence.scenario("steady").rows}
    wins = int((loss["config"] < loss["best fixed"]).sum())
    assert wins < 24
    assert f"and the best fixed win-rate in {wins} of 48 futures" in verdict.lesser(evidence)


def test_what_chance_could_have_made_is_called_no_difference():
    assert difference(40.0, 41.0, "CNY", "x").startswith("about as much as x (40 CNY more, give or take")
    assert difference(40.0, 39.0, "CNY", "x") == "40 CNY more than x"
    assert difference(-40.0, float("nan"), "CNY", "x") == "40 CNY less than x"
    assert difference(0.0, 0.0, "CNY", "x") == "as much as x"


def test_without_a_budget_no_money_is_told(evidence):
    bare = replace(evidence, campaign=replace(evidence.campaign, budgets={}))
    texts = [
        verdict.headline(bare),
        *(tile.text for tile in verdict.tiles(bare)),
        beyond(bare, bare.scenarios[0]),
    ]
    assert not [text for text in texts if "CNY" in text or "cost" in text]
    assert [tile.name for tile in verdict.tiles(bare)] == [
        "In its band",
        "Better than doing nothing in",
        "Gates passed",
    ]
    assert policies.lines(bare, bare.scenarios[0])[0].spend.mean == "–"


def test_budgets_in_two_currencies_are_not_summed(evidence):
    (first,) = evidence.campaign.budgets.values()
    budgets = {"prizes": first, "gifts": replace(first, total=Money("EUR", 100))}
    both = replace(evidence, campaign=replace(evidence.campaign, budgets=budgets))
    assert verdict.headline(both).endswith(
        "The budgets are in different currencies, so no sum of money is told."
    )


def test_a_plan_alone_is_told_alone(evidence):
    alone = with_calm(evidence, only(evidence.scenarios[0], "config"))
    assert "doing nothing" not in verdict.headline(alone)
    assert "Over two weeks it spends" in verdict.headline(alone)
    assert verdict.lesser(alone) == ""
    assert [tile.name for tile in verdict.tiles(alone)] == ["In its band", "Spent", "Gates passed"]


def test_one_future_is_said_to_say_little():
    one = Kit(kinds=("steady",), seeds=1, draws=1, mechanisms=(), weeks=1.0).evidence()
    assert verdict.headline(one).startswith("In one simulated future of")
    assert "Over one week" in verdict.headline(one)
    assert "One luck says little" in verdict.lesser(one)
    assert policies.lines(one, one.scenarios[0])[1].above.worst == "one seed"


def test_nothing_played_is_no_verdict(evidence):
    bare = replace(evidence, scenarios=(), gates=())
    assert "Nothing was played" in verdict.headline(bare)
    assert gates.answer(bare, NOW, NOW + 1e6).badge == "not certified"
    assert [one.state for one in gates.unbelieved(bare)] == ["not played", "not played"]


def test_without_a_calm_market_the_first_one_is_named(evidence):
    assert "futures of zero gain the plan" in verdict.headline(
        replace(evidence, scenarios=evidence.scenarios[1:])
    )


def test_a_failed_gate_refuses_whatever_else_is_passed(evidence):
    failed = [mark for mark in gates.judged(evidence) if not mark.passed]
    assert [mark.where for mark in failed] == ["Zero gain"]
    answer = gates.answer(evidence, NOW, NOW + 1e6)
    assert answer.badge == "not certified"
    assert answer.said.startswith("Not certified: 1 of 8 gates failed.")


@pytest.mark.parametrize(
    ("until", "badge", "said"),
    [
        (
            NOW + 30 * 86_400,
            "certified",
            "Certified until Wed 12 Aug 2026, for 30 days: all 8 gates are passed.",
        ),
        (NOW - 1, "expired", "No longer certified: it ran out on Mon 13 Jul 2026."),
        (None, "gates passed", "All 8 gates are passed. No certificate was issued with this report."),
    ],
)
def test_where_all_is_passed_the_certificate_has_its_date(until, badge, said):
    passed = Kit(kinds=FEW, passing=True, policies=("config", "fixed")).evidence()
    answer = gates.answer(passed, NOW, until)
    assert answer.badge == badge
    assert answer.said.startswith(said)


def test_a_gate_is_told_once_whatever_the_whole_calls_it(evidence):
    again = replace(evidence, gates=(*MARKET, *(gate for one in evidence.scenarios for gate in one.gates)))
    assert "zero_gain: restrained" in [gate.name for gate in evidence.gates]
    assert "restrained" in [gate.name for gate in again.gates]
    assert gates.judged(again) == gates.judged(evidence)
    assert [mark.name for mark in gates.market(again)] == ["weekday index", "residual sd"]


def test_a_failed_gate_of_the_market_is_told_as_the_markets(evidence):
    bad = GateResult("lag-1", False, "recorded 0.4, simulated band 0.6 to 0.7")
    (mark,) = [m for m in gates.judged(replace(evidence, gates=(*evidence.gates, bad))) if m.name == "lag-1"]
    assert (mark.where, mark.said) == ("The market", "Recorded 0.4, simulated band 0.6 to 0.7.")


def test_what_nobody_believes_in_is_told_played_skipped_or_left_out(evidence):
    played = gates.unbelieved(evidence)
    assert [(one.name, one.state) for one in played] == [("Zero gain", "failed"), ("Sign reversal", "passed")]
    assert "more than doing nothing" in played[0].said[0]
    bare = replace(evidence.scenarios[1], rows=(), gates=(), skipped="it has no lever")
    (zero, sign) = gates.unbelieved(replace(evidence, scenarios=(evidence.scenarios[0], bare)))
    assert (zero.state, zero.said) == ("not played", ("It has no lever.",))
    assert (sign.state, sign.said) == ("not played", ("This run left it out: nothing is known of it.",))


def test_a_scenario_without_gates_does_not_pass(evidence):
    quiet = replace(evidence.scenarios[1], gates=())
    assert gates.unbelieved(replace(evidence, scenarios=(quiet,)))[0].state == "failed"


def test_the_table_has_the_worst_tenth_beside_the_mean(evidence):
    calm = evidence.scenario("steady")
    lines = policies.lines(evidence, calm)
    assert [line.heading for line in lines] == [
        "Your plan", "Doing nothing", "Best fixed value", "Up/down rule", "simple-pid, tuned", "Oracle",
    ]  # fmt: skip
    inside = calm.rows[0].scores.inside
    assert lines[0].inside.mean == f"{100 * inside.mean():.0f} %"
    assert lines[0].inside.worst == f"{100 * worst_decile(inside, high_is_bad=False):.0f} %"
    assert lines[0].above.mean == "–"
    gap = float((calm.rows[1].scores.loss - calm.rows[0].scores.loss).mean())
    assert lines[1].above.mean == f"+{gap:.4f}"
    assert lines[1].span == "3.00 %"


def test_a_policy_that_never_misses_has_no_miss(evidence):
    calm = evidence.scenario("steady")
    never = replace(calm.rows[0], scores=replace(calm.rows[0].scores, outside=np.full(48, np.nan)))
    line = policies.lines(evidence, replace(calm, rows=(never, *calm.rows[1:])))[0]
    assert (line.miss.mean, line.miss.worst) == ("none", "none")


def test_a_guardrail_says_where_and_when_it_bound(evidence):
    days = np.zeros(14)
    days[[3, 4]] = 0.5, 0.1
    plan = replace(evidence.scenario("steady").rows[0], bound={"calm": days, "purse": 0 * days})
    scenario = replace(evidence.scenario("steady"), rows=(plan,))
    calm, purse = rails.rails(replace(evidence, scenarios=(scenario, *evidence.scenarios[1:])))[:2]
    assert (calm.name, calm.kind) == ("Calm", "reversals")
    assert calm.strips[0].days == (0, 0, 0, 4, 2, *[0] * 9)
    assert calm.strips[0].said == "4 % of the time, most on Thu 16 Jul (50 %)"
    assert STARTS == 1_783_872_000.0
    assert purse.strips == ()
    assert purse.never == ("Steady", "Zero gain", "Sign reversal")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("largest_step", "largest step"),
        ("actuator", "actuator's own range"),
        ("budget_prizes", "budget prizes"),
        ("calm", "calm"),
    ],
)
def test_the_engines_own_limits_have_names_too(evidence, name, told):
    assert guard(name, evidence.campaign) == told


def test_two_ways_that_did_the_same_are_told_as_one(evidence):
    calm = evidence.scenario("steady")
    twin = replace(calm.row("fixed"), name="best fixed")
    rows = tuple(twin if row.name == "best fixed" else row for row in calm.rows)
    said = verdict.headline(with_calm(evidence, replace(calm, rows=rows)))
    assert said.endswith(" CNY more than doing nothing (here also the best fixed win-rate).")


def test_what_can_be_kept_is_drawn_to_scale_and_nothing_is_drawn_of_nothing(evidence):
    (bar,) = reach.reaches(evidence)
    assert (bar.low, bar.high, bar.asked) == (
        "104,000 units/week",
        "204,000 units/week",
        "196,000 units/week",
    )
    assert bar.x_low < bar.x_asked < bar.x_high < reach.LENGTH
    assert bar.x_low / bar.x_high == pytest.approx(104 / 204, abs=0.01)
    for low, high in ((float("nan"), float("nan")), (204_000.0, 104_000.0)):
        nothing = replace(FEASIBLE, low=low, high=high, within=False)
        (bar,) = reach.reaches(replace(evidence, feasible=(nothing,)))
        assert (bar.low, bar.high, bar.x_low, bar.x_high, bar.within) == ("", "", 0, 0, False)


def test_the_sources_stand_under_their_words(evidence):
    told = {fact.name: fact.text for fact in origins.statement(evidence)}
    assert list(told) == ["Recorded", "Fitted", "Modelled"]
    assert told["Fitted"] == "Noise, dispersion and repeat purchase, as 4 posterior draws."
    plain = replace(evidence, statement="All of it is made up.")
    assert [(f.name, f.text) for f in origins.statement(plain)] == [
        ("Of the market", "All of it is made up.")
    ]
    facts = {fact.name: fact.text for fact in origins.facts(evidence, NOW, "", 120, 336)}
    assert facts["Futures"].startswith(
        "48, for each policy in each scenario: 4 posterior draws × 2 ways to answer"
    )
    assert facts["To get it again"] == (
        "setpoint simulate CAMPAIGN.yaml --market MARKET.json --scenarios steady,zero_gain,sign_reversal,referral "
        "--weeks 2 --draws 4 --seeds 6 --seed 1"
    )
    assert "120 of 336 points" in facts["Charts"]
