"""No answer: sales do not react to the levers at all, whatever is spent on them.

The case that nobody believes in beforehand. A meta-analysis of advertising puts its short-run elasticity at 0.12
(Sethuraman, Tellis & Briesch 2011), and many single estimates cannot be told from zero. Sales stay what they are with
the levers at their start; prizes are won and paid as ever. Where something else is kept, it does not answer either:
people open as many messages however many they are sent, and tire of them as ever; they redeem as many coupons whatever
these are worth, and each costs what it says. Good: the loop burns neither the budget nor the people it can reach for
nothing.
"""

from collections.abc import Mapping
from dataclasses import replace

from models.twists.attention import Attention
from models.twists.base import Twist
from models.twists.indifference import Indifference
from sim.market.world import World
from sim.scenarios._base import Scenario, Stage
from sim.scenarios._gates import keeps_people, restrained, within_budget

DEAF: Mapping[str, Twist] = {"opens": Attention(), "redemptions": Indifference()}
"""What is measured -> what keeps it from answering."""


def world(stage: Stage, before: World) -> World:
    """Every effect is zero, on sales and on what is measured in their place."""
    deaf = tuple(twist for signal, twist in DEAF.items() if signal in stage.measured)
    return replace(before, effect=0.0, twists=(*before.twists, *deaf))


SCENARIO = Scenario(
    about="neither sales nor what else is kept answer to the levers, which cost what they cost",
    good="neither the budget nor the people who can be reached are burnt for nothing",
    world=world,
    gates=(restrained(), keeps_people(), within_budget),
    source="elasticity of advertising 0.12, many estimates not to be told from zero (Sethuraman et al. 2011)",
    core=True,
)
