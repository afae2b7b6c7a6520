"""The first people of a market of agents: who is there, and what they have at home, remember, and hope for.

A population is its law, without chance: rates are the bins of the gamma law, stocks are quantiles of their laws at
points that fill the unit square evenly (the R2 sequence, after Roberts 2018), and whom messages reach is the lower part
of a fixed shuffle. So replicas differ by luck alone, and equal cells are worked out once. Called by the agents; calls
steady.py; draws nothing.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.consumers.declaration import Consumers, Floats, Offer, State
from models.consumers.fading import NOTHING, Fading
from models.consumers.layout import GRAIN, Layout
from models.consumers.messages import places
from models.consumers.newcomers import Newcomers
from models.consumers.steady import at_home, spread, steady
from models.draws import key_of, personal
from models.response.adstock import retained
from models.response.fatigue import remembered

_R2 = (0.7548776662466927, 0.5698402909980532)
_SHUFFLE = np.array([key_of("whom messages reach")], np.uint64)
_STOCKS = ("pantry", "streak", "memory", "reached")


def populate(who: Consumers, offer: Offer, dt: float) -> State:
    """People who have known an offer for ever."""
    place = Layout.of(offer.people, who.shape)
    home = at_home(who, offer.usual, dt)
    damping = who.fullness(home, dt)[1] + np.zeros_like(home)
    square = who.basket.squared + np.zeros_like(home)
    told = (offer.trips, offer.usual, offer.lift, offer.pushed, offer.chance, offer.messages, damping, square)
    known: dict[tuple[float, ...], dict[str, Any]] = {}
    rows = []
    for n, count in enumerate(place.count):
        key = float(count), *(float(each[n]) for each in told)
        if key not in known:
            known[key] = _cell(who, place, offer, n, float(damping[n]), float(square[n]), dt)
        rows.append(known[key])
    persons = {name: np.concatenate([row[name] for row in rows]) for name in _STOCKS}
    reach = np.array([float(np.count_nonzero(row["reached"])) for row in rows])
    memory = who.push.memory
    return {
        **persons,
        **Newcomers.none().state(),
        "top": _tops(place, persons["streak"]),
        "people": place.count.astype(np.float64),
        "hours": np.zeros_like(reach),
        "usual": home,
        "tired": remembered(np.zeros_like(reach), offer.messages / dt, memory, 1e3 * memory),
        "wheel": np.zeros_like(reach),
        "reach": reach,
        "joined": reach.copy(),
    }


def told(who: Consumers, state: State, estimates: Mapping[str, Floats]) -> State:
    """A state with what is known of today put in; see `People.told`. Arrays of persons are new ones."""
    after, place = dict(state), Layout.of(state["people"], who.shape)
    cell = np.repeat(np.arange(place.count.size), place.count)
    if "fatigue" in estimates:
        after["tired"] = estimates["fatigue"]
        periods = np.where(estimates["fatigue"] > 0, who.push.memory / np.log(2.0), 0.0)
        periods = periods / np.maximum(estimates["fatigue"], 1e-12)
        each = (place.count, state["wheel"], periods, state["hours"])
        after["memory"] = np.concatenate(
            [_memories(who, *map(float, own)) for own in zip(*each, strict=True)]
        )
    if "inventory" in estimates:
        pantry = Fading(who.pantry)
        level = pantry.level(state["pantry"], state["hours"][cell])
        mean = np.bincount(cell, weights=level) / place.count
        none = mean <= 0
        factor = estimates["inventory"] / np.where(none, 1.0, mean)
        level = np.where(none[cell], estimates["inventory"][cell], level * factor[cell])
        after["pantry"] = pantry.of(level, state["hours"][cell])
    if "reach" in estimates:
        after |= _reached(place, np.minimum(np.floor(estimates["reach"]), place.count))
    return after


def _cell(
    who: Consumers, place: Layout, offer: Offer, n: int, damping: float, square: float, dt: float
) -> dict[str, Any]:
    """The persons of cell n."""
    count, shift, messages = int(place.count[n]), place.shift[n], float(offer.messages[n])
    person = np.arange(count)
    reached = _lowest(count, int(np.floor(count * who.push.opted_in)))
    rates = place.rate(np.full(count, n), person)[:: 1 << shift]
    own = offer.among(n)
    factor = 1.0 + own.lift + own.pushed * np.array([[0.0], [1.0]])
    calm = steady(who, rates, own, factor, np.asarray(damping), dt)
    row = reached.astype(np.int64), person >> shift
    trips, keep = calm.trips[row], retained(who.pantry, dt)
    home = spread(calm.units[row], trips, np.asarray(square), keep, _even(person, 0))
    return {
        "pantry": Fading(who.pantry).of(home, 0.0),
        "streak": _streaks(who, calm.streak[row], trips, own.chance, np.asarray(square), person, dt),
        "memory": _memories(who, count, 0.0, dt / messages if messages else 0.0, 0.0),
        "reached": reached,
    }


def _streaks(
    who: Consumers,
    mean: Floats,
    trips: Floats,
    chance: Floats,
    square: Floats,
    person: NDArray[np.int64],
    dt: float,
) -> NDArray[np.float32]:
    if not who.streak or not chance:
        return np.full(person.size, NOTHING)
    wins = who.basket.units * chance * (1.0 - chance) + chance * chance * square
    jump = np.asarray(who.streak * who.streak * wins)
    keep = retained(who.streak_half_life, dt)
    return Fading(who.streak_half_life).of(spread(mean, trips, jump, keep, _even(person, 1)), 0.0)


def _memories(
    who: Consumers, people: float, wheel: float, period: float, hours: float
) -> NDArray[np.float32]:
    """What persons remember of messages that have come every `period` seconds for ever; zero: none ever came.

    Each got the last one when the wheel, which stands at `wheel`, passed its place.
    """
    count = int(people)
    if not period:
        return np.full(count, NOTHING)
    tau = who.push.memory / float(np.log(2.0))
    age = (wheel - places(count) / count) % 1.0 * period
    return Fading(who.push.memory).of(np.exp(-age / tau) / -np.expm1(-period / tau), hours)


def _even(person: NDArray[np.int64], axis: int) -> Floats:
    return np.asarray((0.5 + (person + 1) * _R2[axis]) % 1.0)


def _lowest(count: int, some: int) -> NDArray[np.bool_]:
    """True for `some` of the persons, whatever their rates."""
    words = personal(_SHUFFLE, np.arange(count, dtype=np.uint64))
    reached = np.zeros(count, np.bool_)
    reached[np.argpartition(words, some - 1)[:some] if 0 < some < count else slice(0, some)] = True
    return reached


def _reached(place: Layout, reach: Floats) -> dict[str, Any]:
    return {
        "reached": np.concatenate(
            [_lowest(int(n), int(some)) for n, some in zip(place.count, reach, strict=True)]
        ),
        "reach": reach,
    }


def _tops(place: Layout, streak: NDArray[np.float32]) -> NDArray[np.float32]:
    """The longest streak of each grain."""
    cell = place.cell_of_grain
    start = place.first[cell] + (np.arange(cell.size) - place.grain[cell]) * GRAIN
    return np.maximum.reduceat(streak, start)
