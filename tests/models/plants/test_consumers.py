"""The plant of consumers: the campaign's levers and signals, two fidelities, one market's worth of behaviour."""

from dataclasses import replace

import numpy as np
import pytest

from controller.cells import Cells
from models.consumers.agents import Agents, bytes_a_consumer
from models.consumers.counts import cut
from models.draws import Draws
from models.plants.base import Knobs
from models.plants.campaign import CampaignPlant
from models.plants.consumers import ESTIMATES, ConsumersPlant, build, plant_of, standard
from models.plants.parts.push import Push
from sim.market.demand import Demand
from sim.market.market import Market, Timing
from tests.models.consumers.kit import HOUR, consumers, lucks
from tests.sim.market.market_kit import LEVERS, START

FIDELITIES = ("counts", "agents")
NAMES = tuple(f"store-{n}" for n in range(7))
SIZES = np.array([900.0, 3000.0, 1.0, 40.0, 3000.0, 12_000.0, 2500.0])


def plant(fidelity, **knobs):
    return build(Knobs(fidelity=fidelity, **knobs))


def inputs(people=SIZES, **levers):
    told = {
        "win_probability": 0.05,
        "coupon_value": 2.0,
        "push_frequency": 3.0,
        "demand": 0.02 * people,
    } | levers
    told["people"] = people
    return {
        name: np.broadcast_to(np.asarray(value, float), people.shape).copy() for name, value in told.items()
    }


def run(model, at, steps=30, names=NAMES, seed=1, start=None):
    """Signals of all steps, each of shape (steps, cells), and the last state."""
    luck = lucks(len(names), seed, names)
    state, rows = start or model.start(at, HOUR), []
    for step in range(steps):
        state, said = model.step(state, at, luck(step), HOUR)
        rows.append(said)
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}, state


@pytest.mark.parametrize("fidelity", FIDELITIES)
def test_it_stands_behind_the_ports_of_a_campaign(fidelity):
    model = plant(fidelity)
    assert model.levers == CampaignPlant().levers
    assert model.signals == CampaignPlant().signals
    said, _ = run(model, inputs(), 3)
    assert set(said) == set(model.signals)
    for values in said.values():
        assert values.shape == (3, 7)
        assert np.isfinite(values).all()


@pytest.mark.parametrize("fidelity", FIDELITIES)
@pytest.mark.parametrize("parts", [[(0,), (1, 2, 3, 4, 5, 6)], [(6, 2, 4), (5,), (3, 1, 0)]])
def test_replicas_in_one_array_equal_separate_runs_bit_for_bit(fidelity, parts):
    whole, _ = run(plant(fidelity), inputs(), names=NAMES)
    for part in map(list, parts):
        own = {name: value[part] for name, value in inputs().items()}
        alone, _ = run(plant(fidelity), own, names=tuple(NAMES[n] for n in part))
        for name, values in alone.items():
            assert np.array_equal(values, whole[name][:, part]), name


@pytest.mark.parametrize("fidelity", FIDELITIES)
def test_replicas_of_one_campaign_in_one_market_equal_as_many_markets(fidelity):
    """Through the market itself, with its own demand and levers."""

    def market(cells):
        model = plant(fidelity, delay=HOUR)
        timing = Timing(step=HOUR)
        return Market(
            model, Demand(cells), Draws(3), start=START, levers=LEVERS, timing=timing, people=2000.0
        )

    both = Cells(("all",)).replicated(3)
    whole = market(both)
    whole.advance_to(START + 20 * HOUR)
    for n in range(3):
        alone = market(Cells((both.names[n],)))
        alone.advance_to(START + 20 * HOUR)
        for signal in ("units_scanned", "money_paid", "money_owed", "opens", "active_reach"):
            assert (
                alone.total(signal, START + 20 * HOUR)[0][0] == whole.total(signal, START + 20 * HOUR)[0][n]
            )


@pytest.mark.parametrize("fidelity", FIDELITIES)
def test_without_levers_sales_are_the_base_demand_with_its_dispersion(fidelity):
    people = np.full(2, 20_000.0)
    at = inputs(people, win_probability=0.0, coupon_value=0.0, push_frequency=0.0, demand=400.0)
    said, _ = run(plant(fidelity, sd=0.0), at, 1000, NAMES[:2])
    units = said["units_scanned"]
    assert units.mean() == pytest.approx(400.0, rel=0.01)
    assert units.var(axis=0).mean() / units.mean() == pytest.approx(3.0, rel=0.15)
    assert said["baskets"].sum() / units.sum() == pytest.approx(0.45, abs=0.005)
    for idle in ("prizes_won", "coupons_issued", "pushes_sent", "opens", "opt_outs", "money_paid"):
        assert said[idle].sum() == 0


@pytest.mark.parametrize("fidelity", FIDELITIES)
@pytest.mark.parametrize(
    ("lever", "values"),
    [
        ("win_probability", (0.0, 0.05, 0.12)),
        ("coupon_value", (0.0, 3.0, 8.0)),
        ("push_frequency", (0.0, 3.0)),
    ],
)
def test_sales_rise_with_each_lever(fidelity, lever, values):
    sold = [run(plant(fidelity), inputs(**{lever: value}), 60)[0]["units_scanned"].sum() for value in values]
    assert sold == sorted(sold)
    assert sold[-1] > 1.04 * sold[0]


@pytest.mark.parametrize("fidelity", FIDELITIES)
def test_the_dip_after_a_promotion_is_paid_back_from_full_pantries(fidelity):
    """A fortnight at a high win-rate, then none: what follows is below the base, and rises again."""
    people, model = np.full(4, 10_000.0), plant(fidelity, sd=0.0)
    calm = inputs(people, win_probability=0.0, coupon_value=0.0, push_frequency=0.0)
    keen = calm | {"win_probability": np.full(4, 0.15)}
    _, state = run(model, calm, 1, NAMES[:4])
    first, state = run(model, keen, 336, NAMES[:4], start=state)
    after, _ = run(model, calm, 1000, NAMES[:4], start=state)
    units = after["units_scanned"].mean(axis=1) / 200.0
    assert first["units_scanned"][-48:].mean() > 1.5 * 200.0
    assert units[72:168].mean() < 0.975
    assert units[72:168].mean() < units[-240:].mean() < 1.02


@pytest.mark.parametrize("fidelity", FIDELITIES)
def test_what_people_have_heard_moves_them_and_the_lever_itself_is_paid(fidelity):
    at = inputs(win_probability=0.12)
    late = at | {"felt.win_probability": np.full(7, 0.0), "felt.push_frequency": np.zeros(7)}
    heard, _ = run(plant(fidelity), at, 40)
    unheard, _ = run(plant(fidelity), late, 40)
    assert unheard["units_scanned"].sum() < 0.75 * heard["units_scanned"].sum()
    share = unheard["prizes_won"].sum() / unheard["units_scanned"].sum()
    assert share == pytest.approx(0.12, rel=0.1)
    assert unheard["pushes_sent"].sum() == pytest.approx(heard["pushes_sent"].sum(), rel=0.02)


@pytest.mark.parametrize("fidelity", FIDELITIES)
def test_a_market_that_does_not_answer_sells_its_base(fidelity):
    dead = inputs() | {"effect": np.zeros(7)}
    off = inputs(win_probability=0.0, coupon_value=0.0, push_frequency=0.0)
    assert run(plant(fidelity), dead, 60)[0]["units_scanned"].sum() == pytest.approx(
        run(plant(fidelity), off, 60)[0]["units_scanned"].sum(), rel=0.04
    )


@pytest.mark.parametrize("fidelity", FIDELITIES)
@pytest.mark.parametrize("effect", [0.0, 1.0])
def test_under_the_levers_known_sales_are_what_the_record_says(fidelity, effect):
    """Levers stand where they stood when sales were recorded: pantries are as full as they were then."""
    model, people = plant(fidelity, sd=0.0), np.full(4, 20_000.0)
    at = inputs(people, demand=400.0)
    known = model.settled(at)
    at |= {"known": known, "effect": np.full(4, effect)}
    sold = run(model, at, 400, NAMES[:4])[0]["units_scanned"].mean()
    assert sold == pytest.approx(400.0 * (1 + known[0]), rel=0.012)


@pytest.mark.parametrize("fidelity", FIDELITIES)
def test_money_adds_up_and_the_same_luck_meets_two_settings(fidelity):
    low, _ = run(plant(fidelity), inputs(win_probability=0.050), 60)
    high, _ = run(plant(fidelity), inputs(win_probability=0.052), 60)
    other, _ = run(plant(fidelity), inputs(win_probability=0.052), 60, seed=2)
    for said in (low, high):
        assert np.array_equal(said["money_paid"], said["prizes_paid"] + said["coupons_paid"])
        assert np.array_equal(said["money_owed"], said["prizes_owed"] + said["coupons_owed"])
        assert np.allclose(said["prizes_paid"], 2.0 * said["prizes_claimed"])
    total = lambda said: said["units_scanned"][:, 5]  # noqa: E731
    assert (total(high) - total(low)).var() < (total(other) - total(low)).var() / 10


@pytest.mark.parametrize("fidelity", FIDELITIES)
def test_a_run_can_start_from_today(fidelity):
    model, at = plant(fidelity, sd=0.0), inputs(np.full(2, 8000.0))
    state = model.start(at, HOUR)
    plain, _ = run(model, at, 24, NAMES[:2])
    for name, value, signal, falls in (
        ("fatigue", 12.0, "opens", True),
        ("inventory", 60.0, "units_scanned", True),
        ("reach", 1200.0, "pushes_sent", True),
        ("prizes_open", 900.0, "prizes_claimed", False),
        ("win_probability", 0.2, "units_scanned", False),
        ("coupon_value", 9.0, "units_scanned", False),
        ("push_opens", 5.0, "units_scanned", False),
    ):
        start = model.started_from(model.start(at, HOUR), {name: np.full(2, value)})
        moved, _ = run(model, at, 24, NAMES[:2], start=start)
        gone = moved[signal].sum() / plain[signal].sum()
        assert gone < 0.95 if falls else gone > 1.05, name
    untouched = model.started_from(state, {})
    assert all(np.array_equal(untouched[name], value) for name, value in state.items())


def test_agents_start_from_a_day_that_counts_have_seen():
    people = np.full(2, 8000.0)
    at, after = inputs(people, push_frequency=14.0), inputs(people, push_frequency=1.0)
    counted, acted = plant("counts", sd=0.0), plant("agents", sd=0.0)
    _, state = run(counted, at, 200, NAMES[:2])
    told = counted.estimates(state)
    assert set(told) == set(ESTIMATES)
    cold, _ = run(acted, after, 24, NAMES[:2])
    warm, _ = run(acted, after, 24, NAMES[:2], start=acted.started_from(acted.start(after, HOUR), told))
    ahead, _ = run(counted, after, 24, NAMES[:2], start=state)
    rate = {
        name: said["opens"].sum() / said["pushes_sent"].sum()
        for name, said in zip("cwa", (cold, warm, ahead), strict=True)
    }
    assert rate["w"] == pytest.approx(rate["a"], rel=0.25)
    assert rate["w"] < 0.75 * rate["c"]
    assert warm["active_reach"][0].sum() == pytest.approx(ahead["active_reach"][0].sum(), rel=0.01)
    with pytest.raises(ValueError, match="received one of agents"):
        acted.estimates(acted.start(after, HOUR))


@pytest.mark.parametrize("fidelity", FIDELITIES)
@pytest.mark.parametrize(
    ("told", "match"),
    [
        ({"mood": np.ones(7)}, "can't start from 'mood'"),
        ({"fatigue": np.full(7, np.nan)}, "fatigue must be zero or more"),
        ({"reach": np.full(7, -1.0)}, "reach must be zero or more"),
        ({"inventory": np.ones(3)}, "each of 7 cells"),
    ],
)
def test_a_day_that_cannot_be_is_refused(fidelity, told, match):
    model = plant(fidelity)
    with pytest.raises(ValueError, match=match):
        model.started_from(model.start(inputs(), HOUR), told)


@pytest.mark.parametrize("fidelity", FIDELITIES)
def test_pantries_start_at_the_usual_demand_where_it_is_said(fidelity):
    """A run that starts at night does not take the night for the week."""
    night = inputs(np.full(2, 5000.0), demand=4.0)
    day = inputs(np.full(2, 5000.0), demand=100.0)
    model = plant(fidelity)
    usual = model.start(night | {"usual_demand": np.full(2, 100.0)}, HOUR)["people.usual"]
    assert np.array_equal(usual, model.start(day, HOUR)["people.usual"])
    assert (usual > 20 * model.start(night, HOUR)["people.usual"]).all()


def test_knobs_reach_the_declaration():
    model = plant(
        "counts", segments=7, heterogeneity=1.3, dispersion=4.0, baskets_a_unit=0.5, prize=9.0, delay=0.0
    )
    assert model.people.rates.size == 7
    assert model.people.consumers.shape == 1.3
    assert (model.people.consumers.basket.units, model.people.consumers.basket.dispersion) == (2.0, 4.0)
    assert model.lottery.prize == 9.0
    assert model.push.response.delay == 0.0
    assert isinstance(plant("agents").people, Agents)
    assert set(ESTIMATES) >= {"fatigue", "inventory"}


def test_noise_may_differ_from_cell_to_cell():
    own = Knobs(
        dispersion=np.array([3.0, 6.0]), sd=np.array([0.0, 0.3]), half_life=np.array([3600.0, 7200.0])
    )
    at = inputs(np.full(2, 4000.0), win_probability=0.0)
    for fidelity in FIDELITIES:
        both, _ = run(build(replace(own, fidelity=fidelity)), at, 40, NAMES[:2])
        for n in range(2):
            alone = Knobs(
                dispersion=float(own.dispersion[n]), sd=float(own.sd[n]), half_life=float(own.half_life[n])
            )
            one = {name: value[n : n + 1] for name, value in at.items()}
            said, _ = run(build(replace(alone, fidelity=fidelity)), one, 40, NAMES[n : n + 1])
            assert np.array_equal(said["units_scanned"][:, 0], both["units_scanned"][:, n])


@pytest.mark.parametrize("fidelity", FIDELITIES)
def test_baskets_may_grow_with_the_disturbance(fidelity):
    at = inputs(np.full(2, 9000.0), win_probability=0.0, coupon_value=0.0, push_frequency=0.0)
    low, high = (
        plant(fidelity, sd=np.array([0.4, 0.0]), growth=power, dispersion=4.0) for power in (0.0, 2.5)
    )
    mild, rough = (run(model, at, 400, NAMES[:2])[0] for model in (low, high))
    a_basket = lambda said, cell: (said["units_scanned"] / said["baskets"])[:, cell]  # noqa: E731
    assert a_basket(rough, 0).mean() == pytest.approx(a_basket(mild, 0).mean(), rel=0.01)
    busy = rough["baskets"][:, 0] > np.quantile(rough["baskets"][:, 0], 0.8)
    scaled = [
        np.sqrt(said["baskets"][busy, 0]) * (a_basket(said, 0)[busy] - 1 / 0.45) for said in (mild, rough)
    ]
    assert scaled[1].var() > 1.5 * scaled[0].var()


def test_one_declaration_is_one():
    with pytest.raises(ValueError, match="one declaration for all"):
        ConsumersPlant(people=cut(consumers(), 4), push=replace(Push(), opted_in=0.5))


def test_a_state_of_agents_is_small_with_the_whole_standard_model():
    model = plant_of(Knobs(), Agents(replace(standard(Knobs()), streak=0.2)))
    state = model.start(inputs(np.array([200_000.0])), HOUR)
    people = {
        name.removeprefix("people."): value for name, value in state.items() if name.startswith("people.")
    }
    assert bytes_a_consumer(people) < 13.1
    assert sum(value.nbytes for value in state.values()) / 200_000 < 16
