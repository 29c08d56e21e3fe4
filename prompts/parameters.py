"""The prompt parameters: names, ranges, choices, defaults, help.

The one table that forms, gateway, engines, documents and tests read. Ranges and choices are those
of the Astria API (https://docs.astria.ai/docs/api/prompt/create).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What sort of value a parameter holds."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    URL = "url"
    IMAGE = "image"


class Topic(StrEnum):
    """Where the form shows a parameter: MAIN in sight, the others folded."""

    MAIN = "main"
    QUALITY = "quality"
    SIZE = "size"
    STYLE = "style"
    IMAGE = "image"
    EXPERT = "expert"


TOPIC_LABELS = {
    Topic.QUALITY: "Quality",
    Topic.SIZE: "Size",
    Topic.STYLE: "Style",
    Topic.IMAGE: "Image and control",
    Topic.EXPERT: "Expert",
}


@dataclass(frozen=True)
class Parameter:
    """One prompt parameter.

    `minimum` and `maximum` are inclusive; `requires` names parameters one of which must be given
    for this one to make sense; `form_default` is what the page's form starts with, while an
    absent value through the gateway stays absent.
    """

    name: str
    kind: Kind
    topic: Topic
    label: str
    help: str = ""
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    multiple_of: int | None = None
    max_length: int | None = None
    choices: tuple[str, ...] = ()
    form_default: object = None
    requires: tuple[str, ...] = ()
    in_form: bool = True


MAX_SEED = 2**32
MAX_IMAGES = 8
DEFAULT_IMAGES = 4
MIN_SIDE, MAX_SIDE = 128, 2048
TEXT_LIMIT = 4000

ASPECT_RATIOS = (
    "1:1", "16:9", "9:16", "21:9", "9:21", "3:2", "2:3", "5:4", "4:5", "4:3", "3:4",
)  # fmt: skip
SCHEDULERS = (
    "euler", "euler_a", "dpm++2m_karras", "dpm++sde_karras", "dpm++2m", "dpm++sde", "lcm", "tcd",
)  # fmt: skip
STYLES = (
    "Cinematic", "Animated", "Digital Art", "Photographic", "Fantasy art", "Neonpunk", "Enhance",
    "Comic book", "Lowpoly", "Line art",
)  # fmt: skip
COLOR_GRADINGS = ("Film Velvia", "Film Portra", "Ektar")
CONTROLNETS = (
    "composition", "reference", "segroom", "ipadapter", "lineart", "canny", "depth", "mlsd", "hed",
    "pose", "tile", "qr",
)  # fmt: skip
INPUT_IMAGE = ("input_image", "input_image_url")

PARAMETERS: tuple[Parameter, ...] = (
    Parameter(
        "text", Kind.TEXT, Topic.MAIN, "Text",
        "What the picture should show. Keep the trigger word and the class in it; "
        "detailed descriptions work better than short ones.",
        required=True, max_length=TEXT_LIMIT,
    ),
    Parameter(
        "negative_prompt", Kind.TEXT, Topic.MAIN, "Negative prompt",
        "What to keep out, separated by commas: blurry, distorted, low quality.",
        max_length=TEXT_LIMIT,
    ),
    Parameter(
        "num_images", Kind.INTEGER, Topic.MAIN, "Images",
        "1 to 8. Four give a good choice.",
        minimum=1, maximum=MAX_IMAGES, form_default=DEFAULT_IMAGES,
    ),
    Parameter(
        "aspect_ratio", Kind.CHOICE, Topic.MAIN, "Shape",
        "Width to height. Empty: the engine's own shape.",
        choices=ASPECT_RATIOS,
    ),
    Parameter(
        "seed", Kind.INTEGER, Topic.MAIN, "Seed",
        "The same seed and settings make the same pictures again. Empty: a new one each time.",
        minimum=0, maximum=MAX_SEED,
    ),
    Parameter(
        "super_resolution", Kind.BOOLEAN, Topic.QUALITY, "Super-resolution ×4",
        "Four times the width and height. Takes longer.",
    ),
    Parameter(
        "hires_fix", Kind.BOOLEAN, Topic.QUALITY, "HiRes fix",
        "Adds detail while enlarging. Needs super-resolution.",
        requires=("super_resolution",),
    ),
    Parameter(
        "inpaint_faces", Kind.BOOLEAN, Topic.QUALITY, "Inpaint faces",
        "Works the face out again at the large size. Needs super-resolution.",
        requires=("super_resolution",),
    ),
    Parameter(
        "face_correct", Kind.BOOLEAN, Topic.QUALITY, "Face correction",
        "A gentle retouch of the face. Good for portraits.",
    ),
    Parameter(
        "face_swap", Kind.BOOLEAN, Topic.QUALITY, "Face swap",
        "Uses the training photos to raise the likeness.",
    ),
    Parameter(
        "steps", Kind.INTEGER, Topic.QUALITY, "Steps",
        "0 to 50. 25–30 for quality, 15–20 for speed.",
        minimum=0, maximum=50,
    ),
    Parameter(
        "cfg_scale", Kind.NUMBER, Topic.QUALITY, "CFG scale",
        "0 to 15. How strictly the picture follows the text; 7–10 is balanced.",
        minimum=0, maximum=15,
    ),
    Parameter(
        "w", Kind.INTEGER, Topic.SIZE, "Width",
        f"In pixels, a multiple of 8, {MIN_SIDE} to {MAX_SIDE}. Wins over the shape.",
        minimum=MIN_SIDE, maximum=MAX_SIDE, multiple_of=8,
    ),
    Parameter(
        "h", Kind.INTEGER, Topic.SIZE, "Height",
        f"In pixels, a multiple of 8, {MIN_SIDE} to {MAX_SIDE}. Wins over the shape.",
        minimum=MIN_SIDE, maximum=MAX_SIDE, multiple_of=8,
    ),
    Parameter(
        "style", Kind.CHOICE, Topic.STYLE, "Style",
        "A finished look over the whole picture. Empty: a plain photograph.",
        choices=STYLES,
    ),
    Parameter(
        "color_grading", Kind.CHOICE, Topic.STYLE, "Colour grading",
        "Velvia is saturated, Portra soft on skin, Ektar crisp and warm.",
        choices=COLOR_GRADINGS,
    ),
    Parameter(
        "film_grain", Kind.BOOLEAN, Topic.STYLE, "Film grain",
        "A little noise, for a more realistic look.",
    ),
    Parameter(
        "input_image", Kind.IMAGE, Topic.IMAGE, "Input image",
        "A picture to start from. JPEG, PNG, WebP or HEIC.",
    ),
    Parameter(
        "input_image_url", Kind.URL, Topic.IMAGE, "Input image address",
        "Instead of a file: the address of a picture on the web.",
    ),
    Parameter(
        "mask_image", Kind.IMAGE, Topic.IMAGE, "Mask",
        "White is repainted, black stays. Needs an input image.",
        requires=INPUT_IMAGE,
    ),
    Parameter(
        "mask_image_url", Kind.URL, Topic.IMAGE, "Mask address",
        "Instead of a file: the address of a mask on the web.",
        requires=INPUT_IMAGE,
    ),
    Parameter(
        "denoising_strength", Kind.NUMBER, Topic.IMAGE, "Denoising strength",
        "0 keeps the input image, 1 follows the text. 0.8 when empty.",
        minimum=0, maximum=1,
    ),
    Parameter(
        "controlnet", Kind.CHOICE, Topic.IMAGE, "ControlNet",
        "What to take over from the input image. Needs one.",
        choices=CONTROLNETS, requires=INPUT_IMAGE,
    ),
    Parameter(
        "controlnet_conditioning_scale", Kind.NUMBER, Topic.IMAGE, "ControlNet strength",
        "0 to 1. How firmly the control image steers.",
        minimum=0, maximum=1,
    ),
    Parameter(
        "controlnet_txt2img", Kind.BOOLEAN, Topic.IMAGE, "ControlNet from text",
        "On: text to image under the control's guidance. Off: image to image.",
    ),
    Parameter(
        "scheduler", Kind.CHOICE, Topic.EXPERT, "Scheduler",
        "The diffusion scheduler. Empty: the team's default.",
        choices=SCHEDULERS,
    ),
    Parameter(
        "backend_version", Kind.CHOICE, Topic.EXPERT, "Backend version",
        "Empty: the team's default.",
        choices=("1",),
    ),
    Parameter(
        "use_lpw", Kind.BOOLEAN, Topic.EXPERT, "Weighted prompt",
        "Reads weights such as (sharp eyes:1.3) in the text.",
    ),
    Parameter(
        "callback", Kind.URL, Topic.EXPERT, "Callback address",
        "Is sent the finished prompt.",
    ),
    Parameter(
        "ar", Kind.CHOICE, Topic.SIZE, "Aspect ratio (legacy)",
        "The older name of aspect_ratio.",
        choices=("1:1", "portrait", "16:9", "landscape"), in_form=False,
    ),
    Parameter(
        "resolution", Kind.CHOICE, Topic.SIZE, "Resolution",
        "Only where the engine can.",
        choices=("1K", "2K", "4K"), in_form=False,
    ),
    Parameter(
        "lora_scale", Kind.NUMBER, Topic.EXPERT, "LoRA scale",
        "Only in the prompts that are created together with a tune.",
        minimum=0, maximum=2, in_form=False,
    ),
    Parameter(
        "prompt_expansion", Kind.BOOLEAN, Topic.EXPERT, "Prompt expansion",
        "Lets the engine elaborate a short text.",
        in_form=False,
    ),
)  # fmt: skip

BY_NAME = {parameter.name: parameter for parameter in PARAMETERS}
#: Those whose values are pictures.
PICTURES = tuple(parameter.name for parameter in PARAMETERS if parameter.kind == Kind.IMAGE)

#: Kept in their own columns or files of the prompt, not in its JSON of parameters.
OWN_COLUMNS = frozenset(
    {"text", "num_images", "input_image", "mask_image", "input_image_url", "mask_image_url"}
)


def form_parameters(topic: Topic | None = None) -> Iterator[Parameter]:
    """The parameters the page's form shows, in order; of one topic if given."""
    return (p for p in PARAMETERS if p.in_form and (topic is None or p.topic == topic))
