"""Author strings as feeds carry them in, names with addresses on the web out. No e-mail address ever comes out."""

from __future__ import annotations

import re
from collections.abc import Iterable

from feedsvc.model import Person
from feedsvc.normalise import urls
from feedsvc.normalise.characters import fold, word_set
from feedsvc.normalise.html import plain_words

_MOST = 100
_LONGEST = 300

_EMAIL = r"[^\s<>()\[\],;:\"]+@[^\s<>()\[\],;:\"]+"
_NAME_IN_BRACKETS = re.compile(rf"(?:mailto:)?{_EMAIL}\s*\((.*)\)", re.I)
_ANY_EMAIL = re.compile(rf"[<(\[]?\s*(?:mailto:)?{_EMAIL}\s*[>)\]]?", re.I)
_BY = re.compile(r"(?:(?:re)?view(?:ed)?|words|text|written|posted)?\s*\bby[:\s]\s*(?=\S)", re.I)
#: What programs write where nobody's name was given.
_NOBODY = word_set(
    "admin administrator webmaster root wordpress noreply no-reply donotreply unknown undefined null none n/a -"
)
_NO_REPLY = re.compile(r"(?:do\s?not|don['’]t|no)[\s_-]?reply\b.*", re.I)
_PARTICLES = r"(?:al|ap|bin|da|dal|de|del|della|den|der|di|dos|du|el|la|le|ten|ter|van|von|y|zu)"
_CAPITAL = r"[^\W\d_a-zà-öø-ÿ][^\s,;&/]*"
#: A given name and a family name at least, so that "Simon & Schuster" stays one.
_FULL_NAME = re.compile(rf"{_CAPITAL}(?:\s+(?:{_PARTICLES}|{_CAPITAL})){{0,3}}\s+{_CAPITAL}")
#: What a list with commas has where it goes on about its first: "Jane Doe, Film Critic, New York".
_NO_LIST = re.compile(
    r"\b(?:agence|agencia|agentur|author|bureau|chief|columnist|contributor|correspondent|critic|critique|desk|editor|"
    r"journalist|kritiker(?:in)?|los|new|north|photographer|presse|redaktion|reporter|reviewer|saint|san|south|west|"
    r"writer)\b",
    re.I,
)
#: A character reference in a text that was escaped twice: its semicolon parts nothing.
_REFERENCE = re.compile(r"&#?\w{1,31};")
_LETTER = re.compile(r"[^\W_]")
_ADDRESS = re.compile(r"[a-z]+://", re.I)
_IN_QUOTES = re.compile(r"[\"'“‘](.+)[\"'”’]")
_COMPANY = re.compile(
    r"\b(?:agency|associates|books?|brothers|company|co|corp|daily|entertainment|films?|gazette|group|herald|house|inc|journal|"
    r"limited|llc|ltd|magazine|media|network|news|partners|pictures|post|press|productions|records?|reviews?|sons|staff|"
    r"studios?|team|times|weekly)\b",
    re.I,
)
_LAST_PAIR = re.compile(r"\s*,?\s+(?:and|und|et|y|e)\s+|\s*,?\s*&\s*")


def people(stated: Iterable[Person]) -> tuple[Person, ...]:
    """Everybody named, in order and once: raw RSS forms taken apart, plain lists split, programs' names dropped."""
    named: dict[str, Person] = {}
    for person in stated:
        url = urls.absolute(person.url)
        names = split_names(bare_name(person.name))
        for name in names[:_MOST]:
            known = named.setdefault(name.casefold(), Person(name=name, url=url if len(names) == 1 else None))
            if known.url is None and url and len(names) == 1:
                named[name.casefold()] = Person(name=known.name, url=url)
        if len(named) >= _MOST:
            break
    return tuple(named.values())


def bare_name(raw: str) -> str:
    """The name in "jane@outlet.example (Jane Critic)", "Jane Critic <jane@outlet.example>" or "by Jane Critic"."""
    text = plain_words(raw[:2000])
    if "@" in text:
        bracketed = _NAME_IN_BRACKETS.fullmatch(text)
        text = _ANY_EMAIL.sub(" ", bracketed[1] if bracketed else text)
    text = fold(text, _LONGEST).strip(" ,;<>")
    text = _BY.sub("", text, count=1) if _BY.match(text) else text
    text = _unquoted(text.strip())
    return text if _names_somebody(text) else ""


def _names_somebody(text: str) -> bool:
    nobody = text.casefold() in _NOBODY or _NO_REPLY.fullmatch(text) or ("://" in text and _ADDRESS.match(text))
    return not nobody and _LETTER.search(text) is not None


def split_names(text: str) -> list[str]:
    """The names of a string that plainly lists people, else the string itself: "Doe, Jane" and "A & Sons" stay one.

    A semicolon parts in any case. Commas alone part three full names or more; two are as often one name with a desk.
    """
    if not text:
        return []
    if ";" in text and not _REFERENCE.search(text):
        parts = [part.strip(" ,") for part in text.split(";")]
        return [name for part in parts if _names_somebody(part) for name in _listed(part)]
    return _listed(text)


def _listed(text: str) -> list[str]:
    pair = _LAST_PAIR.split(text)
    if len(pair) == 2:
        parts = [part.strip() for part in pair[0].split(",")] + pair[1:]
        return parts if all(map(is_full_name, parts)) else [text]
    if text.count(",") < 2 or _NO_LIST.search(text):
        return [text]
    parts = [part.strip() for part in text.split(",")]
    return parts if all(map(_is_name_in_capitals, parts)) else [text]


def _is_name_in_capitals(text: str) -> bool:
    """Whether it is a full name of two words or three: "de la Cruz" may be the family name of the next."""
    words = text.split()
    return 2 <= len(words) <= 3 and not any(word[0].islower() for word in words) and is_full_name(text)


def is_full_name(text: str) -> bool:
    """Whether it is a given name with a family name, and neither a company nor a desk."""
    return bool(_FULL_NAME.fullmatch(text)) and not _COMPANY.search(text)


def _unquoted(text: str) -> str:
    quoted = _IN_QUOTES.fullmatch(text)
    return quoted[1].strip() if quoted else text
