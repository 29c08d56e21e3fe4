"""Sends one mail, and what follows from the mail server's answer."""

from __future__ import annotations

import datetime as dt
import smtplib

from django.conf import settings
from django.core.mail import get_connection

from prompts.mails import message_of
from prompts.models import Mail

from .control import Control, ShuttingDown
from .runs import DATABASE_AWAY, explain

#: Seconds before the second to the eighth attempt: about half a day in all.
RETRY_DELAYS = (10, 60, 5 * 60, 30 * 60, 2 * 3600, 4 * 3600, 6 * 3600)
#: Answers from here on are final: the address is unknown, the mail is refused (RFC 5321, 4.2.1).
FINAL = 500


class MailRefused(Exception):
    """The mail server wants this mail neither now nor later; the message is for people."""


def run_mail(mail: Mail, control: Control) -> None:
    """One try of a claimed row; it ends sent, in the queue again, or failed.

    Raises only `DATABASE_AWAY`; the row is then unsettled, and free when its lease has run out.
    """
    try:
        control.checkpoint()
        if mail.attempts > mail.MAX_ATTEMPTS:
            mail.fail("Sending it was interrupted again and again.")
        elif not mail.text:
            mail.fail("What it says was sealed with a key that is gone.")
        else:
            send(mail)
            mail.finish()
    except DATABASE_AWAY:
        raise
    except ShuttingDown:
        mail.release_lease()
    except MailRefused as refusal:
        mail.fail(str(refusal))
    except (smtplib.SMTPException, OSError) as error:
        _try_later(mail, f"The mail server could not be used: {_words(error)}")
    except Exception as error:  # mail backends have exceptions of their own
        _try_later(mail, explain(mail, error))


def send(mail: Mail) -> None:
    """Hands the mail to the mail server; raises MailRefused, SMTPException or OSError."""
    try:
        with get_connection() as connection:
            connection.send_messages([message_of(mail)])
    except smtplib.SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()))
        passing = smtplib.SMTPResponseException(code, answer)
        raise _refusal(code, answer) or passing from error
    except smtplib.SMTPSenderRefused as error:
        # Ours to mend, and then worth another try.
        raise smtplib.SMTPException(_plain(error.smtp_error)) from error
    except smtplib.SMTPAuthenticationError:
        raise
    except smtplib.SMTPResponseException as error:
        raise _refusal(error.smtp_code, error.smtp_error) or error from error


def _refusal(code: int, answer: bytes | str) -> MailRefused | None:
    if code < FINAL:
        return None
    return MailRefused(f"The mail server refused it: {code} {_plain(answer)}"[:500])


def _plain(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join(text.replace("\x00", "").split())


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "it did not accept the user name and password."
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_plain(error.smtp_error)}"[:300]
    words = getattr(error, "strerror", None) or str(error)
    return (_plain(words) or type(error).__name__)[:300]


def _try_later(mail: Mail, reason: str) -> None:
    if mail.attempts >= mail.MAX_ATTEMPTS:
        mail.fail(reason)
        return
    seconds = RETRY_DELAYS[min(max(mail.attempts, 1), len(RETRY_DELAYS)) - 1]
    mail.retry_later(dt.timedelta(seconds=seconds * settings.DELIVERY_PACE), reason)
