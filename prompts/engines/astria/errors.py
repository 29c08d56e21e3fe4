"""What can go wrong between us and Astria.

    AstriaError
    ├── Unreachable        no connection was made: nothing was sent
    ├── AddressRefused     our own guard does not let us go there
    ├── Refused            a final answer: the same request will never succeed
    │   ├── KeyRefused     401, 403
    │   ├── PaymentNeeded  402
    │   └── NotThere       404, 410
    ├── TooManyRequests    429: not done, ask again after `retry_after`
    ├── ServerFault        5xx and redirects: probably not done
    └── OutcomeUnknown     504, silence, half an answer, no JSON: it may well have been done

`retryable` tells whether the same request may succeed later; after `OutcomeUnknown` it may have
succeeded already: search before you send again. `message` is for people, with Astria's own words;
`excerpt` is what the answer began with, for the log. Neither ever holds the key.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import math
from collections.abc import Mapping

from ..errors import EngineError, Gone

#: When Astria asks for patience without a number that could be understood, in seconds.
DEFAULT_RETRY_AFTER = 30.0
#: However long Astria asks us to wait, in seconds.
MAX_RETRY_AFTER = 3600.0
MIN_RETRY_AFTER = 1.0


class AstriaError(EngineError):
    """Astria, or the way to it, failed us."""

    RETRYABLE = True

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        excerpt: str = "",
        retry_after: float | None = None,
    ) -> None:
        # By name, because `NotThere` is a `Gone` too, which is made otherwise.
        EngineError.__init__(self, message, retryable=self.RETRYABLE)
        self.status = status
        self.excerpt = excerpt
        #: Seconds Astria asks us to wait, None when it does not say.
        self.retry_after = retry_after


class Unreachable(AstriaError):
    """No connection: the request has not left."""


class AddressRefused(AstriaError):
    """The engine's address leads where requests of this portal must not go."""

    RETRYABLE = False


class Refused(AstriaError):
    """Astria says no, and will say so again. `fields` maps a field to what is wrong with it."""

    RETRYABLE = False

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        excerpt: str = "",
        fields: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        super().__init__(message, status=status, excerpt=excerpt)
        self.fields = dict(fields or {})


class KeyRefused(Refused):
    """The key is wrong, revoked, or may not do this."""


class PaymentNeeded(Refused):
    """The account's balance does not suffice."""


class NotThere(Refused, Gone):
    """Astria has no such object, or no longer."""


class TooManyRequests(AstriaError):
    """We ask too often; nothing was done."""


class ServerFault(AstriaError):
    """Astria is in trouble."""


class OutcomeUnknown(AstriaError):
    """The request was sent, and nobody can tell from the answer whether it was carried out."""


def read_retry_after(value: str | None, *, now: dt.datetime | None = None) -> float | None:
    """Seconds to wait for a Retry-After header (RFC 9110, section 10.2.3): a number or a date.

    None when there is no header; what cannot be read counts as `DEFAULT_RETRY_AFTER`. Always
    between `MIN_RETRY_AFTER` and `MAX_RETRY_AFTER`.
    """
    if value is None:
        return None
    return min(max(_seconds(value.strip(), now), MIN_RETRY_AFTER), MAX_RETRY_AFTER)


def _seconds(value: str, now: dt.datetime | None) -> float:
    try:
        seconds = float(value)
    except ValueError:
        return _seconds_until(value, now)
    return DEFAULT_RETRY_AFTER if math.isnan(seconds) else seconds


def _seconds_until(date: str, now: dt.datetime | None) -> float:
    try:
        moment = email.utils.parsedate_to_datetime(date)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=dt.UTC)
        return (moment - (now or dt.datetime.now(dt.UTC))).total_seconds()
    except (ValueError, OverflowError):
        return DEFAULT_RETRY_AFTER
