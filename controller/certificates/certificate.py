"""The certificate: which envelope was tried, on which market, by which runs, and what each gate said.

Issued by whoever has simulated a campaign (`issue`); written by files.py; weighed against a running campaign by
cover.py. It lasts as long as the data behind its market are young. Reads no clock: moments are handed in.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from controller.certificates.envelope import digest_of, envelope
from controller.clock import DAY, iso
from controller.plan import Campaign
from controller.quantities import write_duration

VERSION = 1
"""Version of the file's form."""
MAX_AGE = 180 * DAY
"""Age in seconds of the data at which a certificate ends, unless another is asked for."""
LONGEST = 180 * DAY
"""Seconds after its issue at which a certificate ends at the latest, however young its data are."""


@dataclass(frozen=True, slots=True)
class GateResult:
    """One gate: a question that the evidence had to answer."""

    name: str
    passed: bool
    said: str
    """The answer with its figure, for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trials:
    """What was run."""

    scenarios: tuple[str, ...]
    weeks: float
    """Length of each run."""
    seeds: int
    """Lucks that each policy met in each scenario."""
    root_seed: int
    """Root of all chance, from which every run can be repeated."""
    posterior_draws: int
    """Markets drawn from the calibration; 0 for one that is not calibrated."""
    mechanisms: tuple[str, ...] = ()
    """Contested mechanisms, each of which was tried."""

    def __post_init__(self) -> None:
        if not self.scenarios or not self.weeks > 0 or self.seeds < 1 or self.posterior_draws < 0:
            raise ValueError(f"runs of a certificate: one scenario, week and seed at least, received {self}")


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketUsed:
    """The market that stood for the world."""

    kind: str
    calibration: str | None = None
    """SHA-256 of the calibration's file; None: the market was not fitted to data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """Evidence over one envelope. Moments are UTC, in whole seconds; raises ValueError for what can't be true."""

    envelope: Mapping[str, Any]
    """What decides, as `envelope.envelope` writes it; kept whole so that a difference can be named."""
    issued_at: float
    data_until: float | None
    """Moment of the last datum that the market was fitted to; None: not calibrated."""
    max_age: float = MAX_AGE
    """Seconds that those data may be old."""
    market: MarketUsed
    gates: tuple[GateResult, ...]
    runs: Trials

    def __post_init__(self) -> None:
        for name in ("issued_at", "data_until"):
            moment = getattr(self, name)
            if moment is not None and not float(moment).is_integer():
                raise ValueError(f"{name} is a moment in whole seconds, received {moment!r}")
        if self.data_until is not None and self.data_until > self.issued_at:
            late, issued = iso(self.data_until), iso(self.issued_at)
            raise ValueError(f"data until {late} are later than the certificate, which is issued at {issued}")
        if (self.data_until is None) != (self.market.calibration is None):
            raise ValueError(
                "a calibrated market has both a calibration and data_until, another one has neither"
            )
        if not 0 < self.max_age < math.inf:
            raise ValueError(f"max_age is a number of seconds above zero, received {self.max_age!r}")
        names = [gate.name for gate in self.gates]
        if not names or len(set(names)) < len(names) or not all(names):
            raise ValueError(f"a certificate has gates, each with a name of its own, received {names}")

    @property
    def campaign(self) -> str:
        """Name of the campaign."""
        return str(self.envelope["campaign"])

    @property
    def setpoint(self) -> str:
        """The version of setpoint whose loop was run."""
        return str(self.envelope["setpoint"])

    @property
    def envelope_digest(self) -> str:
        """SHA-256 of the envelope."""
        return digest_of(self.envelope)

    @property
    def expires_at(self) -> float:
        """UTC seconds: when the data are too old, and 180 days after the issue at the latest."""
        latest = self.issued_at + LONGEST
        return latest if self.data_until is None else min(self.data_until + self.max_age, latest)

    @property
    def failed(self) -> tuple[GateResult, ...]:
        """Gates that were not passed."""
        return tuple(gate for gate in self.gates if not gate.passed)

    @property
    def passed(self) -> bool:
        """True where every gate was."""
        return not self.failed

    @property
    def digest(self) -> str:
        """SHA-256 over all the rest of its text."""
        return digest_of(self._text())

    def document(self) -> dict[str, Any]:
        """Its text as plain values, as it stands in the file."""
        return {**self._text(), "sha256": self.digest}

    def _text(self) -> dict[str, Any]:
        return {
            "certificate": VERSION,
            "campaign": self.campaign,
            "setpoint": self.setpoint,
            "passed": self.passed,
            "issued_at": iso(self.issued_at),
            "data_until": None if self.data_until is None else iso(self.data_until),
            "max_age": write_duration(self.max_age),
            "expires_at": iso(self.expires_at),
            "market": asdict(self.market),
            "gates": [asdict(gate) for gate in self.gates],
            "runs": {**asdict(self.runs), **_lists(self.runs)},
            "envelope_sha256": self.envelope_digest,
            "envelope": dict(self.envelope),
        }


def _lists(runs: Trials) -> dict[str, list[str]]:
    """Tuples as JSON has them."""
    return {"scenarios": list(runs.scenarios), "mechanisms": list(runs.mechanisms)}


def issue(
    campaign: Campaign, *, gates: Sequence[GateResult], runs: Trials, market: MarketUsed, issued_at: float,
    data_until: float | None, max_age: float = MAX_AGE, setpoint: str | None = None,
) -> Certificate:  # fmt: skip
    """A certificate for a campaign, passed or not; raises ValueError for what can't be true.

    Parameters
    ----------
    campaign: as loaded from the file, before anything is changed for a simulation.
    issued_at, data_until: UTC seconds; parts of a second are cut off.
    max_age: seconds that the data may be old.
    setpoint: the version whose loop was run; None: the installed one.

    >>> runs = Trials(scenarios=("steady",), weeks=2.0, seeds=3, root_seed=1, posterior_draws=5)
    >>> made = issue(Campaign(campaign="summer"), gates=[GateResult("burn", True, "31 % of the budget")], runs=runs,
    ...              market=MarketUsed(kind="cap_lottery", calibration="ab12"), issued_at=86400.0, data_until=0.5)
    >>> made.passed, iso(made.expires_at)
    (True, '1970-06-30T00:00:00Z')
    """
    return Certificate(
        envelope=envelope(campaign, setpoint=setpoint),
        issued_at=float(math.floor(issued_at)),
        data_until=None if data_until is None else float(math.floor(data_until)),
        max_age=float(max_age),
        market=market,
        gates=tuple(GateResult(gate.name, bool(gate.passed), gate.said) for gate in gates),
        runs=runs,
    )
