"""Each fault of a drive by itself, on two plants: what an order does at the target, and what is read back."""

import numpy as np
import pytest

from controller.cells import Cells
from controller.errors import Refused, Unreachable
from controller.signals import Command, Epoch, Landing
from models.draws import Draws
from models.plants.base import Knobs
from models.plants.cap_lottery import build
from sim.instruments import Cap, Drive
from sim.market.demand import Demand
from sim.market.market import Market
from tests.sim.instruments.faults_kit import CASES, DAY, HOUR, STEP

both = pytest.mark.parametrize("case", CASES, ids=lambda case: case.file)


class Target:
    """One lever of a campaign's market behind its actuator; values are shares of its highest."""

    def __init__(self, case, drive, **world):
        self.case, self.sim = case, case.built(drives={case.lever: drive}, **world)
        self.market, self.actuator = self.sim.market, self.sim.actuators[case.actuator]
        self.starts, self.sent = case.starts, 0
        self.first = self.read()

    def order(self, share, at=0.0, *, lease=None, fallback=0.3, epoch=None, name=None, suspend=None):
        self.sent += 1
        one = np.full(1, 1.0) * self.case.high
        off = None if suspend is None else np.full(1, suspend)
        return self.actuator.apply(
            Command(
                name or f"c{self.sent}", self.case.actuator, share * one, Epoch(*(epoch or (1, self.sent))),
                self.starts + at, lease, fallback * one, off,
            )
        )  # fmt: skip

    def at(self, seconds):
        self.market.advance_to(self.starts + seconds)
        return self.read()

    def read(self):
        """The value read back, as a share of the highest, to nine digits."""
        return round(float(self.actuator.read_back().value[0]) / self.case.high, 9)

    def met(self):
        """What people meet, as a share of the highest."""
        return round(
            float(self.market.levers[self.case.lever].offered(self.market.now)[0]) / self.case.high, 9
        )


# -- late -----------------------------------------------------------------------------------------------------------


@both
def test_an_order_is_in_force_after_its_delay_and_unconfirmed_until_then(case):
    target = Target(case, Drive(delay=2 * HOUR))
    receipt = target.order(0.8)
    assert receipt.landing == [Landing.UNCONFIRMED]
    assert receipt.value == target.first * case.high
    assert target.at(2 * HOUR - 1) == target.first == target.met()
    assert target.at(2 * HOUR) == 0.8 == target.met()
    assert target.order(0.8, at=2 * HOUR, name="c1").landing == [Landing.CONFIRMED]


@both
def test_orders_under_way_land_one_after_the_other_and_each_once(case):
    target = Target(case, Drive(delay=HOUR))
    target.order(0.8, at=0.0, name="a", epoch=(1, 1))
    target.order(0.5, at=600.0, name="b", epoch=(1, 2))
    target.order(0.5, at=1200.0, name="b", epoch=(1, 2))  # sent again: it is under way already
    assert target.at(HOUR) == 0.8
    assert target.at(HOUR + 600.0) == 0.5
    assert target.actuator.read_back().command_id == "b"


@both
def test_an_older_epoch_is_refused_also_against_an_order_under_way(case):
    target = Target(case, Drive(delay=HOUR))
    target.order(0.8, epoch=(2, 1), name="new")
    with pytest.raises(Refused, match=r"not newer than 2\.1"):
        target.order(0.5, epoch=(1, 9), name="old")
    assert target.at(HOUR) == 0.8


@both
def test_a_lease_that_ends_under_way_leaves_the_fallback(case):
    target = Target(case, Drive(delay=2 * HOUR))
    target.order(0.8, lease=3 * HOUR, fallback=0.4)
    target.order(0.9, at=600.0, lease=HOUR, fallback=0.5)
    assert target.at(2 * HOUR) == 0.8
    assert target.at(2 * HOUR + 600.0) == 0.5  # in force two hours on, its lease of one hour is over
    renewed = Target(case, Drive(delay=2 * HOUR))
    renewed.order(0.8, lease=3 * HOUR, fallback=0.4)
    assert renewed.at(3 * HOUR - 1) == 0.8
    assert renewed.at(3 * HOUR) == 0.4


# -- slow, clipped, coarse, sticky ----------------------------------------------------------------------------------


@both
def test_a_slow_lever_is_read_where_it_is_and_turns_back_from_there(case):
    target = Target(case, Drive(rate=0.1 * case.high))
    first = target.first
    target.order(first + 0.3)
    assert [target.at(h * HOUR) for h in (0.5, 1, 3, 4)] == pytest.approx(
        [first + 0.05, first + 0.1, first + 0.3, first + 0.3]
    )
    target.order(first, at=4 * HOUR)
    assert target.at(5 * HOUR) == pytest.approx(first + 0.2)
    target.order(first + 0.25, at=5 * HOUR, lease=HOUR, fallback=first)
    assert target.at(5.5 * HOUR) == pytest.approx(first + 0.25)
    assert target.at(6.5 * HOUR) == pytest.approx(first + 0.2)  # the fallback is reached no faster
    assert target.at(9 * HOUR) == pytest.approx(first)


@both
def test_a_slow_lever_sets_out_for_the_fallback_of_a_late_order_when_that_comes(case):
    target = Target(case, Drive(delay=2 * HOUR, rate=0.1 * case.high))
    target.order(1.0, lease=HOUR, fallback=target.first + 0.3)
    assert target.at(2 * HOUR) == target.first
    assert target.at(3 * HOUR) == pytest.approx(target.first + 0.1)


@both
def test_what_the_target_does_not_accept_is_clipped_and_read_back_so(case):
    target = Target(case, Drive(low=0.35 * case.high, high=0.6 * case.high))
    assert target.first == pytest.approx(max(target.first, 0.35))
    assert target.order(0.9).landing == [Landing.UNCONFIRMED]
    assert target.read() == 0.6 == target.met()
    target.order(0.1, lease=HOUR, fallback=0.0)
    assert target.read() == 0.35
    assert target.at(HOUR) == 0.35


@both
def test_a_coarse_target_takes_its_nearest_value(case):
    target = Target(case, Drive(quantum=0.1 * case.high))
    target.order(0.73)
    assert target.read() == 0.7
    target.order(0.77)
    assert target.read() == 0.8


@both
def test_a_sticky_target_stays_for_small_orders_and_goes_all_the_way_for_larger_ones(case):
    target = Target(case, Drive(deadband=0.1 * case.high))
    target.order(0.7)
    assert target.read() == 0.7
    assert target.order(0.65).command_id == "c2"
    assert target.read() == 0.7
    target.order(0.59)
    assert target.read() == 0.59


# -- cut off --------------------------------------------------------------------------------------------------------


@both
def test_a_deaf_target_loses_orders_is_read_and_keeps_its_lease(case):
    target = Target(case, Drive(deaf=((case.starts + HOUR, case.starts + 6 * HOUR),)))
    target.order(0.8, lease=3 * HOUR, fallback=0.4)
    for at in (HOUR, 5 * HOUR):
        with pytest.raises(Unreachable, match="the order is lost"):
            target.order(0.9, at=at, name="lost", epoch=(1, 5))
    assert target.read() == 0.4
    target.order(0.9, at=6 * HOUR, name="lost", epoch=(1, 5))
    assert target.read() == 0.9


@both
def test_an_order_to_a_mute_target_lands_and_its_answer_is_lost(case):
    begins = case.starts + HOUR
    target = Target(case, Drive(mute=((begins, begins + HOUR),)))
    with pytest.raises(Unreachable, match="no answer"):
        target.order(0.8, at=HOUR)
    with pytest.raises(Unreachable, match="no answer"):
        target.read()
    assert target.met() == 0.8
    assert target.at(2 * HOUR) == 0.8
    assert target.order(0.8, at=2 * HOUR, name="c1", epoch=(1, 1)).landing == [Landing.CONFIRMED]


# -- stock and budget -----------------------------------------------------------------------------------------------

GIVEN = {"cap_lottery": "prizes_won", "push_frequency": "opens"}


@both
def test_when_the_stock_is_gone_the_lever_is_off_for_good_and_read_back_off(case):
    signal = GIVEN[case.file]
    target = Target(case, Drive(stock=Cap(signals=(signal,), total=200.0)))
    target.order(0.9)
    off, used, seen = target.market.levers[case.lever].kind.off, [], []
    for n in range(1, 200):
        seen.append(target.at(n * STEP))
        used.append(target.market.history.at(signal, n)[0])
    gone = int(np.argmax(np.array(used) >= 200.0))
    assert 0 < gone < 190
    assert set(seen[:gone]) == {0.9}
    assert set(seen[gone:]) == {off} == {target.met()}
    target.order(0.9, at=199 * STEP)
    assert target.read() == off
    if signal == "prizes_won":
        assert used[-1] == used[gone]


def test_a_budget_counts_what_is_paid_and_owed_from_its_own_moment_on():
    case, signals = CASES[0], ("prizes_paid", "prizes_owed")
    begins = case.starts + 6 * HOUR
    target = Target(case, Drive(budget=Cap(signals=signals, total=600.0, since=begins)))
    target.order(0.9)
    spent = []
    for n in range(1, 200):
        target.at(n * STEP)
        spent.append(sum(target.market.history.at(name, n)[0] for name in signals))
    before = spent[35]
    gone = int(np.argmax(np.array(spent) - before >= 600.0))
    assert before > 100.0
    assert target.met() == 0.0
    step_worth = spent[gone] - spent[gone - 1]
    assert max(spent) - before <= 600.0 + step_worth


def test_cells_of_a_pool_share_a_stock_and_pools_do_not():
    cells = Cells(("north", "south")).replicated(2)
    drive = Drive(stock=Cap(signals=("prizes_won",), total=150.0))
    start = np.array([0.1, 0.0, 0.0, 0.01])
    m = Market(
        build(Knobs()), Demand(cells), Draws(1), start=0.0, levers={"win_probability": start},
        drives={"win_probability": drive},
    )  # fmt: skip
    m.advance_to(DAY / 2)
    lever = m.levers["win_probability"]
    assert lever.stopped(m.now).tolist() == [True, True, False, False]
    assert lever.in_force(m.now).value.tolist() == [0.0, 0.0, 0.0, 0.01]


# -- what stays as it was -------------------------------------------------------------------------------------------

ALL = {
    "delay": 600.0, "deadband": 1e-4, "deaf": ((0.0, 1.0),), "mute": ((0.0, 1.0),),
    "stock": Cap(signals=("units_scanned",), total=1e9),
}  # fmt: skip


@both
@pytest.mark.parametrize("value", [np.nan, np.inf, -0.01, 1e6])
def test_no_fault_lets_a_value_in_that_is_no_value(case, value):
    about = ALL | {"rate": case.high, "low": 0.0, "high": case.high, "quantum": case.high / 100}
    target = Target(case, Drive(**about))
    for wrong in ({"share": value}, {"share": 0.5, "fallback": value}):
        with pytest.raises(Refused, match="must lie in"):
            target.order(**wrong)
    assert target.at(DAY) == target.first


@both
def test_suspended_it_offers_nothing_and_keeps_its_value_through_all_of_it(case):
    target = Target(case, Drive(delay=600.0, rate=100.0 * case.high))
    target.order(0.8, suspend=True)
    assert target.at(1200.0) == 0.8
    assert target.met() == target.market.levers[case.lever].kind.off


@both
def test_a_lever_with_a_perfect_drive_stands_in_no_one_s_way(case):
    target = Target(case, Drive())
    assert target.order(0.8).landing == [Landing.CONFIRMED]
    assert target.read() == target.met() == 0.8
    wide = Target(case, Drive(rate=1e12, low=-1e9, high=1e9))
    wide.order(0.8)
    assert wide.at(1.0) == wide.met() == 0.8
