"""Logs and finite populations for the tests of off-policy evaluation."""

from itertools import product
from pathlib import Path

import numpy as np

from sim.ope._log import Log
from sim.ope._question import Question

FILE = Path(__file__).parent / "data" / "open_bandit.npz"


class Population:
    """Contexts x arms with yes-or-no rewards, exact: `log` has each outcome once, at `chance`."""

    def __init__(self, seed=3, contexts=3, arms=4):
        rng = np.random.default_rng(seed)
        self.share = rng.dirichlet(np.ones(contexts) * 5)
        self.logged = rng.dirichlet(np.ones(arms), contexts) * 0.8 + 0.2 / arms
        self.target = rng.dirichlet(np.ones(arms), contexts)
        self.expected = rng.uniform(0.1, 0.9, (contexts, arms))
        cells = np.array(list(product(range(contexts), range(arms), (0, 1))))
        x, a, r = cells.T
        win = self.expected[x, a]
        self.chance = self.share[x] * self.logged[x, a] * np.where(r == 1, win, 1 - win)
        self.log = Log(
            arms=tuple("abcdefgh"[:arms]), action=a, reward=r * 1.0, propensity=self.logged[x, a], position=x
        )
        self.question = Question(self.log, self.target)
        self.q = self.expected[x]
        self.value = float(self.share @ (self.target * self.expected).sum(axis=1))

    def mean(self, each):
        return float(self.chance @ each)

    def sample(self, rows, seed):
        """A log of so many rows drawn from it, as a question."""
        rng = np.random.default_rng(seed)
        place = rng.choice(len(self.chance), rows, p=self.chance)
        log = self.log
        drawn = Log(
            arms=log.arms,
            action=log.action[place],
            reward=log.reward[place],
            propensity=log.propensity[place],
            position=log.position[place],
        )
        return Question(drawn, self.target)


def each_row(told):
    """The part of each row, before the mean is taken off."""
    return told.influence + told.value


def open_bandit(policy, campaign):
    """One of the six small logs."""
    with np.load(FILE) as data:
        items = len(data[f"{campaign}_alpha"])
        name = f"{policy}_{campaign}"
        action = data[f"{name}_action"].astype(np.int64)
        logged = data[f"{name}_propensity"] if policy == "bts" else np.full(len(action), 1.0 / items)
        return Log(
            arms=tuple(map(str, range(items))),
            action=action,
            reward=data[f"{name}_click"].astype(np.float64),
            propensity=logged,
            position=data[f"{name}_position"].astype(np.int64),
        )


def priors(campaign):
    with np.load(FILE) as data:
        return data[f"{campaign}_alpha"], data[f"{campaign}_beta"]


def thompson_shares(campaign, draws=100_000, seed=12345, chunk=5000):
    """Share of draws that put each item into each of three slots, shape (3, items): one Beta an item, sorted."""
    alpha, beta = priors(campaign)
    rng = np.random.RandomState(seed)
    counts = np.zeros((3, len(alpha)))
    for _ in range(draws // chunk):
        first = rng.beta(alpha, beta, size=(chunk, len(alpha))).argsort(axis=1)[:, ::-1][:, :3]
        counts += [np.bincount(slot, minlength=len(alpha)) for slot in first.T]
    return counts / draws
