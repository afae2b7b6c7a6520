"""Certificates: evidence from simulation that a campaign's file may act in auto, for as long as its data are young.

    envelope      what of a campaign decides, and in which entries two of them differ
    certificate   the certificate itself: gates, runs, market, its end
    files         written and read, tampered text refused
    cover         does this certificate cover that campaign, and why not
    place         where a daemon and `check` look for one

Issued by whoever has simulated (`issue`); read by the gate in front of auto. A digest tells accidents and edits, it is
no signature: whoever may write the file can write another one.
"""

from controller.certificates.certificate import MAX_AGE, Certificate, GateResult, MarketUsed, Trials, issue
from controller.certificates.cover import Cover, covers
from controller.certificates.envelope import envelope, envelope_digest
from controller.certificates.files import read, write
from controller.certificates.place import Place

__all__ = [
    "MAX_AGE", "Certificate", "Cover", "GateResult", "MarketUsed", "Place", "Trials", "covers", "envelope",
    "envelope_digest", "issue", "read", "write",
]  # fmt: skip
