"""How long a target wants us to stay away.

Called by the http actuator and by webhooks; calls nothing. The time is handed in.
"""

from datetime import UTC
from email.utils import parsedate_to_datetime


def retry_after(header: str | None, now: float) -> float | None:
    """Seconds that a `Retry-After` header asks for (RFC 9110, 10.2.3), never below zero; None where it says nothing.

    >>> retry_after("7", 0.0), retry_after("Thu, 01 Jan 1970 00:01:40 GMT", 40.0), retry_after("soon", 0.0)
    (7.0, 60.0, None)
    """
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(moment.timestamp() - now, 0.0)
