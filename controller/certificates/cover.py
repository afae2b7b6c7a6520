"""Does a certificate cover a campaign? One answer, in one plain sentence, for the gate, `status`, `check` and the page.

Called by the live gate with each turn's time and by whoever shows a certificate; calls the envelope. All that does not
change with time is weighed once, when a daemon starts or reloads.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from controller.certificates.certificate import Certificate
from controller.certificates.envelope import differences, envelope, released
from controller.clock import DAY, iso
from controller.config.canonical import digest as config_digest
from controller.plan import Campaign
from controller.ports import Permission

NAMED = 3
"""Differences and failed gates that a sentence names."""
NOTICE = 14 * DAY
"""Seconds before a certificate's end from which it is said to end soon; at most a quarter of its life."""
NONE = "no certificate covers this config"


@dataclass(frozen=True, slots=True)
class Cover:
    """What a certificate, or the lack of one, means for one config."""

    digest: str
    """Of the config that was looked at; the answer holds for no other."""
    certificate: Certificate | None = None
    refusal: str = NONE
    """Why it does not cover the config, whatever the time; empty where it does."""
    file: str = ""
    """Name of the file it was read from."""

    @classmethod
    def of(cls, certificate: Certificate, campaign: Campaign, file: str = "") -> "Cover":
        """Weigh a certificate against a campaign and the installed setpoint."""
        return cls(config_digest(campaign), certificate, _refusal(certificate, campaign), file)

    @property
    def covers(self) -> bool:
        """True where only time can end it."""
        return not self.refusal

    def at(self, now: float) -> Permission:
        """May auto act at this moment (UTC seconds), and why (not)?"""
        certificate = self.certificate
        if certificate is None or self.refusal:
            return Permission(False, self.refusal)
        ends = certificate.expires_at
        if now >= ends:
            return Permission(False, f"the certificate ran out at {iso(ends)}: {reason_of_end(certificate)}")
        if now < certificate.issued_at - DAY:
            issued = iso(certificate.issued_at)
            return Permission(
                False, f"the certificate was issued at {issued}, which is yet to come: a clock is wrong"
            )
        data = iso(certificate.data_until or 0.0)[:10]
        gates = (
            f"all {len(certificate.gates)} gates passed" if len(certificate.gates) > 1 else "its gate passed"
        )
        return Permission(True, f"certified until {iso(ends)}: {gates}, on data until {data}", ends)

    def ending(self, now: float) -> str:
        """Says that it ends soon, for as long as it still covers; empty before."""
        certificate = self.certificate
        if certificate is None or not self.at(now).granted:
            return ""
        ends = certificate.expires_at
        if now < ends - min(NOTICE, (ends - certificate.issued_at) / 4):
            return ""
        return f"auto is certified until {iso(ends)} only: {reason_of_end(certificate)}"

    def journalled(self) -> dict[str, Any]:
        """What an auditor finds in the rows of start and reload: small JSON."""
        found: dict[str, Any] = {"covers": self.covers, "why": self.refusal, "file": self.file}
        certificate = self.certificate
        if certificate is None:
            return found
        return found | {
            "sha256": certificate.digest,
            "envelope_sha256": certificate.envelope_digest,
            "issued_at": certificate.issued_at,
            "data_until": certificate.data_until,
            "expires_at": certificate.expires_at,
            "ends": reason_of_end(certificate),
            "gates": [[gate.name, gate.passed, gate.said] for gate in certificate.gates],
        }


def covers(certificate: Certificate, campaign: Campaign, now: float) -> Permission:
    """May auto act on this campaign at this moment (UTC seconds), and why (not)?"""
    return Cover.of(certificate, campaign).at(now)


def reason_of_end(certificate: Certificate) -> str:
    """Why it ends when it ends, in words that hold before and after."""
    until = certificate.data_until
    if until is not None and certificate.expires_at == until + certificate.max_age:
        return f"its data of {iso(until)[:10]} must not be older than {_days(certificate.max_age)}"
    span = _days(certificate.expires_at - certificate.issued_at)
    return f"it was issued on {iso(certificate.issued_at)[:10]} and must not be older than {span}"


def _refusal(certificate: Certificate, campaign: Campaign) -> str:
    if certificate.failed:
        named = "; ".join(f"{gate.name} ({gate.said})" for gate in certificate.failed[:NAMED])
        return f"the certificate was not passed: {named}{_more(len(certificate.failed))}"
    if certificate.campaign != campaign.campaign:
        return (
            f"the certificate is of another campaign: {certificate.campaign!r}, this is {campaign.campaign!r}"
        )
    if certificate.setpoint != released():
        return f"the certificate is of setpoint {certificate.setpoint}, this is {released()}: simulate anew"
    left = differences(certificate.envelope, envelope(campaign))
    if left:
        return f"the config has left the certificate's envelope: {'; '.join(left[:NAMED])}{_more(len(left))}"
    if certificate.data_until is None:
        return (
            "the certificate's market was not calibrated on recorded data, so it says nothing of a real one"
        )
    return ""


def _days(seconds: float) -> str:
    return f"{seconds / DAY:.6g} days"


def _more(count: int) -> str:
    return f"; and {count - NAMED} more" if count > NAMED else ""


def shown(said: Mapping[str, Any], now: float) -> tuple[bool, str]:
    """The same from a journal's row: does it cover at this moment, and a sentence."""
    if not said["covers"]:
        return False, str(said["why"])
    ends = float(said["expires_at"])
    if now >= ends:
        return False, f"ran out at {iso(ends)}: {said['ends']}"
    return True, f"covers this config until {iso(ends)}; {len(said['gates'])} gate(s) passed"
