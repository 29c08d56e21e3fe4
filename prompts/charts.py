"""Charts as the geometry of a plain SVG: no script, no style attributes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: Of the drawing, in units of its own; the page stretches it.
WIDTH, HEIGHT = 1000, 100
GAP = 0.25


@dataclass(frozen=True)
class Bar:
    """A bar and what it says; all lengths are in the drawing's units."""

    label: str
    value: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class BarChart:
    """Bars from left to right; `top` is the value at the upper edge, `middle` half of it."""

    bars: list[Bar]
    top: int

    width: int = WIDTH
    height: int = HEIGHT

    @property
    def middle(self) -> int:
        return self.top // 2


def bar_chart(values: Sequence[tuple[str, int]]) -> BarChart:
    """A bar for each label and value of 0 or more."""
    top = _round_up(max((value for _, value in values), default=0))
    step = WIDTH / max(1, len(values))
    bars = []
    for number, (label, value) in enumerate(values):
        height = round(HEIGHT * value / top, 2)
        bars.append(
            Bar(
                label,
                value,
                x=round(step * (number + GAP / 2), 2),
                y=round(HEIGHT - height, 2),
                width=round(step * (1 - GAP), 2),
                height=height,
            )
        )
    return BarChart(bars, top)


def _round_up(value: int) -> int:
    """The next even number of one leading digit or of a half of it: 2, 4, 10, 20, 50, 100."""
    unit = 1
    while True:
        for digit in (2, 4, 10):
            if value <= digit * unit:
                return digit * unit
        unit *= 10
