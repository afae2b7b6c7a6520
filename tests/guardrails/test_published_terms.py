"""Published terms: floor, ratchet, lock, frozen digest; every refusal quotes its rule and how well it was read."""

from dataclasses import replace

import numpy as np
import pytest

from controller.cells import Cells
from controller.errors import NotAvailable
from controller.guardrails import _profiles
from controller.guardrails.published_terms import (
    PublishedTermsGuardrail,
    Settings,
    canonical_terms,
    terms_digest,
)
from controller.loop.limits import Said, combine, lawful_safe
from controller.quantities import Money
from tests.guardrails.campaign import END, ODDS, START, context, scope

CN = Settings(profile="cn", published_win_rate=0.03)
US = Settings(profile="us", published_win_rate=0.05)
TIERS = {"bottle": 0.95, "dinner": 0.05}
PRIZES = {"bottle": Money.parse("5 CNY"), "dinner": Money.parse("400 CNY")}


def interval(terms, channel=ODDS, **facts):
    rail = PublishedTermsGuardrail(scope(channel), terms)
    said = Said("terms", rail.rank, rail.limit(context(scope(channel), **facts)))
    limits = combine([said], {channel.name: channel}, 1)
    return float(limits.low["odds"][0]), float(limits.high["odds"][0]), said


def test_cn_keeps_the_rate_at_or_above_the_published_one():
    low, high, said = interval(CN)
    assert (low, high) == (0.03, 0.12)
    assert said.bounds[0].why == (
        "odds stays at or above the published 3%: published prize terms may change only in the consumer's favour "
        "(China, SAMR Order 32 of 2020, art. 13; second-hand)"
    )


def test_the_ratchet_never_takes_back_what_customers_have_seen():
    terms = replace(CN, ratchet="up_only")
    assert interval(terms)[0] == 0.03
    assert interval(terms, highest__odds=0.051)[0] == 0.051
    assert interval(CN, highest__odds=0.051)[0] == 0.03


def test_us_locks_the_rate():
    low, high, said = interval(US)
    assert low == high == 0.05
    assert "Florida Stat. 849.094; read in the statute" in said.bounds[0].why
    assert "US practice; second-hand" in said.bounds[0].why


def test_the_safe_value_is_resolved_inside_the_law():
    free = replace(ODDS, safe=0.0)
    said = interval(CN, free)[2]
    assert lawful_safe([said], {"odds": free}, 1)["odds"] == [0.03]


def test_none_checks_nothing_and_must_be_written():
    assert interval(Settings(profile="none"))[:2] == (0.0, 0.12)
    with pytest.raises(TypeError, match="profile"):
        Settings()


def test_eu_is_known_and_refused_by_name():
    with pytest.raises(NotAvailable, match=r"profile eu is not available in this version.*not re-read"):
        PublishedTermsGuardrail(scope(), Settings(profile="eu"))


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"profile": "cn"}, "published_win_rate is missing, profile cn needs it"),
        ({"profile": "us"}, "published_win_rate is missing, profile us needs it"),
        ({"profile": "none", "published_win_rate": 0.03}, "profile none keeps to no published_win_rate"),
        (
            {"profile": "us", "published_win_rate": 0.03, "ratchet": "up_only"},
            "ratchet is known to profile cn only",
        ),
        ({"tiers": {"a": 0.5, "b": 0.4}}, r"together 100%, received a 50%, b 40%: .*art\. 15; second-hand"),
        ({"tiers": {"a": 1.0, "b": 0.0}}, "each be above 0%"),
        ({"tiers": {"a": 1.0}, "prizes": {"b": Money.parse("5 CNY")}}, "name different tiers"),
        ({"prizes": {"car": Money.parse("50000.01 CNY")}}, r"at most 50000 CNY: .*art\. 17; second-hand"),
        (
            {"prizes": {"car": Money.parse("900 USD")}},
            r"received 900 USD, allowed: its market value in CNY.*art\. 17",
        ),
        ({"digest": "ab"}, "a digest needs signed_off_by"),
        ({"digest": "ab", "signed_off_by": "  "}, "a digest needs signed_off_by"),
    ],
)
def test_terms_that_can_not_be_lawful_are_refused(settings, text):
    with pytest.raises(ValueError, match=text):
        Settings(
            **{"profile": "cn", "published_win_rate": 0.03, **settings}
            if "profile" not in settings
            else settings
        )


def test_a_prize_at_the_ceiling_passes_and_us_knows_no_ceiling():
    replace(CN, prizes={"car": Money.parse("50000 CNY")})
    replace(US, prizes={"car": Money.parse("90000 USD")})


@pytest.mark.parametrize(
    ("channel", "terms", "text"),
    [
        (
            replace(ODDS, high=0.02, safe=0.01),
            CN,
            r"odds takes 0% to 2%, published is 3%: .*art\. 13; second-hand",
        ),
        (replace(ODDS, low=0.06, safe=0.06), US, "odds takes 6% to 12%, published is 5%: .*second-hand"),
        (replace(ODDS, resolution=0.02), US, "odds can't take 5% exactly"),
        (replace(ODDS, unit="CNY"), CN, "the one actuator in share, found none; name it in `on:`"),
    ],
)
def test_a_channel_that_can_not_keep_the_terms_is_refused(channel, terms, text):
    with pytest.raises(ValueError, match=text):
        PublishedTermsGuardrail(scope(channel), terms)


def test_two_shares_must_be_told_apart():
    of = replace(scope(), channels={"odds": ODDS, "reach": replace(ODDS, name="reach")})
    with pytest.raises(ValueError, match="found odds, reach; name it in `on:`"):
        PublishedTermsGuardrail(of, CN)


def test_one_population_has_one_rate_unless_the_terms_list_the_cells():
    stores = scope(cells=Cells(("north", "south")))
    with pytest.raises(ValueError, match=r"lists_cells.*art\. 15; second-hand"):
        PublishedTermsGuardrail(stores, CN)
    PublishedTermsGuardrail(stores, replace(CN, lists_cells=True))
    PublishedTermsGuardrail(scope(cells=Cells(("r1", "r2"), pool=np.array([0, 1]))), CN)


FULL = replace(CN, tiers=TIERS, prizes=PRIZES, ratchet="up_only")
CHANGES = [
    {"published_win_rate": 0.0301},
    {"ratchet": "off"},
    {"tiers": {"bottle": 0.94, "dinner": 0.06}},
    {"prizes": {**PRIZES, "dinner": Money.parse("399 CNY")}},
    {"lists_cells": True},
]


def test_the_digest_is_over_the_terms_and_the_span_and_nothing_else():
    digest = terms_digest(FULL, START, END)
    assert len(digest) == 64
    assert terms_digest(replace(FULL, digest=digest, signed_off_by="Li Na"), START, END) == digest
    reordered = replace(FULL, tiers=dict(reversed(TIERS.items())))
    assert terms_digest(reordered, START, END) == digest
    others = [terms_digest(replace(FULL, **change), START, END) for change in CHANGES]
    others += [terms_digest(FULL, START + 1, END), terms_digest(FULL, START, END - 1), terms_digest(FULL)]
    assert len({digest, *others}) == len(others) + 1


def test_the_text_that_is_hashed_is_written_out():
    assert canonical_terms(FULL, START, END) == (
        '{"cells":"one","from":1767571200,"prizes":{"bottle":"5 CNY","dinner":"400 CNY"},"profile":"cn",'
        '"ratchet":"up_only","tiers":{"bottle":"95%","dinner":"5%"},"to":1776211200,"win_rate":"3%"}'
    )


def test_frozen_terms_are_kept_and_changed_ones_refused():
    digest = PublishedTermsGuardrail(scope(), FULL).digest
    frozen = replace(FULL, digest=f"sha256:{digest}", signed_off_by="Li Na")
    assert PublishedTermsGuardrail(scope(), frozen).notice().endswith("signed off by Li Na; not legal advice")
    for change in CHANGES[:-1]:
        with pytest.raises(
            ValueError, match=r"not those that Li Na signed off: received digest sha256:.*second-hand"
        ):
            PublishedTermsGuardrail(scope(), replace(frozen, **change))


def test_the_notice_tells_the_digest_before_it_is_signed():
    rail = PublishedTermsGuardrail(scope(), CN)
    assert rail.digest in rail.notice()
    assert "not signed off yet" in rail.notice()
    assert "no rule is checked" in PublishedTermsGuardrail(scope(), Settings(profile="none")).notice()


def test_every_rule_says_how_well_it_was_read():
    rules = {rule for rules in _profiles.PROFILES.values() for rule in rules}
    read = {rule.source for rule in rules if rule.evidence == "read in the statute"}
    assert read == {"Florida Stat. 849.094", "New York GBL 369-e"}
    assert {rule.evidence for rule in rules} == {
        "read in the statute",
        "second-hand",
        "from general knowledge, not re-read",
    }
