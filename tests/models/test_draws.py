"""Chance: known answers, and the statistics of the generator. All is fixed, so every outcome is the same for ever.

A perfect generator would fail a check once in a million (`ALARM`), and one of this file's 600 checks once in 1,700.
"""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from models.draws import Draws, Stretch, key_of, keys_of, lanes, mix, numbered, personal, uniforms

ALARM = 1e-6
GOLDEN = 0x9E3779B97F4A7C15
IDS = np.arange(60_000, dtype=np.uint64)
HEADS = Draws(11).words(keys_of(tuple(f"store-{n}" for n in range(40))), tick=5, channel="trips")


def heads(count, tick=0, channel="trips", seed=3):
    return Draws(seed).words(keys_of(tuple(f"c{n}" for n in range(count))), tick, channel)


def evenly(u, bins=256):
    """p-value that uniforms fill their bins evenly, from both ends: too even is wrong as well."""
    counts = np.bincount((u * bins).astype(int).ravel(), minlength=bins)
    return both(stats.chi2(bins - 1).cdf(((counts - u.size / bins) ** 2).sum() / (u.size / bins)))


def both(below):
    return 2 * min(below, 1 - below)


def uncorrelated(x, y):
    """p-value that two samples of uniforms have no linear correlation."""
    r = np.corrcoef(x.ravel(), y.ravel())[0, 1]
    return 2 * stats.norm.sf(abs(r) * np.sqrt(x.size))


# -- known answers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seed", "stream"),
    [
        (0, (0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F, 0xF88BB8A8724C81EC)),
        (1234567, (6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431)),
    ],
)
def test_a_head_starts_the_published_splitmix64(seed, stream):
    assert numbered(np.array([seed], np.uint64), np.arange(4, dtype=np.uint64)).tolist() == list(stream)


def test_words_of_the_first_version_stand():
    """A journal replays: these were drawn before this file was written."""
    keys = keys_of(("north", "south"))
    assert keys.tolist() == [6164347370713582292, 9747827944805776462]
    assert Draws(7).words(keys, 3, "demand").tolist() == [16436322940406593962, 1616079090540760579]
    assert Draws(2**64 - 1).words(keys, -1, "prizes_won", 5).tolist() == [
        35261438497525614,
        18411334440330440382,
    ]
    assert Draws(7).spawn("market").seed == 8067421176116613641


def test_few_words_are_those_of_many():
    keys = keys_of(tuple(f"c{n}" for n in range(9)))
    whole = Draws(5).words(keys, 12, "x")
    for size in range(1, 9):
        assert Draws(5).words(keys[:size], 12, "x").tolist() == whole[:size].tolist()
    assert Draws(5).words(keys[:4].reshape(2, 2), 12, "x").shape == (2, 2)


def test_personal_words_are_the_chain_of_the_finaliser():
    head, person, ordinal = np.array([5], np.uint64), np.array([9], np.uint64), np.array([2], np.uint64)
    chain = mix(mix(person ^ head) + head + ordinal * np.uint64(GOLDEN))
    assert personal(head, person, ordinal) == chain == personal(head, person, ordinal)
    assert personal(head, person) == personal(head, person, np.array([0], np.uint64)) != chain


def test_uniforms_hold_53_bits_and_never_reach_one():
    ends = uniforms(np.array([0, 2**11 - 1, 2**11, 2**64 - 1], np.uint64))
    assert ends.tolist() == [0.0, 0.0, 2.0**-53, 1 - 2.0**-53]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**40), st.integers(1, 64), st.integers(1, 5))
def test_a_stretch_is_the_stream_in_any_cut(first, count, many):
    own = HEADS[:many]
    whole = numbered(own[:, None], np.arange(first, first + count, dtype=np.uint64))
    stretch = Stretch(count * many)
    assert np.array_equal(stretch.fill(own, first, count), whole)
    for at in range(0, count, 7):
        part = stretch.fill(own, first + at, min(7, count - at))
        assert np.array_equal(part, whole[:, at : at + 7])


def test_lanes_are_the_words_cut_in_four_lowest_first():
    words = heads(6).reshape(2, 3)
    expected = [(int(word) >> shift) & 0xFFFF for word in words.ravel() for shift in (0, 16, 32, 48)]
    assert lanes(words).ravel().tolist() == expected
    assert lanes(words).shape == (2, 12)


# -- statistics -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["trips", "units", "won", "opens", "opt_outs", "disturbance"])
@pytest.mark.parametrize("tick", [0, 1, 500_000])
def test_uniforms_are_even_over_cells_and_over_persons(channel, tick):
    keys = keys_of(tuple(f"r{n}/all" for n in range(20_000)))
    assert evenly(Draws(1).uniform(keys, tick, channel)) > ALARM
    head = Draws(1).words(keys[:1], tick, channel)
    assert evenly(uniforms(numbered(head, IDS))) > ALARM
    assert evenly(uniforms(personal(head, IDS))) > ALARM


def test_uniforms_are_even_over_ticks():
    keys = keys_of(("a", "b", "c", "d", "e"))
    u = np.array([Draws(9).uniform(keys, tick, "demand") for tick in range(8000)])
    assert evenly(u, 128) > ALARM
    for lag in (1, 2, 24, 168):
        assert uncorrelated(u[lag:], u[:-lag]) > ALARM
    for one, other in itertools.combinations(range(5), 2):
        assert uncorrelated(u[:, one], u[:, other]) > ALARM


def test_every_lane_is_even_and_knows_nothing_of_the_others():
    lane = lanes(np.ascontiguousarray(numbered(HEADS[:1], IDS))).reshape(-1, 4) / 65536.0
    for n in range(4):
        assert evenly(lane[:, n], 1024) > ALARM
    for one, other in itertools.combinations(range(4), 2):
        assert uncorrelated(lane[:, one], lane[:, other]) > ALARM
        assert evenly(pairs(lane[:, one], lane[:, other]), 64 * 64) > ALARM


def pairs(x, y, bins=64):
    """Which of bins x bins fields a pair falls in, as a uniform."""
    return (np.floor(x * bins) * bins + np.floor(y * bins) + 0.5) / (bins * bins)


@pytest.mark.parametrize("lag", [1, 2, 4, 64, 1000])
def test_neighbours_know_nothing_of_each_other(lag):
    for words in (numbered(HEADS[:1], IDS), personal(HEADS[:1], IDS), personal(HEADS[:1], IDS[:1], IDS)):
        u = uniforms(words)
        assert uncorrelated(u[lag:], u[:-lag]) > ALARM
        assert evenly(pairs(u[lag:], u[:-lag], 16), 256) > ALARM


def test_the_same_person_in_two_steps_channels_or_cells_is_two_persons():
    there = uniforms(numbered(heads(1), IDS))
    others = [heads(1, tick=1), heads(1, channel="units"), heads(2)[1:], heads(1, seed=4)]
    for head in others:
        assert uncorrelated(there, uniforms(numbered(head, IDS))) > ALARM
        assert uncorrelated(there, uniforms(personal(head, IDS))) > ALARM


def avalanche(one, flip, bits, samples=4000):
    """Worst p-value, over input bits, that half the output bits flip, and over output bits, that each does."""
    before = one(samples)
    worst = 1.0
    for bit in range(bits):
        changed = (before ^ flip(samples, bit))[:, None] >> np.arange(64, dtype=np.uint64) & np.uint64(1)
        total = changed.sum()
        worst = min(worst, both(stats.binom(changed.size, 0.5).cdf(total)))
        each = stats.binom(samples, 0.5).cdf(changed.sum(axis=0))
        worst = min(worst, 64 * 2 * np.minimum(each, 1 - each).min())
    return worst


def bit(n):
    return np.uint64(1 << n)


SAMPLE = mix(np.arange(4000, dtype=np.uint64))


@pytest.mark.parametrize(
    ("part", "bits"), [("key", 64), ("head of numbered", 64), ("number", 40), ("person", 64), ("ordinal", 20)]
)
def test_one_bit_of_a_key_turns_half_of_the_word(part, bits):
    ids, own = np.arange(4000, dtype=np.uint64), SAMPLE
    laws = {
        "key": lambda n: Draws(1).words(own ^ n, 7, "x"),
        "head of numbered": lambda n: numbered(own ^ n, np.array([5], np.uint64)),
        "number": lambda n: numbered(own, ids ^ n),
        "person": lambda n: personal(own[:1], ids ^ n),
        "ordinal": lambda n: personal(own[:1], ids, np.array([3], np.uint64) ^ n),
    }
    law = laws[part]
    assert avalanche(lambda _: law(np.uint64(0)), lambda _, b: law(bit(b)), bits) > ALARM


@pytest.mark.parametrize("part", ["seed", "tick", "ordinal"])
def test_one_bit_of_seed_tick_or_ordinal_turns_half_of_the_word(part):
    keys = SAMPLE[:1000]

    def words(change):
        told = {"seed": 12345, "tick": 77, "ordinal": 3}
        told[part] ^= change
        return Draws(told["seed"]).words(keys, told["tick"], "x", told["ordinal"])

    assert avalanche(lambda _: words(0), lambda _, b: words(1 << b), 48, samples=1000) > ALARM


def test_names_that_differ_by_a_letter_have_keys_that_differ_by_half():
    names = [f"c{n}" for n in range(1000)]
    turned = [(key_of(a) ^ key_of(a + "x")).bit_count() for a in names]
    assert both(stats.binom(64_000, 0.5).cdf(sum(turned))) > ALARM


# -- collisions -----------------------------------------------------------------------------------------------------


def test_heads_never_meet_over_a_realistic_grid():
    """6 seeds, 200 ticks, 15 channels, 20 cells: 360,000 heads; fails by chance once in 280 million."""
    keys = keys_of(tuple(f"r{n}/all" for n in range(20)))
    channels = [f"consumers.{n}" for n in range(15)]
    found = [
        Draws(seed).words(keys, tick, channel)
        for seed in range(6)
        for tick in range(200)
        for channel in channels
    ]
    assert different(np.concatenate(found))


def test_streams_of_different_heads_do_not_overlap():
    """20 heads, 20,000 persons, both kinds of words: 800,000; fails by chance once in 58 million."""
    some = HEADS[:20, None]
    words = np.concatenate([numbered(some, IDS[:20_000]).ravel(), personal(some, IDS[:20_000]).ravel()])
    assert different(words)


def different(words):
    return (np.diff(np.sort(words)) > 0).all()
