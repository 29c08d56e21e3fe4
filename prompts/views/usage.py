"""What was used: by day, member and engine, on a page and as a table."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from prompts.access import MemberRequest, member_required
from prompts.access_members import usage_subject
from prompts.charts import bar_chart
from prompts.engines.registry import label_of
from prompts.models import Membership, User
from prompts.quotas import Allowance, limits_of, member_allowances, storage_used
from prompts.sheets import csv_response
from prompts.usage import PERIODS, Period, Report, usage_report, usage_rows
from prompts.views.paging import page_of

DEFAULT_PERIOD = "30"
MEMBERS_PER_PAGE = 50
COLUMNS = ("Day", "Member", "Engine", "Prompts", "Pictures", "Failed")
GONE = "Somebody who has left"


@member_required
@require_GET
def usage(request: MemberRequest) -> HttpResponse:
    """`?period=` is one of `PERIODS`, `?member=` one of the team, for admins."""
    member, name = _asked_for(request)
    team = request.membership.team
    report = usage_report(team, Period.named(name), member.user if member else None)
    context = {
        "report": report,
        "member": member,
        "period": name,
        "periods": PERIODS.items(),
        "chart": bar_chart(
            [(f"{day.day} {day:%B}", sums.images) for day, sums in report.by_day.items()]
        ),
        "days": [(day, sums) for day, sums in reversed(report.by_day.items()) if sums.runs],
        "engines": [
            (label_of(engine), sums)
            for engine, sums in sorted(report.by_engine.items(), key=lambda pair: -pair[1].images)
        ],
        **(_own(member) if member else _members(request, report)),
    }
    if request.membership.is_admin:
        context["storage"] = Allowance(storage_used(team), limits_of(team, None).storage)
    return render(request, "usage/usage.html", context)


def _asked_for(request: MemberRequest) -> tuple[Membership | None, str]:
    name = request.GET.get("period", DEFAULT_PERIOD)
    member = usage_subject(request, request.GET.get("member", ""))
    return member, name if name in PERIODS else DEFAULT_PERIOD


def _own(member: Membership) -> dict[str, Any]:
    images, tunes = member_allowances(member.team, [member.user])[member.user_id]
    return {"images_allowance": images, "tunes_allowance": tunes}


def _members(request: MemberRequest, report: Report) -> dict[str, Any]:
    """A page of those who used something, the busiest first."""
    ordered = sorted(report.by_member.items(), key=lambda pair: (-pair[1].images, -pair[1].runs))
    page = page_of(request, ordered, MEMBERS_PER_PAGE)
    ids = [user_id for user_id, _ in page if user_id]
    rows = Membership.objects.filter(team=request.membership.team, user__in=ids)
    places = {place.user_id: place for place in rows.select_related("user")}
    return {"page_obj": page, "members": [(places.get(pk), sums) for pk, sums in page]}


@member_required
@require_GET
def usage_table(request: MemberRequest) -> HttpResponse:
    """Every day, member and engine as a table for spreadsheet programs."""
    member, name = _asked_for(request)
    period = Period.named(name)
    rows = usage_rows(request.membership.team, period, member.user if member else None)
    users = User.objects.in_bulk({user_id for _, user_id, _, _ in rows if user_id})
    return csv_response(
        f"usage-{period.first}-{period.last}.csv",
        COLUMNS,
        (
            (day, users.get(user_id or 0, GONE), engine, sums.runs, sums.images, sums.failures)
            for day, user_id, engine, sums in rows
        ),
    )
