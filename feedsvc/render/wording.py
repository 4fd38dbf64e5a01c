"""Values in, the words of our own pages out: times, names, kinds of work, ratings read aloud. Plain English, UTC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

from feedsvc.model import Entry, Image, Mark, Provenance, Rating, Review
from feedsvc.render.moments import day

#: schema.org's type names as a reader would say them; any other is split at its capitals.
KINDS: Mapping[str, str] = {
    "Movie": "Film",
    "TVSeries": "TV series",
    "TVEpisode": "TV episode",
    "MusicAlbum": "Album",
    "MusicRecording": "Song",
    "CreativeWork": "Work",
    "FoodEstablishment": "Place to eat",
}
PROVENANCES: Mapping[Provenance, str] = {
    Provenance.STATED: "stated by the source",
    Provenance.INHERITED: "stated for the source’s whole feed",
    Provenance.PAGE: "stated on the review’s page",
    Provenance.CONFIGURED: "set by the operator",
    Provenance.INFERRED: "inferred",
}


def moment(when: datetime) -> str:
    """A time in words, in UTC; the day alone where the time is midnight, which mostly stands for "not stated"."""
    utc = when.astimezone(UTC)
    return day(utc) if (utc.hour, utc.minute, utc.second) == (0, 0, 0) else f"{day(utc)}, {utc:%H:%M} UTC"


def stamp(when: datetime) -> str:
    """A time for programs (RFC 3339, UTC, whole seconds)."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def names(several: Sequence[str]) -> str:
    """Names in a sentence: "A", "A and B", "A, B and C"."""
    return " and ".join(filter(None, [", ".join(several[:-1]), *several[-1:]]))


def kind_word(kind: str) -> str:
    """A schema.org type of work in words: "Film" for Movie, "Video game" for VideoGame."""
    return KINDS.get(kind) or "".join(f" {c.lower()}" if c.isupper() and i else c for i, c in enumerate(kind))


def spoken(rating: Rating) -> str:
    """A rating as it is read aloud: stars and letters as the numbers they stand for, where those were stated."""
    if rating.value is None or rating.best is None:
        return f"Rating: {rating.text}"
    return f"Rating: {rating.value:g} of {rating.best:g}"


def unsigned(review: Review) -> bool:
    """Whether nobody signed, so that the outlet stands in."""
    return all(person.name == review.outlet.name for person in review.authors)


def describe(entry: Entry) -> str:
    """The sentence that a link preview may show: the verdict, else the excerpt, else who wrote it and where."""
    review = entry.review
    if review.verdict:
        return review.verdict
    if review.excerpt:
        return review.excerpt.text
    by = "" if unsigned(review) else f" by {names([person.name for person in review.authors])}"
    return f"A review{by}, first published by {review.outlet.name}."


def file_name(image: Image) -> str:
    """What a link to an image is called: its description, else the last part of its address."""
    return image.alt or urlsplit(image.url).path.rpartition("/")[2] or image.url


def duration(seconds: int) -> str:
    """A running time in words: "6 min 24 s"."""
    return f"{seconds // 60} min {seconds % 60} s" if seconds >= 60 else f"{seconds} s"


#: What each mark of an attribution is called, and what it is called where it lacks.
MARKS: Mapping[Mark, tuple[str, str]] = {
    Mark.CRITIC: ("Critic named", "no critic"),
    Mark.OUTLET: ("Outlet named", "no outlet"),
    Mark.PERMALINK: ("Link to the original", "no link"),
    Mark.DATE: ("Date stated", "no date"),
    Mark.LICENCE: ("Licence identified", "no licence identified"),
    Mark.IMAGES: ("Images credited", "images without credit"),
    Mark.RIGHTS: ("Rights stated", "no rights statement"),
}


def mark_word(mark: Mark) -> str:
    """A mark as the head of its row."""
    return MARKS[mark][0]


def lack_word(mark: Mark) -> str:
    """A mark that a review lacks."""
    return MARKS[mark][1]


def percent(share: float) -> str:
    """A share (0–1) in whole per cent; never 100 while something lacks, never 0 while something is there."""
    whole = round(share * 100)
    return f"{min(whole, 99) if share < 1 else 100}%" if not 0 < share < 0.01 else "1%"


#: What the values of one kind of facet are called, one and several.
FACETS: Mapping[str, tuple[str, str]] = {
    "outlet": ("Outlet", "Outlets"),
    "critic": ("Critic", "Critics"),
    "subject": ("Work", "Works"),
    "type": ("Kind of work", "Kinds of work"),
    "language": ("Language", "Languages"),
    "category": ("Filed under", "Filed under"),
}
#: The languages that reviews are most often in, by the first part of their tag (BCP 47).
LANGUAGES: Mapping[str, str] = {
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fi": "Finnish",
    "fr": "French",
    "hi": "Hindi",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nb": "Norwegian",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "ru": "Russian",
    "sv": "Swedish",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "zh": "Chinese",
}


def language_word(tag: str) -> str:
    """A language in English: "German (AT)" for de-AT; a tag that is not known stays as it is."""
    first, _, rest = tag.partition("-")
    name = LANGUAGES.get(first.lower())
    return f"{name} ({rest.upper()})" if name and rest else name or tag


def facet_word(label: str, kind: str) -> str:
    """A value of a facet as a reader would say it."""
    if kind in {"language", "lang"}:
        return language_word(label)
    return kind_word(label) if kind == "type" else label


def chosen_word(label: str, kind: str) -> str:
    """An active filter in words: "Outlet: Night Lantern", "With the words: salt", "Rated 60 in 100 or more"."""
    if kind == "min_rating":
        return f"Rated {label} in 100 or more"
    if kind == "content":
        return {"full": "With whole texts", "excerpt": "With excerpts", "none": "Without texts"}.get(label, label)
    heads = {"q": "With the words", "since": "Since", "limit": "Newest", "lang": "Language"}
    return f"{heads.get(kind) or FACETS[kind][0]}: {facet_word(label, kind)}"


def clipped(text: str, most: int) -> str:
    """A name or headline of at most so many characters, cut at a word where there is one, with an ellipsis."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    return f"{cut[: cut.rfind(' ', most // 2)] if ' ' in cut[most // 2 :] else cut}…"


def counted(number: int, one: str = "review", several: str = "") -> str:
    """A number with its noun: "1 review", "1,204 reviews"."""
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"
