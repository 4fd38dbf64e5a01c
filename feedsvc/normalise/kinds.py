"""A word, a category or a text in; the kind of work that it speaks of, as schema.org names it, out; None if unsure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from feedsvc.normalise.characters import fold, word_set

#: schema.org's name of a kind of work → what people call it beside the word "review", in five languages.
_CALLED = {
    "Movie": "film, films, movie, movies, cinema, kino, kinofilm, spielfilm, cinéma, long-métrage, cine, película, "
    "películas, pelicula, largometraje, lungometraggio",
    "TVSeries": "tv, tv series, tv show, television, television series, miniseries, fernsehen, serie, serien, "
    "fernsehserie, série, séries, série tv, serie tv, series, televisión, televisione, télévision",
    "Book": "book, books, novel, novels, memoir, fiction, buch, bücher, roman, romane, literatur, livre, livres, "
    "romans, littérature, libro, libros, novela, novelas, literatura, libri, romanzo, romanzi, letteratura",
    "VideoGame": "game, games, video game, video games, videogame, videogames, videospiel, videospiele, computerspiel, "
    "computerspiele, jeu vidéo, jeux vidéo, videojuego, videojuegos, videogioco, videogiochi",
    "MusicAlbum": "album, albums, lp, alben, platte, platten, cd, disque, disques, disco, discos, dischi, álbum",
    "Play": "play, plays, theatre, theater, stage, theaterstück, schauspiel, théâtre, pièce, teatro",
    "ExhibitionEvent": "exhibition, exhibitions, ausstellung, ausstellungen, exposition, exposición, mostra",
    "MusicEvent": "concert, concerts, konzert, konzerte, concierto, concerto, gig",
    "Restaurant": "restaurant, restaurants, restaurante, ristorante",
    "PodcastSeries": "podcast, podcasts",
}
_KINDS = {word.strip(): kind for kind, words in _CALLED.items() for word in words.split(",")}
#: A stage, a series and a podcast are much else, unless the word "review" stands beside them.
_NO_CATEGORY = word_set("series stage disco plays play lp cd serie")
#: What a section of reviews is called: the word for review, before or behind the kind.
_SECTION = re.compile(
    r"^(?:reviews?|critiques?|críticas?|reseñas?|recensioni|recensione)(?:\s+(?:of|de|di|du|des|del))?\s+|"
    r"\s*(?:[-–/]\s*)?(?:reviews?|kritik(?:en)?|rezension(?:en)?|besprechung(?:en)?|reviewed)$"
)

#: What the text of a review says that is of one kind of work alone, and how much it weighs.
_SIGNS = {
    "Movie": (
        (2, "screenwriter screenwriters screenplay cinematographer cinematography imax drehbuch kinofilm"),
        (1, "director directed regisseur regisseurin composer cameo cinema cinemas film films movie movies"),
        (1, "réalisateur réalisatrice película director directora regista pellicola kino"),
    ),
    "TVSeries": ((2, "episode episodes showrunner showrunners season seasons staffel folgen épisodes episodi"),),
    "Book": ((2, "novel novelist paperback hardback chapters prose roman romancier novela novelista romanzo buch"),),
    "VideoGame": ((2, "gameplay playstation xbox nintendo controller framerate multiplayer"),),
    "MusicAlbum": ((2, "album lp singles tracklist songwriter"),),
    "Play": ((2, "playwright playhouse dramaturg"),),
}
_WEIGHTS = {
    word.encode(): (kind, weight) for kind, signs in _SIGNS.items() for weight, words in signs for word in words.split()
}
#: So much must speak for a kind, and nothing for another.
_ENOUGH = 4
#: Each byte of UTF-8 that ASCII has and no word does, as a space.
_PARTED = bytes(code if code > 127 or bytes([code]).isalnum() else ord(" ") for code in range(256))
#: So far from its name the text says what the work is: "the novel X", "X is a quiet, slow film".
_NEAR = 60
_MOST_PLACES = 20

#: Every word for a kind, the longest first, as a part of an expression.
KIND = "|".join(sorted((re.escape(word) for word in _KINDS), key=len, reverse=True))
_BEFORE = re.compile(rf"\b({KIND}),?\s[\"'“”‘’„«»]?\Z", re.I)
_BEHIND = re.compile(
    rf"[\"'“”‘’„«»]?\s(?:is|ist|est|es|è)\s(?:an?|ein|eine|une?|una)\s(?:[\w-]+\s){{0,2}}({KIND})\b", re.I
)


def kind_of(word: str | None) -> str | None:
    """The kind of work that a word stands for beside "review": "film", "Roman", "videojuego"."""
    return _KINDS.get(" ".join(word.casefold().split())) if word else None


def kind_in(categories: Iterable[str]) -> tuple[str, str] | None:
    """The one kind that the categories name, and the category that does; None where they name two, or none."""
    found = {kind: term for term in categories if (kind := _section(term))}
    return next(iter(found.items())) if len(found) == 1 else None


@lru_cache(1024)
def _section(term: str) -> str | None:
    """ "Film", "Movie Reviews", "Filmkritik" and "Books / Fiction" are sections of one kind."""
    whole = fold(term, 200).casefold()
    kinds = {_KINDS.get(_SECTION.sub("", part).strip()) for part in re.split(r"\s*[/>|]\s*", whole)} - {None}
    return kinds.pop() if len(kinds) == 1 and whole not in _NO_CATEGORY else None


def kind_in_text(name: str, text: str) -> str | None:
    """The kind that a text calls the work by name ("the novel X", "X is a film"), else the one its words speak of."""
    start = text.find(name)
    for _ in range(_MOST_PLACES):
        if start < 0:
            break
        end = start + len(name)
        if match := _BEFORE.search(text[max(0, start - _NEAR) : start]) or _BEHIND.match(text[end : end + _NEAR]):
            return kind_of(match[1])
        start = text.find(name, end)
    return _most_spoken_of(text)


def _most_spoken_of(text: str) -> str | None:
    """The one kind that enough of its words speak of; none where words of two kinds stand."""
    words = _WEIGHTS.keys() & set(text.lower().encode("utf-8", "replace").translate(_PARTED).split())
    weights: dict[str, int] = {}
    for word in words:
        kind, weight = _WEIGHTS[word]
        weights[kind] = weights.get(kind, 0) + weight
    if len(weights) != 1:
        return None
    kind, weight = weights.popitem()
    return kind if weight >= _ENOUGH else None
