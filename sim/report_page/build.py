"""Builds the report: one HTML document with everything inside it, from the evidence alone.

Called by `setpoint simulate` and the tests; calls content, series and bundle. Reads no clock and no network; writes no
file. Every text from outside is escaped by the template; data are one JSON block that no script is part of.
"""

import re

from controller.errors import SetpointError
from sim.evidence.result import Evidence
from sim.report_page.bundle import bundle, templates
from sim.report_page.content import content
from sim.report_page.series import series

MOST = 500_000
"""Bytes of a report."""


class ReportTooLarge(SetpointError):
    """The evidence does not fit into one document, however coarsely it is drawn."""


def build(evidence: Evidence, *, now: float, until: float | None = None, command: str = "") -> str:
    """The report as one HTML document.

    Parameters
    ----------
    now: UTC seconds, printed as the moment at which it was made.
    until: UTC seconds at which the certificate runs out; None where none was issued.
    command: the line that made the evidence, for those who want it again; empty: the one that its fields suggest.

    Raises ReportTooLarge above MOST bytes.
    """
    found = series(evidence)
    parts = content(evidence, found, now=now, until=until, command=command)
    text = _filled({**parts, "data": found.text, "files": bundle()})
    size = len(text.encode())
    if size > MOST:
        played = [len(one.rows) for one in evidence.scenarios if one.rows]
        raise ReportTooLarge(
            f"the report would be {size / 1000:,.0f} kB with {found.points} points a chart, received {len(played)} "
            f"scenarios of up to {max(played, default=0)} policies, allowed: at most {MOST / 1000:,.0f} kB; "
            "play fewer scenarios or policies"
        )
    return text


def _filled(parts: dict[str, object]) -> str:
    from jinja2 import DictLoader, Environment, StrictUndefined

    made = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        loader=DictLoader(templates()),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["tight"] = tight
    return made.get_template("page.html").render(parts)


def tight(text: str) -> str:
    """A sentence for the page: numbers tied to their units, what stands in backticks as code, all else escaped.

    >>> print(tight("`setpoint check` <b>").replace(chr(160), "~"), tight("90% of 26,600 CNY").replace(chr(160), "~"))
    <code>setpoint check</code> &lt;b&gt; 90~% of 26,600~CNY
    """
    from markupsafe import Markup, escape

    tied = re.sub(r"(?<=\d) ?(?=%)|(?<=\d) (?=[A-Z]{3}\b)", "\N{NO-BREAK SPACE}", text)
    parts = [escape(part) for part in tied.split("`")]
    if len(parts) % 2 == 0:  # a backtick without its fellow is itself
        return escape(tied)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if n % 2 else part for n, part in enumerate(parts)
    )
