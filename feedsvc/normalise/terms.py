"""A review and whether the feed is commercial in; the Entry out: what may be published of it, why, and nothing beyond.

What the operator agreed with the partner wins; otherwise the review's own licence decides. Each image is judged by its
own licence.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from feedsvc.model import Entry, Image, Licence, LicenceState, OptOut, Prose, Republish, Review, Terms
from feedsvc.normalise.excerpt import LONGEST
from feedsvc.normalise.html import LINK_REL
from feedsvc.normalise.licences import conditions
from feedsvc.normalise.tokens import Tag, Token, tokenise, write

Show = Literal["full", "excerpt", "link"]


@dataclass(frozen=True, slots=True)
class _Words:
    """The two sentences that stand behind what is shown: to whoever reads the feed, and to the operator."""

    show: Show
    statement: str
    reason: str


def entry_for(review: Review, *, commercial: bool) -> Entry:
    """The review cut down to what its terms let a feed publish, with the images that may be shown, not only linked."""
    terms = terms_of(review, commercial=commercial)
    embeddable = _embeddable(review, commercial=commercial)
    return Entry(review=_cut(review, terms.show, embeddable), terms=terms, embeddable=embeddable)


def terms_of(review: Review, *, commercial: bool) -> Terms:
    """What may be published of a review in a feed of this kind."""
    agreed = review.republish is not Republish.AUTO
    words = _agreed(review) if agreed else _licensed(review, commercial=commercial)
    return Terms(show=words.show, statement=words.statement, reason=words.reason, url=review.licence.url)


def _agreed(review: Review) -> _Words:
    """The operator's word for it is a contract, and wins over any licence."""
    outlet, licence = review.outlet.name, _licence_note(review.licence)
    setting = f'republish = "{review.republish.value}" is set for source "{review.source}" and wins over the licence.'
    if review.republish is Republish.FULL:
        return _Words("full", f"Full text by agreement with {outlet}.{licence}{_alike(review.licence)}", setting)
    if review.republish is Republish.EXCERPT:
        return _Words("excerpt", f"{_excerpt(review)} The full text is at {outlet}.{licence}", setting)
    return _Words("link", f"{_LINK} The text is at {outlet}.{licence}", setting)


def _licensed(review: Review, *, commercial: bool) -> _Words:
    """What the outlet's word against it and the review's own licence allow; where it names none, an excerpt."""
    licence, outlet = review.licence, review.outlet.name
    if review.opt_out and (commercial or not review.opt_out.commercial_only):
        return _Words("link", f"{_LINK} {outlet} asks not to be republished.", _why_kept(review.opt_out))
    asked = conditions(licence)
    if asked is None:
        return _Words("excerpt", f"{_excerpt(review)} All other rights stay with their holders.", _why_not(licence))
    name = licence.name or "its licence"
    if commercial and "nc" in asked:
        if "nd" in asked:
            reason = f"{name} forbids commercial use, and this feed is commercial; it also forbids excerpts."
            return _Words("link", f"{_LINK} The text at {outlet} is under {name}.", reason)
        reason = f"{name} forbids commercial use, and this feed is commercial."
        return _Words("excerpt", f"{_excerpt(review)} The full text at {outlet} is under {name}.", reason)
    if "nd" in asked and _would_change(review, commercial=commercial):
        reason = f"{name} forbids changes, and the text holds an image whose own terms keep it from being shown here."
        return _Words("link", f"{_LINK} The text at {outlet} is under {name}.", reason)
    return _Words("full", f"Full text under {name}{_duties(asked)}", _why_full(name, asked, commercial=commercial))


def _would_change(review: Review, *, commercial: bool) -> bool:
    """Whether showing the full text would replace an image in it by a link."""
    images, shown = {image.url: image for image in review.images}, _embeddable(review, commercial=commercial)
    return any(_pictured(prose, images, shown) != prose for prose in (review.content, review.summary))


_LINK = "Title, attribution and link only."


def _duties(asked: frozenset[str]) -> str:
    """What whoever republishes further must do, in one or two sentences."""
    if not asked:
        return ": free to use; naming the critic and the outlet is asked as a courtesy."
    duties = ": name the critic, the outlet and the licence"
    if "nd" in asked:
        duties += ", and change nothing"
    if "nc" in asked:
        duties += "; not for commercial use"
    return f"{duties}.{_SAME_LICENCE if 'sa' in asked else ''}"


_SAME_LICENCE = " It stays under the same licence: whatever is made from it must carry that licence too."


def _alike(licence: Licence) -> str:
    return _SAME_LICENCE if "sa" in (conditions(licence) or ()) else ""


def _why_full(name: str, asked: frozenset[str], *, commercial: bool) -> str:
    reason = f"{name} allows the full text"
    if "nc" in asked:
        reason += " in a feed that is not commercial, as this one is declared"
    elif commercial:
        reason += ", in a commercial feed too"
    return f"{reason}; unaltered, never as an excerpt." if "nd" in asked else f"{reason}."


def _why_kept(opt_out: OptOut) -> str:
    asks = "in feeds that earn something" if opt_out.commercial_only else "at all"
    return f"The outlet asks not to be republished {asks}: “{opt_out.statement}”"


def _why_not(licence: Licence) -> str:
    if licence.state is LicenceState.UNKNOWN:
        return "No licence is stated, so all rights are taken as reserved."
    if licence.state is LicenceState.UNSPECIFIED:
        return (
            f"A licence is named ({licence.name or 'not which'}) but cannot be identified, so only an excerpt is safe."
        )
    return f"{licence.name} is not among the licences that this service republishes full texts under."


def _licence_note(licence: Licence) -> str:
    if licence.state is LicenceState.IDENTIFIED:
        return f" Its licence is {licence.name}."
    return " Other rights are not granted."


def _excerpt(review: Review) -> str:
    link = "with a link to the original" if review.url else "of a text that has no address of its own"
    return f"Excerpt of at most {LONGEST} characters, {link}."


# --------------------------------------------------------------------------------------------------------- what is cut


def _cut(review: Review, show: Show, embeddable: frozenset[str]) -> Review:
    if show == "full":
        images = {image.url: image for image in review.images}
        return replace(
            review,
            content=_pictured(review.content, images, embeddable),
            summary=_pictured(review.summary, images, embeddable),
            # The excerpt is a cut of our own making, and a licence that forbids changes forbids that too.
            excerpt=None if "nd" in (conditions(review.licence) or ()) else review.excerpt,
        )
    review = replace(review, content=None, summary=None)
    if show == "excerpt":
        return replace(review, verdict=_fitting(review))
    # A rating is a conclusion, and an image shows: neither is title, attribution or link.
    return replace(review, excerpt=None, verdict=None, rating=None, images=())


def _fitting(review: Review) -> str | None:
    """The verdict is text of the review: beside the excerpt it stands only where both keep within its limit."""
    used = len(review.excerpt.text) if review.excerpt else 0
    return review.verdict if review.verdict and used + len(review.verdict) <= LONGEST else None


def _embeddable(review: Review, *, commercial: bool) -> frozenset[str]:
    return frozenset(image.url for image in review.images if _may_embed(image, review.republish, commercial=commercial))


def _may_embed(image: Image, republish: Republish, *, commercial: bool) -> bool:
    """By its own licence; else where the partner agreed to full texts and the image states no rights of its own."""
    asked = conditions(image.licence)
    if asked is not None:
        return not (commercial and "nc" in asked)
    # "All rights reserved" names no licence, and yet the image has spoken.
    silent = image.licence == Licence() and not image.rights and not image.terms_url
    return republish is Republish.FULL and silent


def _pictured(prose: Prose | None, images: dict[str, Image], embeddable: frozenset[str]) -> Prose | None:
    """The prose with each image that may not be shown turned into a link to it."""
    if prose is None or "<img" not in prose.html:
        return prose
    shown: list[Token] = []
    links = 0
    for token in tokenise(prose.html):
        if isinstance(token, Tag) and token.name == "a":
            links += -1 if token.closing else 1
        if isinstance(token, Tag) and token.name == "img" and token.attributes.get("src") not in embeddable:
            shown += _linked(token, images, inside_link=links > 0)
        else:
            shown.append(token)
    return replace(prose, html=write(shown))


def _linked(tag: Tag, images: dict[str, Image], *, inside_link: bool) -> list[Token]:
    """A link in place of an image; where a link already stands around it, its words alone."""
    url = tag.attributes.get("src", "")
    image = images.get(url)
    credit = "; ".join(credit.name for credit in image.credits) if image else ""
    alt = tag.attributes.get("alt") or (image.alt if image else None) or ""
    words = " – ".join(part for part in (alt, credit) if part)
    label = f"[Image: {words}]" if words else "[Image]"
    return [label] if inside_link else [Tag("a", {"href": url, "rel": LINK_REL}), label, Tag("a", closing=True)]
