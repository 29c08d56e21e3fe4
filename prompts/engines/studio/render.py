"""One picture: a cut-out person, a recipe, a seed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from . import backdrops, composition, framing, lighting, palette, placing
from .album import SURE_MATTE
from .arrays import Picture, hex_colour
from .cutout import CutOut
from .figure import Figure
from .framing import SHOTS, Framing, Shot
from .lighting import BGR, Light, Rim, Source
from .recipe import Recipe
from .retouch import retouch
from .steering import Steering

#: How the images of one prompt differ in framing: face size and sideways shift in turn.
_VARIATIONS = ((1.0, 0.0), (1.0, 0.025), (0.93, -0.025), (1.07, 0.0))
#: Below this |side| the photo's light has no clear direction.
_CLEAR_SIDE = 0.2
#: What light words do to the scene's light.
_FORCES = {"dramatic": 1.35, "soft": 0.55}
_WARMTHS: dict[str, BGR] = {"warm": (0.90, 1.0, 1.07), "cool": (1.08, 1.0, 0.92)}
_WORD_RIM = Rim((1.0, 0.97, 0.93), side=1, gain=0.7)


@dataclass(frozen=True)
class Rendering:
    """A finished picture (float BGR 0–1), the figure in it and how it was framed and lit.

    `own_background` tells that the photo's own background stands in for the scene.
    """

    picture: Picture
    figure: Figure
    framing: Framing
    light_side: int
    own_background: bool


def render(
    cutout: CutOut,
    recipe: Recipe,
    width: int,
    height: int,
    *,
    seed: int,
    index: int,
    steering: Steering | None = None,
) -> Rendering:
    """Renders image `index` of a prompt; everything random comes from `seed`."""
    rng = np.random.default_rng([seed, 1])
    scene = backdrops.SCENES[recipe.scene]
    placement = _placement(cutout, recipe, width, height, index, steering)
    figure = placing.place(cutout, placement, width, height)
    if recipe.retouch:
        figure = replace(figure, foreground=retouch(figure, recipe.retouch))
    source = lighting.source_of(figure)
    light = _light(scene.light, recipe, source, rng)
    # Where the cut-out cannot be trusted, the photo's own background, blurred, hides its errors;
    # it was lit by the photo's light.
    doubtful = cutout.confidence < SURE_MATTE
    if doubtful:
        light = replace(light.scaled(0.3), rims=())
    lit = lighting.relit(figure, light, source)
    figure = replace(figure, foreground=lighting.with_rims(figure, lit, light.rims))
    if doubtful:
        backdrop = placing.surroundings(cutout, placement, width, height)
    else:
        backdrop = _backdrop(recipe, width, height, seed, steering)
    picture = composition.compose(
        figure,
        backdrop,
        near=scene.near and not doubtful and steering is None and not recipe.colour,
        vignette=scene.vignette if recipe.vignette and not recipe.colour else 0.0,
    )
    if recipe.palette:
        picture = palette.apply(picture, recipe.palette, recipe.emphasis)
    side = 1 if light.key[0] > 0 else -1
    return Rendering(picture, figure, placement, side, doubtful)


def _placement(
    cutout: CutOut,
    recipe: Recipe,
    width: int,
    height: int,
    index: int,
    steering: Steering | None,
) -> Framing:
    """The shot's framing, or the place of the face in the input image."""
    if steering is not None and steering.face is not None:
        x, y, size = steering.face
        return framing.place(cutout, width, height, Shot(size, y), shift=x - 0.5)
    size, shift = _VARIATIONS[index % len(_VARIATIONS)]
    return framing.place(cutout, width, height, SHOTS[recipe.shot], size=size, shift=shift)


def _backdrop(
    recipe: Recipe, width: int, height: int, seed: int, steering: Steering | None
) -> Picture:
    if steering is not None and steering.backdrop is not None:
        return steering.behind(steering.backdrop)
    rng = np.random.default_rng([seed, 2])
    if recipe.colour:
        blue, green, red = hex_colour(recipe.colour).tolist()
        painted = backdrops.plain((blue, green, red), height, width, rng)
    else:
        painted = backdrops.paint(recipe.scene, height, width, rng, softness=recipe.softness)
    return painted if steering is None else steering.behind(painted)


def _light(light: Light, recipe: Recipe, source: Source, rng: np.random.Generator) -> Light:
    """The scene's light, bent by the words and turned to where the photo's light comes from."""
    factor = recipe.emphasis
    for word in recipe.lights:
        factor *= _FORCES.get(word, 1.0)
        if word in _WARMTHS:
            light = replace(light, warmth=_multiplied(light.warmth, _WARMTHS[word]))
        if word == "rim":
            light = replace(light, rims=(*light.rims, _WORD_RIM))
    light = light.scaled(factor)
    wanted = _side(recipe, source, rng)
    return light.mirrored() if wanted * light.key[0] < 0 else light


def _multiplied(one: BGR, other: BGR) -> BGR:
    return (one[0] * other[0], one[1] * other[1], one[2] * other[2])


def _side(recipe: Recipe, source: Source, rng: np.random.Generator) -> int:
    """-1 for light from the picture's left, +1 from the right: words, the photo, chance."""
    chance = int(rng.choice((-1, 1)))
    if "from the left" in recipe.lights:
        return -1
    if "from the right" in recipe.lights:
        return 1
    if abs(source.side) >= _CLEAR_SIDE:
        return 1 if source.side > 0 else -1
    return chance
