"""Newcomers: who they are hangs on who brought them and as how manieth, and on nothing else."""

import numpy as np
import pytest

from models.consumers.agents import Agents
from models.consumers.counts import cut
from models.consumers.newcomers import Newcomers, ids
from models.draws import key_of, mix
from tests.models.consumers.kit import consumers, log, lucks, offer

BY = np.array([7, 3, 7, 7, 2**63 + 1], np.uint64)
CELL = np.array([0, 0, 0, 1, 1])


def rows(table):
    order = np.lexsort((table.person, table.cell))
    return [tuple(getattr(table, name)[order].tolist()) for name in ("cell", "person", "by", "rate")]


def test_ids_are_those_of_the_first_version():
    head = np.array([key_of("brought by")], np.uint64)
    golden = np.uint64(0x9E3779B97F4A7C15)
    expected = mix(mix(BY ^ head) + head + np.arange(5, dtype=np.uint64) * golden) | np.uint64(2**63)
    assert np.array_equal(ids(BY, np.arange(5)), expected)
    assert np.unique(ids(np.repeat(BY[:2], 1000), np.tile(np.arange(1000), 2))).size == 2000


@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4), (4, 2, 1, 3, 0), (3, 4, 0, 1, 2)])
@pytest.mark.parametrize("cut_at", [0, 1, 3, 5])
def test_a_newcomer_is_the_same_in_whatever_order_they_come(order, cut_at):
    order = list(order)
    whole = Newcomers.none().joined(CELL, BY, 0.7)
    first, rest = order[:cut_at], order[cut_at:]
    parts = Newcomers.none().joined(CELL[first], BY[first], 0.7).joined(CELL[rest], BY[rest], 0.7)
    assert rows(parts) == rows(whole)
    assert np.unique(whole.person[whole.by == 7]).size == 2, "the first friend of a person is nobody's second"
    assert np.array_equal(np.sort(whole.person[whole.cell == 0])[:1] >> np.uint64(63), [1])


def test_the_first_friend_is_the_same_stranger_under_another_policy():
    """A better lottery brings more people, and those who come anyway are the same ones."""
    who = consumers(referral=0.5)
    tables = [log(Agents(who), offer([2500.0], lift=lift), steps=60)[1] for lift in (0.2, 0.6)]
    few, many = ({*zip(t["new.by"].tolist(), t["new.person"].tolist(), strict=True)} for t in tables)
    assert 30 < len(few) < len(many)
    assert len(few & many) > 0.6 * len(few)


def test_newcomers_buy_are_told_and_bring_others():
    who = consumers(referral=1.5)
    flows, state = log(Agents(who), offer([1500.0], trips=0.03), steps=120)
    table = Newcomers.of(state)
    alone, _ = log(Agents(consumers()), offer([1500.0], trips=0.03), steps=120)
    assert flows["trips"][-24:].sum() > 1.3 * alone["trips"][-24:].sum()
    assert (table.by >> np.uint64(63)).any()
    assert (table.by >> np.uint64(63) == 0).any()
    assert np.isfinite(table.pantry).sum() > table.size / 4
    assert np.isfinite(table.memory).sum() > table.size / 4
    assert flows["reach"][-1] == state["reached"].sum() + table.reached.sum()


def test_agents_and_counts_grow_alike():
    who = consumers(referral=1.0, kappa=0.0, streak=0.0)
    given = offer([3000.0] * 6, trips=0.01)
    acted, state = log(Agents(who), given, steps=160)
    counted, after = log(cut(who, 20), given, steps=160, luck=lucks(6, seed=9))
    joined = np.bincount(state["new.cell"]).mean()
    assert joined > 250
    assert after["people"].sum() / 6 - 3000 == pytest.approx(joined, rel=0.06)
    for name in ("units", "opens", "reach"):
        assert counted[name][-40:].mean() == pytest.approx(acted[name][-40:].mean(), rel=0.06)


def test_nobody_brings_others_unless_it_is_set():
    _, state = log(Agents(consumers()), offer([800.0], trips=0.1), steps=20)
    assert state["new.person"].size == 0
    with pytest.raises(ValueError, match="at most one newcomer"):
        consumers(referral=40.0)
