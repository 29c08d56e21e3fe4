"""The audit log: what the rest of the portal calls to note who changed what.

Call `record` inside the transaction that makes the change, so that the entry exists if and only if
the change does. Who acts and through which door is known from the request (`acting`): views and the
gateway say it once, flows need not pass it on.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.db import models

from prompts.models import ApiKey, AuditEntry, Image, Photo, Prompt, Share, Team, Tune, User, Via

#: Names of details that would hold what opens doors.
_SECRET = re.compile(r"password|secret|token|key|hash|cookie|credential", re.IGNORECASE)
_LONGEST = 200
#: Stands in place of the name of somebody who was erased.
ERASED = "an erased person"


@dataclass(frozen=True)
class Action:
    """What may be recorded: its words after a name, its topic, and the details it may carry."""

    words: str
    topic: str
    details: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if secrets := [name for name in self.details if _SECRET.search(name)]:
            raise ValueError(f"An audit entry must not carry {secrets}")


def _action(words: str, topic: str, details: str = "") -> Action:
    return Action(words, topic, frozenset(details.split()))


#: Everything that is recorded. Only the details named here are taken.
ACTIONS: dict[str, Action] = {
    "tune_created": _action("added the person", "People", "engine visibility consent_of"),
    "tune_edited": _action("edited the person", "People", "changed"),
    "tune_deleted": _action("deleted the person", "People", "photos pictures"),
    "photo_deleted": _action("removed a photo of", "People"),
    "training_started": _action("started the training of", "People", "photos engine"),
    "training_retried": _action("retried the training of", "People"),
    "training_reopened": _action("reopened the photos of", "People"),
    "final_chosen": _action("chose the final picture of", "People", "picture"),
    "prompt_submitted": _action("asked for pictures", "Pictures", "pictures engine"),
    "prompt_edited": _action("edited the prompt", "Pictures"),
    "prompt_cancelled": _action("cancelled the prompt", "Pictures"),
    "prompt_retried": _action("retried the prompt", "Pictures"),
    "prompt_deleted": _action("deleted the prompt", "Pictures", "pictures"),
    "images_trashed": _action("moved to the trash pictures of", "Pictures", "pictures"),
    "images_restored": _action("brought back pictures of", "Pictures", "pictures"),
    "images_deleted": _action("deleted for good pictures of", "Pictures", "pictures"),
    "shoot_started": _action("started the shoot", "Pictures", "prompts people pack"),
    "album_created": _action("made the album", "Albums"),
    "album_edited": _action("edited the album", "Albums", "changed"),
    "album_deleted": _action("deleted the album", "Albums", "pictures"),
    "pack_created": _action("made the pack", "Packs", "prompts"),
    "pack_edited": _action("edited the pack", "Packs", "changed prompts"),
    "pack_deleted": _action("deleted the pack", "Packs"),
    "preset_created": _action("made the preset", "Packs"),
    "preset_edited": _action("edited the preset", "Packs", "changed"),
    "preset_deleted": _action("deleted the preset", "Packs"),
    "share_created": _action("made the link", "Links", "kind pictures locked until downloads"),
    "share_edited": _action("edited the link", "Links", "changed"),
    "share_revoked": _action("revoked the link", "Links"),
    "api_key_created": _action("made the API key", "Programs", "may_write until"),
    "api_key_revoked": _action("revoked the API key", "Programs"),
    "callback_host_enabled": _action("switched the receiver on", "Programs"),
    "delivery_replayed": _action("sent again", "Programs"),
    "engine_changed": _action("changed the engine", "Settings", "was now address"),
    "engine_key_changed": _action("changed the key of the engine", "Settings", "holder"),
    "engine_key_removed": _action("removed the key of the engine", "Settings"),
    "team_created": _action("made the team", "Settings"),
    "team_edited": _action("edited the team", "Settings", "changed"),
    "backdrop_changed": _action("changed the backdrop", "Settings", "color picture"),
    "quotas_changed": _action("changed the limits", "Settings", "changed member was now"),
    "retention_changed": _action("changed how long data is kept", "Settings", "changed"),
    "campaign_changed": _action("set the team headshots to", "Members", "look locked"),
    "campaign_ended": _action("ended the team headshots", "Members"),
    "campaign_reminded": _action("reminded of the team headshots", "Members", "people"),
    "member_joined": _action("joined the team", "Members", "role invited_by"),
    "member_left": _action("left the team", "Members", "role handed_to tunes"),
    "member_removed": _action("removed the member", "Members", "role handed_to tunes"),
    "role_changed": _action("changed the role of", "Members", "was now"),
    "ownership_transferred": _action("handed the team over to", "Members", "was now"),
    "invitation_sent": _action("invited", "Members", "role"),
    "invitation_resent": _action("invited again", "Members"),
    "invitation_reminded": _action("reminded", "Members"),
    "invitation_revoked": _action("withdrew the invitation of", "Members"),
    "invite_link_created": _action(
        "made the invitation link", "Members", "role domains uses until"
    ),
    "invite_link_revoked": _action("revoked the invitation link", "Members"),
    "signed_in": _action("signed in", "Accounts"),
    "signed_out": _action("signed out", "Accounts"),
    "password_changed": _action("changed their password", "Accounts"),
    "tune_exported": _action("took a copy of everything about", "Data", "files"),
    "account_exported": _action("took a copy of their data", "Data", "files"),
    "tune_kept": _action("chose to keep", "Data", "until"),
    "tune_erased": _action("erased a person", "Data", "receipt"),
    "account_erased": _action("erased an account", "Data", "receipt"),
    "data_expired": _action("deleted what its time was up for", "Data", "photos tunes"),
    "images_expired": _action(
        "moved to the trash, as their time was up, pictures of", "Data", "pictures"
    ),
    "audit_exported": _action("took a copy of this log", "Data", "entries"),
}


@dataclass(frozen=True)
class Acting:
    """Who acts, and through which door."""

    user: User | None = None
    via: Via = Via.SYSTEM


_PORTAL = Acting()
_present: ContextVar[Acting] = ContextVar("acting", default=_PORTAL)


@contextmanager
def acting(user: User | None, via: Via) -> Iterator[None]:
    """Whatever is recorded within the block was done by `user` through `via`."""
    before = _present.set(Acting(user, via))
    try:
        yield
    finally:
        _present.reset(before)


def record(
    team: Team,
    action: str,
    *,
    actor: User | None = None,
    target: models.Model | None = None,
    **details: Any,
) -> AuditEntry:
    """Notes a change; `actor` is needed only where the request does not know who acts.

    `details` are short facts: strings, numbers, yes or no, or lists of strings; strings are cut at
    200 characters. Raises KeyError for an action that is not in `ACTIONS`, ValueError for a detail
    that it does not name, TypeError for one that is no such fact.
    """
    entry = _entry(team, action, actor, target, details)
    entry.save(force_insert=True)
    return entry


def record_pictures(action: str, images: Iterable[Image]) -> None:
    """Notes what was done with `images`: one entry a person, however many pictures."""
    counts: dict[int, int] = defaultdict(int)
    for image in images:
        counts[image.tune_id] += 1
    tunes = Tune.objects.select_related("team").in_bulk(counts)
    AuditEntry.objects.bulk_create(
        _entry(tune.team, action, None, tune, {"pictures": counts[pk]})
        for pk, tune in tunes.items()
    )


def _entry(
    team: Team,
    action: str,
    actor: User | None,
    target: models.Model | None,
    details: dict[str, Any],
) -> AuditEntry:
    if strangers := set(details) - ACTIONS[action].details:
        raise ValueError(f"{action} carries no {sorted(strangers)}")
    now = _present.get()
    who = actor or now.user
    return AuditEntry(
        team_id=team.pk,
        actor_id=who.pk if who else None,
        actor_name=str(who)[:255] if who else "",
        via=now.via if now.user or not actor else Via.PAGE,
        action=action,
        target_type=target._meta.model_name or "" if target else "",
        target_id=str(getattr(target, "public_id", target.pk)) if target else "",
        target_label=label_of(target)[:160] if target else "",
        subject=subject_of(target),
        details={name: _fact(name, value) for name, value in details.items()},
    )


def _fact(name: str, value: Any) -> Any:
    match value:
        case None | bool() | int():
            return value
        case str():
            return value[:_LONGEST]
        case list() | tuple() | set() | frozenset():
            return [_fact(name, str(item)) for item in sorted(value, key=str)]
    raise TypeError(f"{name} is no short fact: {type(value).__name__}")


def label_of(target: models.Model) -> str:
    """What the log calls it."""
    match target:
        case Prompt():
            return f"{target.tune.title}: {target.text}"
        case Image() | Photo():
            return target.tune.title
        case ApiKey():
            return target.name
    return str(target)


def subject_of(target: models.Model | None) -> str:
    """The public id of the depicted person whom a change of `target` concerns, or nothing."""
    match target:
        case Tune():
            return target.public_id
        case Prompt() | Image() | Photo():
            return target.tune.public_id
        case Share(tune=Tune() as tune) | Share(prompt=Prompt(tune=tune)):
            return tune.public_id
    return ""


def fact_words(entry: AuditEntry) -> list[tuple[str, str]]:
    """The details of an entry that say something: name and value in words."""
    rows = []
    for name, value in entry.details.items():
        if value not in (None, "", []):
            rows.append((name.replace("_", " "), _words(value)))
    return rows


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, list) else str(value)
