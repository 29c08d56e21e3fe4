"""The outbox: what the rest of the portal calls to send a mail.

A mail is a row of the transaction that gives rise to it, so none is lost and none tells of what was
rolled back; a worker sends it (`prompts.jobs.mails`). It is sent at least once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context, Engine, TemplateDoesNotExist

from prompts.jobs.wake import wake_others
from prompts.models import Mail, Team

_SUBJECT = "Subject:"


def portal_url() -> str:
    """Where mails send people: PUBLIC_URL, or else this machine; without a slash at the end."""
    return settings.PUBLIC_URL or settings.LOCAL_URL


def queue_mail(
    *,
    to: str,
    template: str,
    context: Mapping[str, Any],
    team: Team | None = None,
    key: str = "",
) -> Mail:
    """Puts a mail into the outbox: `templates/mail/<template>.txt`, and `.html` where there is one.

    The text begins with a line `Subject: …`; addresses in it are `{{ portal_url }}{% url … %}`, so
    that they are absolute. Nothing more is queued for a `key` that was used before: the earlier row
    is returned, which stays for 30 days after it was sent.
    """
    return _queue(written_mail(to=to, template=template, context=context, team=team), key)


def queue_message(*, to: str, template: str, subject: str, text: str) -> Mail:
    """Puts a mail that is written already into the outbox; `template` says where it comes from."""
    return _queue(_mail(to, template, subject, text), "")


def written_mail(
    *, to: str, template: str, context: Mapping[str, Any], team: Team | None = None
) -> Mail:
    """The mail that `queue_mail` would queue, without a row."""
    values = {"team": team, "to": to, "portal_url": portal_url(), **context}
    subject, text = _split(_rendered(f"mail/{template}.txt", values, escape=False))
    try:
        html = _rendered(f"mail/{template}.html", values, escape=True)
    except TemplateDoesNotExist:
        html = ""
    return _mail(to, template, subject, text, html=html, team=team)


def _mail(to: str, template: str, subject: str, text: str, **fields: Any) -> Mail:
    subject = " ".join(subject.split())[:255]
    return Mail(to=to, template=template, subject=subject, text=text, **fields)


def _queue(mail: Mail, key: str) -> Mail:
    mail.key = key
    if key:
        # Of two that come side by side the database refuses one; neither breaks its transaction.
        Mail.objects.bulk_create([mail], ignore_conflicts=True)
        mail = Mail.objects.get(key=key)
    else:
        mail.save(force_insert=True)
    wake_others()
    return mail


def message_of(mail: Mail) -> EmailMultiAlternatives:
    """The mail as it is handed to the mail server."""
    headers = {"Message-ID": mail.message_id, "Auto-Submitted": "auto-generated"}
    message = EmailMultiAlternatives(mail.subject, mail.text, to=[mail.to], headers=headers)
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    return message


def _rendered(name: str, values: Mapping[str, Any], *, escape: bool) -> str:
    template = Engine.get_default().get_template(name)
    return str(template.render(Context(dict(values), autoescape=escape)))


def _split(page: str) -> tuple[str, str]:
    """Subject and text of a rendered template."""
    first, _, rest = page.lstrip().partition("\n")
    if not first.startswith(_SUBJECT):
        raise ValueError(f"A mail begins with a line {_SUBJECT!r}")
    return first.removeprefix(_SUBJECT).strip(), f"{rest.strip()}\n"
