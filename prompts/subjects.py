"""The words that stand for a person in a text: trigger word and class."""

from __future__ import annotations

import re

from prompts.models import CLASS_NAMES, DEFAULT_TOKEN, Preset, Tune

NEUTRAL_CLASS = "person"
#: "style" is a class, but nobody.
_CLASSES = frozenset(CLASS_NAMES) - {"style"}
_PLAIN_TOKEN = re.compile(r"[a-z0-9]{1,20}", re.IGNORECASE)


def shared_text(look: Preset, tune: Tune) -> str:
    """The text of a look that all share about this person, with nothing of anybody's own in it."""
    return look.text_of(*_plain_words(tune, look.text))


def words_in(text: str, tune: Tune) -> tuple[str, str]:
    """Trigger word and class under which this text names the person."""
    own, plain = (tune.token, tune.name), _plain_words(tune, text)
    return plain if tune.subject_words not in text and " ".join(plain) in text else own


def _plain_words(tune: Tune, text: str) -> tuple[str, str]:
    """The person's own words as far as they could not change what `text` asks for.

    Only a known class counts, and a trigger word of letters and digits that is none of the text's
    own: engines leave the trigger word out wherever it stands.
    """
    taken = re.findall(r"\w+", text.lower())
    is_plain = _PLAIN_TOKEN.fullmatch(tune.token) and tune.token.lower() not in taken
    token = tune.token if is_plain else DEFAULT_TOKEN
    return token, tune.name if tune.name in _CLASSES else NEUTRAL_CLASS
