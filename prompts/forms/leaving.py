"""Confirming that an account is deleted, and deciding what becomes of its teams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms

from prompts import limits
from prompts.departures import Departure, Ending, counts_of_team, departures_of
from prompts.models import Membership, User

from .members import DepartureForm

#: So many tries to confirm in an hour; a stolen session is no place to guess passwords.
TRIES, HOUR = 10, 60 * 60


@dataclass(frozen=True)
class Part:
    """A team, and for one that goes on the form of what becomes of the people there."""

    departure: Departure
    form: DepartureForm | None

    @property
    def place(self) -> Membership:
        return self.departure.place

    @property
    def is_deleted(self) -> bool:
        return self.departure.ending is Ending.DELETE

    @property
    def is_blocked(self) -> bool:
        return self.departure.ending is Ending.BLOCKED

    def counts(self) -> dict[str, int]:
        """How much goes with the team."""
        return counts_of_team(self.place.team)


class AccountDeletionForm(forms.Form):
    """The password, or without one the address typed once more, and a part for each team."""

    password = forms.CharField(
        label="Your password",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    email = forms.CharField(
        max_length=254, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    )
    #: The teams that the page said are deleted.
    ends = forms.CharField(required=False, max_length=10_000)

    def __init__(self, data: Any = None, *, user: User) -> None:
        super().__init__(data)
        self.user = user
        self.parts = [self._part(departure) for departure in departures_of(user)]
        self.fields["email"].label = f"Type “{user.email}” to confirm"
        del self.fields["email" if user.has_usable_password() else "password"]

    def _part(self, departure: Departure) -> Part:
        place = departure.place
        if departure.ending is not Ending.LEAVE:
            return Part(departure, None)
        return Part(
            departure,
            DepartureForm(
                self.data if self.is_bound else None,
                prefix=place.public_id,
                actor=place,
                target=place,
            ),
        )

    @property
    def is_blocked(self) -> bool:
        """Whether a team must get another owner first."""
        return any(part.is_blocked for part in self.parts)

    @property
    def ending_teams(self) -> str:
        """What the page sends as `ends`."""
        ids = sorted(part.place.team.public_id for part in self.parts if part.is_deleted)
        return " ".join(ids)

    def is_valid(self) -> bool:
        forms_of_teams = [part.form for part in self.parts if part.form is not None]
        return all([super().is_valid(), *(form.is_valid() for form in forms_of_teams)])

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        if not limits.take(f"account-delete:{self.user.pk}", TRIES, HOUR).allowed:
            raise forms.ValidationError("Too many tries. Try again later.", code="limited")
        if not self.user.check_password(password):
            raise forms.ValidationError("That is not your password.", code="other")
        return password

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"])
        if email.strip().casefold() != self.user.email.casefold():
            raise forms.ValidationError("That is another address.", code="other")
        return email

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.is_blocked:
            raise forms.ValidationError("Hand your teams over first.", code="blocked")
        if cleaned.get("ends") != self.ending_teams:
            raise forms.ValidationError(
                "Your teams have changed meanwhile. Look again.", code="changed"
            )
        return cleaned

    def decisions(self) -> dict[int, dict[str, Any] | None]:
        """What `erase_account` needs to know."""
        return {
            part.place.team_id: part.form.decision() if part.form else None for part in self.parts
        }
