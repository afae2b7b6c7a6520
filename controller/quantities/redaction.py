"""Texts that may name a secret: `${env:NAME}` stands in the file and everywhere else; the value is looked up at
use.

Called by members of the families (through quantities.Text and quantities.Secret) and by whoever logs; calls
nothing. A template holds the name of the variable, never its value, so printing, comparing, hashing or
journalling one is safe. Only `reveal` gives the value, from an environment that is handed in, to the code that
sends it. `redact` puts the names back into a text that came from outside, such as an error message of an HTTP
library that quotes the whole URL.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from controller.errors import NotAvailable

_NAME = re.compile(r"\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}")
_SHORTEST = 4
"""Values shorter than this are not put back into names: they would match everywhere."""


@dataclass(frozen=True, slots=True)
class Template:
    """A text in which `${env:NAME}` stands for the value of an environment variable.

    >>> text = Template("Bearer ${env:TOKEN}")
    >>> str(text), text.names, text.reveal({"TOKEN": "s3cret"})
    ('Bearer ${env:TOKEN}', ('TOKEN',), 'Bearer s3cret')
    """

    text: str

    @property
    def names(self) -> tuple[str, ...]:
        """The environment variables it needs."""
        return tuple(_NAME.findall(self.text))

    @property
    def malformed(self) -> bool:
        """True where a `${` stands that is no `${env:NAME}`."""
        return "${" in _NAME.sub("", self.text)

    def missing(self, environ: Mapping[str, str]) -> tuple[str, ...]:
        """Variables it needs that are not set, or empty."""
        return tuple(name for name in self.names if not environ.get(name))

    def reveal(self, environ: Mapping[str, str]) -> str:
        """The text with the values in it, from `os.environ` as a rule; raises NotAvailable."""
        lacking = self.missing(environ)
        if lacking:
            raise NotAvailable(f"{self.text}: environment variable {', '.join(lacking)} is not set")
        return _NAME.sub(lambda match: environ[match.group(1)], self.text)

    def __str__(self) -> str:
        return self.text


def redact(text: str, templates: Iterable[Template], environ: Mapping[str, str]) -> str:
    """The text with every secret's value replaced by its `${env:NAME}`.

    >>> redact("GET http://h/?key=s3cret failed", [Template("${env:KEY}")], {"KEY": "s3cret"})
    'GET http://h/?key=${env:KEY} failed'
    """
    names = {name for template in templates for name in template.names}
    found = {environ[name]: name for name in sorted(names) if len(environ.get(name, "")) >= _SHORTEST}
    for value in sorted(found, key=len, reverse=True):
        text = text.replace(value, f"${{env:{found[value]}}}")
    return text
