"""Bodies made to hang, to grow or to reach out: each ends, within time and memory, with what its row says.

Each row is read in a process of its own, forked from this one, with a hard limit of CPU, and its memory is measured.
"""

from __future__ import annotations

import codecs
import gzip
import os
import pickle
import resource
import select
import signal
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest

from feedsvc.errors import Malformed, NotAFeed, SourceError, TooLarge
from feedsvc.model import Fetched, Limits, Parsed
from feedsvc.parsers.document import read_document
from feedsvc.parsers.fallback import read_guarded
from feedsvc.parsers.feed import read_feed

ITEM = "<item><title>one</title><link>https://o.example/1</link></item>"
END = "</channel></rss>"
NOT_EXPANDED = "Entities that the document declares for itself were not expanded."
#: CPU of a whole body of the size that is let in, in seconds; and how far the process may grow, in MB.
SLOWEST, LARGEST = 10, 400
#: Of bodies that must end at once.
AT_ONCE = 1
MB = 1 << 20


def rss(inner: str = ITEM, before: str = "") -> bytes:
    return f'{before}<rss version="2.0"><channel><title>T</title>{inner}{END}'.encode("utf-8", "surrogatepass")


def read(body: bytes) -> Parsed:
    return read_feed(Fetched(url="https://o.example/feed", body=body))


def drop(name: str) -> Callable[[bytes], Parsed]:
    return lambda body: read_document(Fetched(url=f"file:///drop/{name}", path=name, body=body))


def titles(parsed: Parsed) -> list[str]:
    return [item.title.value for item in parsed.items if item.title]


# ------------------------------------------------------------------------------------------------------------ the table


@dataclass
class Row:
    """One hostile body: what is made of it, in how much CPU."""

    name: str
    body: Callable[[], bytes]
    #: Titles of the items that are kept, or the error that it must end with; several errors where time decides.
    kept: tuple[str, ...] | None = None
    errors: tuple[type[SourceError], ...] = ()
    seconds: int = SLOWEST
    says: str = ""
    read: Callable[[bytes], Parsed] = field(default=read)


class Outcome(NamedTuple):
    """How the reading of one body went: CPU in seconds, growth in MB, the items' titles or the error."""

    seconds: float
    grown: float
    kept: tuple[str, ...]
    error: type[SourceError] | None
    said: str


def kept(name: str, body: Callable[[], bytes], *titles: str, seconds: int = SLOWEST, says: str = "") -> Row:
    return Row(name, body, kept=titles or ("one",), seconds=seconds, says=says)


def ends(
    name: str,
    body: Callable[[], bytes],
    *errors: type[SourceError],
    seconds: int = SLOWEST,
    says: str = "",
    read: Callable[[bytes], Parsed] = read,
) -> Row:
    return Row(name, body, errors=errors, seconds=seconds, says=says, read=read)


def either(name: str, body: Callable[[], bytes], *errors: type[SourceError]) -> Row:
    """Not well-formed and slow: feedparser reads it in its time or is ended; which, the machine decides."""
    return Row(name, body, kept=("one",), errors=errors)


def laughs() -> str:
    return "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(10))


def declared(entity: str, used: str = "&a;", after: str = "") -> Callable[[], bytes]:
    return lambda: rss(f"<item><title>{used}</title></item>{after}", f"<!DOCTYPE rss [{entity}]>")


def inside(markup: str) -> Callable[[], bytes]:
    """One item with more in it."""
    return lambda: rss(ITEM.replace("<link", f"{markup}<link"))


def open_at_the_end(markup: str) -> Callable[[], bytes]:
    """One item, then what never ends."""
    return lambda: rss().replace(END.encode(), markup.encode())


def words(markup: str) -> Callable[[], bytes]:
    return lambda: rss(f"<item><title>{markup}</title></item>")


def in_utf(codec: str, mark: bytes = b"") -> Callable[[], bytes]:
    return lambda: mark + rss("<item><title>né – “œ”</title></item>").decode().encode(codec)


ENTITIES = [
    kept("billion laughs", declared(f'<!ENTITY a "ha">{laughs()}', "&k;"), "&k;", seconds=AT_ONCE, says=NOT_EXPANDED),
    kept(
        "billion laughs, not well-formed",
        declared(f'<!ENTITY a "ha">{laughs()}', "&k;", "<b>"),
        "&k;",
        seconds=AT_ONCE,
        says=NOT_EXPANDED,
    ),
    kept(
        "quadratic blow-up",
        declared(f'<!ENTITY a "{"x" * 100_000}">', "&a;" * 3_000),
        "&a;" * 3_000,
        seconds=AT_ONCE,
        says=NOT_EXPANDED,
    ),
    kept(
        "quadratic blow-up, 20,000 times",
        declared(f'<!ENTITY a "{"x" * 100_000}">', "&a;" * 20_000),
        "&a;" * 3_333 + "&",
        seconds=AT_ONCE,
        says=NOT_EXPANDED,
    ),
    kept("a file as entity", declared('<!ENTITY a SYSTEM "file:///etc/passwd">'), "&a;", seconds=AT_ONCE),
    kept("an address as entity", declared('<!ENTITY a SYSTEM "http://127.0.0.1:9/">'), "&a;", seconds=AT_ONCE),
    kept(
        "an external DTD",
        lambda: rss(before='<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/rss.dtd">'),
        seconds=AT_ONCE,
    ),
    kept(
        "a parameter entity",
        declared('<!ENTITY % p SYSTEM "file:///etc/passwd"> %p; <!ENTITY a "x">'),
        "&a;",
        seconds=AT_ONCE,
    ),
    kept("brackets in quotes and comments", declared("<!ENTITY a \"]>'\"><!-- ]> ' -->"), "&a;", seconds=AT_ONCE),
    ends("a document type without end", lambda: b"<!DOCTYPE rss [" + b'"' * 100_001 + rss(), NotAFeed, seconds=AT_ONCE),
    ends("a document type of 10 MB", lambda: b"<!DOCTYPE rss [" + b"[" * 10_000_000, NotAFeed),
    ends("two million processing instructions", lambda: b"<?a?>" * 2_000_000 + rss(), NotAFeed),
]
SIZES = [
    kept("100 KB of newlines before the root", lambda: b"\n" * 100_000 + rss(), seconds=AT_ONCE),
    kept("100 KB of newlines, not well-formed", lambda: b"\n" * 100_000 + rss(ITEM + "<b>"), seconds=AT_ONCE),
    kept("100 KB author", inside(f"<author>{'a@' * 50_000}</author>"), seconds=AT_ONCE),
    either("100 KB author, not well-formed", inside(f"<author>{'a@' * 50_000}</author><b>"), TooLarge),
    kept("50,000 categories", inside("".join(f"<category>{n}</category>" for n in range(50_000)))),
    either("50,000 categories, not well-formed", inside("<category>a</category>" * 50_000 + "<b>"), TooLarge),
    kept("a million authors", inside("<author>a</author>" * 555_000)),
    kept(
        "100,000 attributes",
        lambda: rss(ITEM.replace("<title", "<title " + " ".join(f"a{n}='1'" for n in range(100_000)))),
    ),
    either(
        "100,000 attributes, not well-formed",
        lambda: rss(ITEM.replace("<title", "<title " + " ".join(f"a{n}='1'" for n in range(100_000))) + "<b>"),
        TooLarge,
    ),
    ends("a 10 MB attribute", lambda: rss(f'<item a="{"x" * 10_000_001}"/>'), TooLarge, says="limit"),
    kept("a 9 MB text", inside(f"<description>{'x' * 9_000_000}</description>")),
    kept("9 MB of escaped HTML", inside(f"<description>{'&lt;b&gt;' * 1_000_000}</description>")),
    kept(
        "500,000 items",
        lambda: rss(ITEM + "<item/>" * 500_000),
        says="more than 1000 items; only the newest 1000 were read ([limits] max_items)",
    ),
    kept("320,000 items with titles", lambda: rss("<item><title>one</title></item>" * 320_000), *["one"] * 1_000),
    kept("200,000 items, cut off", lambda: rss(ITEM + "<item/>" * 200_000)[: -len(END) - 5]),
    ends("two million items", lambda: rss("<a/>x" * 2_000_000), TooLarge, says="more than 1,000,000 elements"),
    ends("900,000 attributes", lambda: rss("<a b='c'/>x" * 900_000), TooLarge, says="elements and attributes"),
    kept("500,000 elements with attributes", lambda: rss(ITEM + "<a b='c'/>x" * 499_000)),
    kept("200,000 names", lambda: rss(ITEM + "".join(f"<a{n}/>" for n in range(200_000)))),
    kept("100,000 namespaces", lambda: rss(ITEM + "".join(f"<a xmlns='u:{n}'/>" for n in range(100_000)))),
    ends("a 50 MB element", lambda: rss("x" * 50 * MB), TooLarge, seconds=AT_ONCE, says="[limits] max_body"),
    ends(
        "100,000 elements in each other",
        lambda: rss(f"<item>{'<a>' * 100_000}{'</a>' * 100_000}</item>"),
        TooLarge,
        seconds=AT_ONCE,
        says="[limits] max_nesting",
    ),
    either("100,000 elements in each other, not well-formed", lambda: rss(f"{ITEM}</b>{'<a>' * 100_000}"), TooLarge),
    either("200 KB of open comments", open_at_the_end("<!--" * 50_000), TooLarge),
    ends("200 KB of open comments and nothing else", lambda: b"<!--" * 50_000, NotAFeed, seconds=AT_ONCE),
    either("200 KB of open CDATA", open_at_the_end("<item>" + "<![CDATA[" * 22_000), TooLarge),
    kept("100,000 stray ampersands", inside(f"<description>{'&a' * 100_000}</description>")),
    ends("five million stray ampersands", inside("&a" * 5_000_000), TooLarge, says="ampersands"),
    ends("deep JSON", lambda: b'{"version":"https://jsonfeed.org/version/1","items":' + b"[" * 200_000, TooLarge),
    ends("five million brackets", lambda: b"[" * 5_000_000, TooLarge, says="1,000,000"),
    ends(
        "a million JSON items, cut off",
        lambda: b'{"version":"https://jsonfeed.org/version/1","items":[' + b'{"id":1},' * 1_100_000,
        TooLarge,
        says="1,000,000",
    ),
]
NESTED = [
    kept("200 KB of nested div, escaped", inside(f"<description>{'&lt;div&gt;' * 18_000}</description>"), seconds=1),
    kept(
        "200 KB of nested div in CDATA", inside(f"<description><![CDATA[{'<div>' * 40_000}]]></description>"), seconds=1
    ),
    ends("200 KB of nested div as elements", inside("<div>" * 18_000 + "</div>" * 18_000), TooLarge, seconds=AT_ONCE),
    ends("a page of 200 KB of nested div", lambda: b"<html>" + b"<div>" * 40_000, SourceError, read=drop("a.html")),
    Row("Markdown nested 100,000 deep", lambda: b"# one\n\n" + b"> " * 45_000 + b"x", ("one",), read=drop("a.md")),
]
CHARACTERS = [
    kept(
        "a script in UTF-7",
        lambda: rss("<item><title>+ADw-script+AD4-</title></item>", '<?xml version="1.0" encoding="utf-7"?>'),
        "+ADw-script+AD4-",
    ),
    kept("UTF-16 with mark", in_utf("utf-16-le", codecs.BOM_UTF16_LE), "né – “œ”"),
    kept("UTF-16 without mark", in_utf("utf-16-be"), "né – “œ”"),
    kept("UTF-32 with mark", in_utf("utf-32-be", codecs.BOM_UTF32_BE), "né – “œ”"),
    kept("UTF-32 without mark", in_utf("utf-32-le"), "né – “œ”"),
    kept("windows-1252, not declared", in_utf("cp1252"), "né – “œ”"),
    kept(
        "a wrong label",
        lambda: rss("<item><title>né</title></item>", '<?xml version="1.0" encoding="windows-1251"?>'),
        "né",
    ),
    kept("NUL and C0 characters", words("o\x00n\x0be\x1f&#0;&#x1;"), "one"),
    kept("invalid UTF-8", lambda: words("n?")().replace(b"?", b"\xc3\x28\xff"), "nÃ(ÿ"),
    kept("surrogates", words("o\ud800ne&#xD800;"), "oí\xa0€ne"),
    kept("ten million control characters", lambda: rss(ITEM + "\x01" * 10_000_000)),
]
NO_FEEDS = [
    ends("a page", lambda: b"<!doctype html><title>Film</title>", NotAFeed, says="an HTML page"),
    ends("a log-in page", lambda: b"<html><body><form><input type=password></form>", NotAFeed, says="an HTML page"),
    ends("10 MB of a page", lambda: b"<html><body>" + b"<div>" * 2_000_000, NotAFeed, says="an HTML page"),
    ends("an error in JSON", lambda: b'{"error": "gone"}', NotAFeed, says="JSON"),
    ends("gzip", lambda: gzip.compress(rss()), NotAFeed, says="gzip data"),
    ends("an empty body", lambda: b"", NotAFeed, says="an empty body"),
    ends("10 MB of white space", lambda: b" " * 10_000_000, NotAFeed, says="an empty body"),
    ends("10 MB of <", lambda: b"<" * 10_000_000, NotAFeed),
    kept(
        "cut off",
        lambda: rss(ITEM + "<item><title>two</ti").removesuffix(END.encode()),
        says="before the cut were read",
    ),
]
DAMAGE = [
    kept("a bare ampersand", words("Fish & chips"), "Fish & chips"),
    kept("an unclosed tag", lambda: rss(f"{ITEM}<br>"), says="not well-formed"),
    kept("an entity that HTML knows", words("caf&eacute;"), "café"),
    kept("an entity that nobody knows", words("&wombat;"), "&wombat;"),
    kept("the same guid twice", lambda: rss("<item><title>one</title><guid>1</guid></item>" * 2), "one", "one"),
    kept("a guid of 10 KB", inside(f"<guid>{'g' * 10_000}</guid>")),
    kept("the year 0", inside("<pubDate>Sat, 01 Jan 0000 00:00:00 GMT</pubDate>")),
    kept("the year 9999", inside("<pubDate>Fri, 31 Dec 9999 23:59:59 GMT</pubDate>")),
    kept("a date of a megabyte", inside(f"<pubDate>{'Fri, ' * 200_000}</pubDate>")),
    kept(
        "years that no calendar has, in more items than are kept",
        lambda: rss(ITEM + "<item><pubDate>Fri, 99 Zzz 99999999999 99:99:99 +9999</pubDate></item>" * 1_100),
    ),
    kept(
        "an address of a megabyte",
        lambda: rss(f"<item><title>one</title><link>https://o.example/{'x' * MB}</link></item>"),
    ),
]


def worker() -> int:
    """The number of the process that feedparser runs in: the only child of the one that reads a row."""
    return int(Path(f"/proc/self/task/{os.getpid()}/children").read_text())


def used(pid: int) -> int:
    """CPU that a process has used, in ticks."""
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(after_name[11]) + int(after_name[12])


def next_is_read(error: SourceError) -> Parsed:
    """The error again, if a document that needs feedparser is read after it."""
    assert titles(read(BROKEN)) == ["one"]
    raise error


def read_by_a_stopped_worker(body: bytes) -> Parsed:
    """A stopped process does not get its alarm."""
    assert titles(read(BROKEN)) == ["one"]
    os.kill(worker(), signal.SIGSTOP)
    try:
        return read(body)
    except SourceError as error:
        return next_is_read(error)


def read_by_a_worker_that_dies(body: bytes) -> Parsed:
    """It is killed from outside, as by the system when memory runs out, while it is at work."""
    assert titles(read(BROKEN)) == ["one"]
    pid = worker()
    idle = used(pid)
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(read, body)
        while not reading.done() and used(pid) < idle + 5:
            pass
        os.kill(pid, signal.SIGKILL)
        try:
            return reading.result()
        except SourceError as error:
            return next_is_read(error)


def read_by_a_worker_without_room(body: bytes) -> Parsed:
    """The worker's limit of memory is what it says, and here it is lowered to what it has."""
    assert titles(read(BROKEN)) == ["one"]
    assert resource.prlimit(worker(), resource.RLIMIT_AS) == (1 << 30, 1 << 30)
    size = int(Path(f"/proc/{worker()}/statm").read_text().split()[0]) * resource.getpagesize()
    resource.prlimit(worker(), resource.RLIMIT_AS, (size + 20 * MB, size + 20 * MB))
    try:
        return read(body)
    except SourceError as error:
        return next_is_read(error)


def read_then_the_next(body: bytes) -> Parsed:
    try:
        return read(body)
    except SourceError as error:
        return next_is_read(error)


BROKEN = rss(ITEM + "<b>")
#: feedparser looks for an e-mail address in an author by a pattern that takes quadratic time.
HANGS = inside(f"<author>{'a' * MB}</author><b>")
WORKER = [
    ends("its worker is stopped", HANGS, TooLarge, says="longer than 10 seconds", read=read_by_a_stopped_worker),
    ends("its worker hangs", HANGS, TooLarge, says="longer than 3 seconds", read=read_then_the_next),
    ends("its worker is killed", HANGS, Malformed, says="made the reader", read=read_by_a_worker_that_dies),
    ends(
        "its worker has no more memory",
        inside(f"<description>{'é' * 4_500_000}</description><b>"),
        TooLarge,
        says="more than 1 GiB",
        read=read_by_a_worker_without_room,
    ),
]
TABLE = [*WORKER, *ENTITIES, *SIZES, *NESTED, *CHARACTERS, *NO_FEEDS, *DAMAGE]


def measured(row: Row) -> Outcome:
    """Read a row's body, here and now."""
    body = row.body()
    before, began = memory(), time.process_time()
    names: tuple[str, ...] = ()
    error: type[SourceError] | None = None
    try:
        parsed = row.read(body)
        names, said = tuple(titles(parsed)), " ".join(parsed.problems)
    except SourceError as caught:
        error, said = type(caught), str(caught)
    seconds = time.process_time() - began
    return Outcome(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before, names, error, said)


def memory() -> float:
    """What this process holds now, in MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / MB


class Child(NamedTuple):
    """A process that reads one body, and the end of the pipe that it answers on."""

    pid: int
    answer: int


def started(row: Row) -> Child:
    answer, tell = os.pipe()
    pid = os.fork()
    if pid:
        os.close(tell)
        return Child(pid, answer)
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (SLOWEST + 2, SLOWEST + 2))
        os.write(tell, pickle.dumps(measured(row)))
    except BaseException:
        os.write(tell, pickle.dumps(traceback.format_exc()))
    finally:
        os._exit(0)


def ended(child: Child) -> Outcome | str:
    """What a child measured, or how it failed."""
    with os.fdopen(child.answer, "rb") as pipe:
        answer = pipe.read()
    _, status = os.waitpid(child.pid, 0)
    return pickle.loads(answer) if answer else f"ended by {signal.Signals(os.WTERMSIG(status)).name}"


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Outcome | str]:
    """Every row's outcome; several are read at a time, since some of them wait."""
    found: dict[str, Outcome | str] = {}
    running: dict[int, tuple[str, Child]] = {}
    rows = list(reversed(TABLE))
    while rows or running:
        while rows and len(running) < 5:
            row = rows.pop()
            child = started(row)
            running[child.answer] = (row.name, child)
        for answer in select.select(list(running), [], [])[0]:
            name, child = running.pop(answer)
            found[name] = ended(child)
    return found


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_a_hostile_body_ends_within_the_limits(row: Row, outcomes: dict[str, Outcome | str]) -> None:
    outcome = outcomes[row.name]
    assert isinstance(outcome, Outcome), outcome
    if outcome.error:
        assert issubclass(outcome.error, row.errors), outcome.said
    else:
        assert outcome.kept == row.kept
    assert row.says in outcome.said
    assert outcome.seconds < row.seconds
    assert outcome.grown < LARGEST


# ---------------------------------------------------------------------------------------------------- nothing is asked


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


def test_a_path_in_place_of_a_document_opens_no_file(tmp_path: Path) -> None:
    """feedparser opens a path when it is handed a string."""
    path = tmp_path / "feed.xml"
    path.write_bytes(rss())
    with pytest.raises(Malformed):
        read_guarded(str(path), "https://o.example/", Limits())


# ------------------------------------------------------------------------------------------------------------ the rest


def test_feedparser_serves_several_threads() -> None:
    documents = [rss(f"<item><title>{n}</title></item><b>") for n in range(16)]
    with ThreadPoolExecutor(8) as pool:
        assert [titles(parsed) for parsed in pool.map(read, documents)] == [[str(n)] for n in range(16)]


def test_a_text_that_feedparser_finds_nothing_in_is_malformed() -> None:
    with pytest.raises(Malformed):
        read(b"<rss><channel></rss>")


@pytest.mark.parametrize(
    "body",
    [b"<", b"<rss", b"<rss>", b"<?xml", b"<!", b"<!DOCTYPE", b"<rss/>", b"<feed/>", b"{", b"\xef\xbb\xbf", b"<a:feed>"],
)
def test_a_scrap_is_refused_or_read_as_nothing(body: bytes) -> None:
    with suppress(SourceError):
        assert read(body).items == ()


def test_an_address_of_a_megabyte_is_dropped() -> None:
    item = read(rss(f"<item><title>a</title><link>https://o.example/{'x' * MB}</link></item>")).items[0]
    assert item.links == ()


def test_names_of_one_document_are_forgotten() -> None:
    """lxml keeps the names that a thread has met; ten such documents would hold 100 MB otherwise."""
    bodies = (rss(ITEM + "".join(f"<a{turn}{'x' * 9_990}{n}/>" for n in range(900))) for turn in range(11))
    assert titles(read(next(bodies))) == ["one"]
    before = memory()
    assert [titles(read(body)) for body in bodies] == [["one"]] * 10
    assert memory() - before < 60
