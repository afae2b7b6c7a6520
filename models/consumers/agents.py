"""Consumers as agents: everyone's pantry, streak, memory of messages and reach, moved only when something happens.

All that fades is kept as the hour at which it will have faded to one: 4 bytes hold a stock and its age, and nobody
has to be touched for time to pass. With a byte for whether messages reach a person that is 13 bytes a consumer. A step
looks at 16 bits of chance of everyone (scan.py), works out the own chance of the few who may act, and draws every other
channel for those it concerns alone: baskets and wins for buyers, opens and opt-outs for those sent a message.

A step moves the arrays of its state in place: whoever wants to keep a state copies it. Called by the plant
`consumers`; calls models.counts and its siblings; its luck is handed in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from models.consumers.chance import Chance, Keyed
from models.consumers.declaration import Consumers, Floats, Luck, Offer, State
from models.consumers.fading import Fading, hours_of
from models.consumers.layout import GRAIN, Ints, Layout
from models.consumers.loops import Loops, PlainLoops
from models.consumers.messages import check, passes
from models.consumers.newcomers import Newcomers
from models.consumers.population import populate, told
from models.consumers.scan import Limits
from models.counts import binomial
from models.response.adstock import retained
from models.response.fatigue import open_chance, remembered
from models.response.opt_out import opt_out_chance


@dataclass(frozen=True, slots=True, eq=False)
class Agents:
    """People as persons; see `models.consumers.declaration.People`.

    Parameters
    ----------
    consumers: the declaration.
    loops: how whole numbers are crunched; every way gives the same log.
    chance: from the luck of a step, the chance of its persons; None: keyed.

    State, a row a person: `pantry`, `streak`, `memory` (hour at which the stock has faded to one; float32), `reached`
    (bool). A row a grain: `top` (the longest streak). Shape (cells,): `people`, `hours` since the start, `usual`,
    `tired`, `wheel`, `reach`, `joined`. Those brought by others are in `new.*`.
    """

    consumers: Consumers
    loops: Loops = field(default_factory=PlainLoops)
    chance: Callable[[Luck], Chance] | None = None

    def start(self, offer: Offer, dt: float) -> State:
        """See `People.start`."""
        return populate(self.consumers, offer, dt)

    def step(self, state: State, offer: Offer, luck: Luck, dt: float) -> tuple[State, Mapping[str, Floats]]:
        """See `People.step`."""
        check(offer.messages)
        own = Keyed(luck, self.loops) if self.chance is None else self.chance(luck)
        who, place = self.consumers, Layout.of(state["people"], self.consumers.shape)
        turn = _Turn(who, offer, self.loops, own, dict(state), place, who.fullness(state["usual"], dt))
        flows = turn.shop()
        flows |= turn.read()
        turn.come_back(luck, dt)
        turn.pass_time(dt)
        return turn.state, {**flows, "reach": turn.state["reach"]}

    def told(self, state: State, estimates: Mapping[str, Floats]) -> State:
        """See `People.told`."""
        return told(self.consumers, state, estimates)


@dataclass(slots=True, eq=False)
class _Turn:
    """One step under way."""

    who: Consumers
    offer: Offer
    loops: Loops
    chance: Chance
    state: dict[str, Any]
    place: Layout
    full: tuple[Floats, Floats]
    """k and k' of each cell; see `Consumers.fullness`."""

    # -- the shop ---------------------------------------------------------------------------------------------------

    def shop(self) -> dict[str, Floats]:
        """Trips, units and wins of everyone."""
        crowd = Newcomers.of(self.state)
        cell, person = self.chance.candidates(self.place, self._limits())
        row = self.place.first[cell] + person
        sums = np.zeros((3, self.place.count.size))
        brought = [self._buy("", cell, person.astype(np.uint64), self.place.rate(cell, person), row, sums)]
        if crowd.size:
            brought += [self._buy("new.", crowd.cell, crowd.person, crowd.rate, np.arange(crowd.size), sums)]
        if self.who.brings:
            self._join(crowd, *(np.concatenate(each) for each in zip(*brought, strict=True)))
        return dict(zip(("trips", "units", "won"), sums, strict=True))

    def _join(self, crowd: Newcomers, cell: Ints, by: Any) -> None:
        """Newcomers, brought by these."""
        self.state |= crowd.joined(cell, by, self.who.shape).state()
        arrived = np.bincount(cell, minlength=self.place.count.size)
        for name in ("reach", "joined"):
            self.state[name] = self.state[name] + arrived

    def _limits(self) -> Limits:
        """The highest lane with which anybody of a grain can make a trip, shape (grains,)."""
        offer, state, cell = self.offer, self.state, self.place.cell_of_grain
        most = offer.trips * (1.0 + offer.lift + np.maximum(offer.pushed, 0.0))
        rate = self.place.top
        mean = rate * most[cell] * np.exp((self.full[1] * state["usual"])[cell] * rate)
        if self.who.streak:
            mean *= self.who.carried(self._fading("streak").level(state["top"], state["hours"][cell]))
        lanes = np.ceil(65536.0 * -np.expm1(-mean * (1.0 + 1e-9)))
        return np.asarray(np.clip(lanes - 1.0, 0.0, 65535.0).astype(np.uint16))

    def _buy(
        self, crowd: str, cell: Ints, person: Any, rate: Floats, row: Ints, sums: Floats
    ) -> tuple[Ints, Any]:
        """Let these persons shop; adds to the cells' `sums` and says who brings a newcomer: (cell, person)."""
        u = self.chance.trips(cell, person)
        mean = self._mean(crowd, cell, rate, row)
        trips = _trips(u, mean)
        buys = np.flatnonzero(trips)
        cell, person, row, trips = cell[buys], person[buys], row[buys], trips[buys]
        each, ordinal = _one_by_one(trips)
        at, who = cell[each], person[each]
        units = self.who.basket.each(self.chance("units", at, who, ordinal), at, self.offer.dispersion)
        won = binomial(self.chance("won", at, who, ordinal), units, self.offer.chance[at])
        self._keep(crowd, cell, row, each, units, won)
        _count(sums, at, (np.ones(each.size), units, won))
        if not self.who.brings:
            return at[:0], who[:0]
        brings = self.chance("referral", at, who, ordinal) < self.who.brings
        return at[brings], who[brings]

    def _mean(self, crowd: str, cell: Ints, rate: Floats, row: Ints) -> Floats:
        """Expected trips of persons in the step."""
        offer, state = self.offer, self.state
        hours = state["hours"][cell]
        lift = (1.0 + offer.lift)[cell] + offer.pushed[cell] * state[f"{crowd}reached"][row]
        mean = rate * offer.trips[cell] * lift
        if self.who.kappa:
            home = self._fading("pantry").level(state[f"{crowd}pantry"][row], hours)
            mean *= np.exp((self.full[1] * state["usual"])[cell] * rate - self.full[0][cell] * home)
        if self.who.streak:
            mean *= self.who.carried(self._fading("streak").level(state[f"{crowd}streak"][row], hours))
        return np.asarray(mean)

    def _keep(self, crowd: str, cell: Ints, row: Ints, each: Ints, units: Floats, won: Floats) -> None:
        """What buyers take home, and what winning does to them."""
        hours, state = self.state["hours"], self.state
        home, wins = _sums(each, units, row.size), _sums(each, won, row.size)
        self._fading("pantry").add(state[f"{crowd}pantry"], row, home, hours[cell])
        lucky = np.flatnonzero(wins)
        if self.who.streak and lucky.size:
            row, cell = row[lucky], cell[lucky]
            streak = state[f"{crowd}streak"]
            self._fading("streak").add(streak, row, self.who.streak * wins[lucky], hours[cell])
            if not crowd:
                grain = self.place.grain[cell] + (row - self.place.first[cell]) // GRAIN
                np.maximum.at(state["top"], grain, streak[row])

    # -- messages ---------------------------------------------------------------------------------------------------

    def read(self) -> dict[str, Floats]:
        """Messages sent, opened, and answered by switching them off."""
        state, sums = self.state, np.zeros((3, self.place.count.size))
        passing = passes(state["wheel"], self.offer.messages, self.place.count)
        cell, person = self.loops.reached(self.place, *passing, state["reached"])
        self._send("", cell, person.astype(np.uint64), self.place.first[cell] + person, sums)
        crowd = Newcomers.of(state)
        if crowd.size:
            row = np.flatnonzero(crowd.passed(state["wheel"], self.offer.messages) & crowd.reached)
            self._send("new.", crowd.cell[row], crowd.person[row], row, sums)
        state["reach"] = state["reach"] - sums[2]
        return dict(zip(("sent", "opens", "opt_outs"), sums, strict=True))

    def _send(self, crowd: str, cell: Ints, person: Any, row: Ints, sums: Floats) -> None:
        push, state = self.who.push, self.state
        hours, memory = state["hours"][cell], state[f"{crowd}memory"]
        tired = self._fading("memory").level(memory[row], hours)
        likely = np.minimum(open_chance(tired, push.open_base, push.open_weight) * self.offer.mood[cell], 1.0)
        opens = self.chance("opens", cell, person) < likely
        out = self.chance("opt_outs", cell, person) < opt_out_chance(
            tired, np.ones_like(tired), push.hazard, push.kappa
        )
        memory[row] = self._fading("memory").of(tired + 1.0, hours)
        state[f"{crowd}reached"][row[out]] = False
        _count(sums, cell, (np.ones(cell.size), opens, out))

    def come_back(self, luck: Luck, dt: float) -> None:
        """Some of those whom messages no longer reach switch them on again: how many is one draw, who is keyed."""
        state, place, crowd = self.state, self.place, Newcomers.of(self.state)
        missing = np.maximum(state["joined"] - state["reach"], 0.0)
        chance = np.full_like(missing, 1.0 - retained(self.who.push.join_half_life, dt))
        others = np.bincount(crowd.cell, weights=crowd.reached, minlength=missing.size)
        away = place.count - (state["reach"] - others)
        want = np.minimum(binomial(luck("consumers.opt_ins"), missing, chance), away).astype(np.int64)
        state["reach"] = state["reach"] + want
        asked = np.zeros_like(want)
        while (want > 0).any():
            asks = np.where(want > 0, 2 * want + 4, 0)
            cell = np.repeat(np.arange(want.size), asks)
            number = np.arange(cell.size) - np.repeat(np.cumsum(asks) - asks, asks) + asked[cell]
            u = self.chance("who opts in", cell, np.zeros(cell.size, np.uint64), number)
            row = place.first[cell] + (u * place.count[cell]).astype(np.int64)
            want -= _take(state["reached"], cell, row, want)
            asked += asks

    # -- time -------------------------------------------------------------------------------------------------------

    def pass_time(self, dt: float) -> None:
        """What the cells keep of the step."""
        state, offer, who = self.state, self.offer, self.who
        usual = state["usual"] + offer.usual * who.basket.units
        state["usual"] = usual * retained(who.pantry, dt)
        state["tired"] = remembered(state["tired"], offer.messages / dt, who.push.memory, dt)
        state["wheel"] = (state["wheel"] + offer.messages) % 1.0
        state["hours"] = state["hours"] + hours_of(dt)

    def _fading(self, stock: str) -> Fading:
        who = self.who
        half = {"pantry": who.pantry, "streak": who.streak_half_life, "memory": who.push.memory}[stock]
        return Fading(half)


def _count(sums: Floats, cell: Ints, flows: tuple[Any, ...]) -> None:
    """Add flows of persons to the sums of their cells, in place: (flows, cells)."""
    for n, flow in enumerate(flows):
        sums[n] += flow.sum() if sums.shape[1] == 1 else np.bincount(cell, flow, sums.shape[1])


def _sums(each: Ints, flow: Floats, size: int) -> Floats:
    """A flow of trips by person; as it is where everyone makes one."""
    return flow if each.size == size else np.bincount(each, flow, size).astype(np.float64)


def _trips(u: Floats, mean: Floats) -> Ints:
    """Trips of persons with these uniforms: as many as are likelier to be reached than u, falling with it (Poisson)."""
    trips = np.zeros(u.size, np.int64)
    at = np.flatnonzero(u < -np.expm1(-mean))
    u, mean = u[at], mean[at]
    term = np.exp(-mean)
    more, number = 1.0 - term, 0
    while at.size:
        trips[at] = number = number + 1
        term = term * (mean / number)
        more = more - term
        on = np.flatnonzero(u < more)
        at, u, mean, term, more = at[on], u[on], mean[on], term[on], more[on]
    return trips


def _one_by_one(trips: Ints) -> tuple[Ints, Ints]:
    """Every trip of these persons: whose it is, and its ordinal, from 0."""
    each = np.arange(trips.size)
    if trips.max(initial=1) == 1:
        return each, np.zeros_like(each)
    each = np.repeat(each, trips)
    return each, np.arange(each.size) - np.repeat(np.cumsum(trips) - trips, trips)


def _take(reached: Any, cell: Ints, row: Ints, want: Ints) -> Ints:
    """Reach the first `want` different persons of each cell among `row` who are not reached; how many that were."""
    new = np.flatnonzero(~reached[row])
    _, first = np.unique(row[new], return_index=True)
    new = new[np.sort(first)]
    rank = np.arange(new.size) - np.searchsorted(cell[new], cell[new])
    new = new[rank < want[cell[new]]]
    reached[row[new]] = True
    return np.bincount(cell[new], minlength=want.size)


def bytes_a_consumer(state: State) -> float:
    """Bytes of state for each person of a state of agents, all of it counted."""
    size = sum(np.asarray(value).nbytes for value in state.values())
    return size / float(state["reached"].size + state["new.person"].size)
