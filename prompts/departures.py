"""What becomes of each team of somebody whose account is deleted, and what goes with a team."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import Enum

from prompts.access import memberships_of
from prompts.models import (
    Album,
    ApiKey,
    Image,
    Membership,
    Photo,
    Prompt,
    Role,
    Share,
    Team,
    Tune,
    User,
)


class Ending(Enum):
    """What becomes of a place in a team."""

    #: The team goes on without them.
    LEAVE = "leave"
    #: Nobody else could act in the team, so it is deleted with everything in it.
    DELETE = "delete"
    #: They are the only owner of a team with others in it, who must get another one first.
    BLOCKED = "blocked"


@dataclass(frozen=True)
class Departure:
    """A place, and the others in the team who can sign in, by name."""

    place: Membership
    others: tuple[Membership, ...]

    @property
    def ending(self) -> Ending:
        if self.place.role != Role.OWNER:
            return Ending.LEAVE
        if not self.others:
            return Ending.DELETE
        is_owned = any(other.role == Role.OWNER for other in self.others)
        return Ending.LEAVE if is_owned else Ending.BLOCKED


def departures_of(user: User) -> list[Departure]:
    """One for each team of the user, by the team's name; two queries."""
    places = memberships_of(user)
    rows = Membership.objects.filter(
        team__in=[place.team_id for place in places], user__is_active=True
    )
    others: dict[int, list[Membership]] = defaultdict(list)
    for row in rows.exclude(user=user).select_related("user"):
        others[row.team_id].append(row)
    return [
        Departure(place, tuple(sorted(others[place.team_id], key=lambda row: str(row.user))))
        for place in places
    ]


def counts_of_team(team: Team) -> dict[str, int]:
    """How much goes with a team, by kind; constantly many queries."""
    return {
        "people": Tune.objects.filter(team=team).count(),
        "photos": Photo.objects.filter(tune__team=team).count(),
        "prompts": Prompt.objects.filter(team=team).count(),
        "pictures": Image.objects.filter(team=team).count(),
        "albums": Album.objects.filter(team=team).count(),
        "links": Share.objects.filter(team=team).count(),
        "API keys": ApiKey.objects.filter(team=team).count(),
        "members": Membership.objects.filter(team=team).count(),
    }
