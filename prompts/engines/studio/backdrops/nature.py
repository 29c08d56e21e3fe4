"""Among trees: foliage, trunks and grass, lit through the leaves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import Floats, Mask, Picture, resize, smoothstep
from ..lighting import Light, Rim
from .camera import EYE_HEIGHT, Camera
from .light import Colour, light, mix
from .scene import PLAIN_LOOK, Look, Scene
from .texture import fractal


@dataclass(frozen=True)
class Greenery:
    """Colours of a place with trees: leaves in shadow and lit, ground, sky, air."""

    shadow: str
    middle: str
    lit: str
    ground: str
    sky: str
    trunk: str = "3a3026"
    sun: str = "fff0c0"
    haze: str = "b9c583"


def foliage(
    camera: Camera, cell: float, cover: Mask, colours: Greenery, sun: Mask, rng: np.random.Generator
) -> tuple[Mask, Floats]:
    """Leaves as coverage (h, w) and light (h, w, 3).

    `cell` is the size of the crowns in frame heights, `cover` how much of the view they take,
    `sun` where the sun comes through. Computed at half size: the lens blurs it anyway.
    """
    h, w = max(2, camera.height // 2), max(2, camera.width // 2)
    cover, sun = resize(cover, w, h), resize(sun, w, h)
    crowns = fractal(h, w, cell * camera.unit / 2, rng, 4, 0.62)
    depth = fractal(h, w, cell * 0.35 * camera.unit, rng, 4, 0.68)
    mask = smoothstep(0.0, 0.16, cover - crowns)
    lit = np.clip(smoothstep(0.35, 0.75, depth) * (0.35 + sun), 0, 1)[..., None]
    colour = light(colours.shadow) + lit * (light(colours.middle) - light(colours.shadow))
    glint = smoothstep(0.55, 0.8, depth)[..., None] * sun[..., None]
    leaves = colour + glint * light(colours.lit, 0.9)
    size = (camera.width, camera.height)
    return resize(mask, *size), resize(leaves, *size)


def sunlight(camera: Camera, x: float, y: float, size: float) -> Mask:
    """The glow around a light at frame coordinates, 1 at its centre."""
    return np.exp(-(((camera.x - x) / size) ** 2) - ((camera.y - y) / size) ** 2).astype(np.float32)


def glints(
    camera: Camera, rng: np.random.Generator, count: int, field: Mask, code: str, radius: float,
    gain: float = 0.5,
) -> None:  # fmt: skip
    """Small lights seen through leaves, as discs, most where `field` is high."""
    x = rng.uniform(-1.4, 1.4, count * 3).astype(np.float32)
    y = rng.uniform(-0.75, 1.05, count * 3).astype(np.float32)
    draw, bright = rng.random(count * 3), rng.uniform(0.15, 1.0, count * 3) ** 2
    columns = np.clip(camera.centre[0] + x * camera.unit, 0, camera.width - 1).astype(int)
    rows = np.clip(camera.centre[1] + y * camera.unit, 0, camera.height - 1).astype(int)
    chosen = draw < field[rows, columns]
    colours = (bright[chosen, None] * light(code, gain)).astype(np.float32)
    camera.points(x[chosen], y[chosen], colours, radius * camera.aperture / 0.024)


GOLDEN = Greenery("18260e", "5c8230", "dccb62", "6f8238", "fbf2d6")
FRESH = Greenery("1f2f16", "5e7f38", "c4cf74", "7d9648", "e4eef4", "40362c", "fff8e4", "b3c7a4")
AUTUMN = Greenery("451f0a", "b8641c", "f6b84a", "8a6230", "f6e6c8", "2f231b", "fff0c8", "d9b27a")
DEEP = Greenery("10190f", "3d5a2e", "a3b868", "3a4a28", "dfe9d4", "2a2620", "f2f6dc", "a9bfae")


def paint_golden_garden(
    h: int, w: int, rng: np.random.Generator, look: Look = PLAIN_LOOK
) -> Picture:
    """Trees and a meadow against a low sun."""
    camera = Camera(h, w, look, aperture=0.026)
    side = float(rng.choice((-1.0, 1.0)))
    sun = sunlight(camera, side * rng.uniform(0.25, 0.45), rng.uniform(-0.32, -0.22), 0.42)
    camera.fill(light(GOLDEN.sky, 0.7) + sun[..., None] * light(GOLDEN.sun, 1.2))
    _tree_line(camera, GOLDEN, sun, rng)
    meadow(camera, GOLDEN, sun, rng, horizon=0.1)
    for _ in range(2):
        _trunk(camera, GOLDEN, rng)
    canopy = camera.layer(5.0)
    cover = smoothstep(0.1, -0.42, camera.y) * 0.85 - 0.2 * sun
    canopy.cover(*foliage(camera, 0.16, cover, GOLDEN, sun + 0.15, rng))
    camera.place(canopy)
    shade = fractal(camera.height, camera.width, 0.2 * camera.unit, rng, 3)
    high = smoothstep(0.2, -0.25, camera.y)
    glints(camera, rng, 500, high * shade * (0.4 + sun), "ffeeb0", 0.017, 0.5)
    glints(camera, rng, 160, high * shade * (0.3 + sun), "fff2c4", 0.027, 0.4)
    glints(camera, rng, 120, (1 - high) * shade, "cfd98a", 0.02, 0.12)
    camera.haze(0.3 * sun, light("ffe9a8", 1.1))
    return camera.develop(exposure=1.15, bloom=0.08)


def paint_park(h: int, w: int, rng: np.random.Generator, look: Look = PLAIN_LOOK) -> Picture:
    """A lawn with old trees under a mild sky, a path leading away."""
    camera = Camera(h, w, look, aperture=0.024)
    side = float(rng.choice((-1.0, 1.0)))
    sun = sunlight(camera, side * 0.3, -0.45, 0.5)
    camera.fill(light("cfe0ee", 1.05) + sun[..., None] * light("fff8e8", 0.7))
    _tree_line(camera, FRESH, 0.6 * sun, rng)
    meadow(camera, FRESH, 0.35 * sun + 0.1, rng, horizon=0.1)
    _path(camera, side * rng.uniform(0.6, 1.4), rng)
    for z in (13.0, 8.0):
        _trunk(camera, FRESH, rng, (-side * rng.uniform(0.25, 0.6) * z / camera.focal, z))
    canopy = camera.layer(6.0)
    cover = smoothstep(0.02, -0.45, camera.y) * 0.72
    canopy.cover(*foliage(camera, 0.15, cover, FRESH, 0.5 * sun + 0.2, rng))
    camera.place(canopy)
    high = smoothstep(0.1, -0.3, camera.y)
    glints(camera, rng, 260, 0.5 * high * (0.3 + sun), "e6f2c0", 0.015, 0.35)
    return camera.develop(exposure=1.15, bloom=0.06)


def paint_autumn(h: int, w: int, rng: np.random.Generator, look: Look = PLAIN_LOOK) -> Picture:
    """An avenue in October: copper leaves against low light."""
    camera = Camera(h, w, look, aperture=0.026)
    sun = sunlight(camera, rng.uniform(-0.2, 0.2), -0.12, 0.4)
    camera.fill(light(AUTUMN.sky, 0.75) + sun[..., None] * light(AUTUMN.sun, 0.8))
    _tree_line(camera, AUTUMN, sun + 0.35, rng)
    meadow(camera, AUTUMN, 0.6 * sun, rng, horizon=0.11)
    _path(camera, 0.0, rng)
    for x in (-2.2, 2.2):
        for z in (20.0, 13.0, 9.0):
            _trunk(camera, AUTUMN, rng, place=(x, z))
    canopy = camera.layer(6.0)
    cover = smoothstep(0.1, -0.4, camera.y) * 0.85 - 0.2 * sun
    canopy.cover(*foliage(camera, 0.13, cover, AUTUMN, 0.7 * sun + 0.4, rng))
    camera.place(canopy)
    high = smoothstep(0.25, -0.2, camera.y)
    glints(camera, rng, 300, high * (0.25 + 0.5 * sun), "ffd98a", 0.017, 0.5)
    glints(camera, rng, 120, np.full_like(sun, 0.4), "d9742c", 0.02, 0.4)
    camera.haze(0.25 * sun, light("ffdca0", 1.0))
    return camera.develop(exposure=1.35, bloom=0.1)


def paint_forest(h: int, w: int, rng: np.random.Generator, look: Look = PLAIN_LOOK) -> Picture:
    """Deep wood: trunks fade into mist, beams of light fall between them onto ferns."""
    camera = Camera(h, w, look, aperture=0.022)
    side = float(rng.choice((-1.0, 1.0)))
    sun = sunlight(camera, side * rng.uniform(0.15, 0.35), rng.uniform(-0.4, -0.25), 0.45)
    mist = light("a9bfae", 0.75)
    camera.fill(mist * 0.75 + sun[..., None] * light("f2f6dc", 0.7))
    for z, count, veil in ((45.0, 26, 0.75), (26.0, 16, 0.5), (15.0, 9, 0.25), (9.0, 4, 0.08)):
        _wood(camera, z, count, veil, mist, sun, rng)
    _beams(camera, side, rng)
    camera.haze(0.25 * sun, light("f0f4d8", 1.0))
    return camera.develop(exposure=1.2, bloom=0.1)


def _wood(
    camera: Camera,
    z: float,
    count: int,
    veil: float,
    mist: Colour,
    sun: Mask,
    rng: np.random.Generator,
) -> None:
    """A depth of forest: trunks, the leaves above and ferns below, behind a `veil` of mist."""
    wood = camera.layer(z)
    bark = mix(light("2a2620"), mist, veil)
    reach = 1.2 * z / camera.focal
    for x in rng.uniform(-reach, reach, count).tolist():
        girth, lean = rng.uniform(0.12, 0.38), rng.normal(0, 0.25)
        top = x + lean
        wood.polygon(
            [(x - girth, -1, z), (x + girth, -1, z), (top + girth * 0.7, 16, z),
             (top - girth * 0.7, 16, z)],
            bark * np.float32(rng.uniform(0.7, 1.3)),
        )  # fmt: skip
    foot = EYE_HEIGHT * camera.focal / z - 0.05
    ground = smoothstep(foot - 0.1, foot + 0.1, camera.y)
    cover = smoothstep(-0.15, -0.5, camera.y) * 0.6 + 0.25 * (1 - veil) + 0.6 * ground
    mask, leaves = foliage(
        camera, 0.12, cover, DEEP, sun * (1 - np.float32(0.4) * ground) + np.float32(0.1), rng
    )
    shown = smoothstep(0.12, -0.1, camera.y) + smoothstep(foot, foot + 0.1, camera.y)
    wood.cover(mask * np.minimum(shown, 1), mix(leaves, mist, veil))
    camera.place(wood)


def _beams(camera: Camera, side: float, rng: np.random.Generator) -> None:
    """Slanting shafts of light that fade towards the ground."""
    across = camera.x + side * 0.55 * camera.y
    steps = np.linspace(-2.5, 2.5, 240)
    profile = np.convolve(rng.random(240), np.hanning(9) / 4, "same").astype(np.float32)
    shafts = smoothstep(0.5, 0.85, np.interp(across, steps, profile).astype(np.float32))
    down = smoothstep(0.45, -0.35, camera.y) * smoothstep(-0.7, 0.1, camera.x * np.float32(side))
    camera.add(0.3 * shafts * down, light("f4f2cc"))


def _tree_line(camera: Camera, colours: Greenery, sun: Mask, rng: np.random.Generator) -> None:
    """Trees in the distance and, before them, darker ones."""
    for z, top, veil in ((60.0, -0.18, 0.4), (22.0, -0.3, 0.12)):
        trees = camera.layer(z)
        cover = smoothstep(top - 0.2, top + 0.25, camera.y) * 1.1
        mask, leaves = foliage(camera, 0.3, cover, colours, sun + 0.2, rng)
        trees.cover(mask, mix(leaves, light(colours.haze, 0.9), veil))
        camera.place(trees)


def meadow(
    camera: Camera, colours: Greenery, sun: Mask, rng: np.random.Generator, horizon: float
) -> None:
    """Grass with patches of light that flatten towards the horizon."""
    ground = camera.layer(14.0)
    x, z, _ = camera.plane(0.0)
    blades = fractal(camera.height, camera.width, 0.1 * camera.unit, rng, 4)
    rough = horizon + 0.05 * (blades - 0.5)
    patches = 0.5 + 0.5 * np.sin(x * 0.9 + 2 * blades) * np.sin(z * 0.35 + 5 * blades)
    tone = (0.35 + 0.5 * patches + 0.9 * sun)[..., None]
    ground.cover(smoothstep(-0.02, 0.03, camera.y - rough), light(colours.ground, 0.8) * tone)
    camera.place(ground)


def _path(camera: Camera, x: float, rng: np.random.Generator) -> None:
    """A gravel path that bends out of sight."""
    path = camera.layer(12.0)
    u, z, seen = camera.plane(0.0, 40.0)
    bend = x + 0.035 * np.float32(rng.choice((-1.0, 1.0))) * (z - 6) ** 2 / 6
    inside = smoothstep(1.25, 1.0, np.abs(u - bend)) * seen * smoothstep(38, 20, z)
    gravel = fractal(camera.height, camera.width, 0.06 * camera.unit, rng, 3)
    path.cover(0.85 * inside, light("c2b49a", 0.75) * (0.75 + 0.5 * gravel)[..., None])
    camera.place(path)


def _trunk(
    camera: Camera,
    colours: Greenery,
    rng: np.random.Generator,
    place: tuple[float, float] | None = None,
) -> None:
    """One tree's trunk at `place` (x and z in metres) or anywhere."""
    z = rng.uniform(6.0, 14.0) if place is None else place[1]
    x = rng.uniform(-0.9, 0.9) * z / camera.focal if place is None else place[0]
    tree = camera.layer(z)
    width, lean = rng.uniform(0.2, 0.45), rng.uniform(-0.3, 0.3)
    for left, right, tone in ((-1.0, -0.3, 0.6), (-0.3, 0.4, 0.85), (0.4, 1.0, 1.25)):
        low = (x + left * width / 2, x + right * width / 2)
        high = (x + lean + left * width / 3, x + lean + right * width / 3)
        tree.polygon(
            [(low[0], -0.2, z), (low[1], -0.2, z), (high[1], 9, z), (high[0], 9, z)],
            light(colours.trunk, tone),
        )
    # Grass hides the foot: without it a trunk looks cut out of paper.
    foot = EYE_HEIGHT * camera.focal / z
    tree.fade(smoothstep(foot + 0.02, foot - 0.12, camera.y))
    camera.place(tree)


SCENES = (
    Scene(
        "outdoor",
        "nature",
        "Golden garden",
        ("outdoor", "outdoors", "outside", "golden hour", "garden", "meadow", "sunlit", "nature"),
        Light(
            key=(-0.5, -0.4, 0.7),
            strength=0.4,
            ambient=0.6,
            warmth=(0.92, 1.0, 1.07),
            rims=(Rim((0.682, 0.906, 1.0), 1, 0.55),),
        ),
        paint_golden_garden,
    ),
    Scene(
        "park",
        "nature",
        "Park",
        ("park", "lawn", "green park", "spring", "campus", "countryside", "summer"),
        Light(
            key=(-0.5, -0.5, 0.7),
            strength=0.35,
            ambient=0.62,
            rims=(Rim((0.9, 1.0, 0.96), 1, 0.3),),
        ),
        paint_park,
    ),
    Scene(
        "autumn",
        "nature",
        "Autumn avenue",
        ("autumn", "fall", "autumnal", "october", "autumn leaves", "fall colors"),
        Light(
            key=(-0.5, -0.4, 0.7),
            strength=0.4,
            ambient=0.58,
            warmth=(0.9, 1.0, 1.07),
            rims=(Rim((0.5, 0.8, 1.0), 1, 0.55),),
        ),
        paint_autumn,
    ),
    Scene(
        "forest",
        "nature",
        "Forest",
        ("forest", "woods", "woodland", "jungle", "mist", "misty", "enchanted forest"),
        Light(
            key=(-0.5, -0.55, 0.62),
            strength=0.45,
            ambient=0.52,
            exposure=0.96,
            warmth=(0.97, 1.02, 1.0),
            rims=(Rim((0.82, 1.0, 0.95), 1, 0.45),),
        ),
        paint_forest,
    ),
)
