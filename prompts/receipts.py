"""What a receipt for an erasure says, in words and as data."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from prompts.models import Erasure


def remote_words(receipt: Erasure) -> str:
    """What became of copies at a service."""
    if not receipt.remote_copies:
        return "None were ever sent to a service."
    if left := receipt.remote_left:
        return f"{left} of {receipt.remote_copies} are still to be deleted there; tried until done."
    return f"All {receipt.remote_copies} are deleted there too."


def progress_words(receipt: Erasure) -> str:
    """What is still to be done here, or nothing."""
    is_done = not receipt.team_deletions.filter(progress__lt=1).exists()
    return "" if is_done else "Files are still being deleted."


def counts_of(receipt: Erasure) -> list[tuple[str, int]]:
    """Kind and number of what was erased; kinds of which there was nothing are left out."""
    return [(kind, number) for kind, number in receipt.counts.items() if number]


def receipt_data(receipt: Erasure) -> dict[str, Any]:
    """The receipt as data; it names nobody."""
    return {
        "receipt": receipt.number,
        "kind": receipt.kind,
        "erased_at": receipt.created_at.isoformat(timespec="seconds"),
        "by": receipt.team.name if receipt.team else None,
        "counts": receipt.counts,
        "is_complete": not receipt.team_deletions.exists() and not receipt.remote_left,
        "remote_copies": receipt.remote_copies,
        "remote_copies_left": receipt.remote_left,
        "remote_deleted_at": receipt.remote_done_at.isoformat(timespec="seconds")
        if receipt.remote_done_at and receipt.remote_copies
        else None,
    }


def receipt_text(receipt: Erasure) -> str:
    """The receipt as plain text."""
    moment = timezone.localtime(receipt.created_at)
    lines = [
        "Receipt for an erasure",
        f"Number: {receipt.number}",
        f"Erased: {receipt.get_kind_display()}",
        f"When: {moment.day} {moment:%B %Y, %H:%M %Z}",
        *([f"By: {receipt.team.name}"] if receipt.team else []),
        *(f"{kind.capitalize()}: {number}" for kind, number in counts_of(receipt)),
        f"Copies at a service: {remote_words(receipt)}",
        *filter(None, [progress_words(receipt)]),
    ]
    return "\n".join([*lines, ""])
