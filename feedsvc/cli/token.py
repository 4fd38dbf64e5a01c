"""`feedsvc token`: tokens that open private feeds, made for partners, listed and revoked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import click
import msgspec

from feedsvc.cli.invocation import settings_of, utc_now
from feedsvc.cli.numbers import counted
from feedsvc.cli.opening import open_store
from feedsvc.cli.programs import as_json_text
from feedsvc.config import Settings
from feedsvc.errors import FeedsvcError
from feedsvc.model import AccessToken, Feed

#: What a partner may subscribe to, beside the page.
SUFFIXES = (".atom", ".rss", ".json")


@click.group(
    name="token",
    epilog="Example: feedsvc token add partners --name 'Harbour Gazette'",
    no_args_is_help=True,
)
def command() -> None:
    """Give partners access to private feeds, by tokens that can be revoked one by one.

    A feed is private with access = "token" in its [[feeds]]. Whoever has one of its tokens can read it.
    """


@command.command(name="add", epilog="Example: feedsvc token add partners --name 'Harbour Gazette'")
@click.argument("feed")
@click.option("--name", metavar="PARTNER", help="Whom it is for; for the list alone, never published.")
@click.pass_context
def add(context: click.Context, feed: str, name: str | None) -> None:
    """Make a token for FEED and print it, this once, with the addresses to hand over."""
    settings = settings_of(context)
    _private(settings, feed)
    with open_store(settings) as store:
        made, token = store.tokens.add(feed, (name or "").strip() or None, utc_now())
    below = settings.site.url(f"/private/{token}/feeds/{feed}")
    plain = settings.site.url(f"/feeds/{feed}")
    click.echo(f"token {made.number} for the feed {feed}{_given(made)}; it is shown this once:\n\n{token}\n")
    click.echo("Addresses to hand over; whoever has one can read the feed:\n")
    for suffix in SUFFIXES:
        click.echo(f"  {below}{suffix}")
    click.echo(f"\nIts page: {below}")
    click.echo(f"With the token as password and any user name (HTTP Basic): {plain}{SUFFIXES[0]}")
    if settings.site.base_url.startswith("http://"):
        click.echo("warning: service.base_url is not https, so everybody on the way can read the token", err=True)


@command.command(name="list", epilog="Example: feedsvc token list partners")
@click.argument("feed", required=False)
@click.option("--json", "as_json", is_flag=True, help="As a JSON array, one object a token.")
@click.pass_context
def list_tokens(context: click.Context, feed: str | None, as_json: bool) -> None:
    """List the tokens of FEED, or of all feeds: whom each is for, when it was made and used; never the token."""
    settings = settings_of(context)
    with open_store(settings) as store:
        found = store.tokens.all(feed)
    if feed is not None and not found:
        _private(settings, feed)
    if as_json:
        click.echo(as_json_text(msgspec.to_builtins(found)))
    else:
        click.echo("\n".join(_lines(found)) or "no token was ever made: `feedsvc token add FEED`")


@command.command(name="revoke", epilog="Example: feedsvc token revoke 3")
@click.argument("number", metavar="ID", type=int)
@click.pass_context
def revoke(context: click.Context, number: int) -> None:
    """Make the token with this number open nothing any more, from the next request on."""
    with open_store(settings_of(context)) as store:
        gone = store.tokens.revoke(number, utc_now())
    if gone is None:
        raise FeedsvcError(f"there is no token {number} that opens anything; `feedsvc token list` names them")
    click.echo(f"token {number} for the feed {gone.feed}{_given(gone)} opens nothing any more")


def _private(settings: Settings, name: str) -> Feed:
    """The private feed of that name; raises FeedsvcError, which says what there is."""
    found = next((feed for feed in settings.feeds if feed.name == name), None)
    if found is None:
        names = ", ".join(settings.private_feeds) or "none"
        raise FeedsvcError(f"{name!r} is no feed of {settings.path}; its private feeds: {names}")
    if found.public:
        raise FeedsvcError(
            f'{name!r} is public, so it needs no token; to make it private, set access = "token" in its [[feeds]] '
            f"of {settings.path}"
        )
    return found


def _given(token: AccessToken) -> str:
    return f" ({token.name})" if token.name else ""


def _lines(tokens: list[AccessToken]) -> Iterator[str]:
    for token in tokens:
        used = (
            f"last used {_moment(token.last_used)}, {counted(token.requests, 'request')}"
            if token.last_used
            else "never used"
        )
        over = f", revoked {_moment(token.revoked)}" if token.revoked else ""
        yield f"{token.number}  {token.feed}  {token.name or '–'}: made {_moment(token.made)}, {used}{over}"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
