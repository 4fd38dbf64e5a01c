"""Bodies made to hang, to grow or to reach out: each ends, within the limits, with what it says here."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from feedsvc.errors import Malformed, NotAFeed, SourceError, TooLarge
from feedsvc.model import Fetched, Parsed
from feedsvc.parsers.fallback import read_guarded
from feedsvc.parsers.feed import read_feed

ITEM = "<item><title>one</title><link>https://o.example/1</link></item>"
NOT_EXPANDED = "Entities that the document declares for itself were not expanded."


def rss(inner: str = ITEM, before: str = "") -> bytes:
    return f'{before}<rss version="2.0"><channel><title>T</title>{inner}</channel></rss>'.encode()


def read(body: bytes) -> Parsed:
    return read_feed(Fetched(url="https://o.example/feed", body=body))


def titles(parsed: Parsed) -> list[str]:
    return [item.title.value for item in parsed.items if item.title]


LAUGHS = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(10))


@pytest.mark.parametrize(
    ("declared", "used"),
    [
        pytest.param(f'<!ENTITY a "ha">{LAUGHS}', "&k;", id="billion laughs"),
        pytest.param(f'<!ENTITY a "{"x" * 100_000}">', "&a;" * 3_000, id="quadratic blow-up"),
        pytest.param('<!ENTITY a SYSTEM "file:///etc/passwd">', "&a;", id="a file"),
        pytest.param('<!ENTITY % p SYSTEM "file:///etc/passwd"> %p; <!ENTITY a "x">', "&a;", id="parameter entity"),
        pytest.param("<!ENTITY a \"]>'\"><!-- ]> ' -->", "&a;", id="brackets in quotes and comments"),
    ],
)
def test_an_entity_is_never_expanded(declared: str, used: str) -> None:
    parsed = read(rss(f"<item><title>{used}</title></item>", f"<!DOCTYPE rss [{declared}]>"))
    assert titles(parsed) == [used]
    assert NOT_EXPANDED in parsed.problems


def test_nothing_is_fetched_and_no_file_is_opened(tmp_path: Path) -> None:
    """An entity, a DTD and a parameter entity that point at a server and at a file of ours."""
    asked: list[str] = []

    class Trap(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

    secret = tmp_path / "secret.txt"
    secret.write_text("the secret words")
    with HTTPServer(("127.0.0.1", 0), Trap) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        trap = f"http://127.0.0.1:{server.server_port}"
        before = (
            f'<!DOCTYPE rss SYSTEM "{trap}/dtd" [<!ENTITY a SYSTEM "{trap}/entity"><!ENTITY b SYSTEM "{secret}">'
            f'<!ENTITY % p SYSTEM "{trap}/parameter"> %p;]>'
        )
        for end in ("", "<b>"):
            parsed = read(rss(f"<item><title>&a;&b;</title></item>{end}", before))
            assert titles(parsed) == ["&a;&b;"]
        server.shutdown()
    assert asked == []


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"\n" * 100_000 + rss(), id="100 KB of newlines before the root"),
        pytest.param(rss(ITEM.replace("<link", f"<author>{'a@' * 50_000}</author><link")), id="100 KB author"),
        pytest.param(
            rss(ITEM.replace("<link", "".join(f"<category>{n}</category>" for n in range(50_000)) + "<link")),
            id="50,000 categories",
        ),
        pytest.param(
            rss(ITEM.replace("<title", "<title " + " ".join(f"a{n}='1'" for n in range(100_000)))),
            id="100,000 attributes",
        ),
        pytest.param(rss().replace(b"</channel></rss>", b"<!--" * 50_000), id="200 KB of open comments"),
        pytest.param(rss().replace(b"</channel></rss>", b"<item>" + b"<![CDATA[" * 20_000), id="open CDATA"),
        pytest.param(rss(ITEM + "<description>" + "&a" * 100_000 + "</description>"), id="bare ampersands"),
        pytest.param(rss(ITEM.replace("<link", f"<description>{'x' * 9_000_000}</description><link")), id="9 MB text"),
    ],
)
def test_a_large_but_sound_document_is_read(body: bytes) -> None:
    assert titles(read(body)) == ["one"]


def test_one_item_keeps_a_thousand_values_of_a_kind() -> None:
    item = read(rss(f"<item>{''.join(f'<category>{n}</category>' for n in range(1_500))}</item>")).items[0]
    assert len(item.categories) == 1_000


@pytest.mark.parametrize("item", ["<item/>", "<item><title>a</title></item>"])
def test_half_a_million_items_give_the_first_thousand(item: str) -> None:
    count = min(500_000, 10_000_000 // len(item))
    parsed = read(rss(ITEM + item * count))
    assert len(parsed.items) == 1_000
    assert titles(parsed)[0] == "one"
    assert parsed.problems == ("The document has more than 1000 items; only the first 1000 were read.",)


def test_a_json_feed_gives_the_first_thousand_items_too() -> None:
    items = ",".join(f'{{"id":"{n}"}}' for n in range(1_200))
    parsed = read(f'{{"version":"https://jsonfeed.org/version/1.1","items":[{items}]}}'.encode())
    assert [parsed.items[0].guid, parsed.items[-1].guid] == ["0", "999"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(rss("x" * 10 * 1024 * 1024), id="more than 10 MB"),
        pytest.param(rss(f"<item>{'<a>' * 100_000}{'</a>' * 100_000}</item>"), id="100,000 elements in each other"),
        pytest.param(rss(f'<item a="{"x" * 10_000_001}"/>'), id="10 MB attribute"),
        pytest.param(b'{"version":"https://jsonfeed.org/version/1","items":' + b"[" * 200_000, id="deep JSON"),
        pytest.param(b"[" * 5_000_000, id="deeper JSON"),
    ],
)
def test_a_document_beyond_a_limit_is_refused(body: bytes) -> None:
    with pytest.raises(TooLarge):
        read(body)


def test_depth_256_is_refused_and_depth_200_is_not() -> None:
    """libxml2's limit counts the root."""
    assert len(read(rss(f"<item>{'<a>' * 200}{'</a>' * 200}</item>")).items) == 1
    with pytest.raises(TooLarge, match="Excessive depth"):
        read(rss(f"<item>{'<a>' * 256}{'</a>' * 256}</item>"))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<!--" * 50_000, id="open comments and nothing else"),
        pytest.param(b"<!DOCTYPE rss [" + b'"' * 100_001 + rss(), id="a document type without end"),
    ],
)
def test_a_prolog_without_end_is_no_feed(body: bytes) -> None:
    with pytest.raises(NotAFeed):
        read(body)


#: feedparser looks for an e-mail address in an author by a pattern that takes quadratic time.
HANGS = rss(f"<item><author>{'a' * 1_000_000}</author></item><b>")


def test_a_document_that_hangs_feedparser_is_given_up_and_the_next_one_is_read() -> None:
    with pytest.raises(TooLarge, match="longer than 3 seconds"):
        read(HANGS)
    parsed = read(rss(ITEM + "<b>"))
    assert (parsed.reader, titles(parsed)) == ("feedparser", ["one"])


def test_feedparser_serves_several_threads() -> None:
    documents = [rss(f"<item><title>{n}</title></item><b>") for n in range(16)]
    with ThreadPoolExecutor(8) as pool:
        assert [titles(parsed) for parsed in pool.map(read, documents)] == [[str(n)] for n in range(16)]


def test_a_text_that_feedparser_finds_nothing_in_is_malformed() -> None:
    with pytest.raises(Malformed):
        read(b"<rss><channel></rss>")


def test_a_path_in_place_of_a_document_opens_no_file(tmp_path: Path) -> None:
    """feedparser opens a path when it is handed a string."""
    path = tmp_path / "feed.xml"
    path.write_bytes(rss())
    with pytest.raises(Malformed):
        read_guarded(str(path), "https://o.example/")


@pytest.mark.parametrize(
    "body",
    [b"<", b"<rss", b"<rss>", b"<?xml", b"<!", b"<!DOCTYPE", b"<rss/>", b"<feed/>", b"{", b"\xef\xbb\xbf", b"<a:feed>"],
)
def test_a_scrap_is_refused_or_read_as_nothing(body: bytes) -> None:
    with suppress(SourceError):
        assert read(body).items == ()


def test_an_address_of_a_megabyte_is_dropped() -> None:
    assert (
        read(rss(f"<item><title>a</title><link>https://o.example/{'x' * 1_000_000}</link></item>")).items[0].links == ()
    )
