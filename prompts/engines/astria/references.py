"""References to other tunes within a text: `<lora:ID:weight>` and `<faceid:ID:weight>`.

In our texts they name our tunes, in Astria's texts Astria's; on the way the ids are exchanged.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from ..errors import UnsupportedRequest

_REFERENCE = re.compile(r"<(?P<kind>lora|faceid):(?P<id>\d{1,18})(?P<rest>(?::[^<>:]*)?)>", re.I)


def referenced_ids(text: str) -> list[int]:
    """The ids in the order in which they first stand in the text, each once."""
    return list(dict.fromkeys(int(found["id"]) for found in _REFERENCE.finditer(text)))


def to_remote(text: str, ids: Mapping[int, int], public: Collection[int] = ()) -> str:
    """The text with our tunes' ids replaced by Astria's.

    `ids` maps ours to Astria's; ids in `public` (of Astria's gallery) may stand for themselves
    where they are not ours. Raises `UnsupportedRequest`, in words, for any other id: Astria would
    take it for somebody's tune.
    """
    unknown = [n for n in referenced_ids(text) if n not in ids and n not in public]
    if unknown:
        named = ", ".join(map(str, unknown))
        raise UnsupportedRequest(
            f"The text refers to tune {named}, which has not been trained at Astria. "
            "Remove the reference, or train that person there first."
        )

    def exchange(found: re.Match[str]) -> str:
        number = int(found["id"])
        return f"<{found['kind']}:{ids.get(number, number)}{found['rest']}>"

    return _REFERENCE.sub(exchange, text)
