"""Words about an image in, whom they name out: captions, credit lines, and what stands in place of an image."""

from __future__ import annotations

import re
from functools import lru_cache

from feedsvc.model import Credit
from feedsvc.normalise.characters import fold, word_set

_NOUN = (
    r"(?:photo(?:graph|graphy|graphie)?s?|images?|pictures?|stills?|screenshots?|fotos?|fotografías?|bild(?:er)?|szenenbild|"
    r"titelbild|abbildung|imagen|imágenes|ilustración|illustrations?|artwork)"
)
#: From where a caption names somebody; what stands before it describes the picture.
LABEL = (
    rf"(?:{_NOUN}(?:\s*/\s*vid[eé]os?)?(?:\s+(?:credits?|sources?))?|photographers?|fotograf(?:in)?|photographe|fotógraf[oa]|"
    r"bildnachweis|bildquelle|bildrechte|crédits?(?:\s+(?:photos?|images?))?|créditos?(?:\s+de\s+la\s+(?:foto|imagen))?|credits?)"
)
_LABELLED = re.compile(rf"\b{LABEL}\s*:\s*(.+)", re.I)
#: A name begins large, unless it is an agency's ("dpa") behind a label; "photo by the lake" describes.
_LARGE = r"(?-i:(?=[^\W\d_a-zß-ÿ]|@))"
#: "Photo/Pia Noor": only where a caption begins anew, or behind a small word with space around the slash; anywhere else
#: the noun is part of a name ("Saltworks Images/Pia Noor").
_SLASHED = re.compile(
    rf"(?:(?:^|[.!?|]\s+|[(\[)\]]\s*){LABEL}\s*/|(?:^|\s)(?-i:[a-zß-ÿ])[\w'’-]*\s+{LABEL}\s+/\s)\s*{_LARGE}(?!vid[eé]os?\b)(.+)",
    re.I,
)
#: "Photo de famille" describes, "Photo de Jean Dupont" names: behind "de" a name has two words.
_FULL_NAME = r"(?-i:(?=[^\W\d_a-zß-ÿ][\w.'’-]*\s+[^\W\d_a-zß-ÿ]))"
_MADE = r"\b(?:photo(?:graph|graphy|graphed|graphie)?s?|fotos?|fotografías?)\s+"
_MADE_BY = re.compile(rf"{_MADE}(?:(?:by|von|par|por)\s+{_LARGE}|de\s+{_FULL_NAME})(.+)", re.I)
_OTHER_BY = re.compile(rf"\b{_NOUN}\s+(?:(?:by|von|par|por)\s+{_LARGE}|de\s+{_FULL_NAME})(.+)", re.I)
_AGENCY = re.compile(r"\b((?:AP|AFP|EPA|UPI)\s+Photo\s*/\s*.+)")
_WORD_OF_NAME = r"[^\W\d_a-zß-ÿ][\w.'’&-]*"
#: "Saltworks Images/Pia Noor", where a caption begins anew and nothing but the name follows.
_PICTURE_AGENCY = re.compile(
    rf"(?:^|[.!?|]\s+|[(\[)\]]\s*)(?!(?:An?|The)\s)({_WORD_OF_NAME}(?:\s+{_WORD_OF_NAME}){{0,2}}\s+(?:Images?|Photos?|Pictures?)"
    rf"\s*/\s*(?!Vid[eé]os?\b){_WORD_OF_NAME}(?:\s+{_WORD_OF_NAME}){{0,3}})\s*(?=$|[)\]|,;])"
)
_OTHER_COURTESY = r"mit\s+freundlicher\s+genehmigung|avec\s+l['’]aimable\s+autorisation|cortesía\s+de"
_COURTESY = re.compile(
    rf"\b((?:courtesy(?:\s+of)?|{_OTHER_COURTESY})\s+(?:(?:von|der|des|de|du)\s+)?{_LARGE}.+)",
    re.I,
)
COPYRIGHT = re.compile(r"(©.+)")
#: What stands in place of an image describes it ("Screenshot: Settings"): a label alone names somebody only behind the
#: description, one that says what it is for anywhere.
_BEHIND_DESCRIPTION = re.compile(
    rf"(?:(?:[.!?|)\]–—]\s+|[(\[]){LABEL}|(?:^|[.!?|)\]–—]\s+|[(\[])credits?|\b{_NOUN}\s+(?:credits?|sources?)|"
    r"\b(?:bildnachweis|bildquelle|bildrechte|crédits?\s+(?:photos?|images?)|créditos?\s+de\s+la\s+(?:foto|imagen)))\s*:\s*(.+)",
    re.I,
)
_COURTESY_OF = re.compile(rf"\b((?:courtesy\s+of|{_OTHER_COURTESY})\s+(?:(?:von|der|des|de|du)\s+)?.+)", re.I)
_SIGNS_OF_CREDIT = re.compile("[:©/]")
_CREDIT_LINE = re.compile(
    rf"[(\[]?(?:{LABEL}\s*:\s*|{_MADE}(?:(?:by|von|par|por)\s+{_LARGE}|de\s+{_FULL_NAME}))(.+)", re.I
)
#: Small words of names and of what is said with them.
_SMALL = word_set(
    "afp apa dpa epa imago sda"
    " al and at avec bin by cortesía courtesy d da de del der des di do du e el et for freundlicher from genehmigung"
    " l’aimable l'aimable la las le les los mit of on par por the und van via von y zu autorisation"
)
_BEGINS_TITLE = re.compile(r"An?\s")
_AROUND_WORD = " .,;:/|&+–—-()[]{}\"'“”„’‘«»@#©®™"
_LICENCE_TAIL = re.compile(
    r"\s*[,/|–-]?\s*[(\[]?\s*(?:(?:licen[cs]ed?|lizenziert)\s+)?(?:(?:under|unter|sous|bajo)\s+)?\b(?:CC[\s-]?(?:BY|0|Zero)|"
    r"Creative\s+Commons|GFDL|public\s+domain|gemeinfrei|domaine\s+public|dominio\s+público|all\s+rights\s+reserved|alle\s+rechte"
    r"\s+vorbehalten|tous\s+droits\s+réservés|todos\s+los\s+derechos\s+reservados)\b.*$",
    re.I,
)
#: Where a caption goes on behind the name: a sentence (but not "Inc." or an initial), or a bracket that closes.
_GOES_ON = re.compile(r"(?<=[a-zß-ÿ]{3})[.]\s+(?=[^\W\d_a-zß-ÿ])|(?<=\w)[.;]?\s+\|\s+")
_DESCRIBES = re.compile(r"(?:an?|the|eine?[mnrs]?|der|die|das|une?|les?|la|los|las|el)\s+[^\W\d_]")
_NAMING = (_AGENCY, _LABELLED, _PICTURE_AGENCY, _SLASHED, _OTHER_BY, _COURTESY, COPYRIGHT)


# Feeds repeat one credit line on many images.
@lru_cache(maxsize=1024)
def credit_in(caption: str) -> Credit | None:
    """Whom a caption names: "Photo: Pia Noor", "Courtesy of Saltworks Pictures", "Bild: dpa"; None: nobody."""
    made_by = _AGENCY.search(caption) is None and _MADE_BY.search(caption)
    match = made_by or next((match for pattern in _NAMING if (match := pattern.search(caption))), None)
    name = _name_in(match[1]) if match else ""
    if not name or _DESCRIBES.match(name):
        return None
    role, scheme = ("photographer", "urn:ebu") if made_by else (None, None)
    return Credit(name=name[:300], role=role, scheme=scheme)


def credits_in_place(description: str | None) -> tuple[Credit, ...]:
    """Whom the words that stand in place of an image surely name."""
    if description is None or not _may_name(description):
        return ()
    text = fold(description, 2000)
    for pattern in (_AGENCY, _BEHIND_DESCRIPTION, _PICTURE_AGENCY, _COURTESY_OF, COPYRIGHT):
        if match := pattern.search(text):
            name = _name_in(match[1])
            return (Credit(name=name[:300]),) if _reads_as_name(name) else ()
    return ()


def _may_name(description: str) -> bool:
    # Most descriptions name nobody, and to search for words in either case takes longest.
    if _SIGNS_OF_CREDIT.search(description):
        return True
    small = description.casefold()
    return "courtesy" in small or "genehmigung" in small or "autorisation" in small or "cortesía" in small


def is_credit_line(line: str) -> bool:
    """Whether a line credits somebody and says nothing else."""
    credit = _CREDIT_LINE.fullmatch(line)
    if credit is None or _BEGINS_TITLE.match(credit[1]):
        return False
    name = _name_in(credit[1])
    whole = _LICENCE_TAIL.sub("", credit[1]).strip(_AROUND_WORD) == name.strip(_AROUND_WORD)
    return whole and _reads_as_name(name)


def _reads_as_name(name: str) -> bool:
    """Whether words are written as a name is, large but for words like "von" and "on"; no question and no sentence."""
    words = [word for part in name.split() if (word := part.strip(_AROUND_WORD))]
    return (
        0 < len(words) <= 15
        and not name.endswith(("?", "!"))
        and all(not word[0].islower() or word.casefold() in _SMALL or "." in word for word in words)
        and any(word[0].isalpha() for word in words)
    )


def _name_in(words: str) -> str:
    """The words up to where the caption goes on or names a licence."""
    name = _GOES_ON.split(_LICENCE_TAIL.sub("", words), maxsplit=1)[0]
    opened = 0
    for index, character in enumerate(name):
        opened += (character in "([") - (character in ")]")
        if opened < 0:
            name = name[:index]
            break
    return name.strip(" .;,") if name.count("(") == name.count(")") else name.strip(" .;,)]")
