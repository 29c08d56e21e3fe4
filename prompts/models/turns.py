"""Whose turn it is: members share the engines evenly, however much each of them asks for.

Start-time fair queueing (Goyal, Vin, Cheng 1997), every job counted as one: a job that is queued
gets a turn, the one after its member's last open job, but none that has been served already. Jobs
are served by turn; of equal turns trainings before prompts, then the oldest. So whoever has asked
for fifty is overtaken by somebody who asks for one, and nobody waits for ever.

A turn is kept through retries after passing faults, and given anew when a person retries. Two jobs
that one member queues at the very same moment may get one turn; it costs the others one place.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any, ClassVar, Self, cast

from django.conf import settings
from django.db import models
from django.db.models import F, Max
from django.db.models.functions import Now
from django.utils import timezone

from prompts.engines.registry import MOCK, hands_over

from .jobs import Job, JobQuerySet


class Lane(StrEnum):
    """Where a job is done: by our own processors, or by other machines for which we wait."""

    RENDER = "render"
    NETWORK = "network"

    @classmethod
    def of(cls, engine: str) -> Lane:
        """Where that engine works; the mock, done in a moment, need not wait for any rendering."""
        return cls.NETWORK if engine == MOCK or hands_over(engine) else cls.RENDER


class QueueClock(models.Model):
    """The highest turn that has been served in a lane."""

    lane = models.CharField(max_length=10, primary_key=True)
    turn = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.lane}: {self.turn}"

    @classmethod
    def now(cls, lane: Lane) -> int:
        """Turns begin at 1; 0 is that of a job which is not in line yet."""
        return cls.objects.filter(lane=lane).values_list("turn", flat=True).first() or 1

    @classmethod
    def advance(cls, lane: Lane, turn: int) -> None:
        """Never back, and without a write when it stands there already."""
        if turn > cls.now(lane) and not cls.objects.filter(lane=lane, turn__lt=turn).update(
            turn=turn
        ):
            QueueClock.objects.bulk_create(
                [QueueClock(lane=lane, turn=turn)], ignore_conflicts=True
            )


class TurnQuerySet(JobQuerySet):
    """Jobs in their order."""

    def in_lane(self, lane: Lane) -> Self:
        """Those that are done there, by their engine."""
        elsewhere = [name for name in settings.ENGINES if Lane.of(name) == Lane.NETWORK]
        if lane == Lane.NETWORK:
            return self.filter(engine__in=elsewhere)
        return self.exclude(engine__in=elsewhere)

    def open_of(self, member_id: int | None) -> Self:
        """What of a member's waits or runs."""
        status = (self.model.WAITING, self.model.RUNNING)
        return self.filter(**{self.model.MEMBER: member_id}, status__in=status)

    def steps(self) -> tuple[Self, ...]:
        """Each part is a walk down an index; of both together the database would sort all rows."""
        return (self.unattended(), self.ready())

    def head(self) -> tuple[int, int, int] | None:
        """The `place_in_line` of what would be claimed now."""
        for rows in self.select_related(None).steps():
            if found := rows.values_list("turn", "pk").first():
                return (found[0], self.model.PRECEDENCE, found[1])
        return None

    def claim(self, worker: str, *, looked: bool = False) -> Any | None:
        """As every job's; it moves the clock."""
        job = super().claim(worker, looked=looked)
        if job is not None:
            QueueClock.advance(job.lane, job.turn)
        return job


class TurnJob(Job):
    """Abstract: a job that waits for its member's turn."""

    #: The column that names the member whose turn it uses up.
    MEMBER: ClassVar[str]
    #: Of jobs with one turn, those with the lower number go first.
    PRECEDENCE: ClassVar[int]
    ORDER = ("turn", "id")

    engine: Any
    #: See above; 0 for what is not in line yet.
    turn = models.BigIntegerField(default=0, editable=False)
    #: When it got its turn.
    queued_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def lane(self) -> Lane:
        """Where its engine works."""
        return Lane.of(self.engine)

    @property
    def place_in_line(self) -> tuple[int, int, int]:
        """Sorts jobs of all kinds in the order in which they are served."""
        return (self.turn, self.PRECEDENCE, self.pk)

    def enter_line(self) -> None:
        """Gives a job that is not saved yet its turn."""
        self.turn, self.queued_at = self.next_turn(), timezone.now()

    def new_place(self) -> dict[str, Any]:
        """The columns of a job that is queued now."""
        return {"turn": self.next_turn(), "queued_at": Now()}

    def next_turn(self) -> int:
        """The turn this job gets if it is queued now."""
        member_id = getattr(self, self.MEMBER)
        lasts = (
            rows.open_of(member_id).in_lane(self.lane).aggregate(last=Max("turn"))["last"]
            for rows in lines()
        )
        return max(QueueClock.now(self.lane), *(1 + (last or 0) for last in lasts))


def lines() -> list[TurnQuerySet]:
    """The rows of every kind that takes turns, in the order in which equal turns are served."""
    kinds = sorted(TurnJob.__subclasses__(), key=lambda kind: kind.PRECEDENCE)
    return [cast(TurnQuerySet, kind._default_manager.all()) for kind in kinds]


def line_up(jobs: Sequence[TurnJob]) -> None:
    """Gives waiting jobs of one kind and lane their turns, in this order, as if queued now."""
    by_member: dict[int | None, list[TurnJob]] = defaultdict(list)
    for job in jobs:
        job.turn = 0
        by_member[getattr(job, job.MEMBER)].append(job)
    for theirs in by_member.values():
        first = theirs[0].next_turn()
        for number, job in enumerate(theirs):
            job.turn, job.queued_at = first + number, timezone.now()
        type(theirs[0])._default_manager.bulk_update(theirs, ["turn", "queued_at"], batch_size=500)


def close_up(left: Iterable[TurnJob]) -> None:
    """What members have waiting moves up into the turns that their waiting jobs of one lane left.

    To be called once those are cancelled or deleted, with the rows as they were before. Rows that
    somebody else is at are passed over, so that two who leave at once never wait for each other;
    the next one to leave finds them.
    """
    floors: dict[int | None, int] = {}
    lane = Lane.RENDER
    for job in left:
        if job.turn and job.status == job.WAITING:
            member_id, lane = getattr(job, job.MEMBER), job.lane
            floors[member_id] = min(job.turn, floors.get(member_id, job.turn))
    for member_id, floor in floors.items():
        free, waiting = max(floor, QueueClock.now(lane)), []
        for rows in lines():
            theirs = rows.open_of(member_id).in_lane(lane).filter(turn__gt=0)
            runs = theirs.filter(status=rows.model.RUNNING).aggregate(last=Max("turn"))["last"]
            free = max(free, 1 + (runs or 0))
            behind = theirs.filter(status=rows.model.WAITING, turn__gte=floor).order_by("turn")
            locked = behind.select_for_update(skip_locked=True, of=("self",))
            waiting += [job.place_in_line for job in locked.only("turn")]
        moves: dict[tuple[int, int], list[int]] = defaultdict(list)
        for turn, precedence, pk in sorted(waiting):
            if turn > free:
                moves[precedence, turn - free].append(pk)
            if turn >= free:
                free += 1
        for rows in lines():
            for (precedence, step), pks in moves.items():
                if precedence == rows.model.PRECEDENCE:
                    rows.filter(pk__in=pks).update(turn=F("turn") - step)


def numbers_ahead(jobs: Iterable[TurnJob], lane: Lane) -> dict[TurnJob, int]:
    """How many jobs of that lane are served before each of these; constantly many queries."""
    jobs = list(jobs)
    if not jobs:
        return {}
    last = max(job.turn for job in jobs)
    places = sorted(
        (turn, rows.model.PRECEDENCE, pk)
        for rows in lines()
        for turn, pk in rows.ready().in_lane(lane).filter(turn__lte=last).values_list("turn", "pk")
    )
    return {job: bisect_left(places, job.place_in_line) for job in jobs}
