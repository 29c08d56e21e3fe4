"""Seamless paper and gel light: colours without a place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from ..arrays import Floats, Picture, hex_colour, smoothstep
from ..lighting import Light, Rim
from .camera import Camera, finish
from .scene import PLAIN_LOOK, Look, Scene
from .texture import fractal


@dataclass(frozen=True)
class Paper:
    """A lit paper background: its colour behind the person and at the frame's edges.

    `radius` in frame heights is where the edge colour is reached, `spot` the centre of the light
    as shares of width and height, `mottle` how uneven paint and light are, `slope` how much
    brighter the side of the key light is than the other.
    """

    centre: str
    edge: str
    radius: float = 0.75
    spot: tuple[float, float] = (0.5, 0.42)
    mottle: float = 0.03
    slope: float = 0.06


def paint_paper(
    h: int, w: int, rng: np.random.Generator, look: Look = PLAIN_LOOK, *, paper: Paper
) -> Picture:
    """A pool of light on paper; `look.colour` replaces the centre and darkens into the edge."""
    centre, edge = hex_colour(paper.centre), hex_colour(paper.edge)
    if look.colour is not None:
        wanted = np.array(look.colour, np.float32)
        edge = wanted * np.clip(edge.mean() / centre.mean(), 0.3, 0.95)
        centre = wanted
    return lit_paper(h, w, rng, centre, edge, paper)


def lit_paper(
    h: int, w: int, rng: np.random.Generator, centre: Floats, edge: Floats, paper: Paper
) -> Picture:
    """Paints `paper` with the display colours `centre` and `edge`, BGR 0–1."""
    camera = Camera(h, w)
    shift_x, shift_y = rng.uniform(-0.08, 0.08), rng.uniform(-0.05, 0.05)
    side = float(rng.choice((-1.0, 1.0)))
    span_x, span_y = camera.width / camera.unit, camera.height / camera.unit
    x = camera.x - (paper.spot[0] - 0.5 + shift_x) * min(span_x, 1.2)
    y = camera.y - (paper.spot[1] - 0.42 + shift_y)
    # In long frames the pool of light is as long as they are.
    x, y = x / np.float32(max(1, 0.65 * span_x)), y / np.float32(max(1, 0.8 * span_y))
    distance: Floats = np.hypot(x * np.float32(1.1), y)
    share = smoothstep(0, paper.radius, distance)[..., None]
    picture = centre * (1 - share) + edge * share
    unevenness = fractal(camera.height, camera.width, 0.3 * camera.unit, rng, 5) - 0.5
    unevenness += 0.35 * (fractal(camera.height, camera.width, 0.05 * camera.unit, rng, 3) - 0.5)
    factor = 1 + paper.mottle * 2 * unevenness + paper.slope * side * camera.x
    return finish(np.clip(picture * factor[..., None], 0, 1), h, w)


def plain(colour: tuple[float, float, float], h: int, w: int, rng: np.random.Generator) -> Picture:
    """A studio backdrop in exactly a brand's colour, BGR 0–1.

    The colour is met where the person stands and stays recognisable into the corners, so that a
    row of portraits made from different photos matches.
    """
    centre = np.clip(np.array(colour, np.float32), 0, 1)
    return lit_paper(h, w, rng, centre, centre * 0.86, Paper("", "", 0.95, mottle=0.012, slope=0.0))


def paint_gels(
    h: int,
    w: int,
    rng: np.random.Generator,
    look: Look = PLAIN_LOOK,
    *,
    left: str,
    right: str,
    base: str,
) -> Picture:
    """Two coloured lamps that graze a wall from either side and mix in the middle."""
    camera = Camera(h, w)
    tilt, middle = rng.uniform(-0.35, 0.35), rng.uniform(-0.08, 0.08)
    reach = max(0.4, min(camera.width / camera.unit, 1.4) / 2)
    across = (camera.x + tilt * camera.y - middle) / reach
    from_left = np.exp(-(((across + 1.05) / 0.95) ** 2))[..., None]
    from_right = np.exp(-(((across - 1.05) / 0.95) ** 2))[..., None]
    lamp = hex_colour(right) if look.colour is None else np.array(look.colour, np.float32)
    picture = hex_colour(base) + from_left * hex_colour(left) + from_right * lamp
    clouds = fractal(camera.height, camera.width, 0.35 * camera.unit, rng, 4) - 0.5
    falloff = np.exp(-(((camera.y + 0.08) / 0.75) ** 2))
    picture *= (falloff * (1 + 0.1 * clouds))[..., None]
    return finish(np.clip(picture, 0, 1), h, w)


def _paper(
    name: str,
    title: str,
    words: tuple[str, ...],
    paper: Paper,
    light: Light,
    *,
    near: bool = False,
    vignette: float = 0.22,
) -> Scene:
    painter = partial(paint_paper, paper=paper)
    return Scene(name, "studio", title, words, light, painter, near, vignette)


def _rim(code: str, side: int, gain: float) -> Rim:
    b, g, r = hex_colour(code).tolist()
    return Rim((b, g, r), side, gain)


SCENES = (
    _paper(
        "grey",
        "Grey studio",
        ("grey", "gray", "neutral", "studio", "clean background", "plain background", "seamless"),
        Paper("b9bcc0", "6d7176"),
        Light(key=(-0.55, -0.5, 0.7), strength=0.35, ambient=0.6),
        near=True,
    ),
    _paper(
        "white",
        "White studio",
        ("white", "white background", "high key", "high-key", "passport", "id photo", "isolated"),
        Paper("fcfcfc", "eceef0", 1.1, mottle=0.004, slope=0.0),
        Light(key=(-0.3, -0.4, 0.85), strength=0.25, ambient=0.7),
        vignette=0.0,
    ),
    _paper(
        "dark",
        "Dark studio",
        ("dark", "moody", "dramatic", "chiaroscuro", "rembrandt", "dramatic lighting"),
        Paper("55493f", "0d0c0d", 0.62, (0.62, 0.4), 0.12),
        Light(
            key=(-0.95, -0.45, 0.35),
            strength=1.0,
            ambient=0.14,
            warmth=(0.92, 1.0, 1.06),
            exposure=1.02,
            rims=(_rim("ffe3c0", 1, 0.55),),
        ),
    ),
    _paper(
        "blue",
        "Blue studio",
        ("blue", "blue background", "navy", "corporate blue", "corporate"),
        Paper("5e7fa6", "1d2b40", mottle=0.06),
        Light(key=(-0.55, -0.5, 0.7), strength=0.45, ambient=0.5, rims=(_rim("d8ecff", 1, 0.35),)),
        near=True,
    ),
    _paper(
        "black",
        "Black studio",
        ("black", "black background", "low key", "low-key", "noir"),
        Paper("1c1c1e", "040405", 0.6, mottle=0.1),
        Light(
            key=(-0.85, -0.4, 0.45),
            strength=0.8,
            ambient=0.22,
            rims=(_rim("eaf1ff", 1, 0.6), _rim("eaf1ff", -1, 0.25)),
        ),
    ),
    _paper(
        "charcoal",
        "Charcoal studio",
        ("charcoal", "dark grey", "dark gray", "slate", "graphite", "executive"),
        Paper("5c6066", "1f2124", 0.7, mottle=0.06),
        Light(key=(-0.65, -0.5, 0.6), strength=0.5, ambient=0.42, rims=(_rim("f2f4f8", 1, 0.35),)),
    ),
    _paper(
        "cream",
        "Cream studio",
        ("cream", "beige", "warm background", "ivory", "sand", "neutral warm", "soft"),
        Paper("eadfce", "bfae96", 0.9, mottle=0.025),
        Light(key=(-0.5, -0.45, 0.75), strength=0.3, ambient=0.65, warmth=(0.96, 1.0, 1.03)),
        near=True,
    ),
    _paper(
        "teal",
        "Teal studio",
        ("teal", "turquoise", "green background", "green", "petrol", "emerald"),
        Paper("3f8584", "10302f", mottle=0.06),
        Light(key=(-0.55, -0.5, 0.7), strength=0.45, ambient=0.5, rims=(_rim("d6fff4", 1, 0.35),)),
        near=True,
    ),
    _paper(
        "burgundy",
        "Burgundy studio",
        ("burgundy", "red background", "red", "wine", "maroon", "crimson"),
        Paper("7d2f38", "240a0f", 0.72, mottle=0.08),
        Light(key=(-0.65, -0.45, 0.6), strength=0.5, ambient=0.42, rims=(_rim("ffd9cc", 1, 0.4),)),
    ),
    _paper(
        "pastel",
        "Pastel studio",
        ("pastel", "pink", "pink background", "blush", "peach", "rose", "playful"),
        Paper("f2c9c4", "d39a9c", 0.95, mottle=0.02),
        Light(key=(-0.45, -0.45, 0.78), strength=0.3, ambient=0.66),
        near=True,
    ),
    Scene(
        "gels",
        "studio",
        "Coloured gels",
        ("gel", "gels", "gradient", "colourful", "colorful", "vibrant", "duotone", "two-tone"),
        Light(
            key=(-0.4, -0.45, 0.78),
            strength=0.55,
            ambient=0.45,
            rims=(_rim("ff5fa2", -1, 0.7), _rim("4fb4ff", 1, 0.7)),
        ),
        partial(paint_gels, left="ae2a66", right="2056a6", base="140d1c"),
    ),
)
