"""What was published of a lottery before it began, and what its law lets a loop do afterwards. Not legal advice.

Class law: nothing crosses it. Where the law and the actuator or a budget leave no common value, the lottery is
suspended: nothing more is offered, what was won is honoured. The safe value is resolved inside it.

    profile: cn     the win-rate never goes under the published one, for anyone, at any time; with `ratchet: up_only` it
                    never goes back either. The mix of tiers is fixed: only the overall rate moves. No prize above
                    50,000 CNY. One rate for all cells, unless the published terms list one for each.
    profile: us     the win-rate is locked at the published one; let the loop turn coupon value or push frequency.
    profile: eu     known, not available: it asks for disclosure flags and a price memory, which this version lacks.
    profile: none   no rule is checked. It must be written, so that nobody gets it by forgetting.

The rules, each with how well it was read, are quoted in every bound and refusal: SAMR Order 32 of 2020, art. 13, 15,
17 and 19 (second-hand); Florida Stat. 849.094 and New York GBL 369-e (read in the statute); US practice (second-hand).
Have counsel read them; keep the journal for as long as your law asks (two years by art. 19).

`digest` freezes the terms: the SHA-256 of what is published, with the campaign's span. Leave it out at first, and the
check prints it; write it in together with the name of the person who signs it off. From then on any change of the terms
is refused, until somebody signs the new ones.

```yaml
guardrails: {terms: {kind: published_terms, profile: cn, published_win_rate: 3%, ratchet: up_only,
                     tiers: {bottle: 95%, dinner: 5%}, prizes: {bottle: 5 CNY, dinner: 400 CNY}}}
```
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from controller.errors import NotAvailable
from controller.guardrails import _profiles as law
from controller.loop.grid import Grid
from controller.ports import Context, GuardrailScope
from controller.quantities import Money, Share, write_share
from controller.signals import Bound, Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Keys of `kind: published_terms`."""

    profile: Literal["cn", "us", "eu", "none"]
    """Whose law; no default, since every default would be wrong somewhere."""
    published_win_rate: Share | None = None
    """The rate that was published; needed by cn and us."""
    ratchet: Literal["off", "up_only"] = "off"
    """`up_only`: a rate that customers have seen is never taken back (cautious counsel's reading of art. 13)."""
    tiers: dict[str, Share] = field(default_factory=dict)
    """Share of all wins that each tier gets, together 100%; part of the digest."""
    prizes: dict[str, Money] = field(default_factory=dict)
    """Market value of each tier's prize, with all that is stacked on it."""
    lists_cells: bool = False
    """True: the published terms themselves list a rate for each cell."""
    digest: str | None = None
    """SHA-256 of the terms in hex; None: not frozen yet."""
    signed_off_by: str = ""
    """Who answers for the terms; needed with a digest."""

    def __post_init__(self) -> None:
        if faults := _faults(self):
            raise ValueError(f"published_terms: {'; '.join(faults)}")


class PublishedTermsGuardrail:
    """Keeps the win-rate at or above (cn), or exactly at (us), what was published.

    Parameters
    ----------
    scope: its one channel in `share` is the win-rate.
    settings: ValueError, quoting the rule, where they or the channel can't be lawful; NotAvailable for profile eu.
    """

    rank = "law"

    def __init__(self, scope: GuardrailScope, settings: Settings) -> None:
        if settings.profile == "eu":
            rules = "; ".join(str(rule) for rule in law.PROFILES["eu"])
            raise NotAvailable(
                f"published_terms: profile eu is not available in this version, it would check: {rules}"
            )
        self.scope, self.settings = scope, settings
        self.digest = terms_digest(settings, scope.starts_at, scope.ends_at)
        _check_digest(settings, self.digest)
        self.channel = None if settings.profile == "none" else _win_rate(scope, settings)
        ratchet = self.channel is not None and settings.profile == "cn" and settings.ratchet == "up_only"
        self.needs = (f"highest.{self.channel.name}",) if self.channel and ratchet else ()

    def limit(self, context: Context) -> Sequence[Bound]:
        if self.channel is None or self.settings.published_win_rate is None:
            return []
        name, published = self.channel.name, self.scope.cells.full(self.settings.published_win_rate)
        words = write_share(self.settings.published_win_rate)
        if self.settings.profile == "us":
            why = f"{name} is locked at the published {words}: {law.UNCHANGED}; {law.PERIOD}"
            return [Bound(name, published, published, why)]
        if self.needs:
            why = f"{name} stays at or above the highest rate ever offered, {words} at least: {law.FAVOUR}"
            return [Bound(name, np.fmax(published, context.facts[self.needs[0]]), None, why)]
        return [Bound(name, published, None, f"{name} stays at or above the published {words}: {law.FAVOUR}")]

    def notice(self) -> str:
        """What an operator should know before the start: profile, digest, who signed."""
        if self.settings.profile == "none":
            return "published terms: profile none, no rule is checked"
        signed = (
            f"signed off by {self.settings.signed_off_by}" if self.settings.digest else "not signed off yet"
        )
        return f"published terms: profile {self.settings.profile}, digest {self.digest}, {signed}; not legal advice"


def terms_digest(settings: Settings, starts_at: float = -np.inf, ends_at: float = np.inf) -> str:
    """SHA-256, in hex, of the published terms and the campaign's span (UTC seconds).

    >>> terms = Settings(profile="cn", published_win_rate=0.03)
    >>> terms_digest(terms) == terms_digest(Settings(profile="cn", published_win_rate=0.031))
    False
    """
    return hashlib.sha256(canonical_terms(settings, starts_at, ends_at).encode()).hexdigest()


def canonical_terms(settings: Settings, starts_at: float = -np.inf, ends_at: float = np.inf) -> str:
    """The terms as the text that is hashed: JSON with sorted keys and no spaces.

    >>> canonical_terms(Settings(profile="us", published_win_rate=0.03))
    '{"cells":"one","from":null,"prizes":{},"profile":"us","ratchet":"off","tiers":{},"to":null,"win_rate":"3%"}'
    """
    rate = settings.published_win_rate
    terms = {
        "profile": settings.profile,
        "win_rate": None if rate is None else write_share(rate),
        "ratchet": settings.ratchet,
        "tiers": {tier: write_share(share) for tier, share in settings.tiers.items()},
        "prizes": {tier: str(prize) for tier, prize in settings.prizes.items()},
        "cells": "listed" if settings.lists_cells else "one",
        "from": round(starts_at) if np.isfinite(starts_at) else None,
        "to": round(ends_at) if np.isfinite(ends_at) else None,
    }
    return json.dumps(terms, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _faults(terms: Settings) -> Sequence[str]:
    """What is wrong with the terms by themselves."""
    faults = []
    if terms.profile in ("cn", "us") and terms.published_win_rate is None:
        faults.append(f"published_win_rate is missing, profile {terms.profile} needs it")
    if terms.profile == "none" and terms.published_win_rate is not None:
        faults.append("profile none keeps to no published_win_rate; leave it out, or choose cn or us")
    if terms.profile != "cn" and terms.ratchet != "off":
        faults.append(f"ratchet is known to profile cn only, received profile {terms.profile}")
    if terms.tiers and (min(terms.tiers.values()) <= 0 or abs(sum(terms.tiers.values()) - 1) > 1e-9):
        mix = ", ".join(f"{tier} {write_share(share)}" for tier, share in terms.tiers.items())
        faults.append(f"tiers must each be above 0% and together 100%, received {mix}: {law.MIX}")
    if terms.tiers and terms.prizes and set(terms.tiers) != set(terms.prizes):
        faults.append(
            f"tiers and prizes name different tiers: {sorted(terms.tiers)} and {sorted(terms.prizes)}"
        )
    if terms.profile == "cn":
        faults += [fault for tier, prize in terms.prizes.items() for fault in _too_dear(tier, prize)]
    if terms.digest is not None and not terms.signed_off_by.strip():
        faults.append("a digest needs signed_off_by, the name of the person who answers for the terms")
    return faults


def _too_dear(tier: str, prize: Money) -> Sequence[str]:
    if prize.currency != "CNY":
        return [f"prize {tier}: received {prize}, allowed: its market value in CNY, since {law.TOP_PRIZE}"]
    if prize.amount > law.TOP_PRIZE_CNY:
        return [f"prize {tier}: received {prize}, allowed: at most {law.TOP_PRIZE_CNY} CNY: {law.TOP_PRIZE}"]
    return []


def _check_digest(terms: Settings, computed: str) -> None:
    if terms.digest is not None and terms.digest.lower().removeprefix("sha256:") != computed:
        changed = f"the terms are not those that {terms.signed_off_by} signed off"
        digests = f"received digest {terms.digest}, the terms give {computed}"
        allowed = f"the terms as they were, or new ones that are published and signed off: {law.FAVOUR}"
        raise ValueError(f"published_terms: {changed}: {digests}, allowed: {allowed}")


def _win_rate(scope: GuardrailScope, terms: Settings) -> Channel:
    """The channel of the win-rate, where the published rate can be kept in it."""
    shares = [channel for channel in scope.channels.values() if channel.unit == "share"]
    if len(shares) != 1:
        names = ", ".join(sorted(channel.name for channel in shares)) or "none"
        raise ValueError(
            f"published_terms: the win-rate is the one actuator in share, found {names}; name it in `on:`"
        )
    channel, published = shares[0], terms.published_win_rate
    if published is None or published > channel.high or (terms.profile == "us" and published < channel.low):
        rule = law.FAVOUR if terms.profile == "cn" else law.UNCHANGED
        allowed = f"{write_share(channel.low)} to {write_share(channel.high)}"
        raise ValueError(
            f"published_terms: {channel.name} takes {allowed}, published is {_words(published)}: {rule}"
        )
    if terms.profile == "us" and Grid.of(channel).nearest(np.array(published)) != published:
        raise ValueError(
            f"published_terms: {channel.name} can't take {_words(published)} exactly: {law.UNCHANGED}"
        )
    if terms.profile == "cn" and not terms.lists_cells and scope.cells.pools < len(scope.cells):
        raise ValueError(
            f"published_terms: {channel.name} would differ from cell to cell, allowed: one rate for one population, or "
            f"`lists_cells: true` where the published terms list one for each: {law.AREA}"
        )
    return channel


def _words(share: float | None) -> str:
    return "nothing" if share is None else write_share(share)
