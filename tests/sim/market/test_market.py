"""The market: grid, paired luck, replicas, windows, late counts, disturbances."""

import numpy as np
import pytest

from controller.cells import Cells
from models.draws import keys_of
from sim.market.disturbances import Promotion
from tests.sim.market.market_kit import DAY, HOUR, START, market

SIGNALS = ("units_scanned", "prizes_paid", "redemptions", "opens", "opt_outs", "money_owed", "active_reach")


def totals(m, moment=None):
    return {name: m.total(name, moment or m.time)[0] for name in SIGNALS}


def test_steps_are_done_on_the_grid_however_time_is_handed_in():
    one, many = market(), market()
    one.advance_to(START + DAY)
    for moment in np.linspace(START, START + DAY, 97):
        many.advance_to(moment)
        many.advance_to(moment - 5000.0)
    assert one.time == many.time == START + DAY
    for name, value in totals(one).items():
        assert np.array_equal(value, totals(many)[name]), name


def test_two_settings_meet_the_same_luck():
    calm, raised = market(), market(levers={"win_probability": 0.035})
    other = market(seed=2, levers={"win_probability": 0.035})
    gaps = {}
    for name, m in (("paired", raised), ("apart", other)):
        for each in (calm, m):
            each.advance_to(START + 3 * DAY)
        hours = [
            m.window("units_scanned", START + h * HOUR, HOUR)[0]
            - calm.window("units_scanned", START + h * HOUR, HOUR)[0]
            for h in range(10, 72)
        ]
        gaps[name] = np.std(hours)
    assert gaps["paired"] < gaps["apart"] / 3


def test_cells_of_one_key_meet_the_same_luck_in_one_market():
    twin = market(Cells(("steered", "fixed")), keys=keys_of(("x", "x")))
    twin.advance_to(START + DAY)
    for name, value in totals(twin).items():
        assert value[0] == value[1], name


@pytest.mark.parametrize("cut", [(1, 1, 1, 1, 1), (2, 3), (4, 1)])
def test_replicas_in_one_array_equal_separate_runs_bit_for_bit(cut):
    stores = Cells(("north", "south", "east"), zones=("UTC", "Asia/Shanghai", "UTC"))
    whole = market(stores.replicated(5))
    whole.advance_to(START + 2 * DAY)
    first = 0
    for count in cut:
        part = market(stores.replicated(count, first=first))
        part.advance_to(START + 2 * DAY)
        for name, value in totals(part).items():
            assert np.array_equal(value, totals(whole)[name][3 * first : 3 * (first + count)]), name
        first += count


def test_windows_add_up_and_end_on_the_grid():
    m = market()
    m.advance_to(START + DAY)
    hours = [m.window("units_scanned", START + h * HOUR, HOUR)[0] for h in range(1, 25)]
    assert np.array_equal(sum(hours), m.window("units_scanned", START + DAY, DAY)[0])
    value, end = m.window("units_scanned", START + 7500.0, HOUR)
    assert end == START + 7200.0
    assert np.array_equal(value, m.window("units_scanned", START + 7200.0, HOUR)[0])


def test_the_ledger_shows_payments_late_and_debts_at_once():
    late, prompt = market(paid_lag=6 * HOUR), market(paid_lag=0.0)
    for m in (late, prompt):
        m.advance_to(START + 2 * DAY)
    seen, _ = late.total("prizes_paid", START + 2 * DAY)
    assert np.array_equal(seen, prompt.total("prizes_paid", START + 2 * DAY - 6 * HOUR)[0])
    assert np.array_equal(
        late.total("money_owed", START + DAY)[0], prompt.total("money_owed", START + DAY)[0]
    )


def test_late_counts_make_the_newest_window_look_low_until_they_come_in():
    late, prompt = market(late_share=0.3, late_by=2 * HOUR), market()
    for m in (late, prompt):
        m.advance_to(START + DAY)
    full = prompt.window("units_scanned", START + DAY, HOUR)[0]
    assert late.window("units_scanned", START + DAY, HOUR)[0] == pytest.approx(0.7 * full, abs=1)
    late.advance_to(START + DAY + 2 * HOUR)
    assert late.window("units_scanned", START + DAY, HOUR)[0] == full


def test_a_promotion_takes_demand_only_while_it_lasts():
    calm = market()
    hit = market(disturbances=(Promotion(START + 8 * HOUR, START + 20 * HOUR, 0.5),))
    for m in (calm, hit):
        m.advance_to(START + DAY)

    def share(start, end):
        sold = [m.window("units_scanned", START + end * HOUR, (end - start) * HOUR)[0] for m in (hit, calm)]
        return (sold[0] / sold[1])[0]

    assert share(0, 8) == 1.0
    assert share(8, 20) == pytest.approx(0.5, abs=0.02)
    assert share(20, 24) == pytest.approx(1.0, abs=0.01)


def test_what_is_no_longer_kept_is_an_error_and_never_a_guess():
    m = market(keep=DAY)
    m.advance_to(START + 3 * DAY)
    with pytest.raises(LookupError, match="not kept"):
        m.window("units_scanned", START + DAY, HOUR)


@pytest.mark.parametrize(
    ("key", "value", "match"), [("step", 700.0, "divide an hour"), ("step", -1.0, "divide an hour")]
)
def test_steps_that_do_not_fit_are_refused(key, value, match):
    with pytest.raises(ValueError, match=match):
        market(**{key: value})


def test_a_lever_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="no lever"):
        market(levers={"price": 1.0})
