"""An entry in, its visible attribution line out: one line that a person can read, as HTML and as plain text.

Most readers ignore the metadata, so this line is the credit that people see. It is made from the model, never from
text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from feedsvc.model import (
    ATTRIBUTION_CLASS,
    ATTRIBUTION_TEXT_PREFIX,
    Entry,
    Image,
    LicenceState,
    Person,
    Review,
    Site,
    is_url,
)
from feedsvc.render.moments import day, publication

_SEPARATOR = " · "
#: "Image: Photo: …" says it twice.
_PICTURE_WORD = re.compile(
    r"^(?:image|photo(?:graph)?|picture|still|screenshot|bild|foto)s?(?:\s+credit)?\s*:\s*(?=\S)", re.I
)
#: Longer rights statements are whole paragraphs: they stand in the metadata, not in this line.
_RIGHTS_LIMIT = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditLine:
    """The same line twice: a `<p>` of our class, and text that opens with an em dash."""

    html: str
    text: str


@dataclass(frozen=True, slots=True)
class _Phrase:
    """Words, and where they lead to. `rel` is the link's relation in HTML."""

    words: str
    url: str | None = None
    rel: str | None = None

    def html(self) -> str:
        if not self._linked:
            return escape(self.words)
        rel = f' rel="{self.rel}"' if self.rel else ""
        return f'<a href="{escape(self.url or "")}"{rel}>{escape(self.words)}</a>'

    def text(self) -> str:
        return f"{self.words} ({self.url})" if self._linked else self.words

    @property
    def _linked(self) -> bool:
        return self.url is not None and is_url(self.url)


def credit_line(entry: Entry, site: Site) -> CreditLine:
    """Critics, outlet, date, rating, licence, image credits and the way to the original."""
    parts = [part for part in _parts(entry.review, site) if part]
    return CreditLine(
        html=f'<p class="{ATTRIBUTION_CLASS}">{_SEPARATOR.join("".join(p.html() for p in part) for part in parts)}</p>',
        text=ATTRIBUTION_TEXT_PREFIX + _SEPARATOR.join("".join(p.text() for p in part) for part in parts),
    )


def critics(review: Review) -> tuple[Person, ...]:
    """Who wrote it; the outlet where nobody signed, for a feed's own author must never stand in (RFC 4287 4.1.2)."""
    return review.authors or (Person(name=review.outlet.name, url=review.outlet.url),)


def _parts(review: Review, site: Site) -> list[list[_Phrase]]:
    outlet = review.outlet
    return [
        [_Phrase("By "), *_names(critics(review))],
        [_Phrase("First published by "), _Phrase(_line(outlet.name), outlet.url)],
        [_Phrase(day(date))] if (date := publication(review)) else [],
        # In schema.org's terms it stands in every format, and no feed reader shows those.
        [_Phrase(f"Rating: {_line(review.rating.text)}")] if review.rating else [],
        _licence(review),
        _images(review),
        _unbound(review),
        [_original(review, site)],
    ]


def _names(people: Sequence[Person]) -> list[_Phrase]:
    """A, B and C. In text only the names: an address after each would bury them."""
    names = [_line(person.name) for person in people]
    joined = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
    return [_Phrase(joined)]


def _licence(review: Review) -> list[_Phrase]:
    licence = review.licence
    if licence.state is LicenceState.IDENTIFIED:
        name = _line(licence.name or licence.spdx or licence.url or "")
        same = " (this copy stays under the same licence)" if "-SA" in (licence.spdx or licence.name or "") else ""
        return [
            _Phrase("Licence of the text: "),
            _Phrase(name, licence.url, "license"),
            *([_Phrase(same)] if same else []),
        ]
    if licence.state is LicenceState.UNSPECIFIED:
        named = f" ({_line(licence.name)})" if licence.name else ""
        return [_Phrase(f"Licence of the text: unspecified{named}")]
    rights = _line(review.rights or "")
    if 0 < len(rights) <= _RIGHTS_LIMIT:
        return [_Phrase(f"Rights: {rights}")]
    return [_Phrase("All rights with the outlet unless stated")]


def _images(review: Review) -> list[_Phrase]:
    """Each image's credits with its own licence, which is not the text's; two images of one credit are named once."""
    credited = dict.fromkeys(_image(image) for image in review.images if image.credits)
    return [_Phrase(f"Image: {'; '.join(credited)}")] if credited else []


def _image(image: Image) -> str:
    names = ", ".join(dict.fromkeys(_PICTURE_WORD.sub("", _line(credit.name)) for credit in image.credits))
    named = image.licence.state is LicenceState.IDENTIFIED
    return f"{names} ({_line(image.licence.name or image.licence.spdx or '')})" if named else names


def _unbound(review: Review) -> list[_Phrase]:
    """Credits that name no image of the review stand as they are: what they are for is not ours to say."""
    bound = {credit.name for image in review.images for credit in image.credits}
    names = dict.fromkeys(_line(credit.name) for credit in review.credits if credit.name not in bound)
    return [_Phrase(f"Credit: {'; '.join(names)}")] if names else []


def _original(review: Review, site: Site) -> _Phrase:
    """A dropped document has no address of its own: its page here stands for it."""
    if review.url is None:
        return _Phrase("Read the review", site.review_url(review.key))
    return _Phrase("Read the original", review.url)


def _line(words: str) -> str:
    """One line: a break in a name would end the attribution line early in plain text."""
    return " ".join(words.split())
