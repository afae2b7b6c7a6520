"""Off-policy evaluation of 100,000 rows x 10 arms: ours and obp's (or sb-obp's) estimators, in one process, in turns.

Targets are judged on the whole of what we do for a value: a question whose probabilities are given row by row, checked,
its weights, the estimate with its standard error, and the support; caches are warm. A log is checked once, when it is
built, and timed apart. obp checks its input at each call and gives the value only; its interval is a bootstrap and is
not timed. Doubly robust estimates take the same predictions of rewards in both. Values must agree to 1e-12.

Where obp is not installed, `--obp FILE` takes the path of a downloaded wheel of obp or sb-obp, or of a folder with it
unpacked; its NumPy part is imported with torch and the like stubbed. Without either, that half of the table is absent.
"""

import importlib
import json
import statistics
import sys
import time
import types
from pathlib import Path

import numpy as np

from models.draws import Draws
from sim.ope import cross_fitted_dr, dros, ips, snips, switch_dr
from sim.ope._log import Log
from sim.ope._question import Question
from sim.ope._rewards import fitted, given
from sim.ope._support import support

ROWS, ARMS, ROUNDS = 100_000, 10, 9
SHRINK, THRESHOLD = 25.0, 3.0
TARGETS = {"ips": 3.0, "cross_fitted_dr": 10.0}
PEERS = {
    "ips": ("InverseProbabilityWeighting", {}),
    "snips": ("SelfNormalizedInverseProbabilityWeighting", {}),
    "cross_fitted_dr": ("DoublyRobust", {}),
    "switch_dr": ("SwitchDoublyRobust", {"lambda_": THRESHOLD}),
    "dros": ("DoublyRobustWithShrinkage", {"lambda_": SHRINK}),
}


def world():
    rng = np.random.default_rng(7)
    logged = rng.dirichlet(np.full(ARMS, 3.0), ROWS) * 0.8 + 0.2 / ARMS
    target = rng.dirichlet(np.full(ARMS, 3.0), ROWS)
    action = (rng.random(ROWS)[:, None] > logged.cumsum(axis=1)).sum(axis=1).clip(0, ARMS - 1)
    expected = rng.uniform(0.05, 0.15, (ROWS, ARMS))
    reward = (rng.random(ROWS) < expected[np.arange(ROWS), action]).astype(float)
    return action, reward, logged[np.arange(ROWS), action], target, expected + 0.02


def ours(log, target, q):
    """Question, support, value and standard error, as asked for the first time."""
    model = given(Question(log, target), q)

    def whole(tell):
        question = Question(log, target)
        support(question)
        told = tell(question)
        return told.value, (np.einsum("i,i->", told.influence, told.influence) / (ROWS * (ROWS - 1))) ** 0.5

    members = {
        "ips": lambda question: ips.tell(question, None, None),
        "snips": lambda question: snips.tell(question, None, None),
        "cross_fitted_dr": lambda question: cross_fitted_dr.tell(question, model, None),
        "switch_dr": lambda question: switch_dr.at(question, model, THRESHOLD),
        "dros": lambda question: dros.at(question, model, SHRINK),
    }
    return {kind: lambda tell=tell: whole(tell) for kind, tell in members.items()}


def obp(words):
    """Classes of obp's estimators, or None."""
    if "--obp" in words:
        place = Path(words[words.index("--obp") + 1])
        sys.path.insert(0, str(place))
        for name in (
            "torch",
            "torch.nn",
            "torch.nn.functional",
            "torch.optim",
            "torch.utils",
            "torch.utils.data",
        ):
            sys.modules.setdefault(name, stub(name))
        package = types.ModuleType("obp")
        package.__path__ = [str(place / "obp")]
        inner = types.ModuleType("obp.ope")
        inner.__path__ = [str(place / "obp" / "ope")]
        sys.modules.update({"obp": package, "obp.ope": inner})
    try:
        return importlib.import_module("obp.ope.estimators")
    except ImportError as fault:
        print(f"obp: absent ({fault}); give --obp PATH to compare")
        return None


def stub(name):
    """A module that has any name and does nothing."""
    module = types.ModuleType(name)
    module.__getattr__ = lambda _: type("Nothing", (), {})
    return module


def theirs(module, action, reward, propensity, target, q):
    spread, predicted = np.ascontiguousarray(target[:, :, None]), np.ascontiguousarray(q[:, :, None])
    data = {"reward": reward, "action": action, "pscore": propensity, "action_dist": spread}
    made = {}
    for kind, (name, settings) in PEERS.items():
        peer = getattr(module, name)(**settings)
        more = {"estimated_rewards_by_reg_model": predicted} if kind not in ("ips", "snips") else {}
        made[kind] = lambda peer=peer, more=more: (peer.estimate_policy_value(**data, **more), 0.0)
    return made


def milliseconds(calls):
    """Median wall milliseconds of a call of each, in turns; each turn is one call unmeasured, then three."""
    took = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            call()
            for _ in range(3):
                begins = time.perf_counter()
                call()
                took[name].append(1000 * (time.perf_counter() - begins))
    return {name: statistics.median(times) for name, times in took.items()}


def figure(value, unit, target=None, met=None):
    return {"value": value, "unit": unit, "target": target, "met": met}


def measure(words):
    action, reward, propensity, target, q = world()
    arms = tuple(map(str, range(ARMS)))
    log = Log(arms=arms, action=action, reward=reward, propensity=propensity)
    mine, module = ours(log, target, q), obp(words)
    peers = theirs(module, action, reward, propensity, target, q) if module else {}
    once = {
        "checking a log": lambda: Log(arms=arms, action=action, reward=reward, propensity=propensity),
        "of it, the question": lambda: Question(log, target),
        "a fitted model, 5 folds": lambda: fitted(Question(log, target), Draws(1)),
    }
    calls = {("ours", kind): call for kind, call in mine.items()}
    calls |= {("obp", kind): call for kind, call in peers.items()} | {
        ("once", name): c for name, c in once.items()
    }
    took = milliseconds(calls)
    found = {}
    print(f"{'estimator':>24} {'ours ms':>9} {'obp ms':>9} {'ratio':>7}  values differ by")
    for kind, call in mine.items():
        peer = took.get(("obp", kind))
        apart = abs(call()[0] - float(peers[kind]()[0])) if peers else float("nan")
        print(f"{kind:>24} {took['ours', kind]:>9.2f} ", end="")
        print(f"{peer:>9.2f} {peer / took['ours', kind]:>7.1f}  {apart:.1e}" if peer else f"{'absent':>9}")
        bar = TARGETS.get(kind)
        value = took["ours", kind]
        found[f"{kind}, {ROWS:,} rows"] = figure(value, "ms", bar, None if bar is None else value <= bar)
        if peer:
            found[f"{kind}: values apart from obp's"] = figure(apart, "", 1e-12, apart <= 1e-12)
            found[f"{kind}: times obp's speed"] = figure(peer / value, "x")
    for name in once:
        print(f"{name:>24} {took['once', name]:>9.2f}")
        found[name] = figure(took["once", name], "ms")
    return found


def main():
    found = measure(sys.argv[1:])
    for name, each in found.items():
        mark = {True: "met", False: "MISSED", None: ""}[each["met"]]
        wanted = "" if each["target"] is None else f"(target {each['target']:g})"
        print(f"{name}: {each['value']:.4g} {each['unit']} {wanted} {mark}")
    if "--json" in sys.argv[1:]:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
