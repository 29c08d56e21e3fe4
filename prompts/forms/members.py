"""Forms about the members of a team."""

from __future__ import annotations

from typing import Any

from django import forms

from prompts.access_members import assignable_roles, heirs
from prompts.models import ROLE_WORDS, Album, Membership, Role, Tune

from .fields import offer


class MemberSearchForm(forms.Form):
    """What the list is narrowed by; nonsense narrows nothing."""

    q = forms.CharField(label="Search", required=False, max_length=120)

    def words(self) -> str:
        """The words looked for, or nothing."""
        return str(self.cleaned_data.get("q", "")) if self.is_valid() else ""


class SeenForm(forms.Form):
    """Carries the role that the page showed, so that an outdated page changes nothing."""

    seen = forms.ChoiceField(choices=Role, widget=forms.HiddenInput)

    def __init__(self, *args: Any, target: Membership, **kwargs: Any) -> None:
        kwargs["initial"] = {"seen": target.role, "role": target.role}
        super().__init__(*args, **kwargs)


class RoleForm(SeenForm):
    """Another role for a member, of those that `actor` may give."""

    role = forms.ChoiceField(widget=forms.RadioSelect)

    def __init__(self, *args: Any, actor: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "role", [(role.value, role.label) for role in assignable_roles(actor)])

    def roles(self) -> list[tuple[Any, str]]:
        """Each radio button with what the role is for."""
        return [(radio, ROLE_WORDS[Role(radio.data["value"])]) for radio in self["role"]]


class DepartureForm(SeenForm):
    """What becomes of the people and albums of a member who goes.

    Without any, nothing is asked, and `heir` is who would take over what came meanwhile.
    """

    HAND_OVER, DELETE = "hand_over", "delete"

    fate = forms.ChoiceField(
        choices=[(HAND_OVER, "Hand them over"), (DELETE, "Delete them with all their pictures")],
        initial=HAND_OVER,
        widget=forms.RadioSelect,
    )
    heir = forms.ChoiceField(label="To", required=False)

    def __init__(self, *args: Any, actor: Membership, target: Membership, **kwargs: Any) -> None:
        super().__init__(*args, target=target, **kwargs)
        self.actor = actor
        own = {"team_id": target.team_id, "owner_id": target.user_id}
        tunes = Tune.objects.filter(**own)
        self.tune_count = tunes.count()
        self.private_count = tunes.filter(visibility=Tune.Visibility.PRIVATE).count()
        self.album_count = Album.objects.filter(**own).count()
        self.heirs = {place.public_id: place for place in heirs(target)}
        names = ("me" if p.pk == actor.pk else str(p.user) for p in self.heirs.values())
        offer(self, "heir", zip(self.heirs, names, strict=True))
        self.initial["heir"] = actor.public_id if actor.public_id in self.heirs else None
        if not self.asks:
            del self.fields["fate"], self.fields["heir"]

    @property
    def asks(self) -> bool:
        """Whether there is anything to decide about."""
        return bool(self.tune_count or self.album_count)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("fate") == self.HAND_OVER and not cleaned.get("heir"):
            self.add_error("heir", "Choose who takes over.")
        return cleaned

    def decision(self) -> dict[str, Any]:
        """What `remove_member` needs to know."""
        cleaned = self.cleaned_data
        first = next(iter(self.heirs.values()), None)
        default = self.heirs.get(self.actor.public_id, first)
        return {
            "seen": cleaned["seen"],
            "heir": self.heirs.get(cleaned.get("heir", "")) or default,
            "delete": cleaned.get("fate") == self.DELETE,
        }
