"""Who may let a policy write: the gate in front of auto.

Called by the loop when auto is requested; chosen by whoever assembles. A simulated market passes; anything else needs
a certificate or a person's acceptance by name, which runs out. (Certificates are issued by simulation; this version
has no issuer yet, so the live gate knows acceptances only and says so.)
"""

from dataclasses import dataclass

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
    """Auto only while an acceptance of this very config is in force.

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

    def accept(self, acceptance: Acceptance) -> None:
        """Put a person's word in force; a later one replaces it."""
        self.acceptance = acceptance

    def permit(self, tick: Tick, digest: str) -> Permission:
        """Granted while the acceptance fits this config and has not run out."""
        word = self.acceptance
        if word is None:
            return Permission(
                False, "no certificate covers this config; to accept it by name: setpoint accept"
            )
        if word.digest != digest:
            return Permission(False, f"the config was edited after {word.owner} accepted it: accept it anew")
        if tick.time >= word.expires_at:
            return Permission(False, f"the acceptance by {word.owner} ran out at {iso(word.expires_at)}")
        until = iso(word.expires_at)
        return Permission(
            True, f"accepted uncertified by {word.owner} until {until}: {word.reason}", word.expires_at
        )
