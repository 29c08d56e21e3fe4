"""How accounts come to be, and what allauth asks of us about them."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.http import HttpRequest
from django.http.request import split_domain_port

from prompts.flows.teams import create_team
from prompts.mails import portal_url, queue_message
from prompts.models import User
from prompts.vault import seal, unseal

DEMO_EMAIL = "demo@example.com"
DEMO_PASSWORD = "developing-tray"  # noqa: S105 - printed on the sign-in page of a demo


class AccountAdapter(DefaultAccountAdapter):
    """Closes allauth's own sign-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that `PROXY_COUNT` leads to; of a call past the proxies, who connects."""
        try:
            return super().get_client_ip(request)
        except ImproperlyConfigured:
            return str(request.META["REMOTE_ADDR"])

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Through the outbox, so that an answer takes as long for unknown addresses as for known.

        Addresses in the mail are ours by setting, not by what the request called us.
        """
        values = {
            name: portal_url() + urlsplit(value).path if name.endswith("_url") else value
            for name, value in context.items()
        }
        message = self.render_mail(template_prefix, email, {"email": email, **values})
        queue_message(
            to=email,
            template=template_prefix.rsplit("/", 1)[-1],
            subject=str(message.subject),
            text=str(message.body),
        )

    def format_email_subject(self, subject: str) -> str:
        """Without the site's name, which is the sender's."""
        return subject


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """Who comes through single sign-on finds the account of that address, or none."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False


class MFAAdapter(DefaultMFAAdapter):
    """Keeps the secrets of authenticator apps and recovery codes encrypted."""

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Raises `prompts.vault.CannotUnseal`."""
        return unseal(encrypted_text)


def is_fresh_install() -> bool:
    """Whether nobody has an account yet, so that the first visitor may create the owner's."""
    return not User.objects.exists()


def demo_sign_in() -> dict[str, str] | None:
    """The demo account's address and password while it still has that password."""
    if User.objects.filter(email=DEMO_EMAIL, is_demo=True, is_active=True).exists():
        return {"email": DEMO_EMAIL, "password": DEMO_PASSWORD}
    return None


@transaction.atomic
def create_owner(*, team_name: str, name: str, email: str, password: str) -> User:
    """The owner of a new team; used by the first visitor and by the demo."""
    user = User.objects.create_user(email, password, name=name)
    create_team(user, name=team_name)
    return user


def passkeys_work(request: HttpRequest) -> bool:
    """Whether the portal is visited by a name: browsers keep no passkeys for numbers.

    https://www.w3.org/TR/webauthn-3/#relying-party-identifier
    """
    host, _ = split_domain_port(request.get_host())
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return True
    return False
