"""Where a certificate lies: the file that was named, else CONFIG.certificate.json beside CONFIG.yaml.

Called by the daemon at its start and at each reload, and by `setpoint check`. A named file must be good; one that was
merely found and can't be used is as good as none, and it is said why.
"""

from dataclasses import dataclass
from pathlib import Path

from controller.certificates.cover import Cover
from controller.certificates.files import read
from controller.config.canonical import digest
from controller.errors import ConfigError
from controller.plan import Campaign


@dataclass(frozen=True, slots=True)
class Place:
    """One place, looked at anew at each call.

    >>> Place.of(Path("summer.yaml")).path.name
    'summer.certificate.json'
    """

    path: Path
    named: bool = False
    """True where a person named the file."""

    @classmethod
    def of(cls, config: Path, named: Path | None = None) -> "Place":
        """The place for a config: `named`, or the usual one beside it."""
        if named is not None:
            return cls(named, True)
        return cls(config.with_name(f"{config.stem}.certificate.json"))

    def cover(self, campaign: Campaign) -> Cover:
        """What the certificate there means for a campaign; raises ConfigError for a named file that can't be used."""
        if not self.named and not self.path.exists():
            return Cover(digest(campaign))
        try:
            certificate = read(self.path)
        except ConfigError as fault:
            if self.named:
                raise
            return Cover(
                digest(campaign),
                None,
                f"the certificate beside the config can't be used: {fault}",
                self.path.name,
            )
        return Cover.of(certificate, campaign, self.path.name)
