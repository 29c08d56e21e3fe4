"""What Astria does with every prompt parameter, in words for the form and the API."""

from __future__ import annotations

from ..base import Capability, Support

_HONOURED = Support.HONOURED

CAPABILITIES: dict[str, Capability] = {
    "text": Capability(_HONOURED, "Also refers to other people: <lora:12:0.8>, <faceid:12:1>."),
    "negative_prompt": Capability(_HONOURED, "Flux models take little notice of it."),
    "num_images": Capability(_HONOURED),
    "seed": Capability(_HONOURED, "Alike, but not to the byte: Astria's machines differ."),
    "w": Capability(_HONOURED),
    "h": Capability(_HONOURED),
    "aspect_ratio": Capability(_HONOURED),
    "ar": Capability(_HONOURED),
    "resolution": Capability(_HONOURED, "Where the base model can."),
    "super_resolution": Capability(_HONOURED),
    "hires_fix": Capability(_HONOURED),
    "inpaint_faces": Capability(_HONOURED),
    "face_correct": Capability(_HONOURED),
    "face_swap": Capability(_HONOURED, "Uses the training photos that were sent to Astria."),
    "cfg_scale": Capability(_HONOURED),
    "steps": Capability(_HONOURED),
    "style": Capability(_HONOURED),
    "color_grading": Capability(_HONOURED),
    "film_grain": Capability(_HONOURED),
    "input_image": Capability(_HONOURED, "Is sent to Astria with the prompt."),
    "mask_image": Capability(_HONOURED, "Is sent to Astria with the prompt."),
    "denoising_strength": Capability(_HONOURED),
    "controlnet": Capability(_HONOURED),
    "controlnet_conditioning_scale": Capability(_HONOURED),
    "controlnet_txt2img": Capability(_HONOURED),
    "scheduler": Capability(_HONOURED, "Empty: the team's default, else the account's at Astria."),
    "backend_version": Capability(
        _HONOURED, "Empty: the team's default, else the account's at Astria."
    ),
    "use_lpw": Capability(_HONOURED),
    "lora_scale": Capability(
        Support.IGNORED,
        "Astria takes it only together with a new tune; <lora:…:0.8> in the text does the same.",
    ),
    "prompt_expansion": Capability(_HONOURED),
}
