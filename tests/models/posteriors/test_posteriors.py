"""Every posterior keeps what its family promises; each is held to closed forms of its own."""

import importlib
import json
import pkgutil

import numpy as np
import pytest
from scipy import integrate

from models import posteriors
from models.posteriors.beta_binomial import BetaBinomial
from models.posteriors.gamma_poisson import GammaPoisson
from models.posteriors.normal_gamma import NormalGamma

EPOCHS = {
    BetaBinomial: [([[3.0, 1.0]], [[9.0, 2.0]]), ([[0.0, 4.0]], [[1.0, 7.0]])],
    GammaPoisson: [([[3.0, 1.0]], [[9.0, 2.0]]), ([[0.0, 4.0]], [[1.0, 7.0]])],
    NormalGamma: [([[2.0, 3.0]], [[3.0, -1.0]], [[5.0, 2.0]]), ([[1.0, 0.0]], [[2.0, 0.0]], [[4.0, 0.0]])],
}
KINDS = tuple(EPOCHS)


def believed(kind, keep=1.0):
    state = kind.none(1, 2)
    for epoch in EPOCHS[kind]:
        state = state.seen(*epoch, keep=keep)
    return state


def test_every_file_of_the_folder_is_held_to_the_family():
    files = {each.name for each in pkgutil.iter_modules(posteriors.__path__) if not each.name.startswith("_")}
    assert files == {kind.__module__.rpartition(".")[2] for kind in KINDS}
    assert all(importlib.import_module(f"models.posteriors.{name}").__doc__ for name in files)


@pytest.mark.parametrize("kind", KINDS)
def test_density_distribution_quantile_and_mean_agree(kind):
    state = believed(kind)
    low, high = state.quantile(1e-12), state.quantile(1 - 1e-12)
    for arm in range(2):
        density = lambda x, arm=arm: state.density(np.full((1, 2), x))[0, arm]  # noqa: E731
        ends = (low[0, arm], high[0, arm])
        inner = sorted(state.quantile(p)[0, arm] for p in (0.01, 0.25, 0.5, 0.75, 0.99))
        total = integrate.quad(density, *ends, points=inner, limit=400)[0]
        middle = state.quantile(0.3)
        assert total == pytest.approx(1.0, abs=1e-6)
        assert state.below(middle)[0, arm] == pytest.approx(0.3, abs=1e-9)
        below = integrate.quad(density, ends[0], middle[0, arm], limit=400)[0]
        assert below == pytest.approx(0.3, abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_order_does_not_matter_and_one_epoch_is_as_good_as_two(kind):
    first, second = EPOCHS[kind]
    forth = kind.none(1, 2).seen(*first).seen(*second)
    back = kind.none(1, 2).seen(*second).seen(*first)
    at_once = kind.none(1, 2).seen(*(np.add(a, b) for a, b in zip(first, second, strict=True)))
    assert forth.saved() == back.saved() == at_once.saved()


@pytest.mark.parametrize("kind", KINDS)
def test_forgetting_keeps_the_newest_epoch_whole_and_fades_to_the_prior(kind):
    first, second = EPOCHS[kind]
    faded = kind.none(1, 2).seen(*(0.5 * np.array(each) for each in first)).seen(*second)
    assert believed(kind, 0.5).saved() == faded.saved()
    state, nothing = believed(kind), [np.zeros((1, 2)) for _ in EPOCHS[kind][0]]
    for _ in range(400):
        state = state.seen(*nothing, keep=0.9)
    np.testing.assert_allclose(state.mean, kind.none(1, 2).mean, atol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_saved_comes_back_bit_for_bit_and_nothing_else_does(kind):
    state = believed(kind, 0.9)
    kept = json.loads(json.dumps(state.saved()))
    assert kind.restored(kept).saved() == state.saved()
    for wrong in ({**kept, "version": 2}, {**kept, "more": 1}):
        with pytest.raises(ValueError, match="allowed"):
            kind.restored(wrong)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -1.0])
def test_counts_that_are_none_are_refused_with_what_was_received(kind, bad):
    epoch = [np.array(each) for each in EPOCHS[kind][0]]
    epoch[0] = np.array([[bad, 1.0]])
    with pytest.raises(ValueError, match="allowed"):
        kind.none(1, 2).seen(*epoch)
    with pytest.raises(ValueError, match="shape"):
        kind.none(2, 2).seen(*EPOCHS[kind][0])
    for keep in (0.0, 1.1, np.nan):
        with pytest.raises(ValueError, match="keep"):
            kind.none(1, 2).seen(*EPOCHS[kind][0], keep=keep)


def test_what_cannot_have_been_seen_is_refused():
    with pytest.raises(ValueError, match="3 successes in 2 trials"):
        BetaBinomial.none(1, 1).seen([[3]], [[2]])
    with pytest.raises(ValueError, match="1 events in 0 exposures"):
        GammaPoisson.none(1, 1).seen([[1]], [[0]])
    with pytest.raises(ValueError, match="squares"):
        NormalGamma.none(1, 1).seen([[2]], [[4.0]], [[1.0]])
    with pytest.raises(ValueError, match="a is 0"):
        BetaBinomial.none(1, 1, a=0.0)


def test_the_student_posterior_is_that_of_the_textbook():
    """Gelman et al., eq. 3.5 with one outcome's worth of prior: by hand, for outcomes 1 and 3."""
    state = NormalGamma.none(1, 1).seen([[2.0]], [[4.0]], [[10.0]])
    assert state.mean[0, 0] == pytest.approx(4.0 / 3.0)
    spread = (1.0 + 2.0 + 2.0 / 3.0 * 4.0) / 3.0
    assert state.width[0, 0] == pytest.approx(np.sqrt(spread / 3.0))
