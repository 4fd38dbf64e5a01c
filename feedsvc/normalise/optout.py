"""What an outlet says against being republished in, by RSL terms or in words; the opt-out that follows, or None, out.

Really Simple Licensing 1.0 (rslstandard.org/rsl) tells machines what they may do. Of its usages, "all" covers a feed of
reviews, and "search" (an index that answers with links and short excerpts) comes nearest to one; those that begin with
"ai-" do not concern it. So an outlet opts out where each of its licences that speaks of us prohibits "all" or "search",
or asks for what this service cannot give: payment, a licence server's token, a country, another kind of user. Terms
that let us in grant nothing: what is shown then follows the text's own licence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from urllib.parse import urlsplit

from feedsvc.model import OptOut, UsageTerms
from feedsvc.normalise.characters import fold

_OURS = frozenset({"all", "search"})
#: Payments that this service makes: none, and naming critic and outlet, which it always does.
_PAID = frozenset({None, "free", "attribution"})

_CLAUSE = re.compile(r"(?<=[.;!])\s+")
_REPUBLISHING = (
    r"re-?publi(?:cation|sh|é|er|ca)|re-?distribut|syndicat|aggregat|weiterverbreit|weiterveröffentlich|wiederveröffentlich|"
    r"weiterverwend|übernahme|rediffus|redifu|redistribu|sindica|agrega(?:ción|r)"
)
_IN_PART = (
    r"(?:reproduc|cop(?:y|ied)|nachdruck|vervielfältig|reproduction).{0,60}(?:in\s+part|partial|auszugsweise|teilweise|"
    r"même\s+partielle|partielle|parcial)"
)
_FORBIDDEN = (
    r"prohibited|forbidden|not\s+(?:be|permitted|allowed|for)\b|\bno\b|do\s+not|without\s+(?:[a-z']+\s+){0,4}(?:permission|consent)|"
    r"untersagt|verboten|nicht\s+(?:gestattet|erlaubt)|unzulässig|\bkeine?\b|nur\s+mit\s+\w*\s*genehmigung|interdit|"
    r"sans\s+autorisation|prohibid|no\s+se\s+permite|sin\s+(?:autorización|permiso)"
)
_REFUSED = re.compile(rf"(?=.*(?:{_REPUBLISHING}|{_IN_PART}))(?=.*(?:{_FORBIDDEN}))", re.I)
_PERSONAL = re.compile(
    r"\bpersonal(?:,|\s+and|\s*/)?\s*(?:non-?commercial\s+)?use\s+only\b|\bnur\s+(?:für\s+den|zum)\s+(?:privaten|persönlichen)\s+"
    r"gebrauch\b|\busage\s+(?:strictement\s+)?(?:privé|personnel)\s+uniquement\b|\bs[oó]lo\s+para\s+uso\s+personal\b",
    re.I,
)
_COMMERCIAL = re.compile(
    r"(?<!non-)(?<!non )(?<!non)\bcommercial|\bkommerziell|\bgewerblich|\bcommerciale|\bcomercial", re.I
)


# Feeds repeat one statement on every item.
@lru_cache(maxsize=1024)
def opt_out_in_words(rights: str | None) -> OptOut | None:
    """The sentence that forbids republishing, or even excerpts; "all rights reserved" forbids neither of the two."""
    for clause in _CLAUSE.split(fold(rights or "", 2000)):
        if _REFUSED.match(clause):
            return OptOut(statement=clause, commercial_only=bool(_COMMERCIAL.search(clause)))
        if _PERSONAL.search(clause):
            return OptOut(statement=clause)
    return None


def opt_out_in_terms(terms: Iterable[UsageTerms], url: str | None) -> OptOut | None:
    """What RSL terms that hold for an address come to: licences are alternatives, so each must keep us out.

    Terms for commercial users alone would need an agreement, which this service has not made: they are an opt-out too.
    """
    ours = [one for one in _nearest(list(terms), url) if _prohibits(one) or _authorises(one)]
    closed = {commercial: bool(ours) and all(_closed(one, commercial) for one in ours) for commercial in (True, False)}
    if not any(closed.values()):
        return None
    statement = fold("RSL: " + " | ".join(dict.fromkeys(_in_words(one) for one in ours)), 500)
    return OptOut(statement=statement, commercial_only=not closed[False])


def _values(limits: Iterable[tuple[str, str]], kind: str) -> frozenset[str]:
    return frozenset(
        value for name, said in limits if name == kind for value in re.split(r"[\s,]+", said.lower()) if value
    )


def _prohibits(terms: UsageTerms) -> bool:
    """A prohibition goes before any permission (RSL 1.0, 3.6)."""
    return bool(_values(terms.prohibits, "usage") & _OURS)


def _authorises(terms: UsageTerms) -> bool:
    """Whether the licence is for our use at all: it lists none, or ours among them (RSL 1.0, 3.5)."""
    permitted = _values(terms.permits, "usage")
    return not permitted or bool(permitted & _OURS)


def _closed(terms: UsageTerms, commercial: bool) -> bool:
    """Whether a feed that is commercial, or is not, cannot keep to the licence. It is read in every country."""
    user = "commercial" if commercial else "non-commercial"
    permitted = _values(terms.permits, "user")
    wrong_user = bool(permitted and user not in permitted) or user in _values(terms.prohibits, "user")
    bound = any(kind == "geo" for kind, _ in (*terms.permits, *terms.prohibits))
    return _prohibits(terms) or wrong_user or bound or terms.payment not in _PAID or terms.server is not None


def _in_words(terms: UsageTerms) -> str:
    said = [f"{verb} {kind} {values}" for verb, limits in _limits(terms) for kind, values in limits]
    said += [f"payment {terms.payment or 'not said which'}"] if terms.payment is not None else []
    said += [f"licence from {terms.server}"] if terms.server else []
    return ", ".join(said)


def _limits(terms: UsageTerms) -> tuple[tuple[str, Sequence[tuple[str, str]]], ...]:
    return ("prohibits", terms.prohibits), ("permits", terms.permits)


# ---------------------------------------------------------------------------------------------------- which terms hold


def _nearest(terms: Sequence[UsageTerms], url: str | None) -> list[UsageTerms]:
    """The terms whose content is this address; where several match, those of the longest pattern (RFC 9309, 2.2.2)."""
    holding = [one for one in terms if _holds(one.content, url)]
    longest = max((len(one.content or "") for one in holding), default=0)
    return [one for one in holding if len(one.content or "") == longest]


def _holds(pattern: str | None, url: str | None) -> bool:
    """Whether a pattern (RFC 9309, 2.2.3) holds for an address; one that cannot be compared is taken to hold."""
    if not pattern or not url:
        return True
    try:
        place, content = urlsplit(url), urlsplit(pattern)
    except ValueError:
        return True
    if content.netloc and _host(content.netloc) != _host(place.netloc):
        return False
    path = (content.path or "/") + (f"?{content.query}" if content.query else "")
    wanted = re.escape(path.removesuffix("$")).replace(r"\*", ".*?") + (r"\Z" if path.endswith("$") else "")
    return re.match(wanted, (place.path or "/") + (f"?{place.query}" if place.query else "")) is not None


def _host(netloc: str) -> str:
    return netloc.lower().removeprefix("www.")
