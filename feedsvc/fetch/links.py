"""Link headers in, relations with absolute addresses out (RFC 8288). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urljoin

from feedsvc.fetch.headers import Head

_TARGET = re.compile(r"[\s,]*<([^>]*)>")
#: A name, and perhaps a value: a quoted string or a token (RFC 9110 5.6), or what servers send instead of one.
_PARAMETER = re.compile(r'\s*;\s*(?:([^\s=;,"]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^";,\s]+)))?)?')
#: So many links of one answer are read.
_MOST = 100


def links_of(head: Head, url: str) -> tuple[tuple[str, str], ...]:
    """Relation (lower case) and absolute address of each link that an answer at `url` says of itself, in their order.

    A link about another resource (`anchor`) says nothing of this one and is left out, as is what follows a fault.
    """
    found: list[tuple[str, str]] = []
    for value in head.fields.get("link", ()):
        for reference, parameters in _parsed(value):
            anchor = parameters.get("anchor")
            if (anchor is None or _resolved(url, anchor) == url) and (target := _resolved(url, reference)):
                found += [(relation, target) for relation in parameters.get("rel", "").lower().split()]
    return tuple(found[:_MOST])


def _parsed(value: str) -> Iterable[tuple[str, dict[str, str]]]:
    """Each link-value: its reference, and the first of each of its parameters (RFC 8288 3.3)."""
    at = 0
    while link := _TARGET.match(value, at):
        at = link.end()
        parameters: dict[str, str] = {}
        while parameter := _PARAMETER.match(value, at):
            at = parameter.end()
            name, quoted, plain = parameter.groups()
            if name:
                text = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else plain or ""
                parameters.setdefault(name.lower(), text)
        yield link[1].strip(), parameters
        if value[at : at + 1].strip() not in ("", ","):
            return


def _resolved(url: str, reference: str) -> str | None:
    try:
        return urljoin(url, reference)
    except ValueError:
        return None
