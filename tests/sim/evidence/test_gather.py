"""From a campaign to its evidence: who does the work makes no difference, what is left out is told, gates bite."""

import json
from dataclasses import fields, is_dataclass, replace

import numpy as np
import pytest

from controller.cli.output import plain
from controller.errors import SetpointError
from controller.quantities import Money
from sim import report
from sim.evidence import gather as gathering
from sim.evidence.gather import gather
from sim.evidence.rows import ROWS
from sim.sweep.processes import ProcessExecutor
from sim.sweep.serial import SerialExecutor
from tests.sim.evidence.kit import ask, campaign, journal, stores

KINDS = ("steady", "zero_gain", "opt_out_cliff")


@pytest.fixture(scope="module")
def asked():
    return ask(scenarios=KINDS)


@pytest.fixture(scope="module")
def found(asked, tmp_path_factory):
    return gather(asked, SerialExecutor(), tmp_path_factory.mktemp("runs") / "runs")


@pytest.fixture(scope="module")
def few():
    return ask(rows=("config", "simple_pid"))


@pytest.fixture(scope="module")
def found_of_few(few):
    return gather(few, SerialExecutor())


class Counting:
    """Does tasks in this process and counts them."""

    def __init__(self):
        self.done = []

    def map(self, function, tasks):
        for done in SerialExecutor().map(function, tasks):
            self.done.append(tasks[done.index]["row"])
            yield done


def same(one, other):
    """Equal to the last bit, all the way down."""
    if isinstance(one, np.ndarray):
        return np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    if is_dataclass(one):
        return all(same(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return repr(one) == repr(other)


def test_every_scenario_has_every_row_over_every_future(found):
    assert [one.kind for one in found.scenarios] == list(KINDS)
    assert found.futures == 1 * 3 * 2
    for one in found.scenarios[:2]:
        assert tuple(row.name for row in one.rows) == ROWS
        for row in one.rows:
            assert row.scores.loss.shape == (found.futures,)
            assert set(row.kpi) == {"sales"}
            assert row.kpi["sales"].levels.shape == (5, len(row.kpi["sales"].seconds))
            assert set(row.levers) == {"win_rate"}
            assert (np.diff(row.spend.levels, axis=0) >= 0).all()
            assert row.spend.unit == "CNY"


def test_scores_are_possible(found):
    for one in found.scenarios[:2]:
        for row in one.rows:
            s = row.scores
            assert ((s.inside >= 0) & (s.inside <= 1)).all()
            assert (s.low >= 0.03 - 1e-12).all()
            assert (s.high <= 0.12 + 1e-12).all()
            assert (s.loss >= 0).all()
        still = one.row("fixed").scores
        assert (still.moves == 0).all()
        assert (still.low == still.high).all()
        assert one.row("best fixed").scores.loss.mean() <= still.loss.mean() + 1e-9
        assert (one.row("config").scores.moves > 0).all(), "a file in advise is simulated in auto"


def test_processes_find_the_same_to_the_last_bit(few, found_of_few):
    assert same(gather(few, ProcessExecutor(2)), found_of_few)


def test_an_evidence_that_was_stopped_goes_on_from_its_folder(few, found_of_few, tmp_path):
    class Stopped(Counting):
        def map(self, function, tasks):
            for n, done in enumerate(super().map(function, tasks)):
                if n == 2:
                    raise KeyboardInterrupt
                yield done

    first, second, third = Stopped(), Counting(), Counting()
    with pytest.raises(KeyboardInterrupt):
        gather(few, first, tmp_path / "runs")
    assert first.done == ["simple_pid", "config", "simple_pid", "config"]
    assert same(gather(few, second, tmp_path / "runs"), found_of_few)
    assert second.done == ["config", "simple_pid"], "the one that was thrown away, and the one not begun"
    gather(few, third, tmp_path / "runs")
    assert third.done == []


def test_another_question_is_not_answered_from_the_folder_of_one_before(asked, tmp_path):
    small = replace(asked, scenarios=("steady",), rows=("config", "fixed"))
    gather(small, SerialExecutor(), tmp_path / "runs")
    for other in (replace(small, seed=2), replace(small, weeks=0.6), replace(small, campaign=stores())):
        executor = Counting()
        gather(other, executor, tmp_path / "runs")
        assert executor.done == ["config", "fixed"]


def test_a_scenario_that_makes_no_sense_is_left_out_and_says_why(found):
    cliff = found.scenario("opt_out_cliff")
    assert cliff.rows == cliff.gates == ()
    assert cliff.skipped
    assert not [gate for gate in found.gates if gate.name.startswith("opt_out_cliff")]
    assert any(line.startswith("opt_out_cliff: left out, ") for line in report.lines(found))


def test_gates_of_the_whole_bear_the_name_of_their_scenario_and_the_market_s_comes_first(found):
    names = [gate.name for gate in found.gates]
    assert names[0] == "market: calibrated"
    assert not found.gates[0].passed
    own = [f"{one.kind}: {gate.name}" for one in found.scenarios for gate in one.gates]
    assert names[1] == "loops.sales: margins"
    assert names[2:] == own
    assert len(set(names)) == len(names)
    assert not found.passed


def test_the_statement_says_what_is_recorded_assumed_and_contested(found):
    for word in (
        "Recorded:",
        "Modelled:",
        "Nothing real is touched",
        "1 times the plant's own",
        "small discount",
    ):
        assert word in found.statement


def test_what_can_be_kept_comes_from_the_calm_market(found, asked):
    (one,) = found.feasible
    assert one.loop == "sales"
    assert one.low < one.high
    assert (
        gather(replace(asked, scenarios=("zero_gain",), rows=("config", "fixed")), SerialExecutor()).feasible
        == ()
    )


# -- gates bite -------------------------------------------------------------------------------------------------------

BURNS = {"keep_at": "60000 units/day", "policy": "{kind: pid, gain: 5, integral_time: 3h}"}
RISKY = ("steady", "outage", "sign_reversal", "zero_gain")


def gates(plan, kinds=RISKY, **given):
    rows = ("config", "fixed")
    told = gather(ask(plan, scenarios=kinds, rows=rows, weeks=1.0, **given), SerialExecutor())
    return {gate.name: gate.passed for gate in told.gates}


def test_a_policy_that_burns_the_budget_for_nothing_fails():
    found = gates(campaign(**BURNS))
    assert not found["zero_gain: restrained"]
    assert not found["sign_reversal: restrained"]


def test_doing_nothing_harms_nobody():
    found = gates(campaign(policy="{kind: fixed}"))
    assert not found.pop("market: calibrated")
    assert {name for name, passed in found.items() if not passed} == {"steady: helps"}


def test_a_budget_that_is_too_small_for_the_start_value_is_not_kept():
    found = gates(campaign(policy="{kind: fixed}", total="1000 CNY"), ("steady",))
    assert not found["steady: within budget"]


def test_on_a_calibrated_market_the_first_gate_is_its_hold_out(market_file, market):
    given = {"scenarios": ("steady",), "rows": ("config", "fixed"), "market": market_file, "draws": 2}
    told = gather(ask(**given), SerialExecutor())
    assert market.passed
    assert told.gates[0].passed
    assert told.calibrated == market.source
    assert "Fitted:" in told.statement
    assert told.draws == 2


# -- from today -------------------------------------------------------------------------------------------------------


def test_from_a_journal_the_runs_start_where_it_ends_with_what_is_left(tmp_path):
    ran = journal(tmp_path / "small.journal", days=6.0)
    given = {"scenarios": ("steady", "many_stores"), "rows": ("config", "fixed", "best fixed"), "seeds": 1}
    told = gather(ask(journal=tmp_path / "small.journal", **given), SerialExecutor())
    steady, split = told.scenarios
    assert steady.starts == ran.now
    assert "Starts from the state of 2026-07-18T16:00:00Z" in told.statement
    value = float(ran.simulated.market.levers["win_probability"].in_force(ran.now).value[0])
    still = steady.row("fixed")
    assert still.scores.low.tolist() == pytest.approx([value] * told.futures)
    assert still.scores.moves.tolist() == [0.0] * told.futures
    assert told.campaign.budgets["prizes"].total.amount == 100_000, "the file is certified as it is"
    paid = float(ran.loop.parts.facts.values()["spent.prizes"][0])
    left = f"{round(100_000 - paid, -2):,.0f} CNY"
    assert left in told.feasible[0].sentence
    assert split.skipped == "it divides the campaign into other cells than the journal has"


def test_a_budget_that_is_gone_can_not_be_kept(tmp_path):
    plan = campaign(total="9000 CNY")
    journal(tmp_path / "small.journal", plan, days=6.0)
    given = {"scenarios": ("steady",), "rows": ("config", "fixed"), "seeds": 1}
    told = gather(ask(plan, journal=tmp_path / "small.journal", **given), SerialExecutor())
    assert not next(gate for gate in told.gates if gate.name == "steady: within budget").passed


# -- what can't be asked ----------------------------------------------------------------------------------------------


def test_a_run_longer_than_the_campaign_is_refused_before_anything_runs():
    executor = Counting()
    with pytest.raises(SetpointError, match="weeks: the campaign has 4 weeks left at 2026-07-12T16:00:00Z"):
        gather(ask(weeks=4.5), executor)
    assert executor.done == []


def test_a_run_shorter_than_the_window_that_is_judged_is_refused():
    with pytest.raises(
        SetpointError, match=r"weeks: runs of 0.5 weeks hold no full window of loops.sales, .* over 1w"
    ):
        gather(ask(campaign(band="band: 10%, over: 7d")), Counting())


def test_a_campaign_that_is_over_is_not_played(tmp_path):
    plan = campaign(to="2026-07-15")
    journal(tmp_path / "small.journal", plan, days=4.0)
    with pytest.raises(SetpointError, match=r"runs.to: .* the campaign is over"):
        gather(ask(plan, journal=tmp_path / "small.journal"), Counting())


def test_budgets_of_several_currencies_are_not_added_up():
    plan = campaign()
    other = replace(plan.budgets["prizes"], total=Money("EUR", 500))
    with pytest.raises(SetpointError, match="budgets: money in CNY and EUR can't be added up"):
        gather(ask(replace(plan, budgets={**plan.budgets, "more": other})), Counting())


def test_a_loop_on_a_formula_is_refused_by_name():
    plan = campaign(
        actuators="\n  rate: {kind: formula, value: units * 2, unit: units/h, window: 3h}\nactuators:",
    )
    loops = {"sales": replace(plan.loops["sales"], measure="rate")}
    with pytest.raises(
        SetpointError, match=r"loops.sales.measure: rate is worked out of other sensors.*allowed: units"
    ):
        gather(ask(replace(plan, loops=loops)), Counting())


def test_where_people_act_one_by_one_there_is_no_oracle_and_the_statement_says_so():
    plan = campaign(market="kind: consumers, fidelity: agents, people: 2000, volume: 1")
    asked = ask(plan, scenarios=("steady",), rows=("config", "fixed", "oracle"), seeds=1, weeks=0.2)
    assert asked.played == ("config", "fixed")
    told = gather(asked, SerialExecutor())
    assert told.scenarios[0].row("oracle") is None
    assert "There is no oracle" in told.statement


# -- words ------------------------------------------------------------------------------------------------------------


def test_the_report_is_valid_json_without_a_nan(found):
    text = json.dumps(plain(report.data(found)), allow_nan=False)
    told = json.loads(text)
    assert [row["name"] for row in told["scenarios"][0]["rows"]] == list(ROWS)
    assert told["scenarios"][0]["rows"][0]["above_config"] == 0
    assert told["passed"] is False
    assert told["currency"] == "CNY"
    assert told["scenarios"][2]["skipped"]


def test_the_report_names_rows_scenarios_and_gates_that_were_not_passed(found):
    text = "\n".join(report.lines(found))
    for word in (
        *ROWS,
        "zero gain",
        "market: calibrated: NOT passed",
        "you can keep sales",
        "loss J",
        "6 futures",
    ):
        assert word in text, word
    assert gathering.CALM in text


def test_a_scenario_that_was_played_too_shortly_is_named(found):
    assert any(
        "zero_gain: shows itself in 2 weeks or more, these runs have 0.5" in line
        for line in report.lines(found)
    )
