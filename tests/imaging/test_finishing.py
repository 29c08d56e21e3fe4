"""A finished picture says how it was made, keeps its pixels, and comes with thumbnails."""

from __future__ import annotations

import contextlib
import io
import json
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from prompts.imaging import (
    COMPOSITE,
    THUMBNAIL_WIDTHS,
    TRAINED_ALGORITHMIC_MEDIA,
    FinishedPicture,
    RefusedImage,
    finish_picture,
    make_thumbnail,
    read_recipe,
    strip_metadata,
)
from prompts.imaging.containers import MAX_PACKET, read_xmp, with_xmp, without_metadata
from tests.files import pictures
from tests.files.pictures import MARKER, encode, quadrants

RECIPE = {
    "text": 'ohwx man, <studio> & "soft" light — 東京 🎞\n\x01\ud800',
    "seed": 4_294_967_295,
    "parameters": {"cfg_scale": 7.5, "super_resolution": True, "negative_prompt": None},
}

ENGINE_PICTURES = {
    "baseline JPEG": encode(quadrants(), "JPEG", quality=92),
    "progressive JPEG": encode(quadrants(), "JPEG", quality=92, progressive=True),
    "PNG": encode(quadrants(), "PNG"),
    "transparent PNG": encode(quadrants().convert("RGBA"), "PNG"),
    "lossy WebP": encode(quadrants(), "WEBP", quality=90),
    "lossless WebP": encode(quadrants(), "WEBP", lossless=True),
    "transparent WebP": encode(Image.new("RGBA", (90, 70), (9, 99, 9, 99)), "WEBP", lossless=True),
    "WebP with a profile": encode(
        quadrants(), "WEBP", icc_profile=pictures.profile_with_red_and_green_swapped()
    ),
}

every_engine_picture = pytest.mark.parametrize(
    "data", ENGINE_PICTURES.values(), ids=ENGINE_PICTURES.keys()
)


def finished(data: bytes, **changes: object) -> FinishedPicture:
    recipe = RECIPE | changes
    return finish_picture(data, recipe, made_by="Studio 1.0", digital_source=COMPOSITE)


def opened(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


@every_engine_picture
def test_the_recipe_comes_back_as_it_was(data: bytes) -> None:
    assert read_recipe(finished(data).data) == json.loads(json.dumps(RECIPE))


@every_engine_picture
def test_the_pixels_are_not_touched(data: bytes) -> None:
    before, after = opened(data), opened(finished(data).data)
    assert after.format == before.format
    mode = "RGBA" if before.has_transparency_data else "RGB"
    assert after.convert(mode).tobytes() == before.convert(mode).tobytes()
    assert after.info.get("icc_profile") == before.info.get("icc_profile")


@every_engine_picture
def test_other_programs_find_the_source_the_tool_and_the_text(data: bytes) -> None:
    packet = opened(finished(data).data).info["xmp"]
    root = ElementTree.fromstring(packet)  # noqa: S314 - our own
    texts = {element.tag: element.text for element in root.iter()}
    assert texts["{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"] == COMPOSITE
    assert texts["{http://ns.adobe.com/xap/1.0/}CreatorTool"] == "Studio 1.0"
    description = texts["{http://www.w3.org/1999/02/22-rdf-syntax-ns#}li"] or ""
    assert description.startswith('ohwx man, <studio> & "soft" light — 東京 🎞')


def test_a_webp_says_in_its_new_header_whether_it_has_transparent_parts() -> None:
    for name, transparent in (("lossless WebP", False), ("transparent WebP", True)):
        data = finished(ENGINE_PICTURES[name]).data
        assert data[12:16] == b"VP8X"
        assert bool(data[20] & 0b0001_0000) is transparent


def test_the_facts_are_those_of_the_stored_file() -> None:
    picture = finished(ENGINE_PICTURES["baseline JPEG"])
    assert (picture.width, picture.height) == (160, 120)
    assert picture.content_type == "image/jpeg"
    assert finished(ENGINE_PICTURES["PNG"]).content_type == "image/png"
    assert finished(ENGINE_PICTURES["lossy WebP"]).content_type == "image/webp"


def test_the_same_picture_with_the_same_recipe_is_the_same_file() -> None:
    data = ENGINE_PICTURES["PNG"]
    assert finished(data).sha256 == finished(data).sha256
    assert finished(data, seed=1).sha256 != finished(data, seed=2).sha256


def test_what_the_engine_wrote_into_the_file_is_replaced() -> None:
    data = finished(pictures.poisoned_jpeg()).data
    assert MARKER not in data
    assert read_recipe(data) is not None
    twice = finished(finished(ENGINE_PICTURES["lossy WebP"], seed=1).data, seed=2).data
    assert (read_recipe(twice) or {})["seed"] == 2
    assert twice.count(b"aw:Recipe>") == 2  # one element, opened and closed


def test_thumbnails_are_as_wide_as_asked_and_in_proportion() -> None:
    picture = finished(encode(quadrants(1500, 3000), "JPEG"))
    sizes = {width: opened(data).size for width, data in picture.thumbnails.items()}
    assert sizes == {320: (320, 640), 640: (640, 1280), 1280: (1280, 2560)}
    assert all(opened(data).format == "WEBP" for data in picture.thumbnails.values())


def test_thumbnails_are_never_larger_than_the_picture() -> None:
    picture = finished(encode(quadrants(400, 500), "JPEG"))
    assert set(picture.thumbnails) == set(THUMBNAIL_WIDTHS)
    sizes = {width: opened(data).size for width, data in picture.thumbnails.items()}
    assert sizes == {320: (320, 400), 640: (400, 500), 1280: (400, 500)}


def test_a_thumbnail_shows_the_picture() -> None:
    thumbnail = opened(make_thumbnail(ENGINE_PICTURES["PNG"], 80)).convert("RGB")
    assert thumbnail.size == (80, 60)
    assert thumbnail.getpixel((10, 10)) == pytest.approx(pictures.RED, abs=25)
    assert thumbnail.getpixel((70, 10)) == pytest.approx(pictures.GREEN, abs=25)


def test_a_thumbnail_of_a_large_photo_keeps_its_proportions() -> None:
    photo = encode(quadrants(2400, 3600), "JPEG")
    assert opened(make_thumbnail(photo, 200)).size == (200, 300)
    assert opened(make_thumbnail(photo, 2000)).size == (2000, 3000)
    assert opened(make_thumbnail(photo, 5000)).size == (2400, 3600)


@pytest.mark.parametrize(
    "data",
    [
        pictures.text_file(),
        pictures.truncated_jpeg(),
        pictures.TURNED_HEIC.read_bytes(),
        ENGINE_PICTURES["PNG"][:-80],
        pictures.bomb_png(20_000, 10_000),
    ],
)
def test_what_is_no_picture_cannot_be_finished(data: bytes) -> None:
    with pytest.raises(RefusedImage):
        finished(data)


def test_a_recipe_that_fits_no_jpeg_is_an_error_in_every_format() -> None:
    for name in ("baseline JPEG", "PNG"):
        with pytest.raises(ValueError, match="does not fit"):
            finished(ENGINE_PICTURES[name], text="x" * 40_000)


def test_the_longest_packet_fits() -> None:
    packet = b"x" * MAX_PACKET
    for data in ENGINE_PICTURES.values():
        carrying = with_xmp(data, packet)
        assert read_xmp(carrying) == packet
        opened(carrying)
    with pytest.raises(ValueError, match="does not fit"):
        with_xmp(ENGINE_PICTURES["PNG"], packet + b"x")


@pytest.mark.parametrize("data", [b"", b"text", pictures.truncated_jpeg(), ENGINE_PICTURES["PNG"]])
def test_a_file_without_a_recipe_has_none(data: bytes) -> None:
    assert read_recipe(data) is None


def test_a_packet_that_wants_to_explode_is_not_parsed() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    assert read_recipe(with_xmp(ENGINE_PICTURES["PNG"], bomb)) is None


def test_a_recipe_rewritten_as_an_attribute_is_still_found() -> None:
    packet = (
        '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns:q="urn:astria-web:recipe:1#">'
        '<r:Description q:Recipe="{&quot;seed&quot;:7}"/></r:RDF>'
    )
    assert read_recipe(with_xmp(ENGINE_PICTURES["PNG"], packet.encode())) == {"seed": 7}


@every_engine_picture
def test_a_copy_for_others_keeps_the_tag_and_loses_the_text(data: bytes) -> None:
    picture = finish_picture(
        data, RECIPE, made_by="Studio 1.0", digital_source=TRAINED_ALGORITHMIC_MEDIA
    )
    copy = strip_metadata(picture.data)
    assert TRAINED_ALGORITHMIC_MEDIA.encode() in copy
    for private in (b"ohwx", b"seed", b"Studio"):
        assert private not in copy
    assert opened(copy).tobytes() == opened(picture.data).tobytes()


def test_a_copy_may_keep_the_recipe_or_lose_everything() -> None:
    data = finished(ENGINE_PICTURES["baseline JPEG"]).data
    assert read_recipe(strip_metadata(data, keep_recipe=True)) == read_recipe(data)
    assert strip_metadata(data, keep_ai_tag=False) == ENGINE_PICTURES["baseline JPEG"]


def test_all_metadata_and_everything_behind_the_end_is_taken_out() -> None:
    assert MARKER not in without_metadata(pictures.poisoned_jpeg())
    for image_format in ("PNG", "WEBP"):
        poisoned = encode(quadrants(), image_format, exif=pictures.exif()) + MARKER
        bare = without_metadata(poisoned)
        assert MARKER not in bare
        assert not opened(bare).getexif()
        assert opened(bare).tobytes() == opened(poisoned).tobytes()


@given(data=st.data())
def test_damaged_files_never_cause_more_than_a_value_error(data: st.DataObject) -> None:
    whole = finished(data.draw(st.sampled_from(list(ENGINE_PICTURES.values())))).data
    damaged = bytearray(whole)
    for position in data.draw(st.lists(st.integers(0, min(len(whole), 400) - 1), max_size=6)):
        damaged[position] = data.draw(st.integers(0, 255))
    cut = bytes(damaged[: data.draw(st.integers(0, len(damaged)))])
    for candidate in (bytes(damaged), cut):
        recipe = read_recipe(candidate)
        assert recipe is None or isinstance(recipe, dict)
        with contextlib.suppress(ValueError):
            strip_metadata(candidate)
