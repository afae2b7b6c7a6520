"""Noise inside a bucket moves nothing; an error that stays away is answered."""

import numpy as np

from models.pacing.hysteresis import answered, bucket_of


def test_an_error_that_swings_about_an_edge_changes_the_bucket_once():
    bucket, seen = np.array([np.nan]), []
    for error in np.tile([0.09, 0.11], 20):
        bucket = bucket_of(np.array([error]), bucket, width=0.2)
        seen.append(float(bucket[0]))
    assert len(set(seen)) == 1


def test_noise_of_a_small_budget_is_not_answered():
    noise = np.random.default_rng(4).normal(0.0, 0.1, 500)
    bucket = np.zeros(1)
    moved = 0
    for error in noise:
        bucket = bucket_of(np.array([error]), bucket, width=0.6)
        moved += bool(answered(bucket, 0.6)[0])
    assert moved == 0


def test_what_is_answered_lies_within_a_bucket_and_its_margin_of_the_error():
    errors, bucket = np.random.default_rng(5).uniform(-1, 1, 400), np.array([np.nan])
    for error in errors:
        bucket = bucket_of(np.array([error]), bucket, width=0.25)
        assert abs(float(answered(bucket, 0.25)[0]) - error) <= 0.25 * 0.75 + 1e-12
