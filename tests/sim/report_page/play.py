"""Happenings, and a small closed loop by the hour that meets them: what the kit's evidence is made of.

The equations are those of a test, not of a market: sales as a share of target rise with the win-rate and saturate,
their noise is AR(1), and luck is keyed. What matters is that arrays have the shapes and the look of the real ones.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from models.draws import Draws, keys_of

LOW, HIGH = 0.03, 0.12
Level = Callable[[np.ndarray], np.ndarray]


def flat(day):
    return np.ones_like(day)


def within(first, last, level):
    return lambda day: np.where((day >= first) & (day < last), level, 1.0)


@dataclass(frozen=True)
class Happening:
    """What a scenario does by the day: to demand, and to the answer to the win-rate."""

    about: str
    good: str
    demand: Level = flat
    effect: Level = flat


HAPPENINGS = {
    "steady": Happening("nothing happens but chance and the week", "the target is kept, and the budget holds"),
    "bonus_hunters": Happening("people come for the prizes alone", "the budget holds", effect=lambda d: 1.3 + 0 * d),
    "delayed_data": Happening("the sales feed lags by six hours", "the loop stays calm"),
    "many_stores": Happening("stores answer differently", "each is kept", effect=lambda d: 0.9 + 0 * d),
    "opt_out_cliff": Happening("a tenth of the people leave for good", "no pushing", within(6, 99, 0.9)),
    "outage": Happening("the sales feed is dead for a day", "outputs are held"),
    "pantry_loading": Happening("people buy ahead and stay away", "no hunting", within(4, 8, 0.9)),
    "regime_change": Happening("the answer is halved from day six on", "no worse", effect=within(6, 99, 0.5)),
    "season": Happening("a holiday lifts demand", "the loop gives way", within(5, 8, 1.3)),
    "sensor_lie": Happening("the sensor says a tenth too much", "the budget holds"),
    "shock": Happening("a competitor takes a quarter of demand", "it comes back", within(5.6, 7.6, 0.75)),
    "sign_reversal": Happening("sales rise at once and fall for weeks", "it stops", effect=lambda d: 1.2 - 0.2 * d),
    "step": Happening("demand falls by an eighth and stays there", "it is regained", within(4, 99, 0.875)),
    "win_streak": Happening("a streak of wins is talked about", "no overshoot", within(9, 10, 1.4)),
    "zero_gain": Happening(
        "sales do not answer to the levers at all, and prizes cost what they cost",
        "the budget is not burnt for nothing",
        effect=lambda d: 0 * d,
    ),
}  # fmt: skip


def play(what, policy, days, futures, root):
    """Truth, win-rate and whether the step was cut short, each of shape (hours, futures)."""
    demand, effect = what.demand(days), what.effect(days)
    keys, luck = keys_of(tuple(f"future {n}" for n in range(futures))), Draws(root)
    strength = np.exp(0.15 * ndtri(luck.uniform(keys, 0, "strength") * 0.98 + 0.01))
    noise, rate, summed = np.zeros(futures), np.full(futures, LOW), np.zeros(futures)
    truth, rates, cut = [], [], []
    for hour in range(len(days)):
        noise = 0.94 * noise + 0.028 * ndtri(luck.uniform(keys, hour, "noise") * 0.999 + 5e-4)
        answer = 0.55 * strength * effect[hour] * (1 - np.exp(-(rate - LOW) / 0.04))
        truth.append(demand[hour] * (0.66 + answer) * np.exp(noise))
        wanted, summed = wish(policy, rate, truth, summed, demand[hour] * (0.66 + 0 * noise), strength)
        step = np.clip(wanted - rate, -0.02, 0.02) if hour % 2 == 0 else 0 * rate
        cut.append(np.abs(wanted - rate) > 0.02)
        rate = np.clip(np.round(rate + step, 3), LOW, HIGH)
        rates.append(rate)
    return np.array(truth), np.array(rates), np.array(cut)


def wish(policy, rate, truth, summed, base, strength):
    error = 1 - np.mean(truth[-6:], axis=0)
    if policy == "fixed":
        return 0 * rate + LOW, summed
    if policy == "best fixed":
        return 0 * rate + 0.07, summed
    if policy == "updown":
        return rate + 0.005 * np.sign(error), summed
    if policy == "oracle":
        return LOW - 0.04 * np.log(np.clip(1 - (1 - base) / (0.55 * strength), 0.1, 1)), summed
    gain = 0.12 if policy == "config" else 0.2
    summed = np.clip(summed + error * gain / 12, 0, 0.09)
    return LOW + gain * error + summed, summed
