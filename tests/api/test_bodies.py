"""Bodies of every form become the same parameters; broken ones end in 4xx."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.test import RequestFactory
from pytest_django import Settings

from prompts.api.bodies import as_boolean, data_url_file, entity, read_params, scalars
from prompts.api.errors import ApiError, Invalid

factory = RequestFactory()
JPEG = b"\xff\xd8\xff not really"


def read(data: Any, content_type: str, query: str = "", method: str = "POST") -> dict[str, Any]:
    request = factory.generic(method, f"/api/prompts{query}", data, content_type)
    return read_params(request)


def status_of(data: Any, content_type: str) -> int:
    with pytest.raises(ApiError) as error:
        read(data, content_type)
    assert set(error.value.body) == {"error"}
    return error.value.status


def test_the_three_forms_of_a_body_say_the_same() -> None:
    wanted = {"prompt": {"text": "ohwx man", "num_images": "4"}}
    urlencoded = "prompt[text]=ohwx+man&prompt[num_images]=4&prompt[seed]="
    assert read(urlencoded, "application/x-www-form-urlencoded") == wanted
    json_body = '{"prompt": {"text": "ohwx man", "num_images": "4", "seed": null, "style": ""}}'
    assert read(json_body, "application/json") == wanted
    request = factory.post("/", {"prompt[text]": "ohwx man", "prompt[num_images]": "4"})
    assert read_params(request) == wanted


def test_json_keeps_its_types() -> None:
    params = read(
        '{"prompt": {"seed": 0, "face_swap": false, "cfg_scale": 7.5}}', "application/json"
    )
    assert params == {"prompt": {"seed": 0, "face_swap": False, "cfg_scale": 7.5}}


def test_the_query_counts_and_the_body_wins() -> None:
    params = read('{"a": 1}', "application/json", "?a=2&expand[]=images&name[]=man&name[]=woman")
    assert params == {"a": 1, "expand": ["images"], "name": ["man", "woman"]}


def multipart(*parts: tuple[str, str | None, bytes]) -> tuple[bytes, str]:
    """Parts in this very order: name, file name, content."""
    body = b""
    for name, file_name, content in parts:
        named = f'; filename="{file_name}"' if file_name is not None else ""
        head = f'--xyz\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'
        body += head.encode() + content + b"\r\n"
    return body + b"--xyz--\r\n", "multipart/form-data; boundary=xyz"


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_parts_of_a_form_keep_their_order_across_names_and_files(method: str) -> None:
    body, content_type = multipart(
        ("tune[title]", None, b"Ada"),
        ("tune[prompts_attributes][][text]", None, b"one"),
        ("tune[prompts_attributes][][input_image]", "a.jpg", JPEG),
        ("tune[prompts_attributes][][text]", None, b"two"),
        ("tune[images][]", "1.jpg", JPEG),
        ("tune[images][]", "2.jpg", JPEG),
        ("tune[images][]", "", b""),
    )
    tune = read(body, content_type, method=method)["tune"]
    first, second = tune["prompts_attributes"]
    assert (first["text"], second) == ("one", {"text": "two"})
    assert first["input_image"].read() == JPEG
    assert len(tune["images"]) == 2
    assert all(isinstance(f, UploadedFile) for f in tune["images"])


def test_a_form_whose_length_is_not_known_is_read() -> None:
    body, content_type = multipart(("prompt[text]", None, b"streamed"))
    request = factory.post("/", body, content_type, headers={"Transfer-Encoding": "chunked"})
    del request.META["CONTENT_LENGTH"]
    request._stream = io.BytesIO(body)
    assert read_params(request) == {"prompt": {"text": "streamed"}}


@pytest.mark.parametrize(
    "data",
    [
        "{", "[1]", '"text"', "nul", '{"a": NaN}', '{"a": 1e999}', '{"a": "\\u0000"}',
        '{"a": "\\ud800"}', '{"\\u0000": 1}', "[" * 100_000, '{"a":' * 50 + "1" + "}" * 50,
        '{"a": [' + "1," * 3000 + "1]}", b"\xff\xfe\xfa", '{"a": ' + "9" * 5000 + "}",
    ],
)  # fmt: skip
def test_broken_json_is_400(data: str | bytes) -> None:
    assert status_of(data, "application/json") == 400


@pytest.mark.parametrize(
    "data", ["a=1&a[b]=2", "a" + "[b]" * 9 + "=1", "&".join(["a[]=1"] * 600), "a=%00"]
)
def test_broken_form_is_400(data: str) -> None:
    assert status_of(data, "application/x-www-form-urlencoded") == 400


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (b"no boundary in the type", "multipart/form-data"),
        (b"--xyz", "multipart/form-data; boundary=\x7f"),
        (b"--xyz", "multipart/form-data; boundary=" + "x" * 300),
    ],
)
def test_broken_multipart_is_400(data: bytes, content_type: str) -> None:
    assert status_of(data, content_type) == 400


def test_other_types_are_415_and_no_body_is_none() -> None:
    assert status_of("<a/>", "application/xml") == 415
    assert read("", "application/xml") == {}
    assert read("", "application/json") == {}


def test_too_large_bodies_are_413(settings: Settings) -> None:
    settings.API_MAX_BODY_BYTES = 100
    assert status_of('{"a": "' + "x" * 100 + '"}', "application/json") == 413
    assert status_of("a=" + "x" * 100, "application/x-www-form-urlencoded") == 413


def test_too_many_parts_and_too_much_text_in_a_form_are_413(settings: Settings) -> None:
    files = multipart(*[("tune[images][]", f"{i}.jpg", JPEG) for i in range(61)])
    assert status_of(*files) == 413
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 100
    assert status_of(*multipart(*[("a[]", None, b"1")] * 200)) == 413
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    assert status_of(*multipart(("a", None, b"x" * 101))) == 413


def test_an_entity_is_an_object_or_absent() -> None:
    assert entity({}, "prompt") == {}
    assert entity({"prompt": {"text": "a"}}, "prompt") == {"text": "a"}
    for wrong in ("text", ["a"], 3, True):
        with pytest.raises(ApiError) as error:
            entity({"prompt": wrong}, "prompt")
        assert error.value.status == 400


def test_nested_values_where_plain_ones_belong_are_422() -> None:
    assert scalars({"text": "a", "other": {}}, "text", "seed") == {"text": "a"}
    with pytest.raises(Invalid) as error:
        scalars({"text": ["a"], "seed": {"a": 1}}, "text", "seed")
    assert error.value.body == {"text": ["is invalid"], "seed": ["is invalid"]}


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (True, True), ("true", True), ("1", True), (1, True), ("on", True), (False, False),
        ("false", False), ("0", False), (0, False), ("off", False), ("maybe", None), (2, None),
    ],
)  # fmt: skip
def test_booleans_come_in_many_words(given: object, meant: bool | None) -> None:
    assert as_boolean(given) is meant


def test_a_data_url_becomes_a_file() -> None:
    text = base64.b64encode(JPEG).decode()
    for head in ("data:image/jpeg;base64,", "DATA:image/jpeg;BASE64,", "data:;base64,", "",
                 "data:application/octet-stream;base64,"):  # fmt: skip
        assert data_url_file(f"{head}{text}", "images").read() == JPEG
    wrapped = "\n".join(text[i : i + 8] for i in range(0, len(text), 8))
    assert data_url_file(f"data:image/jpeg;base64,{wrapped}", "images").read() == JPEG


@pytest.mark.parametrize(
    "value",
    [
        "data:image/jpeg;base64,", "data:text/html;base64,AAAA", "data:image/jpeg,AAAA",
        "data:image/jpeg;base64,data:image/jpeg;base64,AAAA", "not base64!", "AAAAA", "data:",
    ],
)  # fmt: skip
def test_what_is_no_picture_in_text_is_422(value: str) -> None:
    with pytest.raises(Invalid) as error:
        data_url_file(value, "images")
    assert list(error.value.body) == ["images"]


def test_a_data_url_is_measured_before_it_is_decoded(settings: Settings) -> None:
    settings.PHOTO_MAX_BYTES = 2**20
    with pytest.raises(Invalid) as error:
        data_url_file("data:image/jpeg;base64," + " " * 2 * 2**20, "images")
    assert error.value.body == {"images": ["is larger than 1 MB"]}


def test_files_given_as_scalars_pass() -> None:
    upload = SimpleUploadedFile("a.jpg", JPEG)
    assert scalars({"input_image": upload}, "input_image") == {"input_image": upload}
