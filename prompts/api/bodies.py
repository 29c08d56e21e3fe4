"""What a call brings: query and body, whatever its form, as nested dicts and lists.

Leaves are strings, numbers, booleans and uploaded files. What is empty counts as not given and is
left out. Nothing here trusts a byte: number, depth and size are capped before work is done, and
whatever cannot be read ends in 400 or 413.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
import sys
from typing import Any
from urllib.parse import parse_qsl

from django.conf import settings
from django.core.exceptions import (
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.http import HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.datastructures import MultiValueDict

from .errors import ApiError, BadRequest, Invalid, TooLarge
from .nesting import MAX_DEPTH, MAX_PAIRS, NestingError, nest

Params = dict[str, Any]

JSON_TYPE = "application/json"
FORM_TYPE = "application/x-www-form-urlencoded"
MULTIPART_TYPE = "multipart/form-data"
#: Values a JSON body may hold in all.
MAX_VALUES = 2000
YES, NO = frozenset({"true", "1", "on", "yes", "t"}), frozenset({"false", "0", "off", "no", "f"})
#: Browsers that do not know a picture's kind (HEIC, often) call it an octet-stream.
_DATA_URL = re.compile(
    r"data:(image/[a-z0-9.+-]{1,40}|application/octet-stream)?(?:;[a-z0-9=.+-]{1,60})*;base64,",
    re.I,
)
_ABSENT = object()


def read_params(request: HttpRequest) -> Params:
    """Query and body of the call together; the body wins. Raises 400, 413 or 415."""
    try:
        query = nest(_query_pairs(request))
        body = {} if request.method in ("GET", "HEAD") else _read_body(request)
    except NestingError as error:
        raise BadRequest(f"The parameters cannot be read: {error}.") from error
    return _tidied({**query, **body})


def _query_pairs(request: HttpRequest) -> list[tuple[str, str]]:
    return _form_pairs(request.META.get("QUERY_STRING", ""))


def _form_pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_PAIRS)
    except ValueError as error:
        raise NestingError(f"more than {MAX_PAIRS} parameters") from error


def _read_body(request: HttpRequest) -> Params:
    content_type = (request.content_type or "").lower()
    if content_type == MULTIPART_TYPE:
        return nest(_multipart_pairs(request))
    data = _read_bytes(request)
    if not data.strip():
        return {}
    if content_type == JSON_TYPE:
        return _parse_json(data)
    if content_type == FORM_TYPE:
        return nest(_form_pairs(data.decode("utf-8", "replace")))
    raise ApiError(415, f"Send {JSON_TYPE}, {FORM_TYPE} or {MULTIPART_TYPE}.")


def _read_bytes(request: HttpRequest) -> bytes:
    """The body, if it is not too large; measured while reading, whatever its header claims."""
    limit = settings.API_MAX_BODY_BYTES
    try:
        data = request.read(limit + 1)
    except UnreadablePostError as error:
        raise BadRequest("The body ended early.") from error
    if len(data) > limit:
        raise TooLarge(f"The body is larger than {limit // 2**20} MB; send photos as files.")
    return data


def _parse_json(data: bytes) -> Params:
    try:
        body = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadRequest("The body is not valid JSON.") from error
    if not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object.")
    return body


class OrderedMultiPartParser(MultiPartParser):
    """Django's parser, which groups values by name, that also remembers the order they came in.

    Arrays of hashes need it: `a[][x]=1`, `a[][y]=2`, `a[][x]=3` is two hashes.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if name in ("_post", "_files"):
            value = self._remembering(value)
        super().__setattr__(name, value)

    def _remembering(self, values: MultiValueDict[str, Any]) -> MultiValueDict[str, Any]:
        pairs = self.__dict__.setdefault("pairs", [])
        append = values.appendlist

        def appendlist(key: str, value: Any) -> None:
            pairs.append((key, value))
            append(key, value)

        values.appendlist = appendlist  # type: ignore[method-assign]  # of this one
        return values


def _multipart_pairs(request: HttpRequest) -> list[tuple[str, Any]]:
    meta = request.META
    if not meta.get("CONTENT_LENGTH") and "chunked" in meta.get("HTTP_TRANSFER_ENCODING", ""):
        # Clients that stream files do not know the length; Django takes none for an empty body.
        meta = {**meta, "CONTENT_LENGTH": str(sys.maxsize)}
    try:
        parser = OrderedMultiPartParser(meta, request, request.upload_handlers, "utf-8")
        # Kept on the request, which closes the files in the end.
        request._post, request._files = parser.parse()  # type: ignore[attr-defined]  # private
    except RequestDataTooBig as error:
        raise TooLarge("The text of the form is too large; send pictures as files.") from error
    except (TooManyFieldsSent, TooManyFilesSent) as error:
        raise TooLarge("The form has too many parts.") from error
    except (MultiPartParserError, SuspiciousOperation, UnreadablePostError) as error:
        raise BadRequest("The multipart body cannot be read.") from error
    pairs: list[tuple[str, Any]] = parser.__dict__.get("pairs", [])
    return pairs


def _tidied(params: Params) -> Params:
    """Without what is empty; raises BadRequest for what no column could hold."""
    budget = [MAX_VALUES]
    tidied = _tidy(params, MAX_DEPTH + 2, budget)
    return {} if tidied is _ABSENT else tidied


def _tidy(value: Any, depth: int, budget: list[int]) -> Any:
    budget[0] -= 1
    if budget[0] < 0 or depth < 0:
        raise BadRequest("The parameters are too many or nested too deep.")
    if isinstance(value, dict):
        items = ((_tidy(k, depth, budget), _tidy(v, depth - 1, budget)) for k, v in value.items())
        return {k: v for k, v in items if v is not _ABSENT and k is not _ABSENT}
    if isinstance(value, list):
        return [v for v in (_tidy(v, depth - 1, budget) for v in value) if v is not _ABSENT]
    if value is None or value == "":
        return _ABSENT
    if isinstance(value, str) and not _is_storable(value):
        raise BadRequest("The parameters hold characters that are not text.")
    if isinstance(value, float) and not math.isfinite(value):
        raise BadRequest("The parameters hold a number that is not finite.")
    return value


def _is_storable(text: str) -> bool:
    """Whether every database takes it: no NUL, no half of a surrogate pair."""
    if "\x00" in text:
        return False
    try:
        text.isascii() or text.encode()
    except UnicodeEncodeError:
        return False
    return True


def entity(params: Params, name: str) -> Params:
    """The object under `name` ("tune", "prompt", …); an absent one is empty."""
    found = params.get(name, {})
    if not isinstance(found, dict):
        raise BadRequest(f"{name}: expected an object.")
    return found


def scalars(fields: Params, *names: str) -> Params:
    """Those of the named fields that were given; raises Invalid where one is nested."""
    given = {name: fields[name] for name in names if name in fields}
    nested = [name for name, value in given.items() if isinstance(value, dict | list)]
    if nested:
        raise Invalid({name: ["is invalid"] for name in nested})
    return given


def as_boolean(value: object) -> bool | None:
    """What true, "1", "on", 0, "false" … mean; None when it means neither."""
    word = str(value).strip().lower()
    return True if word in YES else False if word in NO else None


def is_data_url(value: object) -> bool:
    """Whether this is a picture written into the text: "data:image/jpeg;base64,…"."""
    return isinstance(value, str) and value[:5].lower() == "data:"


def data_url_file(value: str, name: str) -> UploadedFile:
    """The file that a data URL, or bare base64, holds.

    Its size is judged before it is decoded. Raises Invalid under `name`; whether the bytes are a
    picture is for `prompts.imaging` to tell.
    """
    head = _DATA_URL.match(value[:200])
    if head is None and is_data_url(value):
        raise Invalid({name: ["must be a data URL such as data:image/jpeg;base64,…"]})
    text = value[head.end() if head else 0 :]
    if len(text) * 3 // 4 > settings.PHOTO_MAX_BYTES + 4:
        raise Invalid({name: [f"is larger than {settings.PHOTO_MAX_BYTES // 2**20} MB"]})
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid({name: ["is not valid base64"]}) from error
    if not data:
        raise Invalid({name: ["can't be blank"]})
    kind = (head[1] if head else None) or "application/octet-stream"
    return SimpleUploadedFile(f"{name}.{kind.rsplit('/')[-1]}", data, content_type=kind.lower())
