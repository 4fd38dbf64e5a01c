"""Every key of the configuration, declared once: its kind, its default, and a sentence that says what it means."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from feedsvc.config.kinds import (
    BaseAddress,
    Duration,
    FilledText,
    Language,
    Name,
    Port,
    PrivatePlaces,
    Size,
    Variable,
    WebAddress,
)
from feedsvc.config.settings import Scale, WebSub
from feedsvc.model import Limits

_MOST = Limits()
_HUB = WebSub()
_SCALE = Scale()


class Table(BaseModel):
    """Keys that stand together under one heading; an unknown one is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ServiceTable(Table):
    """[service]: where the service stands and keeps its data."""

    title: FilledText = Field("Reviews", description="name of the site, shown on every page")
    description: str = Field("", description="one sentence under the name")
    base_url: BaseAddress | None = Field(
        None, description="the public address: every link is built from it; else from the address that is served"
    )
    data_dir: FilledText = Field("feeds", description="the data room: the static export and the database lie in it")
    database_url: FilledText | None = Field(
        None,
        description="the database, as sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME, else feedsvc.sqlite3 in "
        "the data room; FEEDSVC_DATABASE_URL overrides it",
    )


class PollingTable(Table):
    """[polling]: how often sources are looked at, with how much of this machine, and how we introduce ourselves."""

    interval: Duration = Field(1800.0, description="time between two looks to begin with; each source adapts")
    min_interval: Duration = Field(900.0, description="never look at a web source sooner than this")
    max_interval: Duration = Field(86400.0, description="never wait longer than this")
    contact: WebAddress | None = Field(
        None, description="a page about your service, named in the User-Agent so that outlets can reach you"
    )
    processes: Annotated[int, Field(ge=1, le=256)] | None = Field(
        None, description="processes that read what changed; else as many as there are cores for it"
    )
    websub: bool = Field(True, description="let hubs tell us of new reviews (WebSub) where a source names one")
    allow_private_addresses: PrivatePlaces = Field(
        False,
        description="host names and networks that may be asked though they are private, such as "
        '["partner.internal", "10.2.0.0/16"]; true: all of them; false: none',
    )
    allowed_ports: Annotated[list[Port], Field(min_length=1)] = Field(
        [80, 443], description="ports that may be asked; at hosts that allow_private_addresses names, any"
    )


class LimitsTable(Table):
    """[limits]: the most that is taken of one answer."""

    connect_timeout: Duration = Field(_MOST.connect_timeout, description="longest wait for a connection")
    total_timeout: Duration = Field(_MOST.total_timeout, description="longest whole exchange, redirects included")
    slow_bytes: Size = Field(_MOST.slow_bytes, description="fewer bytes a second than this are too slow …")
    slow_seconds: Duration = Field(_MOST.slow_seconds, description="… when it lasts as long as this")
    max_body: Size = Field(_MOST.max_body, description="largest document, as sent and as expanded")
    max_headers: Size = Field(_MOST.max_headers, description="most bytes of headers")
    max_items: Annotated[int, Field(ge=1, le=100_000)] = Field(
        _MOST.max_items, description="most items of one feed; the newest are kept"
    )
    max_title: Annotated[int, Field(ge=100)] = Field(_MOST.max_title, description="most characters of a title")
    max_nesting: Annotated[int, Field(ge=16, le=256)] = Field(
        _MOST.max_nesting, description="most elements inside one another"
    )


class WebSubTable(Table):
    """[websub]: who is told when a feed of ours changes: hubs of others, and the hub that we can be."""

    hubs: list[WebAddress] = Field(
        [], description='hubs of others that are told when a feed changes, such as ["https://hub.example/"]'
    )
    hub: bool = Field(False, description="be a hub ourselves, at /hub: whoever subscribes gets each change at once")
    min_lease: Duration = Field(_HUB.min_lease, description="shortest time that a subscription at our hub lasts")
    default_lease: Duration = Field(_HUB.default_lease, description="how long it lasts where none is asked for")
    max_lease: Duration = Field(_HUB.max_lease, description="longest time that it lasts; it can be renewed")
    max_subscribers: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        _HUB.max_subscribers, description="most subscribers of one address of a feed"
    )
    max_per_host: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        _HUB.max_per_host, description="most subscriptions, of all feeds, whose callbacks stand at one host"
    )
    retries: Annotated[int, Field(ge=0, le=20)] = Field(
        _HUB.retries, description="how often a delivery, or word to a hub, is tried again, after ever longer pauses"
    )


class SharingTable(Table):
    """[scale]: how collecting is shared among processes on any number of machines; needs PostgreSQL."""

    broker: FilledText | None = Field(
        None,
        description="where work waits for the processes of `feedsvc worker`, as redis://HOST/NUMBER or "
        "amqp://USER:PASSWORD@HOST/NAME; FEEDSVC_BROKER_URL overrides it; without it one process does all",
    )
    lease: Annotated[Duration, Field(ge=10, le=3600)] = Field(
        _SCALE.lease, description="after so long without a sign of life from a worker, others take over its work"
    )


class OutletTable(Table):
    """outlet = { … } of a source: what the source itself may not say of its publication."""

    name: FilledText = Field(description="the publication's name")
    url: WebAddress | None = Field(None, description="its home page")
    icon: WebAddress | None = Field(None, description="its icon")


class ScaleTable(Table):
    """[sources.scale]: the outlet's own scale of ratings, where it does not say it itself."""

    best: Annotated[float, Field(gt=0, le=1000)] | None = Field(
        None, description="the highest rating, such as 5: stars and bare figures are then out of it"
    )
    worst: Annotated[float, Field(ge=0, le=1000)] | None = Field(None, description="the lowest rating, such as 1")
    words: dict[FilledText, Annotated[float, Field(ge=0, le=1000)]] = Field(
        {}, description='the words that it rates in and what each is worth, such as { "superb" = 5, "fair" = 3 }'
    )
    letters: bool = Field(True, description='false: "B+" and the like are no grades of it')

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        """An end above the other, and words that stand between the ends; raises ValueError."""
        if self.words and self.best is None:
            raise ValueError("best is missing; words are worth something on a scale alone, such as best = 5")
        if self.best is not None and (self.worst or 0) >= self.best:
            raise ValueError("must be worst < best; change one of the two")
        for word, worth in self.words.items():
            if self.best is not None and not (self.worst or 0) <= worth <= self.best:
                raise ValueError(f"words: {word!r} = {worth:g} must lie between worst and best")
        return self


class SourceTable(Table):
    """[[sources]]: one for each partner or outlet."""

    name: Name = Field(description="a short name, used in commands, feeds and addresses; never change it")
    kind: Literal["feed", "page", "folder"] = Field(
        description="feed: a feed on the web or in a file; page: a review page, a page that lists reviews, or a "
        "sitemap; folder: a drop folder"
    )
    location: FilledText = Field(description="a URL, or a path")
    outlet: OutletTable | None = Field(None, description="the publication, where the source does not say it")
    licence: FilledText | None = Field(None, description="SPDX id or URL of the licence that you agreed on")
    rights: FilledText | None = Field(None, description="rights statement to show where the source has none")
    republish: Literal["auto", "full", "excerpt", "link"] = Field(
        "auto", description="what you may republish by contract; auto: what the licence of each review allows"
    )
    language: Language | None = Field(None, description="language of the reviews where they do not say")
    category: FilledText | None = Field(None, description="group of the source in /sources.opml")
    scale: ScaleTable | None = Field(None, description="the outlet's scale of ratings, where it does not say it itself")
    preferred: bool = Field(False, description="true: of several carriers of one review, this one leads")
    interval: Duration | None = Field(None, description="its own time between two looks")
    authorization_env: Variable | None = Field(
        None, description='name of the environment variable with its Authorization header, such as "Bearer …"'
    )
    enabled: bool = Field(True, description="false: not looked at; what was collected stays published")
    follow: Literal["page"] | None = Field(
        None, description='"page": what the items of a feed leave out is taken from their own pages'
    )
    pages_per_poll: Annotated[int, Field(ge=1, le=100)] = Field(
        10, description="of a page source, or with follow: most pages that are asked for at one look"
    )


class SourceListTable(Table):
    """[[source_lists]]: a file of sources, with what holds for those of its rows that do not say otherwise."""

    file: FilledText = Field(description="an OPML file (.opml, .xml) or a table (.csv) of sources")
    licence: FilledText | None = Field(None, description="as in sources, for every row that has none of its own")
    rights: FilledText | None = Field(None, description="the same")
    republish: Literal["auto", "full", "excerpt", "link"] = Field("auto", description="the same")
    language: Language | None = Field(None, description="the same")
    category: FilledText | None = Field(None, description="the same; in OPML, a feed in no folder has none of its own")
    interval: Duration | None = Field(None, description="the same")
    enabled: bool = Field(True, description="the same")


class FeedTable(Table):
    """[[feeds]]: one for each feed you publish."""

    name: Name = Field(description="the feed's address: /feeds/NAME; never change it")
    title: FilledText = Field(description="the feed's title")
    description: str = Field("", description="one sentence about it")
    sources: list[FilledText] = Field(["*"], description='names of sources, or globs such as "games-*"')
    commercial: bool = Field(True, description="false: the feed earns nothing, so NC-licensed texts may stand in full")
    items: Annotated[int, Field(ge=1, le=1000)] = Field(50, description="how many of the newest reviews it shows")
    language: Language | None = Field(None, description="language of the feed")
    icon: WebAddress | None = Field(None, description="address of a small square picture of the feed")
    logo: WebAddress | None = Field(None, description="address of a larger picture of the feed")
    access: Literal["public", "token"] = Field(
        "public", description='"token": only for those to whom `feedsvc token add` gave a token, and in no list'
    )
    category: FilledText | None = Field(None, description="group of the feed in /feeds.opml")


TABLES: dict[str, type[Table]] = {
    "service": ServiceTable,
    "polling": PollingTable,
    "limits": LimitsTable,
    "websub": WebSubTable,
    "scale": SharingTable,
    "sources": SourceTable,
    "source_lists": SourceListTable,
    "feeds": FeedTable,
}
