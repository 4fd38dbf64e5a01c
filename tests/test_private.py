"""A private feed as everybody concerned meets it: its partners, everybody else, the operator, and the logs."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from lxml import etree, html
from werkzeug.test import Client, TestResponse

from feedsvc.cli import main
from feedsvc.errors import StoreError
from feedsvc.model import AccessToken, Rendition, TokenUse
from feedsvc.store import Store
from feedsvc.web import create_app
from feedsvc.web.private import Uses, Wsgi, apart, private
from feedsvc.web.wsgi import application
from tests.commands import run
from tests.databases import connected, database_url, settings_of
from tests.exported import plain_files
from tests.samples import SITE
from tests.service import Service, wait_until

CONFIG = """
[service]
base_url = "https://reviews.example"

[[sources]]
name = "lantern"
kind = "folder"
location = "incoming/lantern"
outlet = { name = "Night Lantern", url = "https://night-lantern.example/" }

[[sources]]
name = "quillfeather"
kind = "folder"
location = "incoming/quillfeather"
outlet = { name = "Quillfeather Quarterly", url = "https://quillfeather.example/" }
category = "Quillwork"

[[feeds]]
name = "reviews"
title = "All reviews"
sources = ["lantern"]

[[feeds]]
name = "partners"
title = "Zephyrine for partners"
description = "Zephyrine things"
access = "token"

[[feeds]]
name = "others"
title = "Xylograph for others"
access = "token"
sources = ["quillfeather"]
"""
PUBLIC = "The Salt Road\n\nSaltwords begin it.\n\nBy: Ines Okafor\nLink: https://night-lantern.example/salt\n"
SECRET = (
    "Umbrageous Vespers\n\nMurmuration begins it.\n\nBy: Perpetua Osgood\nRating: 4/5\nCites: Thornbury Gazetteer\n"
    "Sources: Thornbury Gazetteer\nLicence: CC BY 4.0\nLink: https://quillfeather.example/vespers\n"
)
#: Whatever is said of the private review and of the private feeds, as it would be found in any of our formats.
WORDS = ("umbrageous", "vespers", "murmuration", "perpetua", "osgood", "thornbury", "quillfeather", "quillwork")
FEEDS = ("zephyrine", "xylograph")
SUFFIXES = ("", ".atom", ".rss", ".json", "/credits", "/credits.json")


def ran(folder: Path, *arguments: str) -> Result:
    return run(folder, *arguments, catch_exceptions=False)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """An installation with a public review and one that private feeds alone show, collected."""
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    for name, text in {"lantern/salt.txt": PUBLIC, "quillfeather/vespers.txt": SECRET}.items():
        (tmp_path / "incoming" / name).parent.mkdir(parents=True)
        (tmp_path / "incoming" / name).write_text(text, encoding="utf-8")
    (tmp_path / "incoming/quillfeather/quillwork.bin.txt").write_bytes(b"\0\1")
    ran(tmp_path, "collect")
    return tmp_path


@pytest.fixture
def web(place: Path) -> Client:
    """The whole site, as one process of the web server answers."""
    return Client(application(settings_of(place)), TestResponse)


def token_of(place: Path, feed: str = "partners") -> str:
    """A new token, as the operator reads it from the screen."""
    found = re.search(r"^[\w-]{43}$", ran(place, "token", "add", feed, "--name", "Harbour Gazette").stdout, re.M)
    assert found
    return found[0]


def basic(token: str, user: str = "anybody") -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{token}".encode()).decode()}


def secret_key(place: Path) -> str:
    """The key of the review that is no public one."""
    with Store.open(settings_of(place).database_url) as store:
        [review] = store.reviews_of("quillfeather")
        return review.key


# ------------------------------------------------------------------------------------------------------- what is public


def crawled(web: Client, *starts: str) -> dict[str, TestResponse]:
    """Every address of this site that can be reached by links from these, with its answer."""
    found: dict[str, TestResponse] = {}
    waiting = list(starts)
    while waiting:
        path = waiting.pop()
        if path not in found:
            found[path] = answer = web.get(path)
            links = re.findall(r'(?:href|xmlUrl|htmlUrl|url|src)="(?:https://reviews\.example)?(/[^"#]*)', answer.text)
            links += re.findall(r'https://reviews\.example(/[^"#<\s]*)', answer.text)
            links += re.findall(r'https://reviews\.example(/[^">]*)', answer.headers.get("Link", ""))
            waiting += (link.replace("&amp;", "&") for link in links if not link.startswith("/private/"))
    return found


def test_no_public_address_says_a_word_of_what_only_private_feeds_show(web: Client, place: Path) -> None:
    """Everything linked, everything exported, every address that there is a rule for, and views of the public feed."""
    key = secret_key(place)
    every = [rule.rule for rule in create_app(SITE, Nothing()).url_map.iter_rules() if "GET" in (rule.methods or ())]
    guessed = [re.sub(r"<(\w+:)?\w+>", name, rule) for rule in every for name in ("reviews", "partners", "others", key)]
    guessed += [f"/feeds/{name}{suffix}" for name in ("reviews", "partners", "others") for suffix in SUFFIXES]
    views = ("outlet=quillfeather-quarterly", "q=umbrageous", "critic=perpetua-osgood", "page=2", "content=full")
    guessed += [f"{path}?{view}" for path in ("/feeds/reviews", "/feeds/reviews.atom", "/search") for view in views]
    reached = crawled(web, "/", *guessed)

    assert reached["/feeds/reviews.atom"].status_code == 200
    assert len([path for path, answer in reached.items() if answer.status_code == 200]) >= 12
    for path, answer in reached.items():
        said = (answer.text + str(answer.headers)).lower()
        # What was asked for may be said again.
        for asked in re.findall(r"=([^&]+)", path):
            said = said.replace(asked, "")
        assert [word for word in (*WORDS, *FEEDS) if word in said] == [], path


def test_the_export_says_nothing_of_it_either(place: Path) -> None:
    ran(place, "publish", "--out", str(place / "out"))

    said = "\n".join(f"{name}\n{body.decode()}" for name, body in plain_files(place / "out").items()).lower()
    assert "saltwords" in said
    assert [word for word in (*WORDS, *FEEDS, "/others", "/partners") if word in said] == []


def test_a_review_that_a_public_feed_shows_too_has_its_page(web: Client, place: Path) -> None:
    """And its page names the public feeds alone."""
    [path] = [path for path in crawled(web, "/") if path.startswith("/reviews/")]
    page = web.get(path).text
    assert "Saltwords" in page
    assert "/feeds/partners" not in page


def test_the_page_of_a_private_review_is_not_there(web: Client, place: Path) -> None:
    path = f"/reviews/{secret_key(place)}"
    assert web.get(path).status_code == 404
    ran(place, "withdraw", path.removeprefix("/reviews/"), "--reason", "asked", "--requested-by", "the outlet")
    assert web.get(path).status_code == 404


def test_a_feed_made_private_leaves_every_list_at_once(place: Path) -> None:
    """What was drawn while it was public is not served, though it is stored."""
    config = place / "config.toml"
    config.write_text(CONFIG.replace('access = "token"\nsources = ["quillfeather"]', 'sources = ["quillfeather"]'))
    ran(place, "collect")
    before = Client(application(settings_of(config.parent)), TestResponse)
    assert "Umbrageous" in before.get("/feeds/others.atom").text
    config.write_text(CONFIG)
    after = Client(application(settings_of(config.parent)), TestResponse)
    assert after.get("/feeds/others.atom").status_code == 401
    assert "others" not in after.get("/feeds.opml").text


# -------------------------------------------------------------------------------------------------------- with a token


def test_a_token_in_the_address_opens_the_feed(web: Client, place: Path) -> None:
    token = token_of(place)
    for suffix in SUFFIXES:
        answer = web.get(f"/private/{token}/feeds/partners{suffix}")
        assert answer.status_code == 200
        assert "Perpetua Osgood" in answer.text
        assert_private(answer)
        assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_a_token_as_password_opens_the_feed_at_its_own_address(web: Client, place: Path) -> None:
    token = token_of(place)
    for suffix in SUFFIXES:
        answer = web.get(f"/feeds/partners{suffix}", headers=basic(token, user=suffix))
        assert answer.status_code == 200
        assert "Perpetua Osgood" in answer.text
        assert_private(answer)
        assert "Authorization" in answer.headers["Vary"]


def assert_private(answer: TestResponse) -> None:
    """Neither a shared cache, nor a search engine, nor a page of another site may have it."""
    assert answer.headers["Cache-Control"].split(", ")[0] == "private"
    assert answer.headers["X-Robots-Tag"] == "noindex, noarchive"
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    # Of what a reader holds already, nothing needs to be said again.
    assert answer.status_code == 304 or answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_bytes_are_the_same_for_every_partner_and_name_no_token(web: Client, place: Path) -> None:
    """Links lead to the plain addresses: whoever shares the bytes shares no token."""
    one, other = token_of(place), token_of(place)
    for path in [f"/feeds/partners{suffix}" for suffix in SUFFIXES]:
        bodies = {web.get(f"/private/{token}{path}").data for token in (one, other)}
        bodies.add(web.get(path, headers=basic(one)).data)
        [body] = bodies
        assert one.encode() not in body
        assert b"/private/" not in body


def test_a_feed_with_a_token_names_its_own_plain_address(web: Client, place: Path) -> None:
    root = etree.fromstring(web.get(f"/private/{token_of(place)}/feeds/partners.atom").data)
    [own] = root.findall("{http://www.w3.org/2005/Atom}link[@rel='self']")
    assert own.get("href") == "https://reviews.example/feeds/partners.atom"


@pytest.mark.parametrize("where", ["address", "password"])
def test_a_conditional_request_is_answered_as_everywhere(web: Client, place: Path, where: str) -> None:
    token = token_of(place)
    path = f"/private/{token}/feeds/partners.atom" if where == "address" else "/feeds/partners.atom"
    headers = {} if where == "address" else basic(token)
    etag = web.get(path, headers=headers).headers["ETag"]
    again = web.get(path, headers={**headers, "If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")
    assert_private(again)
    head = web.head(path, headers=headers)
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", etag)


def test_a_page_leads_on_below_its_token(web: Client, place: Path) -> None:
    """From the page of the feed to its credits, a review's page, the style sheet, and back, all below the token."""
    start = f"https://reviews.example/private/{token_of(place)}/feeds/partners"
    page = html.fromstring(web.get(start).text, base_url=start)
    page.make_links_absolute(start)
    links = {href for _, _, href, _ in page.iterlinks() if "/private/" in href}
    reviews = {href for href in links if "/reviews/" in href}
    assert {href.rpartition("/")[2] for href in reviews} >= {secret_key(place)}
    assert f"{start}/credits" in links
    for href in links:
        assert web.get(href.partition("#")[0]).status_code == 200, href
        assert_private(web.get(href.partition("#")[0]))


def test_the_page_of_a_review_is_for_readers_of_a_feed_that_shows_it(web: Client, place: Path) -> None:
    path = f"/reviews/{secret_key(place)}"
    token = token_of(place, "others")
    for answer in (web.get(f"/private/{token}{path}"), web.get(path, headers=basic(token))):
        assert answer.status_code == 200
        assert "Murmuration" in answer.text
        assert_private(answer)
    shown_elsewhere = [path for path in crawled(web, "/") if path.startswith("/reviews/")]
    assert "/feeds/others" not in web.get(f"/private/{token}{shown_elsewhere[0]}").text


def test_a_withdrawn_review_is_gone_for_partners(web: Client, place: Path) -> None:
    path = f"/reviews/{secret_key(place)}"
    token = token_of(place)
    ran(place, "withdraw", path.removeprefix("/reviews/"), "--reason", "asked", "--requested-by", "the outlet")
    assert web.get(f"/private/{token}{path}").status_code == 410
    assert "Murmuration" not in web.get(f"/private/{token}/feeds/partners.atom").text


# ----------------------------------------------------------------------------------------------------- without a token


@pytest.mark.parametrize("headers", [{}, basic("x"), basic(""), {"Authorization": "Bearer x"}, {"Authorization": "B"}])
def test_the_plain_address_asks_for_a_password(web: Client, headers: Mapping[str, str]) -> None:
    """401 with a challenge (RFC 7617, 2), and not a word of what stands there."""
    for suffix in (*SUFFIXES, "/archive/2026-05.atom", ".xml", "/"):
        answer = web.get(f"/feeds/partners{suffix}", headers=dict(headers))
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == 'Basic realm="feed partners"'
        assert answer.headers["Cache-Control"] == "no-store"
        assert "zephyrine" not in answer.text.lower()


@pytest.mark.parametrize("path", ["/feeds/partners.atom", "/feeds/nothing.atom", "/", "/style.css", "", "/sources"])
def test_a_wrong_token_in_an_address_tells_nothing(web: Client, path: str) -> None:
    """The same 404 whatever stands there."""
    for token in ("x", "A" * 43, "", "x" * 5000, "%00", "é"):
        answer = web.get(f"/private/{token}{path}")
        assert answer.status_code == 404
        assert "WWW-Authenticate" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_a_token_opens_its_own_feed_alone(web: Client, place: Path) -> None:
    token = token_of(place, "others")
    assert web.get(f"/private/{token}/feeds/others.atom").status_code == 200
    assert web.get(f"/private/{token}/feeds/partners.atom").status_code == 404
    assert web.get("/feeds/partners.atom", headers=basic(token)).status_code == 401


def test_a_revoked_token_opens_nothing_from_the_next_request_on(web: Client, place: Path) -> None:
    kept, token = token_of(place), token_of(place)
    assert web.get(f"/private/{token}/feeds/partners.atom").status_code == 200
    assert ran(place, "token", "revoke", "2").exit_code == 0
    assert web.get(f"/private/{token}/feeds/partners.atom").status_code == 404
    assert web.get("/feeds/partners.atom", headers=basic(token)).status_code == 401
    assert web.get(f"/private/{kept}/feeds/partners.atom").status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_nothing_can_be_sent(web: Client, place: Path, method: str) -> None:
    """405 says which methods there are (RFC 9110, 15.5.6); callbacks do not stand below a token."""
    token = token_of(place)
    for path in (f"/private/{token}/feeds/partners.atom", f"/private/{token}/websub/x", "/feeds/partners.atom"):
        answer = web.open(path, method=method, headers=basic(token))
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_below_a_token_stands_what_is_public_too(web: Client, place: Path) -> None:
    token = token_of(place)
    assert web.get(f"/private/{token}/style.css").data == web.get("/style.css").data
    assert web.get(f"/private/{token}/nothing").status_code == 404


# ------------------------------------------------------------------------------------------------------------ the cache


def test_what_may_be_private_goes_past_the_front() -> None:
    """The front answers from a cache by path, and asks nobody for a token."""
    seen: list[tuple[str, dict[str, Any]]] = []

    def named(name: str) -> Wsgi:
        def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
            seen.append((name, environ))
            return []

        return answer

    step = apart(named("front"), named("app"), lambda path: "partners" if path == "/feeds/partners" else None)
    environs: list[dict[str, Any]] = [
        {"PATH_INFO": "/feeds/reviews.atom"},
        {"PATH_INFO": "/feeds/partners"},
        {"PATH_INFO": "/private/s3cret/feeds/partners.atom", "REQUEST_URI": "/private/s3cret/x", "RAW_URI": "s3cret"},
        {"PATH_INFO": "/reviews/abc"},
        {"PATH_INFO": "/reviews/abc", "HTTP_AUTHORIZATION": "Basic eDp5"},
        {"PATH_INFO": "/private"},
    ]
    for environ in environs:
        step(environ, lambda *_: None)

    assert [name for name, _ in seen] == ["front", "app", "app", "front", "app", "front"]
    below = seen[2][1]
    assert below == {"PATH_INFO": "/feeds/partners.atom", "feedsvc.token": "s3cret"}


# --------------------------------------------------------------------------------------------------------- no log of it


@dataclass
class Nothing:
    """A site on which nothing is published, and which may be broken."""

    broken: bool = False

    def rendition(self, path: str) -> Rendition | None:
        if self.broken:
            raise RuntimeError("a bug")
        return None

    def view(self, path: str, query: Sequence[tuple[str, str]]) -> Rendition | None:
        return self.rendition(path)

    def delta(self, path: str, etag: str) -> Rendition | None:
        return None

    def serial(self) -> int:
        return 0

    def etags_of(self, paths: Sequence[str]) -> Mapping[str, str]:
        return {}

    def private_feed(self, path: str) -> str | None:
        return None

    def within(self, name: str, path: str, query: Sequence[tuple[str, str]] = ()) -> Rendition | None:
        return self.rendition(path)

    def ready(self) -> str | None:
        return None


@dataclass
class Tokens:
    """One token, and the counts that were noted; `locked`: nothing can be noted now."""

    noted: list[Mapping[int, TokenUse]] = field(default_factory=list)
    locked: bool = False

    def opens(self, token: str) -> AccessToken | None:
        return AccessToken(number=1, feed="partners", made=NOON) if token == "s3cret-token" else None

    def used(self, uses: Mapping[int, TokenUse]) -> None:
        if self.locked:
            raise StoreError("it is locked")
        self.noted.append(uses)


NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def test_a_bug_of_ours_logs_no_token(caplog: pytest.LogCaptureFixture) -> None:
    """Flask logs the path where a view breaks down: the token is no part of it any more."""
    app, tokens = create_app(SITE, Nothing(broken=True)), Tokens()
    app.register_blueprint(private(SITE, Nothing(broken=True), tokens, Uses(tokens.used), lambda: NOON))
    answer = Client(apart(app, app, lambda _: None), TestResponse).get("/private/s3cret-token/feeds/partners.atom")
    assert answer.status_code == 500
    assert "/feeds/partners.atom" in caplog.text
    assert "s3cret" not in caplog.text + answer.text + str(answer.headers)


def test_no_log_no_error_page_and_no_file_holds_a_token(place: Path) -> None:
    """The real service, asked rightly and wrongly; of its files only what the operator was told holds it."""
    token = token_of(place)
    with Service(place) as service:
        for path in ("/feeds/partners.atom", "/feeds/nothing", "/reviews/x", "/feeds/partners?x=" + token):
            assert token not in service.get(f"/private/{token}{path}").body.decode()
        assert service.get("/feeds/partners.atom", **basic(token)).status == 200
        assert service.get("/feeds/partners.atom").status == 401
        assert service.get(f"/private/{token}x/feeds/partners.atom").status == 404
    for file in place.rglob("*"):
        if file.is_file():
            assert token.encode() not in file.read_bytes(), file


# ------------------------------------------------------------------------------------------------------------- counted


def test_uses_are_noted_together() -> None:
    tokens = Tokens()
    uses = Uses(tokens.used, within=3600)
    for minute in (5, 7, 6):
        uses.add(1, TokenUse(1, NOON.replace(minute=minute)))
    uses.add(2, TokenUse(1, NOON))
    assert tokens.noted == []
    uses.note()
    assert tokens.noted == [{1: TokenUse(3, NOON.replace(minute=7)), 2: TokenUse(1, NOON)}]
    uses.note()
    assert len(tokens.noted) == 1


def test_uses_that_cannot_be_noted_now_are_noted_later(caplog: pytest.LogCaptureFixture) -> None:
    tokens = Tokens(locked=True)
    uses = Uses(tokens.used, within=3600)
    uses.add(1, TokenUse(2, NOON))
    uses.note()
    uses.add(1, TokenUse(1, NOON))
    tokens.locked = False
    uses.note()
    assert tokens.noted == [{1: TokenUse(3, NOON)}]
    assert "it is locked" in caplog.text


def test_a_service_notes_by_itself_how_often_each_token_was_used(place: Path) -> None:
    """Also what was not yet noted when it ends."""
    one, other = token_of(place), token_of(place)
    with Service(place) as service:
        for _ in range(3):
            assert service.get(f"/private/{one}/feeds/partners.atom").status == 200
        assert service.get("/feeds/partners.json", **basic(other)).status == 200
        assert service.get("/feeds/partners.json", **basic("wrong")).status == 401
    wait_until(lambda: counts(place) == {1: 3, 2: 1}, "the counts of both tokens")


def counts(place: Path) -> dict[int, int]:
    listed = json.loads(ran(place, "token", "list", "--json").stdout)
    return {one["number"]: one["requests"] for one in listed}


# -------------------------------------------------------------------------------------------------------- the operator


def test_a_new_token_comes_with_the_addresses_to_hand_over(place: Path) -> None:
    said = ran(place, "token", "add", "partners", "--name", "Harbour Gazette").stdout
    [token] = re.findall(r"^[\w-]{43}$", said, re.M)
    for suffix in (".atom", ".rss", ".json"):
        assert f"  https://reviews.example/private/{token}/feeds/partners{suffix}\n" in said
    assert "Harbour Gazette" in said
    assert "https://reviews.example/feeds/partners.atom" in said


def test_tokens_are_long_and_random_and_kept_as_hashes_alone(place: Path) -> None:
    """43 characters of 6 bits hold 256 bits; the database has 32 bytes that are no part of the token."""
    tokens = {token_of(place) for _ in range(20)}
    assert len(tokens) == 20
    with connected(settings_of(place).database_url) as connection:
        hashes = [row[0] for row in connection.exec_driver_sql("SELECT hash FROM access_token")]
    assert {len(one) for one in hashes} == {32}


def test_the_list_names_whom_each_is_for_and_never_a_token(place: Path) -> None:
    token = token_of(place)
    token_of(place, "others")
    ran(place, "token", "revoke", "1")
    listed = ran(place, "token", "list").stdout
    assert re.search(r"^1  partners  Harbour Gazette: made 20.* UTC, never used, revoked 20.* UTC$", listed, re.M)
    assert re.search(r"^2  others  Harbour Gazette: made .*, never used$", listed, re.M)
    assert token not in listed + ran(place, "token", "list", "--json").stdout
    assert "others" not in ran(place, "token", "list", "partners").stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("add", "reviews"), 'access = "token"'),
        (("add", "partnesr"), "partners"),
        (("list", "nowhere"), "nowhere"),
        (("revoke", "7"), "feedsvc token list"),
    ],
)
def test_what_cannot_be_done_says_what_to_do(place: Path, arguments: tuple[str, ...], told: str) -> None:
    result = ran(place, "token", *arguments)
    assert result.exit_code == 2
    assert told in result.stderr


def test_the_operator_hears_of_private_sources_and_nobody_else(place: Path) -> None:
    assert "Quillfeather" in ran(place, "lint").stdout
    assert "quillfeather" in ran(place, "sources").stdout
    assert "partners" in ran(place, "explain", "https://quillfeather.example/vespers").stdout
    assert "uill" not in ran(place, "export-opml").stdout


def test_where_there_is_no_token_the_list_says_how_to_make_one(place: Path) -> None:
    assert "feedsvc token add" in ran(place, "token", "list").stdout


@pytest.mark.parametrize("name", ["add", "list", "revoke"])
def test_every_subcommand_explains_itself_with_an_example(name: str) -> None:
    said = CliRunner().invoke(main, ["token", name, "--help"])
    assert said.exit_code == 0
    assert f"Example: feedsvc token {name}" in said.output


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(database_url(tmp_path)) as store:
        store.migrate()
        yield store


def test_a_token_is_opened_counted_and_revoked(store: Store) -> None:
    made, token = store.tokens.add("partners", "Harbour Gazette", NOON)
    assert store.tokens.opens(token) == made
    store.tokens.used({made.number: TokenUse(3, NOON.replace(hour=15)), 99: TokenUse(1, NOON)})
    store.tokens.used({made.number: TokenUse(1, NOON.replace(hour=14))})
    [found] = store.tokens.all("partners")
    assert (found.requests, found.last_used) == (4, NOON.replace(hour=15))
    revoked = store.tokens.revoke(made.number, NOON.replace(hour=16))
    assert revoked is not None
    assert revoked.revoked == NOON.replace(hour=16)
    assert store.tokens.revoke(made.number, NOON) is None
    assert store.tokens.opens(token) is None


@pytest.mark.parametrize("presented", ["", "x", "é" * 43, "x" * 100_000, "\udcff", "a\0b"])
def test_what_is_no_token_opens_nothing(store: Store, presented: str) -> None:
    store.tokens.add("partners", None, NOON)
    assert store.tokens.opens(presented) is None


def test_an_application_is_told_apart_from_its_front(place: Path) -> None:
    """What a worker serves asks for the password though its views do not know of private feeds."""
    app: Flask = create_app(SITE, Nothing())
    assert Client(app, TestResponse).get("/feeds/partners.atom").status_code == 404
    assert Client(application(settings_of(place)), TestResponse).get("/feeds/partners.atom").status_code == 401
