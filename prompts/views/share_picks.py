"""What guests picked, for those who made the link."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from prompts.access import MemberRequest, member_required
from prompts.access_shares import get_share, picked_images
from prompts.archives import safe_name
from prompts.share_reports import PICK_COLUMNS, pick_rows
from prompts.sheets import csv_response


@member_required
@require_GET
def share_picks_csv(request: MemberRequest, public_id: str) -> HttpResponse:
    """All picks as a table."""
    share = get_share(request, public_id)
    site = f"{request.scheme}://{request.get_host()}"
    rows = pick_rows(share, picked_images(request, share), site)
    return csv_response(safe_name(f"{share.title} picks", ".csv"), PICK_COLUMNS, rows)
