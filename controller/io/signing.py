"""Signatures of webhooks: who sent this, when, and that nothing was changed on the way.

Called by the http actuator and by whoever receives its calls; calls nothing. The form is that of Standard Webhooks
(standardwebhooks.com, version 1): HMAC-SHA256 over `id.timestamp.body`, in the headers webhook-id,
webhook-timestamp and webhook-signature. The time is handed in.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

TOLERANCE = 300.0
"""Seconds by which a signature may be older or newer than now: the window for a replay."""


def sign(key: str, message_id: str, moment: float, body: bytes) -> dict[str, str]:
    """The three headers. `moment` in UTC seconds; a key that begins with `whsec_` is base64, another is taken as text.

    >>> headers = sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
    ...                b'{"test": 2432232314}')
    >>> headers["webhook-signature"]
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    stamp = str(int(moment))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{_digest(key, message_id, stamp, body)}",
    }


def verified(key: str, headers: Mapping[str, str], body: bytes, now: float) -> bool:
    """True where one of the signatures is ours and the time stamp is near `now`; header names in lower case.

    >>> headers = sign("k", "m1", 1000.0, b"{}")
    >>> [verified("k", headers, b"{}", now) for now in (1100.0, 2000.0)], verified("k", headers, b"[]", 1100.0)
    ([True, False], False)
    """
    stamp = headers.get("webhook-timestamp", "")
    if not stamp.isascii() or not stamp.isdigit() or abs(now - int(stamp)) > TOLERANCE:
        return False
    ours = _digest(key, headers.get("webhook-id", ""), stamp, body).encode()
    given = [text[3:] for text in headers.get("webhook-signature", "").split(" ") if text.startswith("v1,")]
    return any(hmac.compare_digest(ours, text.encode()) for text in given)


def _digest(key: str, message_id: str, stamp: str, body: bytes) -> str:
    message = f"{message_id}.{stamp}.".encode() + body
    return base64.b64encode(hmac.new(_bytes_of(key), message, hashlib.sha256).digest()).decode()


def _bytes_of(key: str) -> bytes:
    if key.startswith("whsec_"):
        try:
            return base64.b64decode(key.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            return key.encode()
    return key.encode()
