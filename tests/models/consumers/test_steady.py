"""The steady state: a fixed point, kept by both fidelities, in the range of dips that the literature gives."""

from dataclasses import replace

import numpy as np
import pytest

from models.consumers.agents import Agents
from models.consumers.counts import cut
from models.consumers.declaration import MOST
from models.consumers.steady import at_home, held, spread, steady
from models.response.adstock import retained
from models.response.gamma_rates import segments
from models.response.pantry import SHARE
from tests.models.consumers.kit import HOUR, consumers, log, offer

RATES = segments(0.717, 400)[:, None]


def settled(who, factor, chance=0.0, trips=16.1 / 8760, known=0.0):
    told = replace(offer([1.0], trips=trips, chance=chance), usual=np.array([trips * (1 + known)]))
    _, damping = who.fullness(at_home(who, told.usual, HOUR), HOUR)
    return steady(who, RATES, told, np.array([factor]), damping, HOUR)


@pytest.mark.parametrize("known", [0.0, 0.4])
def test_under_the_levers_known_everyone_buys_as_often_as_the_record_says(known):
    calm = settled(consumers(), 1.0 + known, known=known)
    assert np.allclose(calm.trips, RATES * (1 + known) * 16.1 / 8760)
    assert calm.streak.max() == 0


@pytest.mark.parametrize(("factor", "chance"), [(0.5, 0.0), (1.7, 0.05), (3.0, 0.2)])
def test_it_is_a_fixed_point(factor, chance):
    who, trips = consumers(), 16.1 / 8760
    calm = settled(who, factor, chance)
    home = at_home(who, np.array([trips]), HOUR)
    _, damping = who.fullness(home, HOUR)
    wish = np.exp(damping * (RATES * home - calm.units)) * who.carried(calm.streak)
    assert np.allclose(calm.trips, RATES * trips * factor * wish, rtol=1e-9)
    won = calm.trips * who.basket.units * chance
    assert np.allclose(calm.streak, who.streak * won * held(retained(who.streak_half_life, HOUR)))


@pytest.mark.parametrize("year", [8.0, 16.1, 50.0, 177.0])
@pytest.mark.parametrize("factor", [1.1, 1.5])
def test_the_share_of_a_bump_that_is_borrowed_is_one_that_the_literature_gives(year, factor):
    bought = settled(consumers(), factor, trips=year / 8760).trips.mean() / (year / 8760)
    assert SHARE.low < 1 - (bought - 1) / (factor - 1) < SHARE.high


def test_wins_that_feed_on_wins_come_to_an_end():
    calm = settled(consumers(streak=50.0, kappa=0.0), 1.0, chance=0.5, trips=0.02)
    assert calm.trips.max() == pytest.approx(MOST * RATES.max() * 0.02)


def test_stocks_of_persons_have_the_mean_and_the_variance_of_the_noise_they_are():
    u = (np.arange(100_000) + 0.5) / 100_000
    events, keep, square = np.full(u.size, 0.05), 0.9, 6.6
    mean = events * 2.2 * keep / (1 - keep)
    drawn = spread(mean, events, np.array(square), keep, u)
    assert drawn.mean() == pytest.approx(mean[0], rel=0.01)
    assert drawn.var() == pytest.approx(0.05 * square * keep**2 / (1 - keep**2), rel=0.02)


@pytest.mark.parametrize("fidelity", ["agents", "counts"])
def test_a_market_starts_where_it_would_stay(fidelity):
    """The first two days sell what later weeks do, under an offer known for ever."""
    who = consumers()
    people = Agents(who) if fidelity == "agents" else cut(who, 30)
    given = offer([3000.0] * 8, trips=0.01, lift=0.8)
    flows, _ = log(people, given, steps=480)
    units, reach = flows["units"].sum(axis=1), flows["reach"].sum(axis=1)
    first, later = units[:48].mean(), units[240:].mean()
    noise = np.sqrt(3.0 * units.mean() * (1 / 48 + 1 / 240))
    assert abs(first - later) < 4 * noise
    opens = flows["opens"].sum(axis=1) / reach
    assert abs(opens[:48].mean() / opens[240:].mean() - 1) < 4 * np.sqrt(2 / flows["opens"][:48].sum())
