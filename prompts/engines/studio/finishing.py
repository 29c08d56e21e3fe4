"""From a rendering to the finished 8-bit picture: style, film, grain, enlargement, detail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from . import detail, grading, styles, upscale
from .arrays import Mask, Picture, Pixels, to_pixels
from .cutout import CutOut
from .recipe import Recipe
from .render import Rendering
from .steering import Steering

#: Styles that still are photographs: the photo's own texture may show in them.
_PHOTOGRAPHIC = frozenset({"", "Photographic", "Enhance", "Cinematic"})
#: From this enlargement of the cut-out on, the photo's texture is missed.
_NOTICEABLE = 1.25


@dataclass(frozen=True)
class Enlargement:
    """Fourfold size, and whether person (`hires_fix`) or face (`inpaint_faces`) get texture."""

    person: bool = False
    face: bool = False


def finish(
    rendering: Rendering,
    cutout: CutOut,
    recipe: Recipe,
    photo: Callable[[], Pixels],
    *,
    seed: int,
    enlargement: Enlargement | None = None,
    steering: Steering | None = None,
) -> Pixels:
    """The finished picture; `photo` decodes the original if its texture is needed."""
    picture = styled(rendering, recipe, seed, steering)
    pixels = to_eight_bit(picture, seed, 0.6 if enlargement is None else 0.25)
    if enlargement is not None:
        return _enlarged(pixels, rendering, cutout, recipe, photo, enlargement)
    wanted = recipe.fine or rendering.framing.scale > _NOTICEABLE
    if wanted and _is_photograph(recipe) and cutout.scale < 1:
        pixels = _textured(pixels, rendering, cutout, photo, _inside(rendering.figure.matte), 0.8)
    return pixels


def styled(
    rendering: Rendering, recipe: Recipe, seed: int, steering: Steering | None = None
) -> Picture:
    """Style, film and grain, in this order: a film photographs the painting.

    What the steering's mask protects is put back last.
    """
    picture = rendering.picture
    if recipe.medium:
        rng = np.random.default_rng([seed, 6])
        picture = styles.apply(recipe.medium, picture, rendering.figure, rng)
    if recipe.style:
        strength = float(np.interp(recipe.emphasis, (0.5, 1.0), (0.6, 1.0)))
        rng = np.random.default_rng([seed, 4])
        picture = styles.apply(recipe.style, picture, rendering.figure, rng, strength)
    if recipe.grading:
        picture = grading.film(picture, recipe.grading)
    if recipe.grain:
        picture = grading.grain(picture, np.random.default_rng([seed, 5]))
    return picture if steering is None else steering.protect(picture)


def to_eight_bit(picture: Picture, seed: int, noise: float = 0.6) -> Pixels:
    """Rounds with a trace of noise (in steps of 8 bit) that keeps backdrops from banding."""
    height, width = picture.shape[:2]
    tile = np.random.default_rng([seed, 3]).normal(0, noise / 255, (128, 128)).astype(np.float32)
    spread = cv2.repeat(tile, height // 128 + 1, width // 128 + 1)[:height, :width]
    return to_pixels(picture + spread[..., None])


def _is_photograph(recipe: Recipe) -> bool:
    return recipe.style in _PHOTOGRAPHIC and not recipe.medium


def _enlarged(
    pixels: Pixels,
    rendering: Rendering,
    cutout: CutOut,
    recipe: Recipe,
    photo: Callable[[], Pixels],
    enlargement: Enlargement,
) -> Pixels:
    large = upscale.times_four(pixels)
    if not _is_photograph(recipe):
        return large
    inside = _inside(rendering.figure.matte)
    if enlargement.person:
        large = _textured(large, rendering, cutout, photo, inside, 0.8)
    elif enlargement.face:
        large = _textured(large, rendering, cutout, photo, inside * rendering.figure.face, 1.0)
    return large


def _textured(
    pixels: Pixels,
    rendering: Rendering,
    cutout: CutOut,
    photo: Callable[[], Pixels],
    mask: Mask,
    strength: float,
) -> Pixels:
    """Texture from the photo if it has more than the cut-out, else mild sharpening."""
    factor = pixels.shape[1] / rendering.figure.width
    from_cutout = np.vstack([rendering.framing.matrix * factor, [0, 0, 1]])
    from_photo = (from_cutout @ np.vstack([cutout.from_photo, [0, 0, 1]]))[:2]
    enlargement = factor * rendering.framing.scale * cutout.scale
    if enlargement <= detail.MOST_ENLARGEMENT:
        return detail.transfer(pixels, photo(), from_photo.astype(np.float32), mask, strength)
    return detail.sharpen(pixels, mask, 0.2 * strength)


def _inside(matte: Mask) -> Mask:
    """The person without the soft edge, where the photo's background would shine through."""
    return cv2.erode(np.clip((matte - 0.9) * 10, 0, 1), np.ones((5, 5), np.uint8))
