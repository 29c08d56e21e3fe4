"""What a link's self-test found, in plain words."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Literal

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from PIL import Image as Picture

from prompts.imaging import read_recipe
from prompts.models import Image, Share
from prompts.models.shares import SLUG_LENGTH

#: Shorter texts stand on pages by chance.
SHORTEST_TEXT = 12


@dataclass(frozen=True)
class Finding:
    """`good`: as it should be; `warm`: so by choice, but worth a thought; `bad`: a fault."""

    level: Literal["good", "warm", "bad"]
    words: str


@dataclass(frozen=True)
class Opened:
    """An open link: what its page and its JSON say, and an answer of each kind."""

    share: Share
    images: list[Image]
    page: str
    json: str
    page_answer: HttpResponseBase
    thumbnail: HttpResponseBase
    file: HttpResponseBase
    archive: HttpResponseBase

    @property
    def answers(self) -> list[HttpResponseBase]:
        """Those that were given."""
        given = (self.page_answer, self.thumbnail, self.file, self.archive)
        return [answer for answer in given if answer.status_code == 200]


def told(addresses: list[str]) -> str:
    """What the addresses are, counted: "4 thumbnails, 4 files, zip and JSON"."""
    kinds = [
        ("thumbnail", sum(a.endswith(".webp") for a in addresses)),
        ("file", sum(a.endswith("/file/") for a in addresses)),
    ]
    words = [f"{number} {kind}{'' if number == 1 else 's'}" for kind, number in kinds if number]
    return ", ".join([*words, "zip and JSON"])


def judge(opened: Opened) -> list[Finding]:
    """What somebody gets to whom the link is open."""
    return [
        *_door(opened.share),
        _pictures(opened),
        _downloads(opened),
        _recipes(opened),
        _metadata(opened),
        _names(opened),
        _file_names(opened),
        _indexes(opened),
        _caches(opened),
        _preview(opened),
        _ways_out(opened),
    ]


def _door(share: Share) -> Iterator[Finding]:
    if not share.has_password:
        yield Finding("warm", "No password: whoever has the address sees all of this.")
        if len(share.slug) < SLUG_LENGTH:
            yield Finding("warm", "The address was chosen by hand, so somebody may guess it.")
    if share.expires_at is None:
        yield Finding("warm", "It has no end: it stays open until it is revoked.")


def _pictures(opened: Opened) -> Finding:
    found = len(re.findall(r"data-shared=", opened.page))
    if opened.page_answer.status_code != 200 or found != len(opened.images):
        return Finding("bad", f"The page shows {found} of {len(opened.images)} pictures.")
    some = " on the first page" if "More pictures" in opened.page else ""
    return Finding("good", f"Shown: {found} picture{'' if found == 1 else 's'}{some}.")


def _downloads(opened: Opened) -> Finding:
    share, file, archive = opened.share, opened.file, opened.archive
    statuses = {file.status_code, archive.status_code}
    if not share.may_download:
        if statuses == {404}:
            return Finding("good", "Downloads are off: file and zip are refused.")
        return Finding("bad", "Downloads are off, but a file or the zip can be had.")
    if statuses != {200}:
        return Finding("bad", "Downloads are on, but a file or the zip cannot be had.")
    width, height = Picture.open(io.BytesIO(_content(file))).size
    size = f"{width} × {height} px"
    if share.downloads == share.Downloads.WEB:
        level: Literal["good", "bad"] = "good" if max(width, height) <= 2048 else "bad"
        return Finding(level, f"Downloads in web size, such as {size}.")
    return Finding("good", f"Downloads in full size, such as {size}.")


def _recipes(opened: Opened) -> Finding:
    said = unescape(opened.page) + opened.json
    texts = {image.prompt.text for image in opened.images}
    shown = any(len(text) >= SHORTEST_TEXT and text in said for text in texts)
    shown = shown or read_recipe(_content(opened.file)) is not None
    if opened.share.show_recipe:
        return Finding("warm", "Recipes are shown: the texts by which the pictures were made.")
    if shown:
        return Finding("bad", "Recipes should be hidden, but one can be read.")
    return Finding("good", "Recipes are hidden, on the page and inside of the files.")


def _metadata(opened: Opened) -> Finding:
    content = _content(opened.file)
    if not content:
        return Finding("good", "No file leaves, so no metadata does.")
    picture = Picture.open(io.BytesIO(content))
    if picture.getexif() or picture.info.get("comment"):
        return Finding("bad", "The files carry metadata.")
    return Finding("good", "The files tell nothing but that software made them.")


def _names(opened: Opened) -> Finding:
    said = unescape(opened.page) + opened.json
    named = sorted({i.tune.title for i in opened.images if i.tune.title in said})
    if named:
        return Finding("warm", f"The page names {', '.join(named)}: see title, note and author.")
    return Finding("good", "The page names nobody who is shown.")


def _file_names(opened: Opened) -> Finding:
    names = " ".join(a.get("Content-Disposition", "") for a in (opened.file, opened.archive))
    named = sorted({i.tune.title for i in opened.images if i.tune.title in names})
    if named:
        return Finding("warm", f"A file name has {', '.join(named)} in it: the zip has your title.")
    return Finding("good", "No name of a person is in a file name.")


def _indexes(opened: Opened) -> Finding:
    kept_out = all("noindex" in answer.get("X-Robots-Tag", "") for answer in opened.answers)
    if kept_out and 'name="robots" content="noindex' in opened.page:
        return Finding("good", "Search engines are told to leave it out.")
    return Finding("bad", "Search engines are not told to leave it out.")


def _caches(opened: Opened) -> Finding:
    rules = [answer.get("Cache-Control", "") for answer in opened.answers]
    if all("private" in rule and ("no-store" in rule or "no-cache" in rule) for rule in rules):
        return Finding("good", "No cache on the way keeps anything.")
    return Finding("bad", "A cache on the way may keep some of it.")


def _preview(opened: Opened) -> Finding:
    if 'property="og:image"' not in opened.page:
        return Finding("good", "Messengers get no picture for a preview.")
    if opened.share.has_password:
        return Finding("bad", "Messengers get a picture for a preview despite the password.")
    return Finding("warm", "Messengers may show the first picture as a preview.")


def _ways_out(opened: Opened) -> Finding:
    known = (f"/s/{opened.share.slug}", "/static/", reverse("privacy"))
    found = re.findall(r'(?:href|src|action)="(/[^"]*)"', opened.page)
    outside = sorted({a for a in found if not a.startswith(known)})
    if outside:
        return Finding("bad", f"The page leads into the portal: {', '.join(outside[:3])}.")
    return Finding("good", "The page leads nowhere else but to what is said on privacy.")


def _content(answer: HttpResponseBase) -> bytes:
    if isinstance(answer, HttpResponse) and answer.status_code == 200:
        return answer.content
    return b""
