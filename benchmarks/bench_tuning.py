"""The robust tuner on the test batch of Astrom and Hagglund, family by family, beside the rules of the books.

For every process of models.tuning.batch: is the loop stable, what is Ms, and how much larger is the IAE after a load
step than that of the best PI of the same Ms, found by exhaustive search (models.tuning.best_pi, the peer). The tuner
is given the process itself, as it is given every plant that a market may be. Then the same by rules: SIMC after the
half rule, AMIGO after a step response, Ziegler-Nichols by the ultimate cycle, the last to be warned about. A rule that
has no answer for a process is counted so. --every N takes each N-th process; --json prints the figures last.
"""

import argparse
import json

import numpy as np

from models.tuning.amigo import amigo_pi
from models.tuning.batch import batch
from models.tuning.best_pi import best_pi
from models.tuning.closed_loop import simulate
from models.tuning.forms import ideal
from models.tuning.half_rule import first_order
from models.tuning.margins import margins
from models.tuning.robust import robust
from models.tuning.simc import simc_pi
from models.tuning.state_space import step_response
from models.tuning.step_fit import fit_step
from models.tuning.ultimate import ultimate, ziegler_nichols_pi

MS, NEAR = 1.6, 1.05


def by_robust(process):
    return robust(process, ms=MS).controller


def by_simc(process):
    if any(np.iscomplex(lag) for lag in process.lags):
        raise ValueError("the half rule knows real lags only")
    return simc_pi(first_order(process))


def by_amigo(process):
    if process.integrators:
        return amigo_pi(first_order(process))
    reach = float(process.times().sum())
    quick = min(reach / 200, *(abs(lag) for lag in process.lags if abs(lag) > 0))
    dt = max(quick / 3, reach / 20_000)
    curve = step_response(process, dt, int(15 * reach / dt))
    return amigo_pi(fit_step(np.arange(curve.shape[1]) * dt, curve))


def by_ziegler_nichols(process):
    return ziegler_nichols_pi(ultimate(process))


RULES = {"robust": by_robust, "SIMC": by_simc, "AMIGO": by_amigo, "Ziegler-Nichols": by_ziegler_nichols}


def iae(controller, process):
    """After a load step, with what a slow tail still owes; to the accuracy of 150 steps a swing, as the peer's."""
    c = ideal(controller)
    swing = float(ultimate(process).period[0])
    reach = float(process.times().sum())
    dt = swing / 150 if np.isfinite(swing) else reach / 400
    answer = simulate(c, process, duration=min(30 * reach, 6000 * dt), dt=dt, load=1.0)
    return float(
        (answer.iae + np.abs(-np.asarray(c.integral_time) / np.asarray(c.gain) - answer.ie)).squeeze()
    )


def judged(rule, process, best):
    """Ms (inf where it swings ever wider) and IAE over that of the best; None where the rule has no answer."""
    try:
        controller = RULES[rule](process)
    except ValueError:
        return None
    ms = float(np.squeeze(margins(controller, process).ms))
    return ms, iae(controller, process) / best if np.isfinite(ms) else np.inf


def measured(every):
    rows = {}
    for member in batch()[::every]:
        best = best_pi(member.process, MS).iae
        rows[member] = {rule: judged(rule, member.process, best) for rule in RULES}
    return rows


def show(rows):
    print(
        f"{len(batch())} processes in the batch, {len(rows)} of them tried; Ms asked: {MS}; IAE over the best PI's\n"
    )
    print(
        f"{'family':<7}{'rule':<16}{'tried':>6}{'stable':>7}{'no answer':>10}{'Ms':>15}{'IAE, median':>12}{'worst':>9}"
    )
    for family in sorted({member.family for member in rows}):
        for rule in RULES:
            line(family, rule, [each[rule] for member, each in rows.items() if member.family == family])


def line(family, rule, found):
    there = [each for each in found if each is not None]
    steady = [each for each in there if np.isfinite(each[0])]
    if not steady:
        print(f"{family:<7}{rule:<16}{len(found):>6}{0:>7}{len(found) - len(there):>10}")
        return
    ms, ratio = np.array(steady).T
    spread = f"{ms.min():.2f} to {ms.max():.2f}"
    print(
        f"{family:<7}{rule:<16}{len(found):>6}{len(steady):>7}{len(found) - len(there):>10}{spread:>15}"
        f"{np.median(ratio):>12.3f}{ratio.max():>9.3f}"
    )


def figures(rows):
    ours = {member: each["robust"] for member, each in rows.items()}
    ms = np.array([each[0] if each else np.inf for each in ours.values()])
    ratio = np.array([each[1] if each else np.inf for each in ours.values()])
    book = [each["Ziegler-Nichols"] for each in rows.values() if each["Ziegler-Nichols"]]
    worst = list(ours)[int(np.argmax(ratio))].name
    print(f"\nworst of the robust tuner: {worst}, IAE {ratio.max():.3f} of the best PI's")
    near = float((ratio <= NEAR).mean() * 100)
    fragile = float(np.mean([one > 2 for one, _ in book])) if book else np.nan
    return {
        "robust: stable": figure(float(np.isfinite(ms).mean() * 100), "%", 100.0, np.isfinite(ms).all()),
        "robust: largest Ms": figure(float(ms.max()), "", MS, ms.max() <= MS * 1.002),
        "robust: within 5 % of the best PI": figure(near, "%", 100.0, near == 100.0),
        "robust: worst IAE over the best PI": figure(float(ratio.max()), "x", NEAR, ratio.max() <= NEAR),
        "Ziegler-Nichols: fragile (Ms above 2)": figure(fragile * 100, "%", None, None),
    }  # fmt: skip


def figure(value, unit, target, met):
    return {"value": value, "unit": unit, "target": target, "met": None if met is None else bool(met)}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--every", type=int, default=1, help="take each N-th process")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    rows = measured(asked.every)
    show(rows)
    found = figures(rows)
    for name, each in found.items():
        mark = {True: "met", False: "MISSED", None: ""}[each["met"]]
        wanted = "" if each["target"] is None else f"(target {each['target']:g})"
        print(f"{name}: {each['value']:.4g} {each['unit']} {wanted} {mark}")
    if asked.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
