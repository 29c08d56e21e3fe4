"""What can be told of one photo: problems in words, a quality to rank by, honest traits."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import cv2
import numpy as np

from ..base import Inspection, Problem
from .arrays import Floats, Pixels, luminance, to_picture
from .faces import LEFT_EYE, RIGHT_EYE, Face, find

#: A face lower than this (px, chin to forehead) has too little detail for a portrait.
SMALL_FACE = 64
#: A second face counts as a person when it is at least this large beside the first.
SECOND_PERSON = 0.4
_BLURRED = 22.0
_BRIGHT = 0.86
_BURNT_SHARE = 0.22
_FACE_WIDTH = 160
_WORK_HEIGHT = 320

MESSAGES = {
    "no_face": "No face was found in this photo.",
    "several_people": "This photo shows {people} people. Training needs one.",
    "face_cut_off": "The face is cut off by the edge of the photo.",
    "blurred": "The face is not sharp.",
    "too_small": "The face is too small in this photo: {height} px, at least {least} are needed.",
    "too_dark": "The face is too dark.",
    "over_exposed": "The face is over-exposed: bright parts have lost their detail.",
    "backlit": "The light comes from behind and leaves the face dark.",
    "sunglasses": "Sunglasses or shadow hide the eyes.",
    "tinted": "Coloured light tints the skin.",
    "profile": "The face is seen from the side.",
    "unreadable": "This photo cannot be read.",
}


@dataclass(frozen=True)
class Measures:
    """What was measured on a face.

    `height` in px, `share` of the photo's height; `inside` the share of landmarks within the
    photo; `room` 1 when there is space for both shoulders; `sharpness` the Laplacian's variance
    at a face width of 160 px; `light` median luma; `burnt` share of px whose green is blown;
    `contrast` luma between the 5th and 95th percentile; `cast` distance from natural skin colours
    (above 0.35 the light is coloured); `behind` the surroundings' median luma; `eyes` luma around
    the eyes relative to the cheeks; `yaw` -1…1.
    """

    height: float
    share: float
    inside: float
    room: float
    sharpness: float
    light: float
    burnt: float
    contrast: float
    cast: float
    behind: float
    eyes: float
    yaw: float


def inspect(pixels: Pixels, size: tuple[int, int] | None = None) -> Inspection:
    """Looks at a decoded photo; `size` is its stored (width, height) if it was reduced."""
    return judge(pixels, find(pixels), size)


def judge(pixels: Pixels, faces: list[Face], size: tuple[int, int] | None = None) -> Inspection:
    """Like `inspect`, for a photo whose faces are known already."""
    width, height = size or (pixels.shape[1], pixels.shape[0])
    if not faces:
        return Inspection(width, height, 0, (problem("no_face"),), quality=-10.0)
    measures = measure(pixels, faces[0], width / pixels.shape[1])
    people = sum(face.height >= SECOND_PERSON * faces[0].height for face in faces)
    problems = tuple(_problems(measures, people))
    quality = score(measures) - (3.0 if people > 1 else 0.0)
    traits = {key: round(float(value), 3) for key, value in asdict(measures).items()}
    return Inspection(width, height, len(faces), problems, round(quality, 3), traits)


def measure(pixels: Pixels, face: Face, enlargement: float = 1.0) -> Measures:
    """Measures a face; `enlargement` is the stored photo's size relative to `pixels`."""
    height, width = pixels.shape[:2]
    x, y = face.landmarks[:, 0], face.landmarks[:, 1]
    inside = float(((x > 0) & (x < width) & (y > 0) & (y < height)).mean())
    centre_x = float(face.centre[0])
    room = float(np.clip(min(centre_x, width - centre_x) / (1.35 * face.size), 0, 1))
    true_height, share = face.height * enlargement, face.height / height
    pixels, face = _head(pixels, face)
    skin = _skin_pixels(pixels, face)
    luma = luminance(to_picture(skin[None]))[0]
    return Measures(
        height=true_height,
        share=share,
        inside=inside,
        room=room,
        sharpness=_sharpness(pixels, face),
        light=float(np.median(luma)),
        burnt=float((skin[:, 1] >= 250).mean()),
        contrast=float(np.percentile(luma, 95) - np.percentile(luma, 5)),
        cast=_cast(np.median(skin, 0).astype(np.float32) / 255),
        behind=_surroundings(pixels, face),
        eyes=_eye_brightness(pixels, face),
        yaw=face.yaw,
    )


def score(m: Measures) -> float:
    """Quality for ranking, about 0 (poor) to 4 (excellent); unbounded below."""
    size = 1.6 * min(m.height / 300, 1.2)
    sharp = 0.45 * float(np.log1p(min(m.sharpness, 400)))
    exposure = -6 * max(0.0, abs(m.light - 0.52) - 0.12) - 4 * max(0.0, m.burnt - 0.02)
    colour = -4 * max(0.0, m.cast - 0.15)
    contrast = -5 * max(0.0, 0.22 - m.contrast) - 1.5 * max(0.0, m.contrast - 0.62)
    backlight = -2 * max(0.0, m.behind - m.light - 0.25)
    pose = -2 * abs(m.yaw)
    whole = -6 * (1 - m.inside) - 1.5 * (1 - m.room)
    hidden = -1.5 if m.eyes < 0.42 else 0.0
    return size + sharp + exposure + colour + contrast + backlight + pose + whole + hidden


def _problems(m: Measures, people: int) -> list[Problem]:
    found = []
    if people > 1:
        found.append(problem("several_people", people=people))
    if m.inside < 0.985:
        found.append(problem("face_cut_off"))
    if m.height < SMALL_FACE:
        found.append(problem("too_small", height=round(m.height), least=SMALL_FACE))
    elif m.sharpness < _BLURRED:
        found.append(problem("blurred"))
    # Dark skin in good light has highlights; an under-exposed face has none.
    dark = m.light < 0.10 or (m.light < 0.25 and m.contrast < 0.18)
    if m.behind - m.light > 0.45 and m.light < 0.30:
        found.append(problem("backlit"))
    elif dark:
        found.append(problem("too_dark"))
    if m.light > _BRIGHT or m.burnt > _BURNT_SHARE:
        found.append(problem("over_exposed"))
    if m.cast > 0.35 and not dark:
        found.append(problem("tinted"))
    if m.eyes < 0.36 and not dark:
        found.append(problem("sunglasses"))
    if abs(m.yaw) > 0.62:
        found.append(problem("profile"))
    return found


def problem(code: str, **values: object) -> Problem:
    """The problem with its sentence, `values` filled in."""
    return Problem(code, MESSAGES[code].format(**values))


def _head(pixels: Pixels, face: Face) -> tuple[Pixels, Face]:
    """The surroundings of the head, at a size that makes measuring cheap."""
    height, width = pixels.shape[:2]
    reach = 1.6 * face.height
    left, top = (max(0, int(v)) for v in face.eyes - reach)
    right, bottom = min(width, int(face.eyes[0] + reach)), min(height, int(face.eyes[1] + reach))
    crop = pixels[top:bottom, left:right]
    scale = min(1.0, _WORK_HEIGHT / face.height)
    if scale < 1:
        crop = cv2.resize(crop, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    matrix = np.array([[scale, 0, -left * scale], [0, scale, -top * scale]], np.float32)
    return np.ascontiguousarray(crop), face.moved(matrix)


def _skin_pixels(pixels: Pixels, face: Face) -> Pixels:
    """Px of forehead, nose and cheeks, (n, 3); at least one."""
    hull = cv2.convexHull(np.round(_grown(face.landmarks[:, :2], 0.92)).astype(np.int32))
    mask = np.zeros(pixels.shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, hull, 1)
    for eye in (LEFT_EYE, RIGHT_EYE):
        outline = _grown(face.landmarks[list(eye), :2], 1.6)
        cv2.fillPoly(mask, [cv2.convexHull(np.round(outline).astype(np.int32))], 0)
    found = pixels[mask > 0]
    return found if len(found) else pixels.reshape(-1, 3)[:1]


def _sharpness(pixels: Pixels, face: Face) -> float:
    """Variance of the Laplacian over the inner face, scaled to a common width."""
    points = _grown(face.landmarks[:, :2], 0.95)
    (left, top), (right, bottom) = points.min(0), points.max(0)
    height, width = pixels.shape[:2]
    crop = pixels[
        max(0, int(top)) : min(height, int(bottom)), max(0, int(left)) : min(width, int(right))
    ]
    if min(crop.shape[:2]) < 8:
        return 0.0
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    size = (_FACE_WIDTH, max(8, round(_FACE_WIDTH * crop.shape[0] / crop.shape[1])))
    shrinking = crop.shape[1] > _FACE_WIDTH
    grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_CUBIC)
    normalised = grey.astype(np.float32) * np.float32(110 / max(float(grey.mean()), 8.0))
    return float(cv2.Laplacian(normalised, cv2.CV_32F).var())


def _cast(skin: Floats) -> float:
    """How far a median skin colour (BGR 0–1) lies outside the range of natural skin.

    In natural light red exceeds green and green blue, by ratios that hold for all complexions.
    """
    blue, green, red = (float(max(v, 0.02)) for v in skin)
    outside = [
        max(0.0, np.log(green / red) + 0.02),  # green or cyan light
        max(0.0, np.log(blue / green) + 0.02),  # blue or magenta light
        max(0.0, np.log(red / green) - 0.62),  # red light
        max(0.0, np.log(green / blue) - 0.80),  # yellow light
    ]
    return float(2 * sum(outside))


def _surroundings(pixels: Pixels, face: Face) -> float:
    """Median luma of the ring around the head, 0–1."""
    ring = np.zeros(pixels.shape[:2], np.uint8)
    for factor, value in ((2.6, 1), (1.7, 0)):
        hull = cv2.convexHull(np.round(_grown(face.landmarks[:, :2], factor)).astype(np.int32))
        cv2.fillConvexPoly(ring, hull, value)
    ring[int(max(0, face.landmarks[152, 1])) :] = 0  # below the chin are clothes
    around = pixels[ring > 0]
    if not len(around):
        return 0.5
    return float(np.median(luminance(to_picture(around[None]))))


def _eye_brightness(pixels: Pixels, face: Face) -> float:
    """Luma around the eyes relative to the cheeks; dark glasses come out below 0.4."""
    picture = luminance(to_picture(pixels))

    def median(indexes: list[int], factor: float) -> float:
        outline = _grown(face.landmarks[indexes, :2], factor)
        mask = np.zeros(picture.shape, np.uint8)
        cv2.fillPoly(mask, [cv2.convexHull(np.round(outline).astype(np.int32))], 1)
        inside = picture[mask > 0]
        return float(np.median(inside)) if len(inside) else 0.5

    eyes = max(median(list(LEFT_EYE), 1.7), median(list(RIGHT_EYE), 1.7))
    cheeks = max(
        median([50, 101, 36, 205, 187, 123], 1.0), median([280, 330, 266, 425, 411, 352], 1.0)
    )
    return eyes / max(cheeks, 0.02)


def _grown(points: Floats, factor: float) -> Floats:
    """Points moved from their centre by a factor."""
    centre = points.mean(0)
    return centre + (points - centre) * np.float32(factor)
