"""Text of an XML document that is not well-formed → the same with the usual faults mended, and what was mended."""

from __future__ import annotations

import html
import html.entities
import re

from feedsvc.errors import TooLarge
from feedsvc.parsers.encoding import clean
from feedsvc.parsers.vocabulary import USUAL_PREFIXES

_CDATA = re.compile(r"(<!\[CDATA\[.*?(?:\]\]>|\Z))", re.S)
_REFERENCE = re.compile(r"&(?:#(?P<number>\d{1,7}|[xX][0-9a-fA-F]{1,6});|(?P<name>[A-Za-z]\w{1,31});)?")
_XML_NAMES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_PREFIX_USED = re.compile(r"<([A-Za-z_][\w.-]{0,60}):|\s([A-Za-z_][\w.-]{0,60}):[\w.-]{1,60}\s{0,9}=")
_PREFIX_DECLARED = re.compile(r"\sxmlns:([A-Za-z_][\w.-]{0,60})\s{0,9}=")
_MOST_REFERENCES = 1_000_000
_ROOT_NAME = re.compile(r"<[^\s/>]+")


def repair(text: str) -> tuple[str, list[str]]:
    """Mend forbidden characters, stray ampersands, HTML's entities, undeclared prefixes and text after the root.

    Raises TooLarge for more references than can be mended in a second.
    """
    if len(text) > _MOST_REFERENCES and text.count("&") > _MOST_REFERENCES:
        raise TooLarge(f"It is not well-formed and has more than {_MOST_REFERENCES:,} ampersands.")
    problems = []
    for step, problem in _STEPS:
        mended = step(text)
        if mended != text:
            problems.append(problem)
        text = mended
    return text, problems


def _references(text: str) -> str:
    """Every reference as XML knows it; a CDATA section is taken by its word."""
    parts = _CDATA.split(text)
    parts[::2] = [_REFERENCE.sub(_reference, part) for part in parts[::2]]
    return "".join(parts)


def _reference(found: re.Match[str]) -> str:
    if number := found["number"]:
        code = int(number[1:], 16) if number[0] in "xX" else int(number)
        # HTML reads a reference to a C1 control as the windows-1252 character that was meant (HTML, 13.2.5.80).
        return html.unescape(found[0]) if 0x80 <= code <= 0x9F else _character(code, found[0])
    name = found["name"]
    if name in _XML_NAMES:
        return found[0]
    character = html.entities.html5.get(f"{name};") if name else None
    return character.replace("&", "&amp;").replace("<", "&lt;") if character else f"&amp;{found[0][1:]}"


def _character(code: int, reference: str) -> str:
    """The reference itself, or nothing where XML forbids its character."""
    return reference if code <= 0x10FFFF and clean(chr(code)) else ""


def _prefixes(text: str) -> str:
    """Declare, on the root, each prefix that is used without a declaration."""
    used = {element or attribute for element, attribute in _PREFIX_USED.findall(text)}
    missing = used - set(_PREFIX_DECLARED.findall(text)) - {"xml", "xmlns"}
    root = _ROOT_NAME.match(text)
    if not missing or not root:
        return text
    declared = "".join(
        f' xmlns:{name}="{USUAL_PREFIXES.get(name.lower(), "urn:undeclared")}"' for name in sorted(missing)
    )
    return text[: root.end()] + declared + text[root.end() :]


def _trailing(text: str) -> str:
    """Cut what stands after the root's end tag."""
    root = _ROOT_NAME.match(text)
    end = text.rfind(f"</{root[0][1:]}") if root else -1
    close = text.find(">", end) if end >= 0 else -1
    return text[: close + 1] if close >= 0 and text[close + 1 :].strip() else text


_STEPS = (
    (clean, "Characters that XML forbids were taken out."),
    (_references, "Stray ampersands or entities of HTML were read as the characters they mean."),
    (_prefixes, "Namespace prefixes are used without a declaration."),
    (_trailing, "Text after the document was skipped."),
)


def is_cut(text: str) -> bool:
    """Whether a document ends before its root's end tag."""
    root = _ROOT_NAME.match(text)
    return bool(root) and f"</{root[0][1:]}" not in text if root else False
