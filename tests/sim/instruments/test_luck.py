"""The luck of feeds: the same for every policy, in any chunking, however often one asks."""

from dataclasses import replace

import numpy as np
import pytest

from sim.instruments import Feed
from sim.market.disturbances import Outage
from sim.market.levers import Setting
from tests.sim.instruments.faults_kit import CASES, DAY, HOUR, STEP

both = pytest.mark.parametrize("case", CASES, ids=lambda case: case.file)

ALL = Feed(
    delay=600.0, settle=((0.0, 0.5), (HOUR, 0.8), (4 * HOUR, 1.0)), returned=0.1, returned_after=8 * HOUR, dropout=0.2,
    burst=HOUR, noise=0.2, quantum=2.0, reset_rate=4.0, resets=(CASES[0].starts + 3 * HOUR,),
)  # fmt: skip


def told(m, case, hours):
    """All that a reader is told hour by hour; nothing where it is told nothing."""
    rows = []
    for hour in range(1, hours):
        m.advance_to(case.starts + hour * HOUR)
        for name in m.signals:
            silent = m.silent(name)
            value = m.total(name, m.now - STEP)[0]
            rows.append(value if silent is None else np.where(silent, -1.0, value))
        rows.append(m.window(case.signal, m.now, 2 * HOUR)[0])
    return np.array(rows)


@both
@pytest.mark.parametrize("cut", [(1, 1, 1), (2, 1)])
def test_replicas_with_faults_in_one_array_equal_separate_markets_bit_for_bit(case, cut):
    world = {"feeds": {"*": ALL}, "disturbances": (Outage(case.starts + 9 * HOUR, case.starts + 11 * HOUR),)}
    whole = told(case.market(replicas=3, **world), case, 30)
    assert (whole == -1.0).any()
    first = 0
    for count in cut:
        part = told(case.market(replicas=count, first=first, **world), case, 30)
        assert np.array_equal(part, whole[:, first : first + count])
        first += count


@both
def test_two_policies_meet_the_same_faults(case):
    feed = replace(ALL, returned=0.0)  # so that totals fall only where their counter begins anew
    one, other = (case.market(feeds={case.signal: feed}) for _ in range(2))
    raised = Setting(0.0, np.full(1, case.high), np.zeros(1, np.bool_))
    other.levers[case.lever].take(raised, case.starts)
    before, gaps, resets = [np.zeros(1)] * 2, [], []
    for n in range(1, 240):
        for m in (one, other):
            m.advance_to(case.starts + n * STEP)
        assert np.array_equal(one.silent(case.signal), other.silent(case.signal))
        now = [m.total(case.signal, m.now)[0] for m in (one, other)]
        gaps.append(now[0] != now[1])
        resets.append([(a < b).all() for a, b in zip(now, before, strict=True)])
        before = now
    assert np.any(gaps)
    assert np.array_equal(*np.transpose(resets))
    assert np.sum(resets) >= 4


@both
def test_however_time_is_handed_in_and_however_often_one_asks_the_answers_are_the_same(case):
    calm, busy = (case.market(feeds={case.signal: ALL}) for _ in range(2))
    for n in range(1, 24 * 12):
        busy.advance_to(case.starts + n * 300.0)
        for _ in range(2):
            (
                busy.total(case.signal, busy.now),
                busy.silent(case.signal),
                busy.window(case.signal, busy.now, HOUR),
            )
    for m in (calm, busy):
        m.advance_to(case.starts + DAY)
    assert np.array_equal(told(calm, case, 30), told(busy, case, 30))
