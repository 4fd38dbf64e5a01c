"""Random numbers in, invented words, names and sentences out: English in its grammar, no language's words.

The pool of sentences is made once and shared by all feeds; what tells two texts apart is which of them they take.
"""

from __future__ import annotations

from functools import cache
from random import Random

_STARTS = ["b", "br", "d", "dr", "f", "fl", "h", "l", "m", "n", "p", "pl", "qu", "r", "s", "st", "t", "tr", "v", "w"]
_HEARTS = ["a", "ae", "e", "ei", "i", "o", "oa", "u"]
_ENDS = ["dle", "ld", "lm", "lth", "mble", "nd", "nth", "rl", "rn", "rth", "ven", "wen"]
_FRAMES = (
    "The {0} {1} its {2} before the {3} can {4}, and nobody in the {5} seems to mind.",
    "What {6} finds in the {0} is less a {1} than a {2}; it {3} and {4} like one, too.",
    "“A {0} that {1},” wrote {6} of the {2}, and the {3} does little to {4} that.",
    "Nobody {0} a {1} quite so {2} as {6} does here – not even the {3} of the first {4}.",
    "It is the {0} that stays: a {1}, a {2} & a {3}, lit as though the {4} were still {5}.",
    "There are {0} {1} in the second {2}, and {6} {3} every one of them with the same {4}.",
    "By the time the {0} is {1}, the {2} has already {3} twice, once for the {4} and once for us.",
    "If the {0} had {1}, the {2} might have {3}; as it is, the {4} never quite {5}.",
    "{6}’s {0} {1} the {2} with a {3} that one would call {4} in anybody else.",
    "You could {0} the whole {1} for its {2}, or simply {3} the {4} and go home.",
    "Its {0} is {1}. Its {2} is not.",
    "The less said of the {0}, the {1} or the {2}, the better for the {3}.",
)
#: Sentences that all texts are made of.
_POOL = 3000


def word(random: Random) -> str:
    """One invented word of two to four syllables."""
    syllables = 1 + int(random.random() * 2.4)
    made = "".join(random.choice(_STARTS) + random.choice(_HEARTS) for _ in range(syllables))
    return made + random.choice(_ENDS)


def name(random: Random) -> str:
    """A person's invented name."""
    return f"{word(random).capitalize()} {word(random).capitalize()}"


@cache
def sentences() -> tuple[str, ...]:
    """The pool, in HTML: an ampersand is written as one has to."""
    random = Random("sentences")
    made = []
    for number in range(_POOL):
        words = [word(random) for _ in range(6)]
        made.append(_FRAMES[number % len(_FRAMES)].format(*words, name(random)).replace("&", "&amp;"))
    return tuple(made)
