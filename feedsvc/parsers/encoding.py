"""Bytes with a label that may be wrong → text, and a sentence for each thing that had to be forgiven."""

from __future__ import annotations

import codecs
import re
from dataclasses import replace
from typing import NamedTuple

from feedsvc.model import Fetched

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: "<" or "{" and one more ASCII character, where nothing marks the width (XML 1.0, appendix F; RFC 4627, 3).
_UNMARKED = (
    (re.compile(rb"[<{\[\s]\0\0\0[!-~\s]\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0\0\0[<{\[\s]\0\0\0[!-~\s]"), "utf-32-be"),
    (re.compile(rb"[<{\[\s]\0[!-~\s]\0"), "utf-16-le"),
    (re.compile(rb"\0[<{\[\s]\0[!-~\s]"), "utf-16-be"),
)
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9._:-]{2,40})", re.I)
_DECLARED = re.compile(rb"""^\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
#: Labels mean what they mean on the web (Encoding Standard, 4.2): the wider code page of the same name.
_WIDER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "big5": "big5hkscs",
    "utf-8-sig": "utf-8",
}
#: Codecs that no document may choose: UTF-7 smuggles markup past every check, the others are no character sets.
_FORBIDDEN = frozenset(
    {"utf-7", "idna", "punycode", "unicode_escape", "unicode-escape", "raw_unicode_escape", "raw-unicode-escape"}
    | {"undefined", "mbcs", "oem"}
)
#: Text of this width shows itself in its first bytes; a label that says so where they do not is wrong.
_WIDE = ("utf-16", "utf-32")
#: Codecs that take any bytes, or nearly any: that a text can be read with them says nothing.
_SINGLE_BYTE = ("cp125", "cp874", "iso8859", "koi8", "mac", "latin", "cp437", "cp85", "cp86")
#: A stray byte as `surrogateescape` leaves it → its windows-1252 character (five bytes have none there: U+FFFD).
_STRAY = {0xDC00 + byte: bytes([byte]).decode("cp1252", "replace") for byte in range(0x80, 0x100)}

_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
#: A character of windows-1252 → the one whose number is its byte.
_AS_BYTE = {
    ord(bytes([byte]).decode("cp1252")): byte
    for byte in range(0x80, 0xA0)
    if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
#: What XML 1.0 forbids (section 2.2): C0 controls, lone surrogates, U+FFFE and U+FFFF.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+")


class Decoded(NamedTuple):
    """The text of a document, what had to be forgiven, and its bytes where they are that very text in UTF-8."""

    text: str
    problems: list[str]
    utf8: bytes | None = None

    def utf8_from(self, position: int) -> bytes:
        """The text from a character on, in UTF-8."""
        if self.utf8 is None:
            return self.text[position:].encode("utf-8", "replace")
        return self.utf8[len(self.text[:position].encode()) :]


def decode(fetched: Fetched) -> Decoded:
    """The text of a document and what had to be forgiven.

    Text that somebody took for windows-1252 when it was UTF-8, and then wrote as UTF-8, is turned back.
    """
    decoded = _decode(fetched)
    once = _undoubled(decoded.text)
    if once is None:
        return decoded
    return Decoded(once, [*decoded.problems, "The text was encoded twice, and was decoded twice."])


def decode_page(fetched: Fetched) -> Decoded:
    """As `decode`; a page's <meta charset> counts only where nothing else says it and the bytes are no UTF-8."""
    declared = _META_CHARSET.search(fetched.body[:2048])
    if declared and not fetched.charset and _strict(fetched.body, "utf-8") is None:
        fetched = replace(fetched, charset=declared[1].decode("ascii"))
    return decode(fetched)


def _undoubled(text: str) -> str | None:
    """What a doubly encoded text was at first; None unless all that is not ASCII in it is such damage."""
    if text.isascii():
        return None
    try:
        return _BEYOND_ASCII.sub(_taken_back, text)
    except UnicodeError:
        return None


def _taken_back(found: re.Match[str]) -> str:
    return found[0].translate(_AS_BYTE).encode("latin-1").decode("utf-8")


def _decode(fetched: Fetched) -> Decoded:
    """By the labels, as far as the bytes bear them out.

    A byte-order mark beats the transport's charset, which beats the XML declaration (RFC 7303, 3.2); a label that the
    bytes contradict is left aside, and bytes that are no UTF-8 are read as windows-1252.
    """
    body = fetched.body
    for mark, codec in _MARKS:
        if body.startswith(mark):
            return _lenient(body[len(mark) :], codec)
    for pattern, codec in _UNMARKED:
        if pattern.match(body):
            return _lenient(body, codec)
    declared = _declared(body)
    labels = [label for label in (fetched.charset, declared) if label]
    if _refuted(body, labels[:1]):
        return Decoded(body.decode(), [f"The text is labelled {labels[0]}, but its bytes are UTF-8."], body)
    wrong: list[str] = []
    for label in labels:
        if labelled := _codec(label):
            decoded = _strict(body, labelled)
            if decoded is not None:
                return Decoded(decoded, wrong, body if labelled == "utf-8" else None)
            wrong.append(f"The text is labelled {label}, but its bytes are not.")
    return _mended(body, wrong)


def _declared(body: bytes) -> str | None:
    found = _DECLARED.match(body[:1024])
    return found[1].decode("ascii") if found else None


def _codec(label: str) -> str | None:
    """Python's name for a label, None for one that is missing, unknown, unsafe or refuted by the first bytes."""
    try:
        name = codecs.lookup(label.strip().strip("\"'")).name
    except (LookupError, ValueError):
        return None
    return None if name in _FORBIDDEN or name.startswith(_WIDE) else _WIDER.get(name, name)


def _refuted(body: bytes, labels: list[str]) -> bool:
    """Whether a single-byte label stands on what is UTF-8: text of such an encoding is never UTF-8 by chance.

    Many servers and programs put such a label on everything; believed, each letter beyond ASCII would become two.
    """
    return (
        any((_codec(label) or "").startswith(_SINGLE_BYTE) for label in labels)
        and not body.isascii()
        and _strict(body, "utf-8") is not None
    )


def _strict(body: bytes, codec: str) -> str | None:
    try:
        return body.decode(codec)
    except (UnicodeError, LookupError):
        # LookupError: a name for something that is no character set, such as "zlib" or "hex".
        return None


def _mended(body: bytes, problems: list[str]) -> Decoded:
    """UTF-8 with each byte that is none of it read as windows-1252: right for either encoding and for a mix of both."""
    text = _strict(body, "utf-8")
    if text is not None:
        return Decoded(text, problems, body)
    problems.append("Bytes that are no UTF-8 were read as windows-1252.")
    return Decoded(body.decode("utf-8", "surrogateescape").translate(_STRAY), problems)


def _lenient(body: bytes, codec: str) -> Decoded:
    text = _strict(body, codec)
    if text is not None:
        return Decoded(text, [], body if codec == "utf-8" else None)
    name = codec.removesuffix("-le").removesuffix("-be")
    return Decoded(body.decode(codec, "replace"), [f"Some bytes are no {name}."])


def clean(text: str) -> str:
    """A text without the characters that XML 1.0 forbids (section 2.2), so that it can be stored and drawn anywhere."""
    return _NO_XML.sub("", text)
