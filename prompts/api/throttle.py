"""How many calls a key may make: reads and writes are counted apart."""

from __future__ import annotations

from django.conf import settings

from prompts import limits
from prompts.models import ApiKey

from .errors import ApiError

PERIOD = 60


def throttle(key: ApiKey, *, write: bool) -> dict[str, str]:
    """Counts the call; answers the headers that tell how many are left, or raises 429.

    The headers are those of draft-ietf-httpapi-ratelimit-headers. A limit of 0 is none.
    """
    kind = "writes" if write else "reads"
    limit = settings.API_WRITES_PER_MINUTE if write else settings.API_READS_PER_MINUTE
    if not limit:
        return {}
    take = limits.take(f"api-{kind}:{key.pk}", limit, PERIOD)
    headers = {
        "RateLimit-Policy": f'"{kind}";q={limit};w={PERIOD}',
        "RateLimit": f'"{kind}";r={take.remaining};t={take.wait or take.reset}',
    }
    if take.allowed:
        return headers
    message = f"Too many calls: try again in {take.wait} s."
    raise ApiError(429, message, {**headers, "Retry-After": str(take.wait)})
