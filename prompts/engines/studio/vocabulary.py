"""What words mean to the Studio engine, apart from scenes' and styles' own words."""

from __future__ import annotations

Vocabulary = dict[str, tuple[str, ...]]


def _phrases(*lines: str) -> tuple[str, ...]:
    """Splits lines of phrases separated by commas."""
    return tuple(phrase.strip() for line in lines for phrase in line.split(","))


SHOTS: Vocabulary = {
    "close": _phrases("close up, closeup, close portrait, tight crop, face only, macro"),
    "headshot": _phrases(
        "headshot, head shot, head and shoulders, profile picture, profile photo, linkedin",
        "passport, id photo, avatar, business card, press photo, team page",
    ),
    "portrait": _phrases("portrait, portraiture, bust, painting of, a painting"),
    "half": _phrases(
        "half body, half length, half shot, waist up, upper body, medium shot, three quarter",
        "full body, full length, action, dynamic pose, hero pose, standing, walking, running",
        "jumping, wide shot, poster",
    ),
}

LIGHTS: Vocabulary = {
    "dramatic": _phrases(
        "dramatic, dramatic light, dramatic lighting, cinematic lighting, moody, moody lighting",
        "chiaroscuro, hard light, low key, high contrast, split light, rembrandt",
        "rembrandt lighting, intense",
    ),
    "soft": _phrases(
        "soft light, soft lighting, diffused, diffuse light, flattering light, beauty, gentle",
        "butterfly lighting, high key, even light, even lighting, airy",
    ),
    "rim": _phrases("rim light, rim lighting, backlight, back light, backlit, edge light"),
    "warm": _phrases("warm light, warm lighting, golden hour, candlelight, sunset, tungsten"),
    "cool": _phrases("cool light, cold light, moonlight, blue hour, winter light, overcast"),
    "from the left": _phrases("light from the left, lit from the left"),
    "from the right": _phrases("light from the right, lit from the right"),
}

PALETTES: Vocabulary = {
    "black and white": _phrases(
        "black and white, black & white, b&w, monochrome, greyscale, grayscale"
    ),
    "warm": _phrases("warm, warm tones, warm colours, warm colors, sepia, autumn"),
    "cool": _phrases("cool, cool tones, cold, cool colours, cool colors"),
    "vivid": _phrases("vivid, vibrant, colourful, colorful, saturated, bold colours, bold colors"),
    "muted": _phrases("muted, muted colours, muted colors, desaturated, faded, subdued, film look"),
}

_CLOTHES = "Clothes stay as in the photo."

#: What the text may ask for and this engine cannot make: said in the recipe, never pretended.
BEYOND: Vocabulary = {
    _CLOTHES: _phrases(
        "business attire, professional attire, attire, business suit, business casual, suit",
        "tuxedo, dress, shirt, blazer, jacket, uniform, armour, armor, costume, tie, outfit",
        "clothing, hoodie, spacesuit",
    ),
    "The pose stays as in the photo.": _phrases(
        "dynamic pose, hero pose, arms crossed, sitting, running, jumping, fighting, walking",
        "looking away, side view, from behind, riding",
    ),
    "The expression stays as in the photo.": _phrases(
        "smiling, smile, laughing, serious expression, angry, crying"
    ),
    "Hair and age stay as in the photo.": _phrases(
        "blonde, brunette, bald, beard, moustache, long hair, short hair, elderly"
    ),
}

#: Words that name no place although a scene's word hides in them: "business suit" is no office.
NO_SCENE = BEYOND[_CLOTHES] + PALETTES["black and white"]

#: What a negative prompt can take away besides scenes and styles.
UNWANTED: Vocabulary = {
    "vignette": _phrases("vignette, dark corners"),
    "retouch": _phrases("smooth skin, plastic skin, airbrushed, retouched, waxy skin"),
    "soft backdrop": _phrases(
        "bokeh, blurry background, blurred background, shallow depth of field"
    ),
    "dramatic": _phrases("harsh light, hard light, harsh shadows, shadows, dramatic lighting"),
    "vivid": _phrases("oversaturated, saturated, over saturated, garish"),
    "rim": _phrases("rim light, backlight, halo"),
    "grain": _phrases("grain, noise, grainy"),
}

#: The scene of a shot when no word names one.
DEFAULT_SCENES = {
    "close": "charcoal",
    "headshot": "grey",
    "portrait": "canvas",
    "half": "outdoor",
}
