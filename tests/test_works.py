"""Which reviews are of one work: by what registers call it, else by name, type and year; rather two than one wrong."""

from __future__ import annotations

import itertools

import pytest

from feedsvc.model import Subject
from feedsvc.normalise.registers import registered
from feedsvc.normalise.samename import title_of
from feedsvc.normalise.works import claim_of, groups_of, tokens_of


def work(name: str, kind: str | None = None, year: int | None = None, *known: str) -> Subject:
    """A subject as a source states it; `known` are identifiers and addresses."""
    addresses = tuple(one for one in known if one.startswith("http"))
    return Subject(name=name, type=kind, year=year, identifiers=tuple(set(known) - set(addresses)), same_as=addresses)


def grouped(*subjects: Subject, together: tuple[tuple[int, ...], ...] = ()) -> list[list[int]]:
    """The works of subjects by their places; in whatever order they come, they are the same."""
    claims = [claim_of(one) for one in subjects]
    found = groups_of(claims, together)
    for order in itertools.islice(itertools.permutations(range(len(claims))), 24):
        again = groups_of([claims[place] for place in order], [[order.index(p) for p in one] for one in together])
        assert sorted(sorted(order[place] for place in one) for one in again) == sorted(found)
    return sorted(found)


LONG = "From the Vaults of Harbour Lane: Paper Moons"


def test_a_register_s_number_joins_whatever_the_name() -> None:
    """The title of another country, and one without anything but its name, which then can mean nothing else."""
    assert grouped(
        work("Paper Moons", "Movie", 2025, "imdb:tt7181546"),
        work(LONG, None, None, "https://www.imdb.com/title/tt07181546/?ref_=nv"),
        work("Papiermonde", "Movie", 2024, "tt7181546"),
        work("Paper Moons"),
    ) == [[0, 1, 2, 3]]


def test_a_film_and_its_book_stay_apart_even_under_one_number() -> None:
    assert grouped(
        work("Paper Moons", "Movie", None, "http://www.wikidata.org/entity/Q4115189"),
        work("Paper Moons", "Book", None, "wikidata:Q4115189"),
        work("Paper Moons", None, None, "wikidata:Q4115189"),
    ) == [[0], [1], [2]]


def test_two_numbers_of_one_register_are_two_works_of_one_name_kind_and_year() -> None:
    """And a review that names neither means nobody knows which."""
    one, two = work("Home", "Movie", 2020, "imdb:tt0000001"), work("Home", "Movie", 2020, "imdb:tt0000002")
    assert grouped(one, two, work("Home", "Movie", 2020)) == [[0], [1], [2]]
    assert grouped(one, work("Home", "Movie", 2020), work("Home")) == [[0, 1, 2]]


def test_two_editions_are_one_book() -> None:
    one = work("Paper Moons", "Book", 2025, "urn:isbn:9780306406157")
    assert grouped(one, work("Paper Moons", "Book", 2025, "urn:isbn:9783161484100")) == [[0, 1]]


def test_a_number_on_every_page_of_a_careless_outlet_joins_nothing() -> None:
    names = [f"Film Number {letter}" for letter in "ABCDEFGHIJKLM"]
    assert len(grouped(*(work(name, "Movie", 2025, "imdb:tt0000007") for name in names))) == 13


def test_name_kind_and_year_join() -> None:
    """Case, accents, quotation marks, punctuation and an article make no difference where all three are known."""
    assert grouped(
        work("The Salt Road", "Movie", 2025),
        work("“Salt Road”", "Movie", 2025),
        work("THE SALT-ROAD (2025)", "Film"),
        work("Salt Road, The", "Movie", 2025),
    ) == [[0, 1, 2, 3]]


def test_without_a_year_an_article_counts() -> None:
    assert grouped(work("The Salt Road", "Movie", 2025), work("Salt Road", "Movie")) == [[0], [1]]
    assert grouped(work("The Salt Road", "Movie", 2025), work("the salt road", "Movie")) == [[0, 1]]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (work("Paper Moons", "Movie", 2025), work("Paper Moons", "Movie", 1973)),
        (work("Paper Moons", "Movie", 2025), work("Paper Moons", "Movie", 2024)),
        (work("Paper Moons", "Movie", 2025), work("Paper Moons", "TVSeries", 2025)),
        (work("Paper Moons", "Book"), work("Paper Moons", "VideoGame")),
        (work("Paper Moons", "Movie", 2025), work("Paper Moon", "Movie", 2025)),
        (work("Paper Moons 2", "Movie", 2025), work("Paper Moons", "Movie", 2025)),
        (work("C", "Book", 2020), work("C++", "Book", 2020)),
        (work("!!!", "MusicAlbum", 2007), work("???", "MusicAlbum", 2007)),
        (
            work("Moons", "Movie", None, "https://outlet.example/"),
            work("Moon", "Movie", None, "https://outlet.example/"),
        ),
    ],
)
def test_what_differs_stays_apart(one: Subject, other: Subject) -> None:
    assert grouped(one, other) == [[0], [1]]


def test_who_says_less_means_the_one_work_there_is() -> None:
    name = "Paper Moons"
    stated = work(name, "Movie", 2025), work(name, "Movie"), work(name, None, 2025), work(name)
    assert grouped(*stated) == [[0, 1, 2, 3]]


def test_who_says_less_where_there_are_several_means_none_of_them() -> None:
    """A kind alone may still tell; a name alone does not."""
    assert grouped(
        work("Paper Moons", "Movie", 2025),
        work("Paper Moons", "Book", 1998),
        work("Paper Moons"),
        work("Paper Moons", "Book"),
        work("Paper Moons", None, 2025),
    ) == [[0, 4], [1, 3], [2]]


def test_a_type_that_says_nothing_is_none() -> None:
    assert grouped(work("Paper Moons", "Movie", 2025), work("Paper Moons", "CreativeWork", 2025)) == [[0, 1]]


def test_an_operator_s_word_goes_before_the_rules() -> None:
    film, book = work("Paper Moons", "Movie", 2025), work("Paper Moons", "Book", 1998)
    assert grouped(film, book, together=((0, 1),)) == [[0, 1]]


@pytest.mark.parametrize(
    ("written", "full", "bare", "year"),
    [
        ("Rocky Shores III", "rocky shores 3", "rocky shores 3", None),
        ("Dunes: Part Two", "dunes part 2", "dunes part 2", None),
        ("Dunes, Part II", "dunes part 2", "dunes part 2", None),
        ("Romeo & Julia", "romeo and julia", "romeo and julia", None),
        ("Romeo und Julia", "romeo and julia", "romeo and julia", None),
        ("Amélie’s Garden", "amelies garden", "amelies garden", None),
        ("Elder Moon [PS5]", "elder moon", "elder moon", None),
        ("Paper Moons (Blu-ray)", "paper moons", "paper moons", None),
        ("Paper Moons (2025)", "paper moons", "paper moons", 2025),
        ("Tides, The", "the tides", "tides", None),
        ("Die Stadt", "die stadt", "stadt", None),
        ("It", "it", "it", None),
        ("Captain X", "captain x", "captain x", None),
        ("1984", "1984", "1984", None),
        ("…", "…", "…", None),
    ],
)
def test_a_name_has_one_form_however_it_is_written(written: str, full: str, bare: str, year: int | None) -> None:
    assert title_of(written) == (full, bare, year)


@pytest.mark.parametrize(
    ("stated", "known"),
    [
        ("imdb:tt0000123", "imdb:tt0000123"),
        ("tt123", "imdb:tt0000123"),
        ("https://m.imdb.com/title/tt0000123/", "imdb:tt0000123"),
        ("https://www.wikidata.org/wiki/Q42", "wikidata:q42"),
        ("https://www.themoviedb.org/movie/603-a-name", "tmdb:movie/603"),
        ("tmdb:tv/1399", "tmdb:tv/1399"),
        ("https://letterboxd.com/film/paper-moons/", "letterboxd:paper-moons"),
        ("urn:isbn:0-306-40615-2", "isbn:9780306406157"),
        ("ISBN 978-0-306-40615-7", "isbn:9780306406157"),
        ("ean:9780306406157", "isbn:9780306406157"),
        ("ean:4006381333931", "ean:04006381333931"),
        ("https://de.wikipedia.org/wiki/Papiermonde_(Film)", "wikipedia:de:Papiermonde_(Film)"),
        # A digit that does not prove the others, a home page, a person at IMDb, and a bare number say nothing.
        ("urn:isbn:9780306406158", None),
        ("https://paper-moons.example/", None),
        ("https://www.imdb.com/name/nm0000123/", None),
        ("12345", None),
    ],
)
def test_what_registers_call_a_work(stated: str, known: str | None) -> None:
    assert registered(work("Paper Moons", None, None, stated)) == ((known,) if known else ())


def test_claims_that_may_be_one_share_a_token() -> None:
    """Who looks for what a claim may be joined with finds it by these."""
    first, second = claim_of(work("The Salt Road", "Movie")), claim_of(work("SALT ROAD", None, 2025))
    assert set(tokens_of(first)) & set(tokens_of(second)) == {"name:salt road"}
