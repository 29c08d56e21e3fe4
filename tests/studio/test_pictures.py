"""Tests that fail for a wrong picture: the face, the head's place, the edges, the backdrop."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from prompts.engines.studio import cutout, faces, framing, placing, training
from prompts.engines.studio.arrays import Picture
from prompts.engines.studio.backdrops import SCENES
from prompts.engines.studio.cutout import CutOut
from prompts.engines.studio.faces import Face
from prompts.engines.studio.recipe import Recipe
from prompts.engines.studio.render import Rendering, render

from .people import Person, Pixels, jpeg, sample_pixels, sources

SIZE = (512, 640)


@pytest.fixture(scope="module")
def sample() -> CutOut:
    pixels = sample_pixels()
    return cutout.make(pixels, faces.find(pixels)[0])


def rendered(
    sample: CutOut, scene: str = "grey", shot: str = "headshot", **changes: object
) -> Rendering:
    recipe = Recipe(scene=scene, shot=shot, **changes)
    return render(sample, recipe, *SIZE, seed=3, index=0)


def the_face(picture: Pixels) -> Face:
    (face,) = faces.find(picture)
    return face


def eight_bit(picture: Picture) -> Pixels:
    return (picture * 255).round().astype(np.uint8)


def shape_of(face: Face) -> NDArray[np.float64]:
    """Landmarks free of place, size and tilt, in face heights."""
    points = face.landmarks[:, :2].astype(np.float64)
    angle = np.radians(face.roll)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return (points - face.eyes) @ turn.T / face.height


@pytest.mark.parametrize("shot", framing.SHOTS)
@pytest.mark.parametrize("scene", ["grey", "dark", "action"])
def test_the_face_is_still_that_face(sample: CutOut, scene: str, shot: str) -> None:
    face = the_face(eight_bit(rendered(sample, scene, shot).picture))
    original = faces.find(sample_pixels())[0]
    assert np.abs(shape_of(face) - shape_of(original)).max() < 0.06
    assert np.abs(shape_of(face) - shape_of(original)).mean() < 0.02


def test_the_face_lies_where_the_framing_says(sample: CutOut) -> None:
    result = rendered(sample)
    face = the_face(eight_bit(result.picture))
    assert np.abs(face.landmarks[:, :2] - result.figure.landmarks[:, :2]).max() < 0.02 * SIZE[1]


@cache
def turned() -> CutOut:
    """The sample person in a photo taken nearer and askew."""
    askew = cv2.warpAffine(
        sample_pixels(),
        cv2.getRotationMatrix2D((230, 20), 5, 1.1),
        (512, 512),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return cutout.make(askew, faces.find(askew)[0])


@cache
def cropped(crop: tuple[int, int, int, int]) -> CutOut:
    """The sample photo cut to (left, top, right, bottom)."""
    left, top, right, bottom = crop
    pixels = np.ascontiguousarray(sample_pixels()[top:bottom, left:right])
    return cutout.make(pixels, faces.find(pixels)[0])


@pytest.mark.parametrize("shot", framing.SHOTS)
def test_heads_are_equally_large_and_high_whatever_the_photo(sample: CutOut, shot: str) -> None:
    for made in (sample, turned()):
        place = framing.place(made, *SIZE, framing.SHOTS[shot])
        face = made.face.moved(place.matrix)
        assert face.height / SIZE[1] == pytest.approx(framing.SHOTS[shot].face, abs=0.02)
        assert face.eyes[1] / SIZE[1] == pytest.approx(framing.SHOTS[shot].eyes, abs=0.02)


@pytest.mark.parametrize(
    "crop",
    [(0, 40, 512, 512), (150, 0, 512, 512), (0, 0, 330, 512), (120, 0, 330, 420)],
    ids=["hair cut by the top", "left arm cut", "right arm cut", "both arms cut"],
)
@pytest.mark.parametrize("shot", ["headshot", "portrait"])
def test_no_edge_of_the_photo_shows_in_the_frame(
    crop: tuple[int, int, int, int], shot: str
) -> None:
    made = cropped(crop)
    place = framing.place(made, *SIZE, framing.SHOTS[shot])
    covered = cv2.warpAffine(np.full(made.alpha.shape, 255, np.uint8), place.matrix, SIZE)
    person = cv2.warpAffine(made.alpha, place.matrix, SIZE, borderMode=cv2.BORDER_REPLICATE)
    # Where the cut edge repeats into the frame, somebody would be missing.
    missing = (person > 128) & (covered < 128)
    assert missing.mean() < 0.004


def test_background_of_the_photo_is_gone(sample: CutOut) -> None:
    white = rendered(sample, "white").picture
    corner = white[:120, :90]
    assert corner.min() > 0.85
    assert rendered(sample, "black").picture[:120, :90].max() < 0.3


@pytest.mark.parametrize("scene", ["white", "black"])
def test_edges_carry_no_halo_of_the_photo(sample: CutOut, scene: str) -> None:
    """Half-transparent px must be a mixture of person and new backdrop, nothing else."""
    place = framing.place(sample, *SIZE, framing.SHOTS["headshot"])
    figure = placing.place(sample, place, *SIZE)
    head = np.zeros(figure.matte.shape, bool)
    eyes = figure.landmarks[[33, 133, 362, 263], 1]
    head[: int(eyes.mean())] = True
    edge = (figure.matte > 0.3) & (figure.matte < 0.7) & head
    inside = (cv2.erode(figure.matte, np.ones((25, 25))) > 0.95) & head & (figure.face < 0.05)
    assert edge.sum() > 100
    hair = np.median(figure.foreground[inside], 0)
    rim = np.median(figure.foreground[edge], 0)
    photo_background = 0.75
    # The photo's wall is much lighter than the hair: a halo would pull the rim towards it.
    assert np.abs(rim - hair).max() < 0.5 * abs(photo_background - float(hair.mean()))


@pytest.mark.parametrize("scene", SCENES)
def test_no_scene_gives_undefined_or_burnt_out_people(sample: CutOut, scene: str) -> None:
    result = render(sample, Recipe(scene=scene, shot="headshot"), 256, 320, seed=1, index=0)
    assert np.isfinite(result.picture).all()
    assert result.picture.min() >= 0
    assert result.picture.max() <= 1
    skin = result.picture[result.figure.face > 0.9]
    assert 0.08 < np.median(skin) < 0.85
    assert (skin.min(1) > 0.985).mean() < 0.03
    assert (skin.max(1) < 0.02).mean() < 0.05


def test_light_comes_from_the_side_that_is_asked(sample: CutOut) -> None:
    def right_minus_left(lights: tuple[str, ...]) -> float:
        result = rendered(sample, "dark", lights=lights)
        luma = result.picture.mean(2)
        middle = int(result.figure.landmarks[1, 0])
        face = result.figure.face > 0.9
        left, right = face.copy(), face.copy()
        left[:, middle:], right[:, :middle] = False, False
        return float(luma[right].mean() - luma[left].mean())

    from_left = right_minus_left(("from the left",))
    assert right_minus_left(("from the right",)) > from_left + 0.05


def test_retouch_smooths_skin_and_keeps_eyes(sample: CutOut) -> None:
    def texture(result: Rendering, mask: NDArray[np.bool_]) -> float:
        grey = result.picture.mean(2).astype(np.float32)
        return float(np.abs(grey - cv2.GaussianBlur(grey, (0, 0), 2))[mask].mean())

    plain, smooth = rendered(sample, retouch=0.0), rendered(sample, retouch=0.9)
    cheek = np.zeros(plain.figure.matte.shape, np.uint8)
    for point in plain.figure.landmarks[[50, 280], :2]:
        cv2.circle(cheek, (int(point[0]), int(point[1])), 14, 1, -1)
    eyes = np.zeros_like(cheek)
    for point in plain.figure.landmarks[[159, 386], :2]:
        cv2.circle(eyes, (int(point[0]), int(point[1])), 8, 1, -1)
    assert texture(smooth, cheek > 0) < 0.85 * texture(plain, cheek > 0)
    assert texture(smooth, eyes > 0) > 0.9 * texture(plain, eyes > 0)


def test_black_and_white_has_no_colour(sample: CutOut) -> None:
    picture = rendered(sample, palette="black and white").picture
    assert np.ptp(picture, axis=2).max() < 1e-3


def test_a_bystander_is_left_out() -> None:
    pixels = sample_pixels()
    pair = np.hstack([pixels[:, :330], pixels[:, 130:]])
    left, right = sorted(faces.find(pair), key=lambda face: face.eyes[0])
    made = cutout.make(pair, left, [right])
    alpha = np.zeros(pair.shape[:2], np.uint8)
    back = cv2.invertAffineTransform(made.from_photo)
    cv2.warpAffine(made.alpha, back, alpha.shape[::-1], alpha)
    own, other = ((int(f.eyes[1]), int(f.eyes[0])) for f in (left, right))
    assert alpha[own] > 240
    assert alpha[other] < 10


def test_a_brand_colour_fills_the_backdrop(sample: CutOut) -> None:
    picture = rendered(sample, colour="#0b3d91").picture
    corner = np.median(picture[:100, :60].reshape(-1, 3), 0)
    assert np.abs(corner - np.array((0x91, 0x3D, 0x0B)) / 255).max() < 0.12


def test_the_photo_that_carries_the_shot_is_chosen() -> None:
    pixels = sample_pixels()
    person = Person(*_trained(jpeg(pixels[:200, 90:370]), jpeg(pixels)))
    half = "half body photo of ohwx woman"
    pictures = person.pictures(half, num_images=2, indexes=[0, 1])
    assert {picture.recipe["photo"] for picture in pictures} == {"p1"}


def _trained(*photos: bytes) -> tuple[object, object, object]:
    from prompts.engines.base import MemoryCache, TrainingRequest

    from .people import silent

    given, cache = sources(*photos), MemoryCache()
    result = training.train(TrainingRequest("woman", "ohwx", given, cache), silent)
    return given, cache, result


def test_packed_cut_outs_come_back(sample: CutOut) -> None:
    again = cutout.unpack(cutout.pack(sample))
    assert np.array_equal(again.alpha, sample.alpha)
    assert np.abs(again.colours.astype(int) - sample.colours.astype(int)).mean() < 2
    assert np.allclose(again.face.landmarks, sample.face.landmarks)
    assert again.confidence == sample.confidence
