"""The audit log, for admins."""

from __future__ import annotations

from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from prompts.access import MemberRequest, member_required, require_admin
from prompts.audit import ACTIONS, fact_words, record
from prompts.forms.audit import AuditFilterForm
from prompts.models import AuditEntry, Team
from prompts.sheets import csv_response

PER_PAGE = 60
COLUMNS = ("Time", "Who", "Through", "What", "Kind", "Id", "Name", "Details")


@member_required
@require_GET
def audit_log(request: MemberRequest) -> HttpResponse:
    """The log, newest first; `?before=` continues after an entry."""
    form, rows = _asked_for(request)
    entries = list(
        _after(request.membership.team, rows, request.GET.get("before", ""))[: PER_PAGE + 1]
    )
    shown, more = entries[:PER_PAGE], entries[PER_PAGE:]
    context = {
        "form": form,
        "rows": [(entry, ACTIONS.get(entry.action), fact_words(entry)) for entry in shown],
        "given": form.given,
        "csv_query": urlencode(form.given),
        "next_query": urlencode({**form.given, "before": shown[-1].pk}) if more else "",
        "is_first": "before" not in request.GET,
        "first_query": urlencode(form.given),
    }
    return render(request, "audit/log.html", context)


def _asked_for(request: MemberRequest) -> tuple[AuditFilterForm, QuerySet[AuditEntry]]:
    team = require_admin(request).team
    form = AuditFilterForm(request.GET, team=team)
    rows = form.narrow(AuditEntry.objects.filter(team=team))
    return form, rows.order_by("-at", "-id")


def _after(team: Team, rows: QuerySet[AuditEntry], number: str) -> QuerySet[AuditEntry]:
    """The entries that follow the one of that number in the log; all for anything else."""
    if not number.isdecimal() or len(number) > 18:
        return rows
    last = AuditEntry.objects.filter(team=team, pk=number).first()
    if last is None:
        return rows
    return rows.filter(Q(at__lt=last.at) | Q(at=last.at, pk__lt=last.pk), at__lte=last.at)


@member_required
@require_GET
def audit_csv(request: MemberRequest) -> HttpResponse:
    """The entries that the log shows with the same filters, all of them, as a table."""
    _, rows = _asked_for(request)
    table = [_cells(entry) for entry in rows.iterator(chunk_size=2000)]
    record(request.membership.team, "audit_exported", entries=len(table))
    return csv_response("audit-log.csv", COLUMNS, table)


def _cells(entry: AuditEntry) -> tuple[object, ...]:
    action = ACTIONS.get(entry.action)
    facts = "; ".join(f"{name}: {value}" for name, value in fact_words(entry))
    return (
        entry.at.isoformat(timespec="seconds"),
        entry.actor_name or "The portal",
        entry.get_via_display(),
        action.words if action else entry.action,
        entry.target_type,
        entry.target_id,
        entry.target_label,
        facts,
    )
