"""Sources from files: OPML and CSV rows become sources, a bad row is a fault with its line, nothing counts twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from feedsvc.config import Settings, load
from feedsvc.errors import ConfigError
from feedsvc.model import Outlet, Republish

OPML = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0"><head><title>Partners</title></head><body>
<outline text="Films">
<outline text="Night Lantern" type="rss" xmlUrl="https://night-lantern.example/feed"/>
<outline text="Deep"><outline text="Tide Table" type="rss" xmlURL="http://www.tide-table.example/a/Feed.xml?full=1"/></outline>
</outline>
<outline text="A note without an address"/>
<outline text="Pixel Ledger" type="rss" xmlUrl="https://pixel-ledger.example/rss" category="/games/new,/other"/>
<outline text="Alone" type="rss" xmlUrl="https://alone.example/"/>
</body></opml>
"""

CSV = """name,location,kind,outlet_name,outlet_url,licence,rights,republish,language,category,interval,enabled
night-lantern,https://night-lantern.example/feed,,"Night Lantern, weekly",https://night-lantern.example/,CC-BY-4.0,,full,en,film,6h,TRUE
drop,incoming/drop,folder,,,,© Drop,,,,,false

short,https://short.example/feed
"""


def read(folder: Path, text: str, lists: dict[str, str | bytes], **environ: str) -> Settings:
    for name, content in lists.items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    (folder / "config.toml").write_text(text, encoding="utf-8")
    return load(folder / "config.toml", environ)


def faults(folder: Path, text: str, lists: dict[str, str | bytes]) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(folder, text, lists)
    return caught.value.faults


def listing(file: str, more: str = "") -> str:
    return f'[[source_lists]]\nfile = "{file}"\n{more}\n'


def names(settings: Settings) -> dict[str, str]:
    return {source.location: source.name for source in settings.sources}


# ----------------------------------------------------------------------------------------------------------------- OPML


def test_every_outline_with_an_address_is_a_source_in_its_folders_category(tmp_path: Path) -> None:
    settings = read(
        tmp_path, listing("p.opml", 'category = "various"\nlicence = "CC-BY-4.0"\ninterval = "6h"'), {"p.opml": OPML}
    )

    assert [(source.location, source.category) for source in settings.sources] == [
        ("https://night-lantern.example/feed", "Films"),
        ("http://www.tide-table.example/a/Feed.xml?full=1", "Deep"),
        ("https://pixel-ledger.example/rss", "games/new"),
        ("https://alone.example/", "various"),
    ]
    assert {(one.kind, one.licence, one.interval, one.enabled) for one in settings.sources} == {
        ("feed", "CC-BY-4.0", 21600, True)
    }


def test_a_name_is_made_of_the_address_alone(tmp_path: Path) -> None:
    """The six digits are the first of `printf %s ADDRESS | sha256sum`."""
    settings = read(tmp_path, listing("p.opml"), {"p.opml": OPML})

    assert [source.name for source in settings.sources] == [
        "night-lantern-example-feed-e33199",
        "tide-table-example-a-feed-xml-c73ed7",
        "pixel-ledger-example-rss-8435fe",
        "alone-example-403f7e",
    ]


def test_a_name_stays_when_the_list_is_put_in_another_order_or_grows(tmp_path: Path) -> None:
    addresses = [
        "https://a.example/feed",
        "http://a.example/feed",
        "https://a.example/feed/",
        "https://a.example/FEED",
        "https://a.example/feed?of=2",
        "https://a-example/feed",
        "https://a.example/" + "long/" * 40,
        "https://кино.example/рецензии",
    ]

    def named(order: list[str]) -> dict[str, str]:
        outlines = "".join(f'<outline text="Same" xmlUrl="{one}"/>' for one in order)
        return names(
            read(tmp_path, listing("p.opml"), {"p.opml": f'<opml version="2.0"><body>{outlines}</body></opml>'})
        )

    all_names = named(addresses)

    assert len(set(all_names.values())) == len(addresses)
    assert named(addresses[::-1]) == all_names
    assert named(addresses[3:4]).items() <= all_names.items()


def test_an_outline_whose_address_is_none_is_a_fault_with_its_line(tmp_path: Path) -> None:
    broken = OPML.replace("https://pixel-ledger.example/rss", "ftp://me:secret@pixel-ledger.example/rss")

    [fault] = faults(tmp_path, listing("p.opml"), {"p.opml": broken})

    assert fault.startswith(f"{tmp_path}/p.opml: line 8: xmlUrl = 'ftp://…@pixel-ledger.example/rss': must start with")


def test_a_feed_that_stands_in_several_folders_is_one_source(tmp_path: Path) -> None:
    twice = OPML.replace(
        '<outline text="A note', '<outline text="Again" xmlUrl="https://alone.example/"/><outline text="A note'
    )
    settings = read(tmp_path, listing("p.opml"), {"p.opml": twice})

    assert len(settings.sources) == 4
    assert settings.remarks == (
        f"p.opml: 1 of its addresses stand before in a list, which wins: {names(settings)['https://alone.example/']}",
    )


# ------------------------------------------------------------------------------------------------------------------ CSV


@pytest.mark.parametrize("change", [str, lambda text: "\ufeff" + text, lambda text: text.replace("\n", "\r\n")])
def test_a_csv_file_has_the_keys_of_sources_as_columns(tmp_path: Path, change: type[str]) -> None:
    settings = read(tmp_path, listing("p.csv", 'language = "de"\ncategory = "various"'), {"p.csv": change(CSV)})
    first, second, third = settings.sources

    assert first.outlet == Outlet(name="Night Lantern, weekly", url="https://night-lantern.example/")
    assert (first.kind, first.licence, first.republish, first.interval) == ("feed", "CC-BY-4.0", Republish.FULL, 21600)
    assert (first.language, first.category, first.enabled) == ("en", "film", True)
    assert (second.kind, second.location, second.rights) == ("folder", str(tmp_path / "incoming/drop"), "© Drop")
    assert (second.language, second.category, second.enabled) == ("de", "various", False)
    assert (third.name, third.kind, third.outlet, third.language) == ("short", "feed", None, "de")


def test_a_csv_file_may_name_pages_and_feeds_that_are_followed(tmp_path: Path) -> None:
    table = """name,location,kind,follow,pages_per_poll
gazette,https://gazette.example/reviews/,page,,25
lantern,https://lantern.example/feed,,page,5
plain,https://plain.example/feed,,,
"""
    settings = read(tmp_path, listing("p.csv"), {"p.csv": table})

    assert [(one.kind, one.follow, one.pages_per_poll, one.walks) for one in settings.sources] == [
        ("page", None, 25, True),
        ("feed", "page", 5, True),
        ("feed", None, 10, False),
    ]


@pytest.mark.parametrize("mark", [";", "\t"])
def test_a_spreadsheets_other_marks_between_cells_are_understood(tmp_path: Path, mark: str) -> None:
    table = f"name{mark}location\na{mark}https://a.example/feed,1\n"

    assert names(read(tmp_path, listing("p.csv"), {"p.csv": table})) == {"https://a.example/feed,1": "a"}


def test_a_row_may_name_the_variable_of_its_secret(tmp_path: Path) -> None:
    table = "name,location,authorization_env\na,https://a.example/feed,A_TOKEN\n"
    settings = read(tmp_path, listing("p.csv"), {"p.csv": table}, A_TOKEN="Basic bWU6eA==")

    assert settings.sources[0].authorization == "Basic bWU6eA=="


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("name,place\na,x\n", ["line 1: column 'place' is unknown", "line 1: column 'location' is missing: a URL"]),
        ("name,location,licens\n", ["line 1: column 'licens' is unknown (did you mean 'licence'?)"]),
        ("name,location,name\n", ["line 1: column 'name' stands 2 times"]),
        (
            "name,location\na,https://a.example/\nB b,https://b.example/\n",
            ["line 3: column name = 'B b': must be 1 to 64"],
        ),
        ("name,location\n,https://a.example/\n", ["line 2: column 'name' is missing: a short name"]),
        ("name,location,interval\na,https://a.example/,30\n", ["line 2: column interval = '30': must be a duration"]),
        (
            "name,location,enabled\na,https://a.example/,yes\n",
            ["line 2: column enabled = 'yes': must be true or false"],
        ),
        ("name,location,outlet_url\na,https://a.example/,x\n", ["column outlet_url = 'x'", "'outlet_name' is missing"]),
        ("name,location\na,https://a.example/,x\n", ["line 2: has 3 cells, but the first line names 2 columns"]),
        ('name,location,rights\na,https://a.example/,"two\nlines"\nb,ftp://b.example/\n', ["line 4: location = 'ftp:"]),
        ("name,location\na,https://a.example/\na,https://b.example/\n", ["line 3: name = 'a'", "line 2 too"]),
        ('name,location\na,"https://a.example/\n', ["line 2: is not CSV"]),
        ("", ["line 1: column 'name' is missing", "line 1: column 'location' is missing"]),
        (b"name,location\na,https://a.example/\nb\xe9,x\n", ["line 3: is not UTF-8 text (byte 36)"]),
    ],
)
def test_a_bad_row_is_a_fault_with_file_line_and_column(tmp_path: Path, table: str | bytes, words: list[str]) -> None:
    found = faults(tmp_path, listing("p.csv"), {"p.csv": table})

    assert all(fault.startswith(f"{tmp_path}/p.csv: line ") for fault in found)
    for word in words:
        assert sum(word in fault for fault in found) == 1, found


def test_of_thousands_of_bad_rows_the_first_are_told_and_the_rest_counted(tmp_path: Path) -> None:
    rows = "".join(f"a{number},\n" for number in range(3000))
    found = faults(tmp_path, listing("p.csv"), {"p.csv": "name,location\n" + rows})

    assert len(found) == 51
    assert "line 2: column 'location' is missing" in found[0]
    assert found[-1] == f"{tmp_path}/p.csv: has 2950 more faults like these"


# ----------------------------------------------------------------------------------------------------------- any list


@pytest.mark.parametrize(
    ("text", "lists", "words"),
    [
        (listing("none.opml"), {}, ["none.opml: cannot be read (No such file", "correct file in [[source_lists]]"]),
        (listing("p.txt"), {"p.txt": "x"}, ["p.txt: .txt is no list; it must be .opml, .xml or .csv"]),
        (listing("p.opml"), {"p.opml": "<opml"}, ["p.opml: is not well-formed XML"]),
        (listing("p.opml"), {"p.opml": "<rss/>"}, ["p.opml: is not OPML"]),
        (listing("p.opml", 'licens = "x"'), {"p.opml": OPML}, ["[[source_lists]] number 1: key 'licens' is unknown"]),
        (listing("p.opml", 'interval = "1x"'), {"p.opml": OPML}, ["[[source_lists]] number 1: interval = '1x'"]),
        ("[[source_lists]]\n", {}, ["[[source_lists]] number 1: key 'file' is missing"]),
    ],
)
def test_a_list_that_cannot_be_used_is_one_fault(
    tmp_path: Path, text: str, lists: dict[str, str | bytes], words: list[str]
) -> None:
    """A feed that takes in its sources by name is not said to be wrong too."""
    feed = '[[feeds]]\nname = "f"\ntitle = "F"\nsources = ["night-lantern-*"]\n'
    [fault] = faults(tmp_path, text + feed, lists)

    for word in words:
        assert word in fault


def test_what_sources_says_wins_over_any_list_and_is_remarked(tmp_path: Path) -> None:
    own = """
        [[sources]]
        name = "lantern"
        kind = "feed"
        location = "https://night-lantern.example/feed"
        enabled = false
        [[sources]]
        name = "short"
        kind = "folder"
        location = "x"
    """
    settings = read(tmp_path, own + listing("p.opml") + listing("p.csv"), {"p.opml": OPML, "p.csv": CSV})

    assert [source.name for source in settings.sources if source.location.endswith("night-lantern.example/feed")] == [
        "lantern"
    ]
    assert [source.location for source in settings.sources if source.name == "short"] == [str(tmp_path / "x")]
    assert [source.enabled for source in settings.sources if source.name == "lantern"] == [False]
    assert len(settings.sources) == 2 + 3 + 1
    first, second = settings.remarks
    assert first.startswith(
        "p.opml: 1 of its sources stand in [[sources]] too, which wins: night-lantern-example-feed-"
    )
    assert second == "p.csv: 2 of its sources stand in [[sources]] too, which wins: night-lantern, short"


def test_feeds_take_in_listed_sources_by_name_and_glob(tmp_path: Path) -> None:
    feeds = '[[feeds]]\nname = "f"\ntitle = "F"\nsources = ["short", "n*"]\n'
    settings = read(tmp_path, listing("p.csv") + feeds, {"p.csv": CSV})

    assert settings.source_names(settings.feeds[0]) == ("night-lantern", "short")


def test_the_readmes_recipe_works_as_it_stands(tmp_path: Path) -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    recipe = readme.split("```toml\n")[1].split("```")[0]
    columns = recipe.split("# ")[1].split("\n")[0]
    table = f"{columns}\nwire,https://wire.example/feed,The Wire,CC0-1.0,full,film,true\n"
    settings = read(tmp_path, recipe, {"partners.opml": OPML, "agreements.csv": table})

    assert (settings.sources[0].name, settings.sources[0].licence) == ("night-lantern-example-feed-e33199", "CC-BY-4.0")
    assert settings.sources[0].name in readme
    assert (settings.sources[-1].name, settings.sources[-1].outlet) == ("wire", Outlet(name="The Wire"))


def test_ten_thousand_rows_are_ten_thousand_sources(tmp_path: Path) -> None:
    rows = "".join(f"s-{number},https://s-{number}.example/feed\n" for number in range(10_000))
    outlines = "".join(f'<outline text="S" xmlUrl="https://o-{number}.example/feed"/>' for number in range(10_000))
    lists: dict[str, str | bytes] = {
        "p.csv": "name,location\n" + rows,
        "p.opml": f'<opml version="2.0"><body>{outlines}</body></opml>',
    }
    settings = read(tmp_path, listing("p.csv") + listing("p.opml"), lists)

    assert len({source.name for source in settings.sources}) == 20_000
    assert settings.source("s-9999") is settings.sources[9_999]


def test_the_readmes_recipe_for_outlets_without_a_feed_works_as_it_stands(tmp_path: Path) -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    recipe = readme.split("**Outlets without a feed.**")[1].split("```toml\n")[1].split("```")[0]
    [source] = read(tmp_path, recipe, {}).sources

    assert (source.kind, source.pages_per_poll, source.walks) == ("page", 10, True)
