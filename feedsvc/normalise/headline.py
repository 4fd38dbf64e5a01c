"""A headline in; the work that it names by its convention, with the kind of work where it says so, out.

The conventions are those of papers in five languages: "Review: X", "X review – …", "Kritik zu „X“", "« X » : critique",
"X (2025)", and "X, 2025 - ★★★".
"""

from __future__ import annotations

import re
from typing import NamedTuple

from feedsvc.normalise.kinds import KIND, kind_of
from feedsvc.normalise.titles import QUOTE, YEAR, Title, in_quotes, named


class Guess(NamedTuple):
    """A work as a headline names it: `kind` as schema.org names it, `how` it was seen, in words."""

    title: Title
    how: str
    kind: str | None = None


#: German words that stand before "kritik" in one word with it → what they stand for.
_COMPOUNDS = {
    "film": "film",
    "kino": "kino",
    "buch": "buch",
    "roman": "roman",
    "serien": "serie",
    "album": "album",
    "platten": "platte",
    "cd": "cd",
    "spiele": "game",
    "game": "game",
    "theater": "theater",
    "ausstellungs": "ausstellung",
    "konzert": "konzert",
    "restaurant": "restaurant",
}
_LABEL = (
    rf"(?:(?P<joined>{'|'.join(_COMPOUNDS)})-?)?"
    r"(?P<label>reviewed|review|kritik|rezension|besprechung|critique|crítica|reseña|recensione|recensie)"
)
#: A search for each is many times as fast as an expression that looks for all in any case.
_LABELS = ("review", "kritik", "rezension", "besprechung", "critique", "crítica", "reseña", "recensi")
#: Longer ones are texts, of which no convention speaks.
_LONGEST = 300
_DASH = r"[:–—|-]"
#: Words between the label and its work: "Kritik zu", "Critique de la série".
_TO = r"(?:of|zu[mr]?|von|über|d[eiu]|de[lr]|del?l[ao']|dello|d['’]|de\s+l[ao']?s?)"
_FIRST = re.compile(
    rf"[\[(]?\s*(?:(?P<kind>{KIND})[\s-]+)?{_LABEL}(?:\s+(?P<behind>{KIND}))?\s*"
    rf"(?:(?P<dash>[\])]?\s*{_DASH}\s+|[\])]\s*)|(?P<to>\s{_TO}(?:\s+(?:l[ae]s?|l['’]|el|il|the|de[mnr]))?\s+)|(?=[“„«»\"'‘]))"
    r"(?P<rest>.+)",
    re.I,
)
_LAST = re.compile(
    rf"(?P<rest>.+?)(?P<dash>\s*[,:–—|-]\s*|\s+)(?:(?:our|unsere|notre|la|l[ae]|nuestra|die)\s+)?(?:(?P<kind>{KIND})\s+)?"
    rf"{_LABEL}(?:\s+(?P<behind>{KIND}))?(?P<tail>$|\s*{_DASH}.*|,\s.*|\s+(?:of|d['’]|d[ei]|de[ls]?|dell?[ao']?|du|zu|zum)\s*.*|\s*\(.*\)|"
    r"\s+(?:&|and|und|e|y|et)\s.*)",
    re.I,
)
#: "Critique du film « X »", "Review: Video game “X”".
_KIND_LEADS = re.compile(rf"({KIND})(?:\s+|:\s+)(?=(?-i:[“„«»\"'‘A-ZÀ-Þ]))", re.I)
_STARRED = re.compile(r"(?P<name>.+), (?P<year>(?:18|19|20)\d{2}) - [★½]+(?: \(contains spoilers\))?")
_STARS_LAST = re.compile(r"\s*[–—|:-]?\s*(?:[★☆⭐½]{2,}|[(\[]\d{1,3}(?:[.,]\d)?\s?/\s?\d{1,3}[)\]])$")
_ENDS = tuple("★☆⭐½)]")
_WORK_AND_YEAR = re.compile(rf"(.+?\s*{YEAR})(?:\s*(?:[:–—|-]\s.*|$))")
#: "X [Review]", and what stands in brackets behind a title that is none of it: "(PC)", "(Roman)".
_BRACKETED_LABEL = re.compile(r"\s*[(\[]((?:[\w-]+\s){0,2}review)[)\]]$", re.I)
_MEDIUM = r"(?:4k(?:\s+uhd)?|uhd|blu-?ray|dvd|pc|switch|ps[45]|playstation\s\d|xbox[\w\s]*|vinyl|netflix)"
_BRACKETED = re.compile(rf"\s*\((?:{KIND}|{_MEDIUM})\)$|\s+{_MEDIUM}$", re.I)
_AT_A_PLACE = re.compile(r",|\s+at\s+the\s")
#: "X movie review & film summary (2024)".
_YEAR_OF_SUMMARY = re.compile(rf"^\s+(?:&|and)\s.*{YEAR}$")
#: Words that are as often about politics as about a work.
_CRITICISM = frozenset({"kritik", "critique", "crítica"})
_ASIDE = re.compile(r"\s+[–—|]\s+.*$|\s+-\s+.*$")
_PART = r"(?-i:[A-ZÀ-Þ])[\w.'’-]*"
_NAME = rf"{_PART}\s+(?:(?:{_PART}|de|van|von|der|del|la|di|da)\s+){{0,3}}{_PART}"
_BYLINE = re.compile(rf"(?:,\s+(?:by|von|de|par|por|di)|\s+(?P<bare>by|par|von))\s+{_NAME}$", re.I)
_SEASON = re.compile(r"[,:]?\s+(?:season|series|staffel|saison|temporada|stagione)\s+(?:\d+|one|two|three)$", re.I)
#: What an apposition says the work is: ": a road film about …", "Ein Roman, der …".
_AFTER_KIND = (
    r"(?=\s*(?:$|[,.:;!?–—-]|of\b|about\b|that\b|which\b|von\b|with\b|without\b|from\b|for\b|in\b|who\b|der\b|die\b|das\b|"
    r"über\b|ohne\b|mit\b|sans\b|avec\b|sur\b|qui\b|que\b|de\b|d['’]|sin\b|con\b|sobre\b|che\b|senza\b|su\b))"
)
_APPOSED = re.compile(
    rf"[\s,:–—|-]*(?:d['’]|de\s|di\s|of\s)?(?:zum|zur|an?|ein|eine|une?|una|uno|de[rnl]|du|della|die|das|le|la|el|il|the)\s+"
    rf"(?:[\w-]+\s+){{0,2}}?({KIND})\b{_AFTER_KIND}",
    re.I,
)
_OWN = re.compile(rf"\b\w+['’]s?\s+(?:debut|new|latest|first|second|third|final)\s+({KIND})\b", re.I)
_AT_A_HOUSE = frozenset({"Play", "ExhibitionEvent", "Restaurant", "MusicEvent"})
_WITH_COLON = frozenset({"Movie", "TVSeries", "Book", "VideoGame"})


def may_keep_to_one(headline: str) -> bool:
    """Whether a headline has what the conventions have in common: a word for review, a year in brackets, or stars."""
    if len(headline) > _LONGEST:
        return False
    small = headline.lower()
    return ")" in headline or "★" in headline or any(label in small for label in _LABELS)


def by_convention(headline: str, kind: str | None) -> Guess | None:
    """The work that a headline that may keep to a convention names by it; `kind` is what the categories say of it."""
    words = _STARS_LAST.sub("", headline) if headline[-1:] in _ENDS else headline
    if "★" in headline and (match := _STARRED.fullmatch(headline)):
        title = named(match["name"], parted=True)
        return Guess(Title(title.name, int(match["year"])), _convention("X, year - ★★★")) if title else None
    words = _BRACKETED_LABEL.sub(r" - \1", words) if words[-1:] in ")]" else words
    small = words.lower()
    if any(label in small for label in _LABELS):
        for pattern, read in ((_FIRST, _first), (_LAST, _last)):
            if match := pattern.fullmatch(words):
                return read(match, kind)
    return _dated(words, kind)


def kind_beside(words: str) -> str | None:
    """The kind that words right behind a title or a label say that it is."""
    match = _APPOSED.match(words) or _OWN.search(words)
    return kind_of(match[1]) if match else None


def _dated(words: str, kind: str | None) -> Guess | None:
    """ "X (2025)", and "“X” (2025) …" to open a headline."""
    if ")" not in words:
        return None
    quoted = in_quotes(words)
    if quoted and quoted[0].year and quoted[1].start() == 0:
        return Guess(quoted[0], _convention("X (year)"), kind_beside(words[quoted[1].end() :].partition(")")[2]))
    match = _WORK_AND_YEAR.fullmatch(words)
    title = named(match[1], parted=kind in _WITH_COLON) if match and not quoted else None
    return Guess(title, _convention("X (year)")) if title else None


def _first(match: re.Match[str], kind: str | None) -> Guess | None:
    rest, said = match["rest"], _kind_said(match)
    if (lead := _KIND_LEADS.match(rest)) and (match["to"] or QUOTE.match(rest, lead.end())):
        rest, said = rest[lead.end() :], said or kind_of(lead[1])
    how = _convention(f"{_shown(match)} {match['to'].strip()} X" if match["to"] else f"{_shown(match)}: X")
    if quoted := in_quotes(rest, loose=True):
        return Guess(quoted[0], how, said or kind_beside(rest[quoted[1].end() :]))
    # "Book Review Podcast: …" is a programme.
    if QUOTE.match(rest) or (match["behind"] and _is_english(match)) or not (match["dash"] or said or kind):
        return None
    title = _unquoted(rest, said or kind, loose=not _is_english(match) and bool(said or kind))
    return Guess(title, how, said) if title and _is_of_works(match, said or kind, title) else None


def _last(match: re.Match[str], kind: str | None) -> Guess | None:
    rest, said, tail = match["rest"], _kind_said(match), match["tail"]
    parted = bool(match["dash"].strip())
    summed = _YEAR_OF_SUMMARY.search(tail)
    if not (parted or summed or tail[:1] != " " or tail.strip()[:1] in ":–—|-("):
        return None
    how = _convention(f"X{match['dash'].rstrip()} {_shown(match)}")
    said = said or kind_beside(re.sub(r"^\s*[:–—|,-]\s*", "", tail))
    if quoted := in_quotes(rest, loose=True):
        return Guess(quoted[0], how, said)
    if not (parted or _is_english(match) or match["joined"] or match["kind"]):
        return None
    title = _unquoted(rest, said or kind, loose=not _is_english(match) and parted)
    if title is None or not _is_of_works(match, said or kind, title):
        return None
    return Guess(title if title.year or not summed else Title(title.name, int(summed[1])), how, said)


def _is_of_works(match: re.Match[str], kind: str | None, title: Title) -> bool:
    """Whether the label leaves no doubt: "Kritik: Neue Steuer" is no review, "Kritik: Tiefe Wasser (2025)" is one."""
    return match["label"].casefold() not in _CRITICISM or kind is not None or title.year is not None


def _convention(form: str) -> str:
    return f"the headline's convention “{form}”"


def _kind_said(match: re.Match[str]) -> str | None:
    return kind_of(match["kind"] or match["behind"] or _COMPOUNDS.get((match["joined"] or "").casefold()))


def _is_english(match: re.Match[str]) -> bool:
    return match["label"].casefold() in {"review", "reviewed"}


def _shown(match: re.Match[str]) -> str:
    """The label in the words of the headline, small."""
    joined = (match["joined"] or "") + match["label"]
    return " ".join(filter(None, (match["kind"], joined, match["behind"]))).casefold()


def _unquoted(words: str, kind: str | None, *, loose: bool) -> Title | None:
    """The title at the beginning, without whom it is by, where it plays, and what follows a dash."""
    if kind == "MusicAlbum":
        # "Artist – Title", "Artist: Title"
        words = re.split(r"\s+[–—-]\s+|:\s+", words)[-1]
    words = _ASIDE.sub("", words)
    if kind in _AT_A_HOUSE:
        words = _AT_A_PLACE.split(words)[0]
    words = _BRACKETED.sub("", words)
    if match := _BYLINE.search(words):
        if (match["bare"] or "").casefold() == "von" and (kind != "Book" or len(words[: match.start()].split()) < 3):
            return None
        words = words[: match.start()]
    return named(_SEASON.sub("", words), loose=loose, parted=kind in _WITH_COLON)
