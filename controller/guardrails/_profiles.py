"""The rules behind the profiles of published terms, each with where it stands and how well that was read.

Called by the published_terms guardrail; calls nothing. Not legal advice: a rule read in the statute may have changed
since, and one known second-hand must be checked by counsel before a campaign rests on it.
"""

from dataclasses import dataclass

STATUTE = "read in the statute"
SECOND_HAND = "second-hand"
NOT_READ = "from general knowledge, not re-read"

TOP_PRIZE_CNY = 50_000
"""Highest value of one prize of a lottery in yuan; see TOP_PRIZE."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of law, as a sentence that a refusal can quote."""

    source: str
    says: str
    evidence: str
    """`read in the statute`, `second-hand`, or `from general knowledge, not re-read`."""

    def __str__(self) -> str:
        return f"{self.says} ({self.source}; {self.evidence})"


_CN = "China, SAMR Order 32 of 2020"
FAVOUR = Rule(
    f"{_CN}, art. 13", "published prize terms may change only in the consumer's favour", SECOND_HAND
)
MIX = Rule(
    f"{_CN}, art. 15",
    "releasing different prize values at different times counts as a fake prize",
    SECOND_HAND,
)
AREA = Rule(f"{_CN}, art. 15", "placing prizes in one area only counts as a fake prize", SECOND_HAND)
TOP_PRIZE = Rule(f"{_CN}, art. 17", "the top prize of a lottery is worth at most 50,000 CNY", SECOND_HAND)
RECORDS = Rule(
    f"{_CN}, art. 19", "rules, notices, results and winners are kept on file for two years", SECOND_HAND
)

PERIOD = Rule("Florida Stat. 849.094", "wins may not be allocated to a particular period or area", STATUTE)
FILED = Rule(
    "New York GBL 369-e", "above 5,000 USD the proportionate odds are filed 30 days before the start", STATUTE
)
UNCHANGED = Rule("US practice", "the rules may not change once the promotion has begun", SECOND_HAND)

AWARDED = Rule(
    "EU, UCPD 2005/29 Annex I, 19 and 31", "a promised prize or its equivalent must be awarded", NOT_READ
)
_PRICES = "reductions show the lowest price of 30 days, personalised prices are disclosed"
REDUCTION = Rule("EU, Directive 2019/2161", _PRICES, NOT_READ)

PROFILES = {
    "cn": (FAVOUR, MIX, AREA, TOP_PRIZE, RECORDS),
    "us": (PERIOD, FILED, UNCHANGED),
    "eu": (AWARDED, REDUCTION),
    "none": (),
}
"""The rules that each profile knows of."""
