"""Answers that differ from run to run the way a model's do: the same question, other words, other numbers."""

import random

_OPENINGS = [
    "Here is what stands out about {}.",
    "In short, {} has changed more than expected this year.",
    "My findings on {} are as follows.",
    "Looking at {} closely, three points matter.",
    "The picture for {} is mixed but clear enough to act on.",
]
_POINTS = [
    "Cost fell by {n} percent while demand rose.",
    "About {n} of 100 buyers name reliability first.",
    "The largest supplier holds {n} percent of the market.",
    "Delivery now takes {n} days on average.",
    "Regulators in {n} countries have published new rules.",
    "Returns are down to {n} in a thousand.",
    "Maintenance makes up {n} percent of the total.",
    "A pilot with {n} users confirmed the estimate.",
]
_CLOSINGS = [
    "I would act on the first point now.",
    "More data is due next quarter.",
    "The risk is moderate and can be managed.",
    "Nothing here contradicts the earlier report.",
]


class Prose:
    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)

    def about(self, topic: str, points: int = 2) -> str:
        chosen = self._random.sample(_POINTS, points)
        parts = [self._random.choice(_OPENINGS).format(topic)]
        parts += [point.format(n=self._random.randint(2, 97)) for point in chosen]
        return " ".join([*parts, self._random.choice(_CLOSINGS)])
