"""The feed: what a journal says, point by point, through restarts, reloads, pruning and failures."""

import json
import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from controller.errors import StoreError
from controller.ports import Record
from controller.store import MemoryStore, SqliteStore, memory
from controller.store.retention import superfluous
from controller.web import chronicle, feed
from controller.web.feed import Feed
from tests.web.shop import Shop

STORES = ("north", "south", "east")


@pytest.fixture
def shop():
    return Shop()


def ids(look):
    return [point["id"] for point in look.points]


def ticks(shop):
    return [record.number for record in shop.store.records(kinds=("tick",))]


def strict(look):
    """The look as a browser gets it: NaN is no JSON."""
    plain = {"points": look.points, "moves": look.moves, "alarms": look.alarms}
    return json.loads(json.dumps(plain, allow_nan=False))


def test_every_tick_is_a_point_once_and_in_order(shop):
    shop.turns(5)
    view = Feed(shop.store)
    first = view.look()
    assert ids(first) == ticks(shop)
    shop.turns(3)
    then = view.look(ids(first)[-1])
    assert ids(first) + ids(then) == ticks(shop)
    assert ids(view.look(ids(then)[-1])) == []


def test_a_point_says_what_the_record_says(shop):
    shop.turns(40)
    record = shop.store.last("tick")
    point = Feed(shop.store).look().points[-1]
    sales, lever = point["loops"]["sales"], point["outputs"]["win_rate"]
    assert sales["value"] == pytest.approx(record.columns["signal.units.value"][0])
    assert sales["share"] == pytest.approx(sales["value"] / 115.0)
    assert (sales["state"], sales["lost"], sales["good_at"]) == ("live", 0, record.time)
    assert lever["applied"] == record.columns["applied.win_rate"][0]
    assert (point["mode"], point["gate"], lever["known"]) == ("auto", "", True)
    assert point["budgets"]["prizes"] == {"paid": pytest.approx(shop.till.paid), "owed": None}


def test_what_is_not_known_is_null_and_never_zero(shop):
    shop.dead = True
    shop.turns(2)
    sales = strict(Feed(shop.store).look())["points"][-1]["loops"]["sales"]
    assert sales["value"] is None
    assert sales["share"] is None
    assert sales["good_at"] is None


def test_a_journal_that_is_not_there_yet_is_empty_and_then_it_is_there():
    view = Feed(MemoryStore())
    assert view.look() == feed.Look("", [], [], {}, [], "")
    shop = Shop(view.store)
    assert view.look().version
    shop.turns(2)
    assert ids(view.look()) == ticks(shop)


# -- cells ---------------------------------------------------------------------------------------------------------


def test_of_many_cells_the_median_is_shown_and_money_as_the_sum():
    shop = Shop(names=STORES)
    shop.actuator.value[:] = (0.04, 0.05, 0.09)
    shop.turns(2)
    columns = shop.store.last("tick").columns
    whole, east = Feed(shop.store).look().points[-1], Feed(shop.store, "east").look().points[-1]
    assert whole["outputs"]["win_rate"]["applied"] == np.median(columns["applied.win_rate"])
    assert east["outputs"]["win_rate"]["applied"] == columns["applied.win_rate"][2]
    paid = pytest.approx(columns["signal.paid.value"].sum())
    assert whole["budgets"]["prizes"]["paid"] == paid
    assert east["budgets"]["prizes"]["paid"] == paid


def test_one_lost_cell_of_many_is_counted_and_does_not_hide_the_others():
    shop = Shop(names=STORES)
    shop.turns(3)
    shop.units.fault = lambda reading: replace(reading, value=np.where([0, 1, 0], np.nan, reading.value))
    shop.turns(6)
    whole, south = Feed(shop.store).look().points[-1], Feed(shop.store, "south").look().points[-1]
    assert (whole["loops"]["sales"]["state"], whole["loops"]["sales"]["lost"]) == ("hold", 1)
    assert math.isfinite(whole["loops"]["sales"]["value"])
    assert (south["loops"]["sales"]["state"], south["outputs"]["win_rate"]["reason"]) == (
        "hold",
        "held_bad_data",
    )


def test_a_single_cell_is_told_by_name_and_all_of_them_as_a_count():
    shop = Shop(names=STORES)
    shop.turns(30)
    [*_, one], [*_, many] = Feed(shop.store, "south").look().moves, Feed(shop.store).look().moves
    assert "south" in one["text"]
    assert one["after"] != one["before"]
    assert many["cells"] == 3
    assert "3 cells" in many["text"]


# -- why -----------------------------------------------------------------------------------------------------------


def test_moves_are_exactly_the_ticks_with_a_new_value(shop):
    shop.turns(60)
    records = list(shop.store.records(kinds=("tick",)))
    moved = [r.number for r in records if r.columns["decided.win_rate"] != r.columns["readback.win_rate"]]
    assert 5 < len(moved) < 60
    assert [move["id"] for move in Feed(shop.store).look().moves] == moved[-chronicle.TOLD :]


def test_the_sentences_do_not_depend_on_when_one_looked(shop):
    view = Feed(shop.store)
    for _ in range(30):
        shop.turn()
        view.look()
    late = Feed(shop.store).look()
    assert view.look().moves == late.moves
    assert view.look().why == late.why


def test_an_order_and_a_hold_are_told_and_the_reason_follows(shop):
    shop.turns(10)
    shop.order("hold", channel="win_rate")
    shop.turns(2)
    look = Feed(shop.store).look()
    [order] = [move["text"] for move in look.moves if not move["channel"]]
    assert order.startswith("win-rate held")
    assert order.endswith("by kim: lunch")
    assert "override" in look.why["win_rate"]
    shop.order("resume")
    shop.turns(2)
    assert "override" not in Feed(shop.store).look().why["win_rate"]


def test_a_dead_sensor_is_told_as_hold_then_fallback_and_is_gone_when_it_returns(shop):
    shop.turns(20)
    view = Feed(shop.store)
    shop.dead = True
    shop.turns(6)
    held = view.look()
    assert held.points[-1]["loops"]["sales"]["state"] == "hold"
    assert "held, since the sensor units gives no data" in held.why["win_rate"]
    shop.turns(12)
    assert view.look().points[-1]["outputs"]["win_rate"]["reason"] == "fallback"
    assert "the safe value" in view.look().why["win_rate"]
    shop.dead = False
    shop.turns(6)
    assert view.look().points[-1]["loops"]["sales"]["state"] == "live"
    assert "the safe value" not in view.look().why["win_rate"]


# -- alarms --------------------------------------------------------------------------------------------------------


def test_an_alarm_is_shown_in_the_turn_that_says_it_before_the_book_has_it(shop):
    shop.turns(5)
    shop.dead = True
    shop.turns(4)
    shop.service.watchers.clear()  # the desk, which writes the book's rows after the turn
    shop.turn()
    [held] = Feed(shop.store).look().alarms
    assert (held["code"], held["subject"], held["severity"], held["since"]) == ("held", "units", "high", None)
    assert "mend the source" in held["action"]


def test_an_alarm_of_the_book_is_shown_once_with_its_time(shop):
    shop.turns(5)
    shop.dead = True
    shop.turns(7)
    [held] = Feed(shop.store).look().alarms
    assert held["code"] == "held"
    assert shop.now - 900.0 < held["since"] < shop.now


def test_the_graver_alarm_takes_the_place_of_the_lesser_and_what_is_over_says_so(shop):
    shop.turns(5)
    shop.dead = True
    shop.turns(20)
    assert [alarm["code"] for alarm in Feed(shop.store).look().alarms] == ["fallback"]
    shop.dead = False
    shop.turns(10)
    over = {alarm["code"]: alarm["over"] for alarm in Feed(shop.store).look().alarms}
    assert over["fallback"] is not None


def test_a_condition_that_the_table_holds_back_is_no_alarm_yet(shop):
    shop.turns(3)
    shop.dead = True
    shop.turn()
    assert "sensor_silent" in [said[0] for said in shop.store.last("tick").data["conditions"]]
    assert Feed(shop.store).look().alarms == []


# -- what happens to a journal -------------------------------------------------------------------------------------


def test_a_restart_goes_on_under_a_new_version(tmp_path):
    shop = Shop(SqliteStore(tmp_path / "a.journal"))
    shop.turns(3)
    view = Feed(SqliteStore(tmp_path / "a.journal", readonly=True))
    before = view.look()
    assert before.stopped == ""
    shop.stop()
    assert view.look().stopped == "told to stop"
    shop.store = SqliteStore(tmp_path / "a.journal")
    shop.start()
    assert view.look().version != before.version
    shop.turns(2)
    after = view.look(ids(before)[-1])
    assert after.stopped == ""
    assert len(after.points) == 2
    assert ids(before) + ids(after) == ticks(shop)


def test_a_reload_changes_the_version_and_the_names_of_what_is_shown(shop):
    shop.turns(3)
    view = Feed(shop.store)
    before = view.look().version
    shop.reload("prizes", "gifts")
    assert view.look().version != before
    shop.turns(2)
    points = view.look().points
    assert [list(point["budgets"]) for point in points] == [["prizes"]] * 3 + [["gifts"]] * 2
    assert list(view.about["budgets"]) == ["gifts"]
    assert Feed(shop.store).look().points == points


def test_pruning_before_and_while_somebody_looks_loses_only_what_was_pruned(shop, monkeypatch):
    monkeypatch.setattr(memory, "superfluous", lambda known, new: superfluous(known, new, spacing=5))
    shop.turns(30)
    view = Feed(shop.store)
    seen = ids(view.look())
    assert shop.store.prune(shop.now - 600.0, 1) > 20
    shop.turns(2)
    assert ids(view.look(seen[-1])) == ticks(shop)[-2:]
    fresh = Feed(shop.store).look()
    assert ids(fresh) == ticks(shop)
    assert fresh.version


def test_a_journal_that_can_not_be_read_is_said_and_read_again_when_it_can(shop):
    shop.turns(2)
    view = Feed(shop.store)
    records = shop.store.records
    shop.store.records = lambda *_: (_ for _ in ()).throw(StoreError("no disk"))
    with pytest.raises(StoreError, match="no disk"):
        view.look()
    shop.store.records = records
    assert ids(view.look()) == ticks(shop)


def test_turns_of_an_unknown_campaign_are_passed_over():
    store = MemoryStore()
    store.claim("test")
    store.append(Record("tick", 0, 0.0, {}, {"mode": 4}))
    view = Feed(store)
    assert view.look().points == []
    store.close()
    Shop(store).turn()
    assert len(view.look().points) == 1


# -- long journals -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def long():
    """The first look at 8,000 turns (real ones, and copies as a daemon would have written them), and its work."""
    shop = Shop()
    shop.turns(200)
    pattern = list(shop.store.records(kinds=("tick",)))[-100:]
    for turn in range(200, 8_000):
        like, at = pattern[turn % 100], shop.now + 300.0 * (turn - 199)
        shop.store.append(Record("tick", turn, at, like.columns, {**like.data, "said": []}))
    done = Counter()
    with pytest.MonkeyPatch.context() as patch:
        for place, name in ((chronicle.Moment, "told"), (feed, "point_of")):
            patch.setattr(place, name, counted(done, name, getattr(place, name)))
        return Feed(shop.store).look(-1, 1200), done


def counted(done, name, work):
    def working(*given):
        done[name] += 1
        return work(*given)

    return working


def test_a_first_look_at_a_long_journal_makes_only_the_points_and_sentences_that_are_shown(long):
    look, done = long
    assert done["told"] <= chronicle.TOLD + 1
    assert done["point_of"] <= 1.1 * feed.KEPT
    assert len(look.moves) == chronicle.TOLD
    assert 600 < len(look.points) <= 1300
    assert len(json.dumps(look.points)) < 600_000


def test_history_is_the_finer_the_newer_and_reaches_back_to_the_beginning(long):
    gaps = np.diff(ids(long[0]))
    assert (gaps[-150:] == 1).all()
    assert gaps[:10].min() > 10
    assert np.mean(gaps[:100]) > np.mean(gaps[300:400]) > np.mean(gaps[500:600])
    assert ids(long[0])[0] < 10


def test_memory_stays_bounded_and_no_point_that_is_new_is_left_out(shop, monkeypatch):
    monkeypatch.setattr(feed, "KEPT", 20)
    shop.turn()
    view = Feed(shop.store)
    [last] = ids(view.look())
    for _ in range(100):
        shop.turn()
        assert ids(view.look(last)) == ticks(shop)[-1:]
        last = ticks(shop)[-1]
    assert len(view._points) <= 40


def test_a_campaign_with_many_cells_begins_later(monkeypatch):
    monkeypatch.setattr(feed, "SHALLOWEST", 4)
    monkeypatch.setattr(feed, "VALUES", 30)
    shop = Shop(names=STORES)
    shop.turns(40)
    look = Feed(shop.store).look()
    assert 0 < len(look.points) <= 10
    assert look.version
