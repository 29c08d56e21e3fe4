"""Template tags that word: times, days, numbers, names."""

from __future__ import annotations

import datetime as dt

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

THIN_SPACE = "\u202f"
MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@register.simple_tag
def relative_time(moment: dt.datetime | None) -> SafeString:
    """A `<time>` that says "3 min ago", with the exact time on hover; empty for None."""
    if moment is None:
        return SafeString("")
    local = timezone.localtime(moment)
    return format_html(
        '<time datetime="{}" title="{}" data-relative>{}</time>',
        moment.astimezone(dt.UTC).isoformat(timespec="seconds"),
        f"{local.day} {local:%B %Y, %H:%M %Z}",
        time_words(moment),
    )


def time_words(moment: dt.datetime) -> str:
    """How long ago, in the words of the pages; static/js/shell.js keeps them up to date."""
    seconds = (timezone.now() - moment).total_seconds()
    if seconds < MINUTE:
        return "just now"
    if seconds < HOUR:
        return f"{int(seconds // MINUTE)} min ago"
    if seconds < DAY:
        return f"{int(seconds // HOUR)} h ago"
    if seconds < 2 * DAY:
        return "yesterday"
    if seconds < 7 * DAY:
        return f"{int(seconds // DAY)} days ago"
    local = timezone.localtime(moment)
    if local.year == timezone.localtime().year:
        return f"{local.day} {local:%b}"
    return f"{local.day} {local:%b %Y}"


@register.filter
def thin(number: float | str | None) -> str:
    """Groups the digits of a whole number by thin spaces: 12 480; anything else as it is."""
    try:
        return f"{int(str(number)):,}".replace(",", THIN_SPACE)
    except ValueError:
        return "" if number is None else str(number)


@register.filter
def initials(name: object) -> str:
    """One or two letters for a person: "AL" for Ada Lovelace, "A" for ada@example.com."""
    words = str(name).split("@")[0].split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


@register.filter
def code(text: str) -> SafeString:
    """Text in which `what stands between backticks` is shown as code."""
    parts = enumerate(str(text).split("`"))
    marked = (format_html("<code>{}</code>", part) if i % 2 else part for i, part in parts)
    return format_html_join("", "{}", ((part,) for part in marked))


@register.filter(expects_localtime=True)
def day_words(day: dt.date) -> str:
    """A day as a heading: "Today", "Yesterday", "Monday 16 November", with the year if past.

    A moment stands for the day it falls on here.
    """
    if isinstance(day, dt.datetime):
        day = day.date()
    today = timezone.localdate()
    if day == today:
        return "Today"
    if day == today - dt.timedelta(days=1):
        return "Yesterday"
    words = f"{day:%A} {day.day} {day:%B}"
    return words if day.year == today.year else f"{words} {day.year}"


@register.filter
def waiting(seconds: float | None) -> str:
    """How long something took: "less than 1 s", "12 s", "3 min", "2 h"; a dash for None."""
    if seconds is None:
        return "—"
    if seconds < 1:
        return "less than 1 s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 90 * MINUTE else f"{seconds / HOUR:.0f} h"
