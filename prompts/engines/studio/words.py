"""Reading a prompt: weights, references to other people, and phrases of a vocabulary."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

#: "<lora:123:0.8>" or "<faceid:123:1>".
_REFERENCE = re.compile(r"<\s*(lora|faceid)\s*:\s*([^:>]+)(?:\s*:\s*([^>]*))?>", re.IGNORECASE)
#: "(sharp eyes:1.3)"; a bare "(…)" counts 1.1, "[…]" 0.9, as in the usual weighted-prompt syntax.
_WEIGHTED = re.compile(r"\(([^()]*?)(?::\s*(\d+(?:\.\d+)?))?\)|\[([^\[\]]*)\]")
_BARE_WEIGHT, _LOWERED_WEIGHT = 1.1, 0.9
_WEIGHT_LIMITS = (0.1, 2.0)


@dataclass(frozen=True)
class Reference:
    """A reference to another tune: `kind` is "lora" or "faceid"."""

    kind: str
    tune: str


@dataclass(frozen=True)
class Match:
    """A phrase found in a prompt and what it stands for; `weight` is 1 unless weighted."""

    phrase: str
    meaning: str
    position: int
    weight: float

    @property
    def force(self) -> float:
        """Longer phrases say more; what is said first counts a little more."""
        return self.weight * (1 + 0.5 * self.phrase.count(" ")) / (1 + 0.002 * self.position)


class Prompt:
    """A prompt's words in lower case, without references, trigger word and class."""

    def __init__(
        self, text: str, *, token: str = "", class_name: str = "", weighted: bool = False
    ) -> None:
        self.references = tuple(
            Reference(kind.lower(), tune.strip()) for kind, tune, _ in _REFERENCE.findall(text)
        )
        plain = _REFERENCE.sub(" ", text).lower()
        self._weights: list[tuple[int, int, float]] = []
        self.text = self._read_weights(plain, weighted=weighted)
        self._hide_subject(token.lower(), class_name.lower())

    def find(self, vocabulary: Mapping[str, Iterable[str]]) -> list[Match]:
        """Phrases of the vocabulary (meaning → phrases) that occur, in order of appearance.

        Where phrases overlap the longest wins: "dark grey" is neither dark nor grey. Plurals and
        hyphens instead of spaces are recognised.
        """
        taken: list[tuple[int, int]] = []
        matches = []
        phrases = [(phrase, meaning) for meaning, group in vocabulary.items() for phrase in group]
        for phrase, meaning in sorted(phrases, key=lambda p: -len(p[0])):
            for found in _pattern(phrase).finditer(self.text):
                start, end = found.span()
                if any(start < e and s < end for s, e in taken):
                    continue
                taken.append((start, end))
                matches.append(Match(phrase, meaning, start, self._weight_at(start)))
        return sorted(matches, key=lambda match: match.position)

    def _read_weights(self, text: str, *, weighted: bool) -> str:
        """Removes weight syntax and, if asked, remembers which stretch weighs what."""
        pieces, at, end = [], 0, 0
        for found in _WEIGHTED.finditer(text):
            before = text[end : found.start()]
            inner = found.group(1) if found.group(1) is not None else found.group(3)
            pieces += [before, inner]
            at += len(before)
            if weighted:
                self._weights.append((at, at + len(inner), _weight(found)))
            at += len(inner)
            end = found.end()
        return "".join([*pieces, text[end:]])

    def _hide_subject(self, token: str, class_name: str) -> None:
        """Blanks trigger word and class, keeping positions."""
        for word in (token, class_name):
            if word:
                pattern = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")
                self.text = pattern.sub(lambda m: " " * len(m.group()), self.text)

    def _weight_at(self, position: int) -> float:
        for start, end, weight in self._weights:
            if start <= position < end:
                return weight
        return 1.0


def _weight(found: re.Match[str]) -> float:
    if found.group(3) is not None:
        return _LOWERED_WEIGHT
    if found.group(2) is None:
        return _BARE_WEIGHT
    return min(max(float(found.group(2)), _WEIGHT_LIMITS[0]), _WEIGHT_LIMITS[1])


def _pattern(phrase: str) -> re.Pattern[str]:
    words = r"[\s-]+".join(re.escape(word) for word in re.split(r"[\s-]+", phrase.lower()))
    return re.compile(rf"(?<![\w-]){words}(?:e?s)?(?![\w-])")
