"""What a plan implies is guarded without being written twice, and nothing that is written turns it off for others."""

from controller.assembly import budgets_of, cells_of, channel_of
from controller.guardrails import budget, published_terms, slew
from controller.inspection.promises import budgets
from controller.loop.guards import Guards
from controller.plan import Actuator, Budget, Campaign, Guardrail, LoopPlan, Policy, Runs, Sensor
from controller.policies import fixed
from controller.ports import GuardrailScope
from controller.quantities import Amount, Money
from controller.targets import Target

SENSOR = Sensor(kind="csv_file", unit="units/h", plausible=(0.0, 1e6))
MONEY = Sensor(kind="csv_file", unit="CNY", plausible=(0.0, 1e6))
LEVER = Actuator(kind="dry_run", unit="share", start=0.03, safe=0.03, limits=(0.03, 0.12), max_step=0.01)
CALM = Guardrail(kind="slew", on=("coupon",), settings=slew.Settings(step=Amount.parse("1 point")))


def loop(channel, pays_from):
    return LoopPlan(
        every=3600.0,
        measure="units",
        target=Target(keep_at=Amount.parse("100 units/h")),
        move={channel: "raises"},
        pays_from=pays_from,
        policy=Policy(kind="fixed", settings=fixed.Settings()),
    )


def members(**guardrails):
    """Names of the guardrails of a campaign with two actuators, each paid from a budget of its own."""
    total = Money.parse("1000 CNY")
    plan = Campaign(
        campaign="test",
        runs=Runs(scan=60.0),
        sensors={"units": SENSOR, "paid": MONEY},
        actuators={"odds": LEVER, "coupon": LEVER},
        budgets={"prizes": Budget(total=total, paid="paid"), "discounts": Budget(total=total, paid="paid")},
        loops={"sales": loop("odds", "prizes"), "visits": loop("coupon", "discounts")},
        guardrails=guardrails,
    )
    channels = {name: channel_of(name, actuator) for name, actuator in plan.actuators.items()}
    guards = Guards.of(plan, GuardrailScope(cells_of(plan), channels, budgets_of(plan)))
    return {guard.name: sorted(guard.on) for guard in guards.members}


def test_largest_steps_and_budgets_are_guarded_without_a_word():
    assert members() == {
        "largest_step": ["coupon", "odds"],
        "budget_prizes": ["odds"],
        "budget_discounts": ["coupon"],
    }


def test_a_written_slew_leaves_the_largest_steps_in_force():
    assert members(calm=CALM)["largest_step"] == ["coupon", "odds"]


def test_a_written_budget_replaces_its_own_and_no_other():
    purse = Guardrail(kind="budget", settings=budget.Settings(budget="prizes", taper=0.2))
    assert members(purse=purse).keys() == {"purse", "largest_step", "budget_discounts"}


def test_a_written_budget_that_passes_over_a_spender_replaces_nothing():
    purse = Guardrail(kind="budget", on=("coupon",), settings=budget.Settings(budget="prizes"))
    assert "budget_prizes" in members(purse=purse)


def test_the_check_tells_what_is_promised_and_the_digest_of_the_terms():
    odds = {"odds": channel_of("odds", LEVER)}
    terms = published_terms.Settings(profile="us", published_win_rate=0.05)
    total = Money.parse("1000 CNY")
    plan = Campaign(
        campaign="test",
        runs=Runs(scan=60.0),
        sensors={"units": SENSOR, "paid": MONEY},
        actuators={"odds": LEVER},
        budgets={"prizes": Budget(total=total, paid="paid", worst_per_hour=Money.parse("10 CNY"))},
        loops={"sales": loop("odds", "prizes")},
        guardrails={"terms": Guardrail(kind="published_terms", settings=terms)},
    )
    told = list(budgets(plan, GuardrailScope(cells_of(plan), odds, budgets_of(plan), 0.0, 3600.0)))
    digest = published_terms.terms_digest(terms, 0.0, 3600.0)
    assert told == [
        f"terms: published terms: profile us, digest {digest}, not signed off yet; not legal advice",
        "prizes: not bounded while the daemon is down, since nobody enforces a lease",
    ]
