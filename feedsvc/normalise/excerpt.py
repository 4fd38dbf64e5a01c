"""Plain text in, an excerpt of at most 200 characters out, as HTML and as text."""

from __future__ import annotations

import re
import unicodedata
from html import escape

from feedsvc.model import Prose
from feedsvc.normalise.characters import fold_start

#: Google's limit for the body of a critic review that others show (structured data guidelines, "Critic review").
LONGEST = 200
#: A sentence that ends earlier would waste most of the room: then a word ends the excerpt.
_SHORTEST_SENTENCE = 60
_MARK = "…"

_STOP = re.compile(r"[.!?…。！？]")
#: A sentence's end, at a stop. None ends behind a title or an initial.
_SENTENCE_END = re.compile(
    r"(?<!\b[A-Z])(?<!\bMr)(?<!\bMs)(?<!\bDr)(?<!\bSt)(?<!\bvs)(?<!\bNo)(?<!\bMrs)(?<!\bSgt)[.!?…][\"'”’»)\]]*(?=\s)|[。！？][」』”）]*"
)

#: The line with which blog programs end every item: it repeats the title and the outlet, both of which stand beside it.
_FOOTER_WORDS = (
    "appeared first on",
    "first appeared on",
    "erschien zuerst auf",
    "sembra essere il primo su",
    "est apparu en premier sur",
    "se publicó primero en",
    "apareceu primeiro em",
    "verscheen eerst op",
)
_FOOTER = re.compile(rf"[^\n]{{1,600}}\s(?:{'|'.join(_FOOTER_WORDS)})\s[^\n]{{1,300}}")


def without_footer(text: str) -> str:
    """A text without a last paragraph that only says where it appeared first."""
    end = text.rfind("\n\n")
    if end < 1:
        return text
    last = text[end + 2 :]
    is_footer = any(words in last for words in _FOOTER_WORDS) and _FOOTER.fullmatch(last)
    return text[:end] if is_footer else text


def excerpt(text: str) -> Prose | None:
    """The beginning of a text, cut at a sentence's end or else a word's and marked "…"; None of an empty text."""
    words = shortened(text, LONGEST)
    return Prose(html=f"<p>{escape(words, quote=False)}</p>", text=words) if words else None


def shortened(text: str, limit: int) -> str:
    """The text on one line in at most `limit` characters, the mark among them."""
    line = fold_start(text, limit + 2)
    if len(line) <= limit:
        return line
    if end := _last_sentence_end(line, limit):
        sentence = line[:end]
        return sentence if sentence.endswith(_MARK) else f"{sentence} {_MARK}"
    return f"{_at_a_word(line, limit - len(_MARK))}{_MARK}"


def _last_sentence_end(line: str, limit: int) -> int:
    """Where the last sentence ends that leaves room for a space and the mark; 0 where it would waste most of it."""
    stops = [stop.start() for stop in _STOP.finditer(line, 0, limit - 1)]
    for stop in reversed(stops):
        end = _SENTENCE_END.match(line, stop, limit - 1)
        if end and end.end() <= limit - len(_MARK) - 1:
            return end.end() if end.end() >= min(_SHORTEST_SENTENCE, limit // 2) else 0
    return 0


def _at_a_word(line: str, room: int) -> str:
    space = line.rfind(" ", 0, room + 1)
    if space > room // 2:
        return line[:space].rstrip(" ,;:–—-")
    # A script without spaces, or one long word: never between a letter and its accents or joiners.
    while room > 1 and (unicodedata.combining(line[room]) or "\u200d" in line[room - 1 : room + 1]):
        room -= 1
    return line[:room]
