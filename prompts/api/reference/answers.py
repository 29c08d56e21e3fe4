"""Answers that many calls share."""

from __future__ import annotations

from .tables import Answer, Schema, list_of, ref

ERROR: Schema = ref("Error")
INVALID: Schema = ref("Invalid")

#: What any call with a key may get.
OF_EVERY_CALL: dict[int, Answer] = {
    400: Answer("The call cannot be understood, or its paging goes too far.", ERROR),
    401: Answer("No key, or one that is unknown, revoked or expired.", ERROR),
    404: Answer("No such thing, or not for this key.", ERROR),
    429: Answer("Too many calls; `Retry-After` says how many seconds to wait.", ERROR),
    503: Answer("Busy for the moment; `Retry-After` says how many seconds to wait.", ERROR),
}
#: What any call that changes something may get besides.
OF_EVERY_WRITE: dict[int, Answer] = {
    403: Answer("The key only reads, or its user may not change this.", ERROR),
    413: Answer("The body is too large.", ERROR),
    415: Answer("The body is neither JSON nor a form.", ERROR),
    422: Answer("Something is not valid: messages by field. Do not send it again.", INVALID),
}
#: What a POST with an `Idempotency-Key` may get besides.
OF_EVERY_POST: dict[int, Answer] = {
    409: Answer("The first call with this `Idempotency-Key` has not ended yet.", ERROR),
}


def found(name: str, help: str = "") -> dict[int, Answer]:
    """200 with one object."""
    return {200: Answer(help or f"The {name.lower()}.", ref(name))}


def listed(name: str, help: str = "") -> dict[int, Answer]:
    """200 with a list of objects."""
    return {200: Answer(help or f"A list of {name.lower()}s, newest first.", list_of(ref(name)))}


def created(name: str, help: str = "") -> dict[int, Answer]:
    """201 with the new object."""
    return {201: Answer(help or f"The new {name.lower()}.", ref(name))}
