"""Images in, Media RSS elements out: each credit inside the image that it belongs to (mrss 1.5.1)."""

from __future__ import annotations

import re

from lxml import etree

from feedsvc.model import Credit, Image, LicenceState, Review
from feedsvc.render.shape import DCTERMS, MEDIA, SCHEMA, add, media_type

#: The scheme that gives a role its meaning where the source named none and MRSS's own list does not know it.
ROLE_SCHEME = "http://schema.org/roleName"

_EBU = """
actor; adaptor; anchor person; animal trainer; animator; announcer; armourer; art director; artist/performer;
assistant camera; assistant chief lighting technician; assistant director; assistant producer; assistant visual
editor; author; broadcast assistant; broadcast journalist; camera operator; carpenter; casting; causeur; chief
lighting technician; choir; choreographer; clapper loader; commentary or commentator; commissioning broadcaster;
composer; computer programmer; conductor; consultant; continuity checker; correspondent; costume designer; dancer;
dialogue coach; director; director of photography; distribution company; draughtsman; dresser; dubber;
editor/producer; editor; ensemble; executive producer; expert; fight director; floor manager; focus puller; foley
artist; foley editor; foley mixer; graphic assistant; graphic designer; greensman; grip; hairdresser; illustrator;
interviewed guest; interviewer; key character; key grip; key talents; leadman; librettist; lighting director;
lighting technician; location manager; lyricist; make up artist; manufacturer; matte artist; music arranger; music
group; musician; news reader; orchestra; participant; photographer; post; producer; production assistant; production
company; production department; production manager; production secretary; programme production researcher; property
manager; publishing company; puppeteer; pyrotechnician; reporter; rigger; runner; scenario; scenic operative; script
supervisor; second assistant camera; second assistant director; second unit director; set designer; set dresser;
sign language; singer; sound designer; sound mixer; sound recordist; special effects; stunts; subtitles; technical
director; term; translation; transportation manager; treatment/programme proposal; vision mixer; visual editor;
visual effects; wardrobe; witness
"""
#: European Broadcasting Union role codes as MRSS's `media:credit` takes them; any other role needs a scheme of its own.
EBU_ROLES = frozenset(" ".join(_EBU.split()).split("; ")) | {
    *("artist", "performer", "treatment", "treatment proposal", "programme proposal"),
}


def write_media(parent: etree._Element, review: Review) -> None:
    """Every image with its own credits; credits that name no image stand beside them, on the entry itself."""
    for image in review.images:
        _write_image(parent, image)
    for credit in review.credits:
        _write_credit(parent, credit)


def _write_image(parent: etree._Element, image: Image) -> None:
    content = add(
        parent,
        MEDIA + "content",
        url=image.url,
        type=media_type(image.type),
        medium="image",
        width=_positive(image.width),
        height=_positive(image.height),
        fileSize=_positive(image.length),
    )
    for credit in image.credits:
        _write_credit(content, credit)
    licence = image.licence
    terms = image.terms_url or licence.url
    if image.rights or licence.name or terms:
        add(content, MEDIA + "copyright", image.rights or licence.name or "", url=terms)
    if image.alt:
        # Not media:description: feedparser, and every reader built on it, takes that for the text of the review.
        add(content, SCHEMA + "description", image.alt)
    # media:license is an error for validators, and Creative Commons' module has no place inside media:content.
    if licence.state is not LicenceState.UNKNOWN and (licence.url or licence.name):
        add(content, DCTERMS + "license", licence.url or licence.name)


def _write_credit(parent: etree._Element, credit: Credit) -> None:
    role, scheme = _role(credit)
    add(parent, MEDIA + "credit", credit.name, role=role, scheme=scheme)


def _role(credit: Credit) -> tuple[str | None, str | None]:
    """A role that validators take: from the EBU list, in lower case, or under a scheme that is a URI."""
    role = (credit.role or "").strip().lower()
    if not role:
        return None, None
    if credit.scheme in (None, "urn:ebu"):
        return role, "urn:ebu" if role in EBU_ROLES else ROLE_SCHEME
    return role, credit.scheme if re.fullmatch(r"[A-Za-z][\w.+-]*:\S+", credit.scheme or "") else ROLE_SCHEME


def _positive(number: int | None) -> str | None:
    return str(number) if number is not None and number > 0 else None
