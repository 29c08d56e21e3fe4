"""How the gateway answers."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, JsonResponse


def json_answer(body: Any, status: int = 200) -> HttpResponse:
    """An object or a list as JSON."""
    return JsonResponse(body, status=status, safe=False)
