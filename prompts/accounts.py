"""How accounts come to be: by invitation or as the first owner, never by open sign-up."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.db import transaction
from django.http import HttpRequest

from prompts.models import Membership, Role, Team, User

DEMO_EMAIL = "demo@example.com"
DEMO_PASSWORD = "developing-tray"  # noqa: S105 - printed on the sign-in page of a demo


class AccountAdapter(DefaultAccountAdapter):
    """Closes allauth's own sign-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


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
    team = Team.objects.create(name=team_name)
    Membership.objects.create(team=team, user=user, role=Role.OWNER)
    return user
