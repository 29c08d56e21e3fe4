"""Shows whether mails can be sent."""

from __future__ import annotations

import smtplib
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from prompts.jobs.mails import MailRefused, send
from prompts.mails import written_mail


class Command(BaseCommand):
    help = "Sends one mail to ADDRESS at once, as EMAIL_URL says, and tells what came of it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address")

    def handle(self, *, address: str, **options: Any) -> None:
        mail = written_mail(to=address, template="test", context={})
        try:
            send(mail)
        except (MailRefused, smtplib.SMTPException, OSError) as error:
            raise CommandError(f"It could not be sent: {error}") from error
        backend = settings.EMAIL_BACKEND.split(".")[-2]
        where = {
            "smtp": f"{getattr(settings, 'EMAIL_HOST', '')} has taken it.",
            "filebased": f"Written to {getattr(settings, 'EMAIL_FILE_PATH', '')}.",
        }
        self.stdout.write(where.get(backend, "Done."))
