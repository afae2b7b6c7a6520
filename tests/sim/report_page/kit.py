"""Evidence to build a report from, of any size, with keyed luck: a campaign through fifteen happenings."""

from dataclasses import dataclass, field, replace

import numpy as np

from controller.certificates import GateResult
from controller.config import load
from sim.evidence.result import QUANTILES, Evidence, Fan, Feasible, RowResult, ScenarioResult
from sim.runs.scores import Scores
from tests.sim.report_page.play import HAPPENINGS, LOW, play

BAND, WIDE = 0.1, 24
NOW = 1_783_900_000.0
"""2026-07-13 07:46 in Shanghai."""
STARTS = 1_783_872_000.0
POLICIES = {
    "config": "pid",
    "fixed": "the start value, left alone",
    "best fixed": "0.07, chosen in hindsight among 9",
    "updown": "a step up under target, a step down over it",
    "simple_pid": "gain 1, integral time 9 executions: best of 4 on other luck",
    "oracle": "the true plant, without its luck",
}
SKIPPED = {"referral": "the campaign has no lever that people could pass on"}
STATEMENT = (
    "Recorded: hourly units of soft drinks, 2017; of it the weekly profile and the level of each day, scaled 70 times. "
    "Fitted: noise, dispersion and repeat purchase, as 4 posterior draws. Modelled: how sales answer to the win-rate. "
    "Nothing real is touched."
)
MARKET = (
    GateResult(
        "market: weekday index", True, "recorded 0.82 to 1.21, simulated band 0.80 to 1.24 on the hold-out"
    ),
    GateResult("market: residual sd", True, "recorded 0.118, simulated band 0.104 to 0.131 on the hold-out"),
)
FEASIBLE = Feasible(
    loop="sales",
    unit="units/week",
    low=104_000.0,
    high=204_000.0,
    asked=196_000.0,
    within=True,
    sentence="with a win-rate up to 12 % and 500,000 CNY you can keep 104 to 204 thousand units a week in nine of ten "
    "futures; the 196 thousand asked for are within reach",
)


@dataclass
class Kit:
    """Makes the evidence; every field may be set."""

    name: str = "summer-cap-lottery"
    seeds: int = 6
    draws: int = 4
    mechanisms: tuple[str, ...] = ("prospect theory", "linear expected value")
    weeks: float = 2.0
    kinds: tuple[str, ...] = tuple(HAPPENINGS)
    policies: tuple[str, ...] = tuple(POLICIES)
    passing: bool | None = None
    """Whether every gate of a scenario is passed; None: as it is judged."""
    root: int = 7
    about: dict[str, str] = field(default_factory=dict)
    """What is said of a scenario instead."""

    def __post_init__(self):
        self.futures = self.draws * max(len(self.mechanisms), 1) * self.seeds
        self.days = np.arange(round(self.weeks * 168)) / 24

    def evidence(self, **changed):
        """The whole; `changed`: fields that are to be other ones."""
        campaign = replace(load("configs/cap_lottery.yaml"), campaign=self.name)
        scenarios = [self.scenario(kind) for kind in self.kinds]
        gates = [replace(gate, name=f"{one.kind}: {gate.name}") for one in scenarios for gate in one.gates]
        scenarios += [left_out(kind, why) for kind, why in SKIPPED.items()]
        whole = Evidence(
            campaign=campaign,
            statement=STATEMENT,
            weeks=self.weeks,
            seed=1,
            seeds=self.seeds,
            draws=self.draws,
            mechanisms=self.mechanisms,
            scenarios=tuple(scenarios),
            gates=(*MARKET, *gates),
            feasible=(FEASIBLE,),
            calibrated="soft drinks, January to August",
            version="0.1.0",
        )
        return replace(whole, **changed)

    def scenario(self, kind):
        what = HAPPENINGS[kind]
        rows = tuple(self.row(kind, name) for name in self.policies)
        gates = judged(kind, rows[0].scores, rows[-1 if len(rows) == 1 else 1].scores)
        if self.passing is not None:
            gates = tuple(replace(gate, passed=self.passing) for gate in gates)
        return ScenarioResult(
            kind, self.about.get(kind, what.about), what.good, STARTS, {"sales": BAND}, rows, gates
        )

    def row(self, kind, policy):
        truth, rate, cut = play(HAPPENINGS[kind], policy, self.days, self.futures, self.root)
        paid = np.cumsum(1166 * truth * rate * 1.36, axis=0)
        kpi = np.array([truth[max(h + 1 - WIDE, 0) : h + 1].mean(axis=0) for h in range(len(truth))])[WIDE:]
        seconds = 3600.0 * np.arange(1, len(truth) + 1)
        bound = {"calm": by_day(cut, 0.2), "terms": by_day(rate <= LOW, 1.0), "prizes": by_day(cut, 0.0)}
        return RowResult(
            name=policy,
            about=POLICIES[policy],
            scores=scored(kpi, paid[-1], rate),
            kpi={"sales": fan(seconds[WIDE:], kpi, "share")},
            levers={"win_rate": fan(seconds, rate, "share")},
            spend=fan(seconds, paid, "CNY"),
            bound=bound,
        )


def left_out(kind, why):
    return ScenarioResult(kind, "people bring friends", "no runaway", 0.0, {}, (), (), skipped=why)


def fan(seconds, values, unit):
    return Fan(seconds, np.quantile(values, QUANTILES, axis=1), unit)


def by_day(held, scale):
    return scale * held.reshape(-1, 24, held.shape[1]).mean(axis=(1, 2))


def scored(kpi, spend, rate):
    out = np.maximum(np.abs(kpi - 1) - BAND, 0)
    count = (out > 0).sum(axis=0)
    missed = np.where(out > 0, np.abs(kpi - 1), 0).sum(axis=0)
    miss = np.divide(missed, count, out=np.full(len(count), np.nan), where=count > 0)
    moves = (np.abs(np.diff(rate, axis=0)) > 1e-12).sum(axis=0).astype(float)
    loss = out.mean(axis=0) + 0.1 * spend / 500_000 + 1e-4 * moves
    known = {"inside": (out == 0).mean(axis=0), "outside": miss, "spend": spend, "moves": moves, "loss": loss}
    known |= {"low": rate.min(axis=0), "high": rate.max(axis=0)}
    return Scores(**{name: known.get(name, 0 * spend) for name in Scores.__slots__})


def judged(kind, plan, still):
    """Gates like those of the real scenarios; shares are written there without a space."""
    helped = float((plan.loss < still.loss).mean())
    extra = (plan.spend - still.spend) / (500_000 / 6)
    kept = float((extra <= 0.25).mean())
    most = float(plan.spend.max())
    helps = f"better than doing nothing in {helped:.0%} of the futures, at least 90% asked"
    spends = (
        f"spends {np.median(extra):.0%} of the budget due beyond doing nothing (median), at most 25% in {kept:.0%} of "
        "the futures, at least 90% asked"
    )
    budget = f"at most {most:,.0f} of 500,000 spent in any future"
    first = (
        GateResult("restrained", kept >= 0.9, spends)
        if kind in ("zero_gain", "sign_reversal")
        else GateResult("helps", helped >= 0.9, helps)
    )
    return first, GateResult("within budget", most <= 500_000, budget)
