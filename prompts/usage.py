"""What a team, or one of its members, has used: sums of the ledger over a period.

The ledger (`UsageEntry`) has a row a run and tells of days that are over nothing new, so each of
them is summed up once (`UsageDay`) and pages add up days. Days are those of UTC. Times of waiting
are kept in steps of two per cent, as there are too many to sort for a page.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models import QuerySet

from prompts.models import PromptStatus, Team, UsageDay, UsageEntry, User

#: Name in the address → words.
PERIODS = {"30": "Last 30 days", "90": "Last 90 days", "month": "This month"}
#: After so long nothing is entered any more for a day that is over.
GRACE = dt.timedelta(minutes=10)
WAIT_STEP = 1.02
#: So many days are summed up in one sweep.
BATCH = 500


@dataclass(frozen=True)
class Period:
    """Days from `first` to `last`, both of them included."""

    first: dt.date
    last: dt.date

    @classmethod
    def named(cls, name: str, today: dt.date | None = None) -> Period:
        """One of `PERIODS`, until today (UTC)."""
        today = today or _now().date()
        if name == "month":
            return cls(today.replace(day=1), today)
        return cls(today - dt.timedelta(days=int(name) - 1), today)

    @property
    def days(self) -> list[dt.date]:
        count = (self.last - self.first).days + 1
        return [self.first + dt.timedelta(days=number) for number in range(count)]


@dataclass
class Sums:
    """Runs that ended, pictures they made, runs that failed."""

    runs: int = 0
    images: int = 0
    failures: int = 0

    def add(self, runs: int, images: int, failures: int) -> None:
        self.runs += runs
        self.images += images
        self.failures += failures


@dataclass
class Report:
    """Everything the page shows; waits are seconds, None where nothing was begun."""

    period: Period
    by_day: dict[dt.date, Sums]
    total: Sums = field(default_factory=Sums)
    by_member: dict[int | None, Sums] = field(default_factory=lambda: defaultdict(Sums))
    by_engine: dict[str, Sums] = field(default_factory=lambda: defaultdict(Sums))
    waits: Counter[int] = field(default_factory=Counter)

    @property
    def median_wait(self) -> float | None:
        return self._wait(50)

    @property
    def p95_wait(self) -> float | None:
        return self._wait(95)

    def _wait(self, percent: int) -> float | None:
        """By nearest rank: the smallest time that so many per cent of the runs did not exceed."""
        rank = math.ceil(self.waits.total() * percent / 100)
        for step in sorted(self.waits):
            rank -= self.waits[step]
            if rank <= 0:
                return float(WAIT_STEP**step - 1)
        return None


def usage_report(team: Team, period: Period, user: User | None = None) -> Report:
    """Of the whole team, or of one member."""
    report = Report(period, {day: Sums() for day in period.days})
    for day, member, engines, waits in _parts(team, period, user):
        report.waits.update({int(step): count for step, count in waits.items()})
        for engine, sums in engines.items():
            report.total.add(*sums)
            report.by_day[day].add(*sums)
            report.by_member[member].add(*sums)
            report.by_engine[engine].add(*sums)
    return report


def usage_rows(
    team: Team, period: Period, user: User | None = None
) -> list[tuple[dt.date, int | None, str, Sums]]:
    """The same in full: one row a day, member and engine, oldest first."""
    return [
        (day, member, engine, Sums(*sums))
        for day, member, engines, _ in _parts(team, period, user)
        for engine, sums in engines.items()
    ]


def _parts(
    team: Team, period: Period, user: User | None
) -> Iterator[tuple[dt.date, int | None, dict[str, list[int]], dict[str, int]]]:
    for day, summary in sorted(_summaries(team, period).items()):
        for key, (engines, waits) in summary.items():
            member = int(key) if key else None
            if user is None or member == user.pk:
                yield day, member, engines, waits


#: Member's number, or "" for those who are gone → engine → runs, pictures, failures; and step of
#: waiting → runs.
Summary = dict[str, tuple[dict[str, list[int]], dict[str, int]]]


def _summaries(team: Team, period: Period) -> dict[dt.date, Summary]:
    kept = UsageDay.objects.filter(team=team, day__range=(period.first, period.last))
    found: dict[dt.date, Summary] = dict(kept.values_list("day", "summary"))
    missing = [day for day in period.days if day not in found]
    if missing:
        fresh = _sum_up(team, missing)
        _keep(team, fresh)
        found |= fresh
    return found


def sum_up_days(now: dt.datetime | None = None) -> int:
    """Sums up yesterday for every team that used something; returns for how many.

    So that pages find it done; a day that was missed is summed up by the first page that asks.
    """
    yesterday = ((now or _now()) - GRACE).date() - dt.timedelta(days=1)
    rows = _on_days(UsageEntry.objects.all(), yesterday, yesterday)
    done = UsageDay.objects.filter(day=yesterday).values("team")
    teams = Team.objects.filter(pk__in=rows.values("team")).exclude(pk__in=done)[:BATCH]
    for team in teams:
        _keep(team, _sum_up(team, [yesterday]))
    return len(teams)


def _sum_up(team: Team, days: list[dt.date]) -> dict[dt.date, Summary]:
    summaries: dict[dt.date, Summary] = {day: {} for day in days}
    rows = _on_days(UsageEntry.objects.filter(team=team), days[0], days[-1])
    columns = ("ended_at", "user_id", "engine", "status", "images", "waited")
    for ended_at, user_id, engine, status, images, waited in rows.values_list(*columns).iterator():
        summary = summaries.get(ended_at.astimezone(dt.UTC).date())
        if summary is None:
            continue
        engines, waits = summary.setdefault("" if user_id is None else str(user_id), ({}, {}))
        sums = engines.setdefault(engine, [0, 0, 0])
        sums[0] += 1
        sums[1] += images
        sums[2] += status == PromptStatus.FAILED
        if waited is not None:
            step = str(round(math.log1p(waited) / math.log(WAIT_STEP)))
            waits[step] = waits.get(step, 0) + 1
    return summaries


def _keep(team: Team, summaries: dict[dt.date, Summary]) -> None:
    """Those of days that are over."""
    today = (_now() - GRACE).date()
    UsageDay.objects.bulk_create(
        (
            UsageDay(team=team, day=day, summary=summary)
            for day, summary in summaries.items()
            if day < today
        ),
        ignore_conflicts=True,
    )


def _on_days(rows: QuerySet[UsageEntry], first: dt.date, last: dt.date) -> QuerySet[UsageEntry]:
    start = dt.datetime.combine(first, dt.time(), dt.UTC)
    end = dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), dt.UTC)
    return rows.filter(ended_at__gte=start, ended_at__lt=end)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
