"""What deleting a person's rows leaves behind elsewhere: names, answers, messages, templates.

Rows that hang on the person by a foreign key go with it. Here is what does not: texts in which
somebody wrote the name, answers that are kept for repeated calls, and what was sent.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import email
import email.policy
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from prompts import spool
from prompts.audit import ACTIONS, ERASED
from prompts.deliveries import prompt_left
from prompts.models import (
    Album,
    AuditEntry,
    Campaign,
    Delivery,
    Handover,
    IdempotencyKey,
    InviteLink,
    Mail,
    Pack,
    Pick,
    Preset,
    Share,
    ShareItem,
    Shoot,
    Team,
    Tune,
)
from prompts.models.handovers import digest_of

#: Shorter names stand for too much else.
SHORTEST_NAME = 3
#: Where people may have written somebody's name: free texts of a team.
FREE_TEXTS: tuple[tuple[type[models.Model], tuple[str, ...]], ...] = (
    (Album, ("title", "note")),
    (Share, ("title", "note")),
    (Pick, ("name", "comment")),
    (Shoot, ("title",)),
    (Pack, ("title", "subtitle")),
    (Preset, ("title", "text")),
    (Campaign, ("note",)),
    (InviteLink, ("title",)),
    (Mail, ("subject",)),
    (Delivery, ("response_excerpt", "error")),
    (AuditEntry, ("target_label", "actor_name")),
)

#: Details of audit entries that name somebody.
WHO_ELSE = frozenset({"consent_of", "handed_to", "invited_by", "member"})


@dataclass(frozen=True)
class Names:
    """The names of somebody who is erased."""

    words: tuple[str, ...]

    @classmethod
    def of(cls, words: Iterable[str]) -> Names:
        """Without those too short to be told from other words; the longest first."""
        unique = {word.strip() for word in words if len(word.strip()) >= SHORTEST_NAME}
        return cls(tuple(sorted(unique, key=len, reverse=True)))

    @property
    def _pattern(self) -> re.Pattern[str]:
        joined = "|".join(map(_as_whole, self.words))
        return re.compile(rf"(?<!\w)(?:{joined})(?!\w)", re.IGNORECASE)

    def are_in(self, text: str) -> bool:
        """Whether one of them stands in `text` as a word of its own."""
        return bool(self.words) and bool(self._pattern.search(text))

    def taken_out(self, text: str, limit: int | None) -> str:
        """`text` with other words in their place, at most `limit` characters."""
        return self._pattern.sub(ERASED, text)[:limit]


def _as_whole(word: str) -> str:
    """The pattern of a name; "a@example.com" is no part of "bea.a@example.com.au"."""
    literal = re.escape(word)
    return rf"(?<![\w.+-]){literal}(?!-|\.\w)" if "@" in word else literal


def names_of(tune: Tune) -> Names:
    """What this person is called, but for names that others in the team bear as well."""
    consent = getattr(tune, "consent", None)
    words = [tune.title, *([consent.subject] if consent else [])]
    others = Tune.objects.filter(team=tune.team_id).exclude(pk=tune.pk)
    return Names.of(word for word in words if not others.filter(title__iexact=word).exists())


def take_names_out(team: Team, names: Names) -> int:
    """Takes the names out of the team's free texts; returns how many rows changed."""
    changed = 0
    for model, fields in FREE_TEXTS if names.words else ():
        asked = Q()
        for field in fields:
            for word in names.words:
                asked |= Q(**{f"{field}__icontains": word})
        for row in model._base_manager.filter(asked, _of_team(model, team)).only(*fields):
            values = {
                field: names.taken_out(getattr(row, field), _limit(model, field))
                for field in fields
            }
            changed += model._base_manager.filter(pk=row.pk).update(**values)
    return changed + (_take_out_of_details(team, names) if names.words else 0)


def _of_team(model: type[models.Model], team: Team) -> Q:
    if model is Pick:
        return Q(share__team=team)
    # Mails to people without a team belong to none.
    return Q(team=team) | Q(team=None) if model is Mail else Q(team=team)


def _take_out_of_details(team: Team, names: Names) -> int:
    """The same for the facts of audit entries that say who else had a part in it."""
    told = [name for name, action in ACTIONS.items() if action.details & WHO_ELSE]
    changed = 0
    for row in AuditEntry.objects.filter(team=team, action__in=told).only("details").iterator():
        details = {
            name: names.taken_out(str(value), None) if name in WHO_ELSE and value else value
            for name, value in row.details.items()
        }
        if details != row.details:
            changed += AuditEntry.objects.filter(pk=row.pk).update(details=details)
    return changed


def _limit(model: type[models.Model], field: str) -> int | None:
    return getattr(model._meta.get_field(field), "max_length", None)


def make_entries_nameless(team: Team, subjects: Sequence[str]) -> None:
    """Audit entries about these people keep what happened, and lose whose it was."""
    rows = AuditEntry.objects.filter(team=team)
    rows = rows.filter(Q(subject__in=subjects) | Q(target_id__in=subjects))
    for row in rows.only("details"):
        kept = {name: value for name, value in row.details.items() if not _is_text(value)}
        AuditEntry.objects.filter(pk=row.pk).update(target_label=ERASED, details=kept)


def _is_text(value: Any) -> bool:
    return isinstance(value, str | list)


def forget_answers(tune: Tune) -> int:
    """Deletes answers kept for repeated calls of the gateway that tell of this person."""
    pattern = re.compile(rf'/tunes/{tune.pk}(?!\d)|"tune_id": ?{tune.pk}(?!\d)')
    rows = IdempotencyKey.objects.filter(body__contains=str(tune.pk))
    told = [row.pk for row in rows.iterator() if pattern.search(row.body)]
    return IdempotencyKey.objects.filter(pk__in=told).delete()[0]


def forget_deliveries(tune: Tune) -> int:
    """Deletes the log of callbacks about this person; returns how many there were."""
    about = Q(tune=tune) | Q(prompt__tune=tune)
    Delivery.objects.filter(shoot__prompts__tune=tune).update(response_excerpt="")
    return Delivery.objects.filter(about).delete()[0]


def forget_templates(tune: Tune) -> int:
    """Deletes presets that were made of this person's prompts; returns how many.

    The style of a team's campaign stays: it is the team's by now.
    """
    slugs = [f"prompt-{pk}" for pk in tune.prompts.values_list("pk", flat=True)]
    rows = Preset.objects.filter(team=tune.team_id, slug__in=slugs)
    gone = rows.exclude(pk__in=Campaign.objects.values("preset"))
    count = gone.count()
    gone.delete()
    return count


def forget_hints(handovers: models.QuerySet[Handover]) -> None:
    """Drops callbacks of a service that wait in files for the database."""
    digests = set(handovers.values_list("token_sha256", flat=True))
    for file, message in spool.waiting():
        if digest_of(str(message.get("token"))) in digests:
            spool.drop(file)


def forget_shares(tune: Tune) -> int:
    """Deletes links that show nobody else; returns how many there were."""
    mixed = ShareItem.objects.filter(share__team=tune.team_id).exclude(image__tune=tune)
    selections = Share.objects.filter(items__image__tune=tune).exclude(pk__in=mixed.values("share"))
    direct = Share.objects.filter(Q(tune=tune) | Q(prompt__tune=tune))
    keys = {*selections.values_list("pk", flat=True), *direct.values_list("pk", flat=True)}
    Share.objects.filter(pk__in=keys).delete()
    return len(keys)


def leave_shoots(shoots: Iterable[Shoot]) -> None:
    """Of shoots that have lost prompts: deletes those with none left, ends those that are done."""
    for shoot in shoots:
        if shoot.prompts.exists():
            prompt_left(shoot)
        else:
            Delivery.objects.filter(shoot=shoot).delete()
            shoot.delete()


def forget_mails(names: Names, teams: Collection[Team], *, to: Collection[str] = ()) -> None:
    """Deletes mails `to` these addresses, and those of `teams`, or of none, that name somebody.

    Rows of mails that were sent say nothing any more; only the outbox and files are looked at.
    """
    mails = Mail.objects.filter(Q(team__in=teams) | Q(team=None)).exclude(text="")
    waiting = [mail.pk for mail in mails if names.are_in(mail.text)]
    Mail.objects.filter(Q(pk__in=waiting) | Q(to__in=to)).delete()
    forget_mail_files(Names.of([*names.words, *to]))


def forget_mail_files(names: Names, *, before: dt.datetime | None = None) -> None:
    """Deletes mails that lie in files and name somebody; only those written `before` a moment."""
    folder = getattr(settings, "EMAIL_FILE_PATH", None)
    for file in Path(folder).glob("*.log") if folder and names.words else ():
        with contextlib.suppress(FileNotFoundError):
            is_late = before is not None and file.stat().st_mtime >= before.timestamp()
            if not is_late and names.are_in(_plain(file.read_bytes())):
                file.unlink()


def _plain(raw: bytes) -> str:
    """Everything that can be read in a file of mails, its encodings undone."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    parts = [raw.decode("utf-8", "replace"), *map(str, message.values())]
    for part in message.walk():
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            parts.append(content.decode("utf-8", "replace"))
    return "\n".join(parts)
