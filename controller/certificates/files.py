"""Certificates as files: one JSON object, whole or not there, whose last line is a digest over the rest.

Called by whoever issues and by place.py; calls certificate.py and the strict readers of JSON and of types. What was
changed after the issue, comes from a stranger or from another version is refused with what is wrong and where.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from controller.certificates.certificate import VERSION, Certificate, GateResult, MarketUsed, Trials
from controller.certificates.envelope import digest_of
from controller.config.document import Fault
from controller.config.typed import typed
from controller.errors import ConfigError, Problem
from controller.io.files import read_limited, write_atomic
from controller.io.moments import moment_of
from controller.io.strict_json import BadJson, read_json
from controller.quantities.amounts import read_duration

MOST_BYTES = 50_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The file's form."""

    certificate: int
    campaign: str
    setpoint: str
    passed: bool
    issued_at: str
    data_until: str | None
    max_age: str
    expires_at: str
    market: MarketUsed
    gates: tuple[GateResult, ...]
    runs: Trials
    envelope_sha256: str
    envelope: dict[str, Any]
    sha256: str

    def made(self) -> Certificate:
        """The certificate; raises ValueError."""
        return Certificate(
            envelope=self.envelope,
            issued_at=moment_of(self.issued_at, "iso"),
            data_until=None if self.data_until is None else moment_of(self.data_until, "iso"),
            max_age=read_duration(self.max_age),
            market=self.market,
            gates=self.gates,
            runs=self.runs,
        )


def write(certificate: Certificate, path: Path) -> None:
    """Put it into a file, durably, in place of an older one; raises OSError and then leaves the old one."""
    text = json.dumps(certificate.document(), ensure_ascii=False, allow_nan=False, indent=1)
    write_atomic(path, f"{text}\n".encode())


def read(path: Path) -> Certificate:
    """The certificate in a file; raises ConfigError that says what is wrong with it."""
    try:
        document = read_json(read_limited(path, MOST_BYTES))
    except OSError as fault:
        raise _refused(path, f"the certificate can't be read: {fault.strerror or fault}") from fault
    except BadJson as fault:
        raise _refused(path, f"no certificate: {fault}") from fault
    return _checked(document, path)


def _checked(document: Any, path: Path) -> Certificate:
    if not isinstance(document, dict) or "certificate" not in document:
        raise _refused(
            path, "no certificate of setpoint: a JSON object with the key `certificate` is allowed"
        )
    found = document["certificate"]
    if found != VERSION:
        raise _refused(path, f"a certificate of version {found!r:.40}, this setpoint reads version {VERSION}")
    _untouched(document, path)
    faults: list[Fault] = []
    written: Written | None = typed(Written, document, (), faults)
    if written is None:
        raise ConfigError(str(path), [Problem(1, 1, ".".join(map(str, f.path)), f.text) for f in faults])
    try:
        made = written.made()
        again = made.document()
    except (ValueError, KeyError) as fault:
        raise _refused(path, f"a certificate that can't be true: {fault}") from fault
    wrong = [key for key in again if again[key] != document[key]]
    if wrong:
        raise _refused(path, f"a certificate whose parts do not fit each other: {', '.join(wrong)}")
    return made


def _untouched(document: dict[str, Any], path: Path) -> None:
    """Raise ConfigError where the digest is not that of the text."""
    rest = {key: value for key, value in document.items() if key != "sha256"}
    try:
        counted = digest_of(rest)
    except BadJson as fault:
        raise _refused(path, f"no certificate: {fault}") from fault
    if document.get("sha256") != counted:
        told = f"{document.get('sha256')!r:.70}"
        raise _refused(
            path, f"changed after it was issued: it says sha256 {told}, its text has {counted}; simulate anew"
        )


def _refused(path: Path, text: str) -> ConfigError:
    return ConfigError(str(path), [Problem(1, 1, "", text)])
