"""What the demo says before and after: where the page is, what is simulated, what control was worth, what to type next.

Called by the command; pure text. If control did not help, it says so.
"""

from collections.abc import Iterator
from pathlib import Path

from sim.demo.stage import Stage


def opening(stage: Stage, page: str, metrics: str) -> Iterator[str]:
    """Three lines."""
    loop = stage.campaign.loops[stage.loop_name]
    market = stage.campaign.market
    assert market is not None
    yield f"page    {page}   (metrics: {metrics})"
    yield f"market  {stage.note}"
    target = f"{loop.target.amount}, shaped by hour of the week, band {loop.target.band} over 3 h"
    budget = "; ".join(f"{b.total} for {name}" for name, b in stage.campaign.budgets.items())
    yield f"target  sales of {target}; budget {budget}"


def summary(stage: Stage, journal: Path) -> Iterator[str]:
    """The day in figures, and what to type next."""
    score = stage.score()
    unit = next((b.currency for b in stage.campaign.budgets.values()), "")
    yield ""
    yield f"The day, {score.hours} hours:            with control   win-rate fixed"
    yield f"  hours in the band            {score.inside:12d}   {score.inside_twin:14d}"
    yield f"  prizes paid, {unit:3s}            {score.spent:12,.0f}   {score.spent_twin:14,.0f}"
    spread = f"{100 * score.smallest:.2f} % to {100 * score.largest:.2f} %"
    yield f"  win-rate                     {spread}, {score.moves} moves"
    if not score.helped:
        yield "Control did not help here: the win-rate left alone kept as many hours in the band."
    yield ""
    yield f"The journal is {journal}. What to type next:"
    yield f"  setpoint why --store {journal} --last 5"
    yield f"  setpoint replay {journal}"
    yield "  setpoint simulate configs/cap_lottery.yaml"
    yield "  setpoint init my_campaign.yaml && setpoint check my_campaign.yaml"
