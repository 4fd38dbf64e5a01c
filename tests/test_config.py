"""The configuration: what is accepted, and the sentence that each fault gets."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel, TypeAdapter

from feedsvc.config import TABLES, OutletTable, ScaleTable, Settings, load
from feedsvc.errors import ConfigError
from feedsvc.model import Limits, Outlet, Republish, Scale

ROOT = Path(__file__).parents[1]

MINIMAL = """
[[sources]]
name = "lantern"
kind = "folder"
location = "incoming/lantern"

[[feeds]]
name = "all"
title = "All"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def read(folder: Path, text: str, **environ: str) -> Settings:
    return load(write(folder, text), environ)


def faults(folder: Path, text: str, **environ: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(folder, text, **environ)
    return caught.value.faults


def test_the_shipped_configuration_is_accepted_and_reads_only_local_samples() -> None:
    settings = load(ROOT / "config.toml", {})

    enabled = [source for source in settings.sources if source.enabled]
    assert {source.name for source in enabled} >= {"night-lantern", "pixel-ledger", "marginalia", "celebrity-storm"}
    assert all(Path(source.location).exists() for source in enabled)
    assert sum(source.location.startswith("https://") for source in settings.sources) >= 12
    assert {feed.name for feed in settings.feeds} >= {"reviews"}


def test_an_empty_file_has_every_default(tmp_path: Path) -> None:
    settings = read(tmp_path, "")

    assert settings.site.base_url == "http://127.0.0.1:8000"
    assert settings.database_url == f"sqlite:///{tmp_path}/feeds/feedsvc.sqlite3"
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.polling.interval == 1800
    assert settings.polling.min_interval == 900
    assert settings.polling.max_interval == 86400
    assert settings.polling.allow_private_addresses is False
    assert settings.polling.allowed_ports == (80, 443)
    assert settings.polling.websub is True
    assert settings.polling.processes == len(os.sched_getaffinity(0))
    assert settings.limits == Limits()
    assert settings.remarks == ()


def test_limits_are_durations_sizes_and_numbers(tmp_path: Path) -> None:
    text = """
        [limits]
        connect_timeout = "5s"
        total_timeout = "2m"
        slow_bytes = "512B"
        slow_seconds = "30s"
        max_body = "25MB"
        max_headers = "16 KB"
        max_items = 200
        max_title = 500
        max_nesting = 64
    """

    assert read(tmp_path, text).limits == Limits(
        connect_timeout=5,
        total_timeout=120,
        slow_bytes=512,
        slow_seconds=30,
        max_body=25 * 1024 * 1024,
        max_headers=16 * 1024,
        max_items=200,
        max_title=500,
        max_nesting=64,
    )


def test_every_limit_can_be_set() -> None:
    assert set(TABLES["limits"].model_fields) == set(Limits.__dataclass_fields__)


def test_private_hosts_and_networks_are_named_one_by_one(tmp_path: Path) -> None:
    text = """
        [polling]
        processes = 3
        websub = false
        allowed_ports = [80, 443, 8443]
        allow_private_addresses = ["Partner.Internal.", "10.2.0.0/16", "10.3.4.5", "fd00:2::/32"]
    """
    polling = read(tmp_path, text).polling

    assert polling.allow_private_addresses == ("partner.internal", "10.2.0.0/16", "10.3.4.5/32", "fd00:2::/32")
    assert (polling.processes, polling.websub, polling.allowed_ports) == (3, False, (80, 443, 8443))


PARTNER = """
    [[sources]]
    name = "partner"
    kind = "feed"
    location = "https://partner.example/feed"
    authorization_env = "PARTNER_TOKEN"
"""


def test_a_secret_comes_from_the_environment_and_stands_in_no_words(tmp_path: Path) -> None:
    settings = read(tmp_path, PARTNER, PARTNER_TOKEN="Bearer canary-7f3a\n")

    assert settings.sources[0].authorization == "Bearer canary-7f3a"
    assert "canary" not in repr(settings)


def test_a_source_that_is_switched_off_needs_no_secret(tmp_path: Path) -> None:
    assert read(tmp_path, PARTNER + "enabled = false").sources[0].authorization is None


@pytest.mark.parametrize("value", ["", "canary-7f3a", "Bearer canary\nX-Other: 1", "Bearer canär\u00ff"])
def test_a_variable_without_a_header_is_a_fault_that_names_source_and_variable(tmp_path: Path, value: str) -> None:
    [fault] = faults(tmp_path, PARTNER, PARTNER_TOKEN=value)

    assert "[[sources]] 'partner': authorization_env = 'PARTNER_TOKEN'" in fault
    assert '"Bearer …" or "Basic …"' in fault
    assert "can" not in fault.replace("cannot", "")


def test_a_missing_variable_is_a_fault(tmp_path: Path) -> None:
    [fault] = faults(tmp_path, PARTNER)

    assert "'partner': authorization_env = 'PARTNER_TOKEN': the environment has no such variable" in fault


def test_a_secret_in_the_file_is_refused_without_repeating_it(tmp_path: Path) -> None:
    [in_place] = faults(tmp_path, PARTNER.replace("PARTNER_TOKEN", "Bearer canary-7f3a"))
    [as_key] = faults(tmp_path, PARTNER.replace("authorization_env", "authorization"))
    in_address = faults(tmp_path, PARTNER.replace("https://", "ftp://me:canary@"), PARTNER_TOKEN="Bearer x")

    assert "authorization_env: must be the name of an environment variable" in in_place
    assert "did you mean 'authorization_env'?" in as_key
    assert "ftp://…@partner.example/feed" in in_address[0]
    assert "canary" not in in_place + as_key + "".join(in_address)


def test_relative_paths_start_from_the_folder_of_the_file(tmp_path: Path) -> None:
    settings = read(tmp_path, MINIMAL)

    assert settings.sources[0].location == str(tmp_path / "incoming/lantern")
    assert settings.data_dir == tmp_path / "feeds"


def test_a_source_keeps_what_the_operator_says_of_it(tmp_path: Path) -> None:
    text = """
        [[sources]]
        name = "wire"
        kind = "feed"
        location = "https://wire.example/feed"
        outlet = { name = "The Wire", url = "https://wire.example/" }
        licence = "CC-BY-4.0"
        republish = "excerpt"
        interval = "6h"
        language = "pt-BR"
    """
    source = read(tmp_path, text).sources[0]

    assert source.location == "https://wire.example/feed"
    assert source.outlet == Outlet(name="The Wire", url="https://wire.example/")
    assert source.republish is Republish.EXCERPT
    assert source.interval == 21600
    assert (source.licence, source.language, source.enabled) == ("CC-BY-4.0", "pt-BR", True)


def test_the_environment_overrides_database_and_address(tmp_path: Path) -> None:
    settings = read(tmp_path, "", FEEDSVC_DATABASE_URL="sqlite:////data/r.sqlite3", FEEDSVC_BIND="[::1]:9000")

    assert settings.database_url == "sqlite:////data/r.sqlite3"
    assert (settings.host, settings.port) == ("::1", 9000)


@pytest.mark.parametrize(
    ("bind", "base_url"),
    [
        ("127.0.0.1:8345", "http://127.0.0.1:8345"),
        ("0.0.0.0:80", "http://127.0.0.1:80"),
        ("[::1]:9000", "http://[::1]:9000"),
    ],
)
def test_links_lead_to_the_address_served_where_no_public_one_is_set(tmp_path: Path, bind: str, base_url: str) -> None:
    assert read(tmp_path, "", FEEDSVC_BIND=bind).site.base_url == base_url
    public = '[service]\nbase_url = "https://reviews.example/"'
    assert read(tmp_path, public, FEEDSVC_BIND=bind).site.base_url == "https://reviews.example"


def test_the_database_lies_in_the_data_room(tmp_path: Path) -> None:
    settings = read(tmp_path, '[service]\ndata_dir = "room"')

    assert settings.database_url == f"sqlite:///{tmp_path}/room/feedsvc.sqlite3"


def test_globs_choose_sources_in_the_files_order(tmp_path: Path) -> None:
    tables = "".join(
        f'[[sources]]\nname = "{name}"\nkind = "folder"\nlocation = "x"\n' for name in ("games-a", "film", "games-b")
    )
    settings = read(tmp_path, tables + '[[feeds]]\nname = "g"\ntitle = "G"\nsources = ["games-*"]\n')

    assert settings.source_names(settings.feeds[0]) == ("games-a", "games-b")


PAGES = '[[sources]]\nname = "a"\nkind = "page"\nlocation = "https://a.example/reviews/"\n'
SOURCE = '[[sources]]\nname = "lantern"\nkind = "folder"\nlocation = "x"\n'

BROKEN = [
    ("[service]\ntitle = = 1", ["is not valid TOML", "line 2"]),
    ('[servce]\ntitle = "x"', ["table 'servce' is unknown", "did you mean 'service'?"]),
    ('[service]\ntitel = "x"', ["[service]", "key 'titel' is unknown", "did you mean 'title'?"]),
    ("[service]\ntitle = 3", ["[service]", "title = 3", "must be a valid string"]),
    ('[service]\nbase_url = "reviews.example"', ["base_url = 'reviews.example'", "http:// or https://"]),
    ('[polling]\ninterval = "half an hour"', ["[polling]", "interval = 'half an hour'", '"30m", "6h" or "7d"']),
    ("[polling]\ninterval = 30", ["interval = 30", "must be a duration"]),
    ('[polling]\nmin_interval = "2h"', ["[polling]", "min_interval ≤ interval ≤ max_interval"]),
    ('[[sources]]\nname = "a"\nlocation = "x"', ["[[sources]] 'a'", "key 'kind' is missing"]),
    ('[[sources]]\nkind = "feed"\nlocation = "x"', ["[[sources]] number 1", "key 'name' is missing"]),
    (
        '[[sources]]\nname = "a"\nkind = "ftp"\nlocation = "x"',
        ["kind = 'ftp'", "must be one of 'feed', 'page' or 'folder'"],
    ),
    ('[[sources]]\nname = "A b"\nkind = "feed"\nlocation = "x"', ["name = 'A b'", "small letters, digits and hyphens"]),
    (
        SOURCE + 'outlet = { nme = "x" }',
        ["'outlet.nme' is unknown", "did you mean 'name'?", "'outlet.name' is missing"],
    ),
    (SOURCE + 'republish = "all"', ["republish = 'all'", "'auto', 'full', 'excerpt' or 'link'"]),
    (SOURCE + 'enabled = "no"', ["enabled = 'no'", "must be true or false"]),
    (SOURCE + SOURCE, ["[[sources]] 'lantern'", "stands 2 times"]),
    (SOURCE.replace('"x"', '"https://a.example/"'), ["a folder source needs a path", 'kind = "feed"']),
    (SOURCE.replace("folder", "page"), ["a page source needs an address", 'kind = "folder"']),
    (SOURCE + 'follow = "page"', ["follow is for feeds on the web"]),
    (SOURCE.replace("folder", "feed") + 'follow = "page"', ["follow is for feeds on the web"]),
    (SOURCE + "pages_per_poll = 5", ['pages_per_poll is for page sources and with follow = "page"']),
    (PAGES + "pages_per_poll = 0", ["pages_per_poll = 0", "greater than or equal to 1"]),
    (PAGES + "pages_per_poll = 101", ["pages_per_poll = 101", "less than or equal to 100"]),
    (PAGES + 'follow = "link"', ["follow = 'link'", "must be one of 'page'"]),
    (SOURCE.replace('"x"', '"ftp://a.example/"'), ["must start with http:// or https://, or be a path"]),
    (SOURCE + '[[feeds]]\nname = "f"\ntitle = "F"\nsources = ["lanter"]', ["'lanter' matches no source", "'lantern'"]),
    (
        SOURCE + '[[feeds]]\nname = "f"\ntitle = "F"\nitems = 0',
        ["[[feeds]] 'f'", "items = 0", "greater than or equal to 1"],
    ),
    ('[sources]\nname = "a"', ["[[sources]] must be a list of tables", "two brackets"]),
    ("[[service]]", ["[service] must be a table"]),
    (SOURCE + 'outlet = "Night Lantern"', ["outlet = 'Night Lantern'", "must be a table, such as { name ="]),
    (SOURCE + '[[feeds]]\nname = "f"\ntitle = "F"\nsources = "*"', ["sources = '*'", "must be a list in brackets"]),
    ("[limits]\nmax_body = 10", ["[limits]", "max_body = 10: must be a size such as", '"10MB"']),
    ('[limits]\nmax_body = "10 megs"', ["max_body = '10 megs': must be a size"]),
    ('[limits]\ntotal_timeout = "0s"', ["total_timeout = '0s': must be a duration"]),
    ("[limits]\nmax_nesting = 100000", ["max_nesting = 100000", "less than or equal to 256"]),
    ('[limits]\ntotal_timeout = "5s"', ["[limits]", "must be connect_timeout ≤ total_timeout"]),
    ("[limits]\nmax_bodies = 1", ["key 'max_bodies' is unknown", "did you mean 'max_body'?"]),
    ("[polling]\nprocesses = 0", ["processes = 0", "greater than or equal to 1"]),
    ("[polling]\nallowed_ports = []", ["allowed_ports = []", "at least 1 item"]),
    ("[polling]\nallowed_ports = [70000]", ["allowed_ports.0 = 70000", "less than or equal to 65535"]),
    ("[polling]\nallowed_ports = 80", ["allowed_ports = 80", "must be a list in brackets, such as [80, 443]"]),
    (
        '[polling]\nallow_private_addresses = "yes"',
        ["allow_private_addresses = 'yes'", "must be true, false or a list"],
    ),
    ('[polling]\nallow_private_addresses = ["https://a.example/"]', ["'https://a.example/' is no network"]),
    ('[polling]\nallow_private_addresses = ["*.internal"]', ["'*.internal' is no host name and no network"]),
    ('[polling]\nallow_private_addresses = ["10.2.3.4/16"]', ["is no whole network; write '10.2.0.0/16'"]),
    ('[polling]\nallow_private_addresses = ["10.2.0.0/33"]', ["'10.2.0.0/33' is no network"]),
    ('[polling]\nallow_private_addresses = ["0.0.0.0/0"]', ["'0.0.0.0/0' is every address there is"]),
    (SOURCE + 'authorization_env = "X"\nenabled = false', ["authorization_env is for addresses on the web"]),
    (SOURCE.replace("folder", "feed").replace('"x"', '"https:///feed"'), ["must name a host and hold no spaces"]),
    ('[service]\ndatabase_url = "mysql://u:secret@h/d"', ["database_url = 'h/d'", "sqlite:///PATH"]),
]


@pytest.mark.parametrize(("text", "words"), BROKEN)
def test_a_fault_names_file_table_and_key_and_says_what_would_be_right(
    tmp_path: Path, text: str, words: list[str]
) -> None:
    found = "\n".join(faults(tmp_path, text))

    assert all(line.startswith(str(tmp_path / "config.toml")) for line in found.splitlines())
    for word in words:
        assert word in found
    assert "secret" not in found


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    text = """
        surprise = 1
        [service]
        colour = "red"
        base_url = "nowhere"
        [[sources]]
        name = "a"
        kind = "feed"
        [[feeds]]
        name = "f"
        title = "F"
        sources = ["b"]
    """
    found = faults(tmp_path, text, FEEDSVC_BIND="8000")

    assert len(found) == 6
    for word in ("surprise", "colour", "base_url =", "'location' is missing", "'b' matches no source", "FEEDSVC_BIND"):
        assert sum(word in fault for fault in found) == 1


def test_a_missing_file_says_how_to_name_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--config FILE"):
        load(tmp_path / "none.toml", {})


def test_a_file_that_is_not_utf8_is_refused_with_the_place(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(b'[service]\ntitle = "Caf\xe9"\n')

    with pytest.raises(ConfigError, match=r"not UTF-8 text \(byte 22\)"):
        load(tmp_path / "config.toml", {})


@pytest.mark.parametrize("table", sorted(TABLES))
def test_every_key_says_what_it_means(table: str) -> None:
    inside = [*OutletTable.model_fields.items(), *ScaleTable.model_fields.items()]
    for name, field in [*TABLES[table].model_fields.items(), *inside]:
        assert field.description, f"{table}.{name} has no description"


@pytest.mark.parametrize("table", [*sorted(TABLES), "outlet", "sources.scale"])
def test_the_readme_documents_every_key_with_its_default(table: str) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(rf"^\| `{re.escape(table)}\.(\w+)` \| (.*)$", readme, re.MULTILINE))
    tables: dict[str, type[BaseModel]] = {**TABLES, "outlet": OutletTable, "sources.scale": ScaleTable}
    model = tables[table]

    assert set(rows) == set(model.model_fields)
    for name, field in model.model_fields.items():
        default, meaning = rows[name].removesuffix(" |").split(" | ", 1)
        assert meaning == field.description
        if default == "**required**":
            assert field.is_required()
        elif default == "–":
            assert field.default is None
        else:
            stated = tomllib.loads(f"value = {default.strip('`')}")["value"]
            kind: TypeAdapter[object] = TypeAdapter(field.rebuild_annotation())
            assert kind.validate_python(stated) == field.default


SCALE = """
[[sources]]
name = "lantern"
kind = "feed"
location = "https://lantern.example/feed"

[sources.scale]
"""


def test_a_source_may_declare_its_outlets_scale(tmp_path: Path) -> None:
    text = SCALE + 'best = 5\nworst = 1\nwords = { "superb" = 5, "not bad" = 3.5 }\nletters = false\n'

    [source] = read(tmp_path, text).sources

    assert source.scale == Scale(best=5.0, worst=1.0, words=(("superb", 5.0), ("not bad", 3.5)), letters=False)


def test_a_source_that_declares_no_scale_has_none_and_letters_are_on(tmp_path: Path) -> None:
    [source] = read(tmp_path, SCALE).sources
    [bare] = read(tmp_path, SCALE.removesuffix("[sources.scale]\n")).sources

    assert source.scale == Scale(letters=True)
    assert bare.scale is None


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("best = 0", "scale.best = 0"),
        ("best = 5\nworst = 5", "must be worst < best"),
        ('words = { "superb" = 5 }', "best is missing"),
        ('best = 4\nwords = { "superb" = 5 }', "words: 'superb' = 5 must lie between worst and best"),
        ("bset = 5", "key 'scale.bset' is unknown (did you mean 'best'?)"),
    ],
)
def test_a_scale_that_is_none_is_a_fault_that_says_what_would_be_right(tmp_path: Path, keys: str, said: str) -> None:
    [fault] = faults(tmp_path, SCALE + keys + "\n")

    assert "[[sources]] 'lantern'" in fault
    assert said in fault


def test_a_scale_that_is_no_table_is_a_fault(tmp_path: Path) -> None:
    [fault] = faults(tmp_path, SCALE.replace("[sources.scale]", "scale = 5"))

    assert "must be a table, such as { best = 5 }" in fault
