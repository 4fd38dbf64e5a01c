"""Author strings as feeds carry them, and the names that come out of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.model import Person
from feedsvc.normalise.people import people

NAMES: list[tuple[str, list[str]]] = [
    ("Jane Critic", ["Jane Critic"]),
    ("  Jane \n Critic ", ["Jane Critic"]),
    ("jane@outlet.example (Jane Critic)", ["Jane Critic"]),
    ("jane@outlet.photography (Jane Critic)", ["Jane Critic"]),
    ("Jane Critic <jane@outlet.example>", ["Jane Critic"]),
    ('"Jane Critic" <jane@outlet.example>', ["Jane Critic"]),
    ("Jane Critic (jane@outlet.example)", ["Jane Critic"]),
    ("Jane Critic jane@outlet.example", ["Jane Critic"]),
    ("mailto:jane@outlet.example", []),
    ("jane@outlet.example", []),
    ("<jane@outlet.example>", []),
    ("editor@outlet.example", []),
    ("noreply@outlet.example (Night Lantern)", ["Night Lantern"]),
    ("noreply@outlet.example (admin)", []),
    ("admin", []),
    ("Administrator", []),
    ("unknown", []),
    ("-", []),
    ("https://outlet.example/jane", []),
    ("by Jane Critic", ["Jane Critic"]),
    ("By: Jane Critic", ["Jane Critic"]),
    ("Review by Jane Critic", ["Jane Critic"]),
    ("Words by Jane Critic", ["Jane Critic"]),
    ("Byron Critic", ["Byron Critic"]),
    ("Jane Critic and John Doe", ["Jane Critic", "John Doe"]),
    ("By Jane Critic & John Doe", ["Jane Critic", "John Doe"]),
    ("Ann Bee, Cat Dee & Eve Eff", ["Ann Bee", "Cat Dee", "Eve Eff"]),
    ("Ann Bee, Cat Dee, and Eve Eff", ["Ann Bee", "Cat Dee", "Eve Eff"]),
    ("Ann Bee; Cat Dee", ["Ann Bee", "Cat Dee"]),
    ("Doe, Jane; Roe, John", ["Doe, Jane", "Roe, John"]),
    ("Doe, Jane; Roe, John;", ["Doe, Jane", "Roe, John"]),
    ("Ann; Cat Dee ;; Eve & Sons", ["Ann", "Cat Dee", "Eve & Sons"]),
    ("Ann Bee and Cat Dee; Eve Eff", ["Ann Bee", "Cat Dee", "Eve Eff"]),
    ("admin; Jane Critic; jane@outlet.example", ["Jane Critic"]),
    ("Jane O&amp;rsquo;Hara Critic", ["Jane O&rsquo;Hara Critic"]),
    ("Jane Doe, John Roe, Ann Poe", ["Jane Doe", "John Roe", "Ann Poe"]),
    ("Jane Doe, John Roe Moe, Ann Poe, Cat Dee", ["Jane Doe", "John Roe Moe", "Ann Poe", "Cat Dee"]),
    ("Doe, Jane, Roe, John", ["Doe, Jane, Roe, John"]),
    ("Doe, Jane Ann, Roe, John Paul", ["Doe, Jane Ann, Roe, John Paul"]),
    ("de Rohan, Béatrice, Sasso, Valérie", ["de Rohan, Béatrice, Sasso, Valérie"]),
    ("De la Cruz, Ana María, Ruiz Paz, Eva Luz", ["De la Cruz, Ana María, Ruiz Paz, Eva Luz"]),
    ("Jane Doe, John Roe", ["Jane Doe, John Roe"]),
    ("Jane Doe, Film Editor, New Harbour", ["Jane Doe, Film Editor, New Harbour"]),
    ("Jane Doe, Harbour Press, John Roe", ["Jane Doe, Harbour Press, John Roe"]),
    ("Smith, Jones & Co, Ltd", ["Smith, Jones & Co, Ltd"]),
    ("Jürgen Groß und Ludwig van der Rohe", ["Jürgen Groß", "Ludwig van der Rohe"]),
    ("Élodie Œuvre et Marc Petit", ["Élodie Œuvre", "Marc Petit"]),
    ("Иван Петров", ["Иван Петров"]),
    ("Doe, Jane", ["Doe, Jane"]),
    ("King, Martin Luther", ["King, Martin Luther"]),
    ("Jane Critic, Ph.D.", ["Jane Critic, Ph.D."]),
    ("Jane Critic, Night Lantern", ["Jane Critic, Night Lantern"]),
    ("Jane and John Doe", ["Jane and John Doe"]),
    ("Simon & Schuster", ["Simon & Schuster"]),
    ("Jane Critic and Night Lantern Staff", ["Jane Critic and Night Lantern Staff"]),
    ("Warner Films & Paper Moon Pictures", ["Warner Films & Paper Moon Pictures"]),
    ("Tom &amp; Jerry", ["Tom & Jerry"]),
    ('<a href="https://o.example/jane">Jane Critic</a>', ["Jane Critic"]),
    ("Anonymous", ["Anonymous"]),
    ("Jane\x0b Critic\ufffe", ["Jane Critic"]),
]


@pytest.mark.parametrize("stated, names", NAMES)
def test_a_raw_author_string_becomes_names_without_mail_addresses(stated: str, names: list[str]) -> None:
    assert [person.name for person in people([Person(name=stated)])] == names


def test_one_person_named_twice_is_one_and_keeps_the_address_on_the_web() -> None:
    stated = [
        Person(name="Jane Critic"),
        Person(name="JANE CRITIC", url="https://outlet.example/jane"),
        Person(name="John Doe", url="https://outlet.example/john"),
    ]
    assert people(stated) == (
        Person(name="Jane Critic", url="https://outlet.example/jane"),
        Person(name="John Doe", url="https://outlet.example/john"),
    )


@pytest.mark.parametrize("url", ["mailto:jane@outlet.example", "javascript:alert(1)", "/jane", "data:text/html,x", ""])
def test_an_address_of_a_person_is_on_the_web_or_missing(url: str) -> None:
    assert people([Person(name="Jane Critic", url=url)]) == (Person(name="Jane Critic"),)


def test_an_address_of_a_list_belongs_to_none_of_its_people() -> None:
    assert people([Person(name="Ann Bee and Cat Dee", url="https://outlet.example/both")]) == (
        Person(name="Ann Bee"),
        Person(name="Cat Dee"),
    )


@given(st.text(max_size=80), st.from_regex(r"[a-z]{1,8}@[a-z]{1,8}\.example", fullmatch=True))
def test_no_mail_address_comes_out(words: str, address: str) -> None:
    for stated in (f"{words} <{address}>", f"{address} ({words})", f"{words} {address}"):
        assert all(address not in person.name for person in people([Person(name=stated)]))
