"""Who may let a policy write: the gate in front of auto.

Called by the loop when auto is requested; chosen by whoever assembles. A simulated market passes; anything else needs
a certificate from simulation that covers the running config, or a person's acceptance by name. Both run out. The
daemon hands the gate what a certificate means for the config whenever that config changes; the gate reads no file.
"""

from dataclasses import dataclass

from controller.certificates.cover import NONE, Cover
from controller.clock import iso
from controller.ports import Permission
from controller.signals import Tick


@dataclass(frozen=True, slots=True)
class SimulatedGate:
    """Nothing real is touched: auto is free."""

    def permit(self, tick: Tick, digest: str) -> Permission:
        """Always granted."""
        return Permission(True, "a simulated market: nothing real is touched")


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A person's word that this very config may run uncertified for a time."""

    owner: str
    reason: str
    digest: str
    """Of the config that was accepted; any edit voids it."""
    expires_at: float


@dataclass(slots=True)
class LiveGate:
    """Auto only while a certificate covers this very config, or a person's acceptance of it is in force.

    >>> gate = LiveGate()
    >>> from controller.clock import TickMaker
    >>> from controller.cells import Cells
    >>> tick = TickMaker(Cells(("all",)), 60.0).at(600.0)
    >>> gate.permit(tick, "abc").granted
    False
    >>> gate.accept(Acceptance("kim", "two weeks of advice were right", "abc", 700.0))
    >>> gate.permit(tick, "abc").granted, gate.permit(tick, "abd").granted
    (True, False)
    """

    acceptance: Acceptance | None = None
    cover: Cover | None = None
    """What a certificate, or the lack of one, means for the running config; None: nobody looked for one."""

    def accept(self, acceptance: Acceptance) -> None:
        """Put a person's word in force; a later one replaces it."""
        self.acceptance = acceptance

    def certify(self, cover: Cover) -> None:
        """Take what a certificate means for the config that runs from now on."""
        self.cover = cover

    def permit(self, tick: Tick, digest: str) -> Permission:
        """Granted while a certificate covers this config or an acceptance fits it, and has not run out."""
        certified, accepted = self.certified(tick.time, digest), self.accepted(tick.time, digest)
        if certified.granted or accepted.granted:
            return certified if certified.granted else accepted
        if self.acceptance is not None and certified.why == NONE:
            return accepted
        also = accepted.why if self.acceptance else "to accept it by name: setpoint accept"
        return Permission(False, f"{certified.why}; {also}")

    def certified(self, now: float, digest: str) -> Permission:
        """What a certificate says of this config at a moment (UTC seconds)."""
        if self.cover is None:
            return Permission(False, NONE)
        if self.cover.digest != digest:
            return Permission(False, "no certificate was looked at since the config was edited")
        return self.cover.at(now)

    def accepted(self, now: float, digest: str) -> Permission:
        """What a person's acceptance says of this config at a moment (UTC seconds)."""
        word = self.acceptance
        if word is None:
            return Permission(False, "nobody has accepted it by name")
        if word.digest != digest:
            return Permission(False, f"the config was edited after {word.owner} accepted it: accept it anew")
        if now >= word.expires_at:
            return Permission(False, f"the acceptance by {word.owner} ran out at {iso(word.expires_at)}")
        until = iso(word.expires_at)
        return Permission(
            True, f"accepted uncertified by {word.owner} until {until}: {word.reason}", word.expires_at
        )
