"""The static export behind real web servers with the configurations of docs/serving.md: as the service answers.

And the export itself: what it writes, in which order, what it leaves alone, and how it goes on watching.
"""

from __future__ import annotations

import gzip
import http.client
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import brotli
import pytest
from werkzeug.test import Client, TestResponse

from feedsvc.cli.invocation import utc_now
from feedsvc.publish import Publisher, export
from feedsvc.store import Store
from feedsvc.web.security import SECURITY
from feedsvc.web.wsgi import application
from tests.commands import run
from tests.conftest import need_program
from tests.databases import database_environ, settings_of
from tests.service import PATIENCE, ROOT, Reply, copy_samples, free_port, wait_until

#: Those that a server must tell as the service does.
TOLD = (
    "Content-Type",
    "Cache-Control",
    "Vary",
    "Content-Encoding",
    "Access-Control-Allow-Origin",
    "X-Robots-Tag",
    *SECURITY,
)
#: Drawn when they are asked for, and dated by that.
OF_NOW = ("/sources", "/sources/lint")
#: Dated 1970, of which Caddy tells nothing.
UNDATED = ("/feeds.opml", "/sources.opml")


def ran(folder: Path, *arguments: str) -> str:
    result = run(folder, *arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@dataclass(frozen=True)
class Site:
    """An installation with an export, the service's own answers, and what everybody may read."""

    folder: Path
    out: Path
    service: Client
    paths: list[str]
    gone: list[str]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The samples, collected; one review withdrawn; exported."""
    folder = tmp_path_factory.mktemp("site")
    copy_samples(folder)
    ran(folder, "collect")
    settings = settings_of(folder)
    with Store.open(settings.database_url) as store:
        withdrawn = next(iter(store.reviews_of("night-lantern"))).key
    ran(folder, "withdraw", withdrawn, "--reason", "asked", "--requested-by", "the outlet")
    ran(folder, "publish", "--out", str(folder / "out"))
    with Store.open(settings.database_url) as store:
        publisher = Publisher(store=store, settings=settings, clock=utc_now)
        paths, gone = publisher.paths(), publisher.gone()
    return Site(folder, folder / "out", Client(application(settings), TestResponse), paths, gone)


def documented(language: str) -> str:
    """The first block of docs/serving.md in a language."""
    text = (ROOT / "docs/serving.md").read_text(encoding="utf-8")
    found = re.search(rf"^```{language}\n(.*?)^```", text, re.M | re.S)
    assert found
    return found[1]


def replaced(text: str, **values: str) -> str:
    for old, new in values.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


@contextmanager
def running(command: list[str], port: int, environ: Mapping[str, str] = os.environ) -> Iterator[Callable[..., Reply]]:
    """A web server, ready; gives how to ask it."""

    def ask(path: str, method: str = "GET", **headers: str) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, headers={"Host": "reviews.example", **named})
            answer = connection.getresponse()
            return Reply(answer.status, {key.lower(): value for key, value in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def answers() -> bool:
        assert process.poll() is None, process.communicate()
        try:
            return ask("/").status > 0
        except OSError:
            return False

    process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        wait_until(answers, " ".join(command))
        yield ask
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)


@contextmanager
def nginx(folder: Path, out: Path) -> Iterator[Callable[..., Reply]]:
    """nginx with the documented lines, and what Debian's own file has around them."""
    program, port = need_program("nginx"), free_port()
    lines = replaced(documented("nginx"), **{"listen 80;": f"listen 127.0.0.1:{port};", "/srv/www/reviews": str(out)})
    places = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder}/nginx.pid; error_log stderr error; events {{}}\n"
        f"http {{ include /etc/nginx/mime.types; gzip on; access_log off; {places}\n{lines}\n}}\n"
    )
    with running([program, "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf")], port) as ask:
        yield ask


@contextmanager
def caddy(folder: Path, out: Path) -> Iterator[Callable[..., Reply]]:
    """Caddy with the documented lines, without certificates."""
    program, port = need_program("caddy"), free_port()
    lines = replaced(
        documented("caddyfile"),
        **{"reviews.example {": f"http://:{port} {{\n\tbind 127.0.0.1", "/srv/www/reviews": str(out)},
    )
    (folder / "Caddyfile").write_text("{\n\tadmin off\n\tauto_https off\n}\n" + lines)
    environ = {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    command = [program, "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
    with running(command, port, environ) as ask:
        yield ask


SERVERS = {"nginx": nginx, "caddy": caddy}


@pytest.fixture(scope="module", params=SERVERS)
def ask(
    request: pytest.FixtureRequest, site: Site, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Reply]]:
    """How to ask a real web server for the files."""
    with SERVERS[request.param](tmp_path_factory.mktemp(request.param), site.out) as asked:
        yield asked


def told(headers: Mapping[str, str]) -> dict[str, str]:
    """What is to be the same, in one spelling."""
    known = {name.lower(): value for name, value in headers.items()}
    return {name: known[name.lower()].replace("; charset", ";charset") for name in TOLD if name.lower() in known}


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_every_address_is_answered_as_the_service_answers_it(
    ask: Callable[..., Reply], site: Site, encoding: str
) -> None:
    assert len(site.paths) > 30
    for path in site.paths:
        ours = site.service.get(path, headers={"Accept-Encoding": encoding})
        theirs = ask(path, Accept_Encoding=encoding)
        assert (theirs.status, told(theirs.headers)) == (ours.status_code, told(dict(ours.headers))), path
        if path not in OF_NOW:
            assert theirs.body == ours.data, path
            dated = {ours.headers["Last-Modified"]} | ({None} if path in UNDATED else set())
            assert theirs.headers.get("last-modified") in dated, path


def test_whoever_takes_either_packed_form_gets_one_of_the_same_bytes(ask: Callable[..., Reply], site: Site) -> None:
    unpack: dict[str | None, Callable[[bytes], bytes]] = {
        "gzip": gzip.decompress,
        "br": brotli.decompress,
        None: bytes,
    }
    for path in site.paths:
        answer = ask(path, Accept_Encoding="gzip, br")
        assert unpack[answer.headers.get("content-encoding")](answer.body) == ask(path).body, path


def test_a_conditional_request_is_answered_with_304(ask: Callable[..., Reply], site: Site) -> None:
    """By the date that either told, and by the ETag of the server that is asked (RFC 9110, 13)."""
    for path in (path for path in site.paths if path not in OF_NOW + UNDATED):
        date = site.service.get(path).headers["Last-Modified"]
        by_date = ask(path, If_Modified_Since=date)
        assert (by_date.status, by_date.body) == (304, b""), path
        ours = site.service.get(path, headers={"If-Modified-Since": date})
        kept = ("Cache-Control", "Vary", "Access-Control-Allow-Origin")
        assert {name: by_date.headers.get(name.lower()) for name in kept} == {
            name: ours.headers.get(name) for name in kept
        }, path
        packed = ask(path, Accept_Encoding="gzip")
        assert ask(path, Accept_Encoding="gzip", If_None_Match=packed.headers["etag"]).status == 304, path
        assert ask(path, If_None_Match='"other"').status == 200, path


def test_head_is_get_without_the_body(ask: Callable[..., Reply]) -> None:
    head, whole = ask("/feeds/reviews.atom", "HEAD"), ask("/feeds/reviews.atom")
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", str(len(whole.body)))


@pytest.mark.parametrize(
    "path",
    [
        *("/nothing", "/feeds/", "/feeds/reviews/", "/feeds/nothing.atom", "/reviews/x", "/reviews/", "/feeds"),
        *("/index.html", "/feeds/reviews/index.html", "/feeds/reviews.atom.gz", "/feeds/reviews.atom.br"),
        *("/.feedsvc-export.json", "/404.html", "/410.html", "/reviews/x/.gone"),
    ],
)
def test_what_is_no_address_is_not_found(ask: Callable[..., Reply], site: Site, path: str) -> None:
    """With the page and the headers of the service, and nothing of what lies in the folder."""
    ours, theirs = site.service.get(path), ask(path)
    assert (theirs.status, theirs.body) == (404, ours.data)
    assert told(theirs.headers) | {"Vary": ""} == told(dict(ours.headers)) | {"Vary": ""}


def test_a_withdrawn_review_is_gone(ask: Callable[..., Reply], site: Site) -> None:
    [path] = site.gone
    ours, theirs = site.service.get(path), ask(path)
    assert (theirs.status, theirs.body) == (ours.status_code, ours.data)
    assert theirs.status == 410
    assert told(theirs.headers) | {"Vary": ""} == told(dict(ours.headers)) | {"Vary": ""}


# ------------------------------------------------------------------------------------------------------- the files


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A small installation, collected: one source, one review."""
    (tmp_path / "config.toml").write_text(
        '[[sources]]\nname = "storm"\nkind = "folder"\nlocation = "incoming"\n'
        'outlet = { name = "Storm", url = "https://storm.example/" }\n\n[[feeds]]\nname = "all"\ntitle = "All"\n'
    )
    (tmp_path / "incoming").mkdir()
    drop(tmp_path, "salt")
    ran(tmp_path, "collect")
    return tmp_path


def drop(place: Path, name: str) -> None:
    """A partner's document, long enough to be packed."""
    text = f"About {name}\n\n" + f"Words on {name}. " * 60
    (place / "incoming" / f"{name}.txt").write_text(f"{text}\n\nBy: Ines Okafor\nLink: https://storm.example/{name}\n")


def published(place: Path, leave: Callable[[], bool] = lambda: False) -> list[str]:
    """What an export wrote, in its order."""
    settings = settings_of(place)
    written: list[str] = []
    with Store.open(settings.database_url) as store:
        publisher = Publisher(store=store, settings=settings, clock=utc_now)
        export(publisher, place / "out", written.append, leave)
    return written


def files(place: Path) -> dict[str, tuple[int, bytes]]:
    """Time and bytes of every file."""
    out = place / "out"
    found = [file for file in out.rglob("*") if file.is_file()]
    return {str(file.relative_to(out)): (file.stat().st_mtime_ns, file.read_bytes()) for file in found}


def test_what_is_linked_to_is_written_before_what_links_to_it(place: Path) -> None:
    order = published(place)
    [review] = [name for name in order if name.startswith("reviews/")]
    expected = ["style.css", review, "feeds/all/credits/index.html", "feeds/all.atom", "feeds.opml", "index.html"]
    assert [name for name in order if name in expected] == expected
    assert order[-1] == "index.html"


def test_the_same_bytes_keep_their_file_and_its_time(place: Path) -> None:
    published(place)
    before = files(place)
    drop(place, "moons")
    ran(place, "collect")
    published(place)
    after = files(place)
    [salt] = [name for name in before if name.startswith("reviews/") and name.endswith("index.html")]
    for name in (salt, f"{salt}.gz", f"{salt}.br", "style.css", "404.html"):
        assert after[name] == before[name], name
    assert after["feeds/all.atom"] != before["feeds/all.atom"]
    assert b"About moons" in after["feeds/all.atom"][1]


def test_a_file_has_the_time_that_the_service_tells(place: Path) -> None:
    published(place)
    told_time = Client(application(settings_of(place)), TestResponse).get("/feeds/all.atom").last_modified
    assert told_time is not None
    for name in ("feeds/all.atom", "feeds/all.atom.gz", "feeds/all.atom.br"):
        assert (place / "out" / name).stat().st_mtime_ns == int(told_time.timestamp()) * 10**9


def test_packed_forms_go_with_their_file_and_what_others_put_there_stays(place: Path) -> None:
    published(place)
    (place / "out/robots.txt").write_text("User-agent: *\n")
    (place / "out/feeds/all.atom.sig").write_text("signed")
    config = place / "config.toml"
    config.write_text(config.read_text().replace('name = "all"', 'name = "every"'))
    published(place)
    left = files(place).keys()
    assert {"robots.txt", "feeds/all.atom.sig", "feeds/every.atom", "feeds/every.atom.gz"} <= left
    assert [name for name in left if name.startswith("feeds/all")] == ["feeds/all.atom.sig"]
    assert not (place / "out/feeds/all").exists()


def test_a_withdrawn_review_leaves_a_mark_until_it_comes_back(place: Path) -> None:
    published(place)
    [page] = [name for name in files(place) if name.startswith("reviews/") and name.endswith(".html")]
    key = page.split("/")[1]
    ran(place, "withdraw", key, "--reason", "asked", "--requested-by", "the outlet")
    published(place)
    assert [name for name in files(place) if name.startswith("reviews/")] == [f"reviews/{key}/.gone"]
    ran(place, "withdraw", "--undo", key)
    published(place)
    assert f"reviews/{key}/.gone" not in files(place)
    assert page in files(place)


def test_an_export_that_is_told_to_leave_ends_after_the_file_in_hand(place: Path) -> None:
    """It removes nothing, and forgets nothing that is ours."""
    published(place)
    whole = set(files(place))
    config = place / "config.toml"
    config.write_text(config.read_text().replace('name = "all"', 'name = "every"'))
    assert published(place, leave=lambda: True) == ["404.html"]
    assert set(files(place)) == whole
    published(place)
    assert [name for name in files(place) if name.startswith("feeds/all")] == []


def test_nothing_half_written_is_left(place: Path) -> None:
    published(place)
    assert [name for name in files(place) if name.endswith(".part")] == []


def test_watching_writes_what_changes_and_ends_in_order(place: Path) -> None:
    command = [sys.executable, "-m", "feedsvc", "--config", str(place / "config.toml"), "publish", "--watch"]
    out = place / "feeds/published"
    log = (place / "log").open("w")
    process = subprocess.Popen(
        [*command, "--out", str(out)], stdout=log, stderr=log, env=os.environ | database_environ(place)
    )
    try:
        wait_until((out / "index.html").is_file, "the first export")
        drop(place, "moons")
        ran(place, "collect")
        wait_until(lambda: b"About moons" in (out / "feeds/all.atom").read_bytes(), "the new review in the files")
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        log.close()
    said = (place / "log").read_text()
    assert re.fullmatch(
        rf"warning: \[service\] base_url is not set.*\n({re.escape(str(out))}: \d+ files changed\n)+", said
    )
    assert len(said.splitlines()) >= 2
    listed = set(json.loads((out / ".feedsvc-export.json").read_bytes()))
    assert listed == {str(file.relative_to(out)) for file in out.rglob("*") if file.is_file()} - {
        ".feedsvc-export.json"
    }
