"""Where a plain form leads back to."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


def back(request: HttpRequest, default: str = "gallery") -> HttpResponseRedirect:
    """To the page the form stood on, as `next` or the browser says; else to the route `default`.

    Never to another site: https://cwe.mitre.org/data/definitions/601.html
    """
    hosts = {request.get_host()}
    for address in (request.POST.get("next", ""), request.headers.get("Referer", "")):
        if url_has_allowed_host_and_scheme(address, hosts, require_https=request.is_secure()):
            return redirect(address)
    return redirect(reverse(default))
