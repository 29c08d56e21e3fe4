"""Times as the Astria API writes them."""

from __future__ import annotations

import datetime as dt


def timestamp(moment: dt.datetime | None) -> str | None:
    """ISO 8601 in UTC with milliseconds: "2022-10-06T16:12:54.505Z"; None stays None."""
    if moment is None:
        return None
    text = moment.astimezone(dt.UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
