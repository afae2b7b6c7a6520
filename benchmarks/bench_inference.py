"""Inference that holds: false alarms of repeated looks, and coverage on data that a learning policy gathered.

Looks: tests of nothing, looked at 1 to 50 times at even distances. naive: |z| > 1.96 at any look. mixture: the
normal mixture with the deviation known, and two groups of 3 % conversion with nothing between them; counted: a share of
3 %; bernstein, betting: 5,000 and 2,000 outcomes of Beta(1, 19). A false alarm is an interval that
leaves the truth at any look.
width: of the interval at the last look, over that of one look at 1.96; what looking costs.
Coverage: 2,000 campaigns of Thompson sampling on two arms, 1,000 decisions each, exact propensities; naive: mean of an
arm +- 1.96 standard errors; seen squares: the interval of Hadad et al. with the same weights; score: ours. The worst
arm is judged. counted: the confidence sequence of each arm at the end; contrast: first arm less second.
Journals: how often a replay calls a steady market drifting, and a drifting one so.
"""

import json
import sys

import numpy as np

from benchmarks.thompson_runs import thompson
from models.inference import aipw, counted, lift, mixture, odds, sample_ratio
from models.inference.bernstein import Bernstein
from models.inference.betting import Betting
from models.inference.forgetting import forgetting
from models.inference.mixture import Moments

LOOKS = (1, 2, 5, 10, 20, 50)
NAIVE, RUNS, FEW, SIZE = 200_000, 20_000, 2_000, 5_000
CAMPAIGNS, STEPS = 2_000, 1_000
ARMS = {".5/.5": (0.5, 0.5), ".1/.08": (0.1, 0.08)}
LIMIT, COVERS = 0.05, 0.94
Z = 1.959963984540054


def ever(wrong):
    """Share of the runs, (runs, looks), that raised an alarm at any look."""
    return float(wrong.any(axis=1).mean())


def naive(rng, looks):
    sums = np.cumsum(rng.standard_normal((NAIVE, looks)), axis=1)
    return ever(np.abs(sums / np.sqrt(np.arange(1, looks + 1))) > Z)


def misses(found, truth):
    return (found.low > truth) | (found.high < truth)


def known(rng, looks=50, each=20):
    """Normal outcomes of known deviation: false alarms, and the width at the end."""
    count = each * np.arange(1.0, looks + 1)
    mean = np.cumsum(rng.standard_normal((RUNS, looks)) * np.sqrt(each), axis=1) / count
    seen = Moments(np.broadcast_to(count, mean.shape), mean, np.zeros_like(mean))
    found = mixture.interval(seen, count[-1], deviation=1.0)
    return ever(misses(found, 0.0)), float((found.high - found.low)[0, -1] * np.sqrt(count[-1]) / (2 * Z))


def share(rng, looks=50, each=100, truth=0.03):
    won = np.cumsum(rng.binomial(each, truth, (RUNS // 4, looks)), axis=1)
    count = each * np.arange(1, looks + 1)
    found = counted.interval(won, count)
    once = 2 * Z * np.sqrt(truth * (1 - truth) / count[-1])
    return ever(misses(found, truth)), float(np.median((found.high - found.low)[:, -1]) / once)


def groups(rng, looks=50, each=200, truth=0.03):
    """Two groups of one conversion: by the normal mixture, and by two exact sequences."""
    count = np.broadcast_to(each * np.arange(1.0, looks + 1), (RUNS // 4, looks))
    won = [np.cumsum(rng.binomial(each, truth, count.shape), axis=1).astype(float) for _ in range(2)]
    seen = [Moments(count, w / count, w - w**2 / count) for w in won]
    near = lift.of_means(*seen, planned=each * looks / 2)
    exact = lift.difference(*(counted.interval(w, count, level=lift.each(0.95)) for w in won))
    once = 2 * Z * np.sqrt(2 * truth * (1 - truth) / count[0, -1])
    return [
        (ever(misses(found, 0.0)), float(np.median((found.high - found.low)[:, -1]) / once))
        for found in (near, exact)
    ]


def bernstein(rng):
    """Looked at after every sample."""
    x = rng.beta(1.0, 19.0, (FEW, SIZE))
    found = Bernstein.none((FEW,)).sequence(x)
    once = 2 * Z * x.std() / np.sqrt(SIZE)
    return ever(misses(found, 0.05)), float(np.median((found.high - found.low)[:, -1]) / once)


def betting(rng, looks=50, runs=200, size=2_000):
    x, wrong = rng.beta(1.0, 19.0, (runs, size)), np.zeros(runs, bool)
    state = Betting.none((runs,), on_trial=801)
    for part in np.split(x, looks, axis=1):
        state = state.seen(part)
        wrong |= misses(state.interval(), 0.05)
    found, once = state.interval(), 2 * Z * x.std() / np.sqrt(size)
    return float(wrong.mean()), float(np.median(found.high - found.low) / once)


def split(rng, looks=50, each=200):
    sizes = np.cumsum(rng.multinomial(each, [0.5, 0.5], (RUNS // 4, looks)), axis=1)
    shares = np.array([0.5, 0.5])
    return [
        ever(sample_ratio.once(sizes, shares) < LIMIT),
        ever(sample_ratio.evidence(sizes, shares) > -np.log(LIMIT)),
    ]


def wins(rng, looks=50, each=100):
    """Odds that change with every draw."""
    state, p = odds.Wins.none((FEW,)), rng.uniform(0.01, 0.1, (FEW, looks * each))
    won = rng.random(p.shape) < p
    away = np.cumsum(won - p, axis=1) / np.sqrt(np.cumsum(p * (1 - p), axis=1))
    for part in np.split(np.arange(looks * each), looks):
        state = state.seen(p[:, part], won[:, part])
    return [ever(np.abs(away[:, each - 1 :: each]) > Z), float((state.p_value() <= LIMIT).mean())]


def coverage(means, seed):
    """Share of campaigns whose interval holds the truth, arm by arm, for each way; and of the contrast."""
    log = thompson(means, CAMPAIGNS, STEPS, seed)
    truth, played = np.array(means), log.arm[..., None] == np.arange(2)
    count, won = played.sum(axis=1), (played * log.outcome[..., None]).sum(axis=1)
    mean = won / np.maximum(count, 1)
    radius = Z * np.sqrt(mean * (1 - mean) / np.maximum(count, 1))
    ways = {"naive": aipw.Interval(mean, mean - radius, mean + radius)}
    made = aipw.Log.of(*log)
    ways["seen squares"] = squares(made)
    for weights in ("constant", "two_point"):
        ways[f"score, {weights}"] = aipw.arms(made, weights=weights)
    ways["counted, any look"] = counted.interval(won, count)
    rows = {
        way: (1 - misses(found, truth).mean(axis=0), np.median(found.high - found.low, axis=0))
        for way, found in ways.items()
    }
    apart = aipw.contrast(ways["score, two_point"], 0, 1)
    return rows, float(1 - misses(apart, means[0] - means[1]).mean()), (mean - truth).mean(axis=0)


def squares(log):
    """The interval of Hadad et al., eq. 9: two-point weights, squares of the scores as they were seen."""
    ends = []
    for k in range(2):
        e, played = log.propensity[..., k], log.arm == k
        score, h = aipw.scores(played, log.outcome, e, 1.0), aipw.rates("two_point", e, aipw.DECAY)
        mean = (h * score).sum(axis=1) / h.sum(axis=1)
        radius = Z * np.sqrt((h**2 * (score - mean[:, None]) ** 2).sum(axis=1)) / h.sum(axis=1)
        ends.append(np.stack([mean, mean - radius, mean + radius]))
    return aipw.Interval(*np.stack(ends, axis=-1))


def looked(found):
    rng = np.random.default_rng(5)
    print(f"false alarms of the naive test, {NAIVE:,} runs")
    for looks in LOOKS:
        alarms = naive(rng, looks)
        print(f"{looks:>6} looks {alarms:8.1%}")
        if looks == LOOKS[-1]:
            found["naive test, 50 looks"] = {
                "value": alarms,
                "unit": "false alarms",
                "target": None,
                "met": None,
            }
    near, exact = groups(rng)
    rows = {
        "mixture, deviation known": known(rng),
        "counted, a share of 3 %": share(rng),
        "bernstein, at every sample": bernstein(rng),
        "betting": betting(rng),
        "lift of means, 3 % and 3 %": near,
        "lift, two exact shares": exact,
    }
    plain, held = split(rng)
    print(f"sample ratio by chi-square {plain:.1%}; ", end="")
    odd, fair = wins(rng)
    print(f"wins by their normal deviate {odd:.1%}\n\nat 50 looks                  false alarms  width")
    rows |= {"sample ratio": (held, np.nan), "wins against odds": (fair, np.nan)}
    for name, (alarms, width) in rows.items():
        print(f"{name:<28} {alarms:12.2%} {width:6.2f}")
        found[f"{name}, 50 looks"] = figure(alarms, "false alarms", LIMIT, alarms <= LIMIT)


def gathered(found):
    for name, means in ARMS.items():
        rows, apart, bias = coverage(means, seed=11)
        print(f"\nThompson, arms {name}: bias of the mean {bias[0]:+.4f} {bias[1]:+.4f}")
        print(f"{'':<20} {'covers':>15} {'width':>15}")
        for way, (covers, width) in rows.items():
            print(f"{way:<20} {covers[0]:7.1%} {covers[1]:7.1%} {width[0]:7.3f} {width[1]:7.3f}")
        print(f"{'contrast':<20} {apart:7.1%}")
        worst = {way: float(covers.min()) for way, (covers, _) in rows.items()}
        found[f"naive covers, {name}"] = figure(worst["naive"], "of runs", None, None)
        for way in ("score, two_point", "score, constant"):
            found[f"{way} covers, {name}"] = figure(worst[way], "of runs", COVERS, worst[way] >= COVERS)
        found[f"contrast covers, {name}"] = figure(apart, "of runs", COVERS, apart >= COVERS)


def replayed(found, journals=400, epochs=300, plays=100):
    """Journals of two arms, steady at 30 and 20 %, or changing places every 50 epochs."""
    rng, said = np.random.default_rng(3), {}
    for name, turns in (("steady", None), ("drifting", 50)):
        turned = np.zeros(epochs, int) if turns is None else (np.arange(epochs) // turns) % 2
        rate = np.where(turned[:, None] == np.arange(2), 0.3, 0.2)
        sizes = rng.multinomial(plays, [0.5, 0.5], (journals, epochs))
        verdicts = [forgetting(rng.binomial(n, rate), n).verdict for n in sizes]
        said[name] = {word: verdicts.count(word) / journals for word in ("forget", "keep", "cannot tell")}
        print(f"journals, {name:<9}" + "".join(f" {word}: {part:.1%}" for word, part in said[name].items()))
    wrong, right = said["steady"]["forget"], said["drifting"]["forget"]
    found["drift seen where there is none"] = figure(wrong, "of journals", LIMIT, wrong <= LIMIT)
    found["drift seen where there is"] = figure(right, "of journals", None, None)


def figure(value, unit, target, met):
    return {"value": value, "unit": unit, "target": target, "met": None if met is None else bool(met)}


def main():
    found = {}
    looked(found)
    gathered(found)
    print()
    replayed(found)
    print()
    for name, each in found.items():
        mark = {True: "met", False: "MISSED", None: ""}[each["met"]]
        wanted = "" if each["target"] is None else f"(target {each['target']:g})"
        print(f"{name}: {each['value']:.4g} {each['unit']} {wanted} {mark}")
    if "--json" in sys.argv[1:]:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
