"""What an input image, a mask and a controlnet change about a picture.

The input image is the place: it becomes the backdrop, its own people painted out, and where it
shows a face the person takes that face's position and size. How much it decides is up to the
parameters: see `read`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from ..errors import UnsupportedRequest
from . import decoding, faces, matting
from .arrays import Mask, Picture, Pixels, blur, luminance, resize, smoothstep, to_picture
from .backdrops import from_picture

DEFAULT_DENOISING = 0.8
#: Controlnets whose meaning is the person's place, lines, or colours; the rest mean the place.
_POSES = frozenset({"pose", "composition"})
_LINES = frozenset({"lineart", "canny", "hed", "mlsd"})
_COLOURS = frozenset({"tile", "reference", "ipadapter"})
#: The scene's painted backdrop replaces the input image from this denoising strength on.
_WORDS_ALONE = 0.97
#: Heads taken over from an input image stay within these fractions of the frame's height.
_FACE_LIMITS = (0.12, 0.6)
_LONGEST_SIDE = 1280


@dataclass(frozen=True)
class Steering:
    """The input image at the frame's size and what to take from it.

    `image` (h, w, 3) is cropped to cover the frame. `backdrop` is the image without its people,
    or None when the words decide the place. `face` is the (x, y) of the eyes and the face's
    height to take over, as fractions of width, height, height. `lines` and `colours` 0–1 say how
    strongly the image's edges are drawn into the backdrop and its colours taken over; `mask` is 1
    where the picture may change.
    """

    image: Picture
    backdrop: Picture | None = None
    face: tuple[float, float, float] | None = None
    lines: float = 0.0
    colours: float = 0.0
    mask: Mask | None = None

    def behind(self, painted: Picture) -> Picture:
        """The backdrop: the image's or the painted one, with lines and colours taken over."""
        picture = painted if self.backdrop is None else self.backdrop
        if self.colours:
            picture = _recoloured(picture, self.image, self.colours)
        if self.lines:
            picture = picture * (1 - np.float32(self.lines) * _edges(self.image))[..., None]
        return np.clip(picture, 0, 1)

    def protect(self, picture: Picture) -> Picture:
        """Puts the image back where the mask does not allow changes."""
        if self.mask is None:
            return picture
        mask = resize(self.mask, picture.shape[1], picture.shape[0])[..., None]
        image = resize(self.image, picture.shape[1], picture.shape[0])
        return image + mask * (picture - image)


def read(
    image: bytes | None, mask: bytes | None, parameters: Mapping[str, Any], width: int, height: int
) -> Steering | None:
    """Decides what an input image steers; None without one.

    `denoising_strength` 0 keeps the image sharp as it is, 1 leaves the place to the words; in
    between the image is defocused more and more. `controlnet` picks what is taken over, with
    `controlnet_conditioning_scale` as its strength; with `controlnet_txt2img` the place comes
    from the words all the same. UnsupportedRequest for what has no meaning here.
    """
    control = str(parameters.get("controlnet") or "")
    if control == "qr":
        raise UnsupportedRequest("The Studio engine cannot weave a QR code into a picture.")
    if image is None:
        return None
    given = parameters.get("denoising_strength")
    denoising = DEFAULT_DENOISING if given is None else float(given)
    scale = parameters.get("controlnet_conditioning_scale")
    weight = 1.0 if scale is None else float(scale)
    from_words = bool(parameters.get("controlnet_txt2img")) or denoising >= _WORDS_ALONE
    covering = _covering(_reduced(decoding.decode(image)), width, height)
    found = faces.find(covering)
    plate = None
    if not from_words:
        clean = _without_people(covering, found)
        plate = from_picture(clean, height, width, 0.0005 + 0.02 * denoising**2)
    keeps_place = control in _POSES or (control == "" and not from_words) or mask is not None
    return Steering(
        image=to_picture(cv2.resize(covering, (width, height), interpolation=cv2.INTER_AREA)),
        backdrop=plate,
        face=_place_of(found, covering) if keeps_place and found and weight > 0.3 else None,
        lines=0.7 * weight if control in _LINES else 0.0,
        colours=0.8 * weight if control in _COLOURS else 0.0,
        mask=_mask(mask, width, height) if mask is not None else None,
    )


def _reduced(pixels: Pixels) -> Pixels:
    scale = min(1.0, _LONGEST_SIDE / max(pixels.shape[:2]))
    if scale == 1:
        return pixels
    return cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def _covering(pixels: Pixels, width: int, height: int) -> Pixels:
    """Central crop with the frame's proportions, at the picture's own resolution."""
    rows, columns = pixels.shape[:2]
    across = max(1, min(columns, round(rows * width / height)))
    down = max(1, min(rows, round(columns * height / width)))
    left, top = (columns - across) // 2, (rows - down) // 2
    return np.ascontiguousarray(pixels[top : top + down, left : left + across])


def _without_people(pixels: Pixels, found: list[faces.Face]) -> Picture:
    """The picture with everybody replaced by a blur of what surrounds them."""
    picture = to_picture(pixels)
    if not found:
        return picture
    people = np.zeros(pixels.shape[:2], np.float32)
    for face in found[:4]:
        np.maximum(people, matting.cut_out(pixels, face).alpha, out=people)
    size = max(3, round(0.02 * pixels.shape[1])) | 1
    people = cv2.dilate(people, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
    people = blur(people, size / 3)
    keep = np.clip(1 - people, 0, 1)[..., None]
    filled = np.zeros_like(picture)
    weight = np.zeros_like(keep)
    # From fine to coarse: nearby surroundings first, far ones only where nothing is near.
    for reach in (0.02, 0.06, 0.18, 0.5):
        sigma = reach * pixels.shape[1]
        near = blur(keep, sigma).reshape(keep.shape)
        colour = blur(picture * keep, sigma) / (near + 1e-4)
        share = (1 - weight) * np.clip(near * 4, 0, 1)
        filled += share * colour
        weight += share
    filled /= np.maximum(weight, 1e-3)
    return picture * keep + filled * (1 - keep)


def _place_of(found: list[faces.Face], pixels: Pixels) -> tuple[float, float, float]:
    """Eyes (x, y) and height of the largest face as fractions of the picture."""
    height, width = pixels.shape[:2]
    face = found[0]
    size = float(np.clip(face.height / height, *_FACE_LIMITS))
    return float(face.eyes[0]) / width, float(face.eyes[1]) / height, size


def _mask(data: bytes, width: int, height: int) -> Mask:
    """A mask picture as weights: white 1, with a narrow soft edge."""
    covering = _covering(decoding.decode(data), width, height)
    mask = resize(luminance(to_picture(covering)), width, height)
    return blur(smoothstep(0.25, 0.75, mask), 0.004 * width)


def _edges(image: Picture) -> Mask:
    """Strength of the image's edges, 0–1."""
    grey = blur(luminance(image), image.shape[1] / 700)
    slope = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    return smoothstep(0.06, 0.35, slope)


def _recoloured(picture: Picture, example: Picture, strength: float) -> Picture:
    """Moves mean and spread of the colours to an example's (Reinhard et al. 2001, in Lab)."""
    lab, other = (cv2.cvtColor(np.clip(p, 0, 1), cv2.COLOR_BGR2Lab) for p in (picture, example))
    mean, spread = lab.mean((0, 1)), lab.std((0, 1)) + 1e-3
    wanted, wanted_spread = other.mean((0, 1)), other.std((0, 1))
    stretch = np.clip(wanted_spread / spread, 0.5, 2.0)
    moved = (lab - mean) * stretch + wanted
    mixed = (lab + np.float32(strength) * (moved - lab)).astype(np.float32)
    return np.clip(cv2.cvtColor(mixed, cv2.COLOR_Lab2BGR), 0, 1)
