"""A vocabulary and a number in; a site of so many review pages, as outlets really mark them up, and its reviews out.

site("jsonld", 30, "https://gazette.example")     # path → (media type, bytes): the pages, a listing, two sitemaps
told("jsonld", 30, "https://gazette.example")     # path of each review page → what it must give

The listing stands at LISTING and names every review page, beside navigation, tags, adverts and other outlets' pages.
SITEMAP_INDEX names SITEMAP, which names every review page beside pages about the outlet. The pages have the usual dirt:
several graphs, wrong types, HTML in strings, `@id` references, relative addresses, missing dates, broken JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from html import escape
from typing import Any

LISTING = "/reviews/"
SITEMAP_INDEX = "/sitemap.xml"
SITEMAP = "/sitemap-posts.xml"

Site = dict[str, tuple[str, bytes]]

_FIRST = ("Paper", "Salt", "Copper", "Winter", "Glass", "Hollow", "Amber", "Quiet", "Iron", "Velvet", "Ninth")
_SECOND = ("Moons", "Road", "Orchard", "Harbour", "Letters", "Parade", "Engine")
_KINDS = ("Movie", "Book", "TVSeries", "VideoGame", "MusicAlbum")
_CRITICS = ("Ines Okafor", "Tomás Reyes", "Bo Lindqvist", "Amélie Durand", "Kei Hanabata")
_LANGUAGES = ("en", "en-GB", "de", "fr")
_LICENCES = ("https://creativecommons.org/licenses/by/4.0/", None, "https://creativecommons.org/licenses/by-nc-nd/4.0/")
#: Value, best, worst as written; then the value and the best as numbers: a grade counts from F = 0 to A+ = 12.
_RATINGS: tuple[tuple[object, object, object, float | None, float | None] | None, ...] = (
    (8.5, 10, 0, 8.5, 10.0),
    ("4", "5", "1", 4.0, 5.0),
    ("7,5", "10", "0", 7.5, 10.0),
    ("B+", None, None, 9.0, 12.0),
    (85, 100, 0, 85.0, 100.0),
    None,
    ("3.5", 5, None, 3.5, 5.0),
)


@dataclass(frozen=True)
class Told:
    """What one review page must give, as its review has it; None: the page does not say it, or cannot."""

    url: str
    headline: str
    #: The first sentence of the text; `last` closes it.
    words: str
    last: str
    critics: tuple[str, ...]
    outlet: str
    licence: str | None
    image: str
    credit: str
    work: str
    kind: str | None
    year: int | None
    identifiers: tuple[str, ...]
    same_as: tuple[str, ...]
    #: As it stands in the page: value, best, worst.
    rated: tuple[object, object, object] | None
    value: float | None
    best: float | None
    #: The day alone; None where the page states no date.
    published: str | None
    language: str


def paths(n: int) -> list[str]:
    """The paths of the review pages."""
    return [f"/reviews/{_slug(i)}/" for i in range(n)]


def site(vocabulary: str, n: int, base: str) -> Site:
    """Every page of the site; `base` is its address without a closing slash."""
    write = _PAGES[vocabulary]
    reviews = told(vocabulary, n, base)
    pages = {path: _html(write(i, review, base)) for i, (path, review) in enumerate(reviews.items())}
    pages[LISTING] = _html(_listing(vocabulary, list(reviews.values()), base))
    pages["/about/"] = _html(f"{_head('About us', 'en')}<main><h1>About us</h1><p>A quay, a lamp, a desk.</p></main>")
    entries = "".join(
        f"<url><loc>{base}{path}</loc><lastmod>2026-05-0{i % 9 + 1}</lastmod></url>" for i, path in enumerate(reviews)
    )
    about = f"<url><loc>{base}/about/</loc></url><url><loc>https://adverts.example/reviews/buy/</loc></url>"
    pages[SITEMAP] = _xml(f"<urlset {_SITEMAPS}>{about}{entries}</urlset>")
    pages[SITEMAP_INDEX] = _xml(
        f"<sitemapindex {_SITEMAPS}><sitemap><loc>{base}{SITEMAP}</loc><lastmod>2026-05-09</lastmod></sitemap>"
        "</sitemapindex>"
    )
    return pages


def told(vocabulary: str, n: int, base: str) -> dict[str, Told]:
    """What each review page must give, by its path. Microformats and bare pages have no words for some of it."""
    reviews = {path: _told(i, base) for i, path in enumerate(paths(n))}
    if vocabulary in _UNTYPED:
        reviews = {
            path: replace(review, kind=None, year=None, identifiers=(), same_as=review.same_as[:1])
            for path, review in reviews.items()
        }
    if vocabulary == "h-entry":
        reviews = {path: replace(review, same_as=()) for path, review in reviews.items()}
    return reviews


_SITEMAPS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
#: Vocabularies that have no terms for a work's type, year and identifiers.
_UNTYPED = ("h-review", "hreview", "h-entry")


def _slug(i: int) -> str:
    return _work(i).lower().replace(" ", "-") + (f"-{i}" if i >= len(_FIRST) * len(_SECOND) else "") + "-review"


def _work(i: int) -> str:
    return f"{_FIRST[i % len(_FIRST)]} {_SECOND[i % len(_SECOND)]}"


def _told(i: int, base: str) -> Told:
    work, rating, kind = _work(i), _RATINGS[i % len(_RATINGS)], _KINDS[i % len(_KINDS)]
    critics = (_CRITICS[i % 5], _CRITICS[(i + 2) % 5]) if i % 6 == 4 else (_CRITICS[i % 5],)
    return Told(
        url=f"{base}/reviews/{_slug(i)}/",
        headline=f"{work} & the art of waiting, part {i}",
        words=f"Nobody in {work} hurries, and the {i + 1} minutes before the ferry leaves are the best of it.",
        last=f"What stays of {work} is the sound of a rope being coiled.",
        critics=critics,
        outlet="Harbour Gazette",
        licence=_LICENCES[i % 3],
        image=f"{base}/media/{i}.jpg",
        credit=f"Pia Noor {i}",
        work=work,
        kind=kind,
        year=1990 + i,
        identifiers=(f"urn:isbn:97803064{i:05}",) if kind == "Book" else (),
        same_as=(f"https://works.example/{i}",),
        rated=rating[:3] if rating else None,
        value=rating[3] if rating else None,
        best=rating[4] if rating else None,
        published=None if i % 7 == 3 else f"2026-0{i % 5 + 1}-1{i % 9}",
        language=_LANGUAGES[i % 4],
    )


def _html(page: str) -> tuple[str, bytes]:
    return "text/html; charset=utf-8", page.encode()


def _xml(document: str) -> tuple[str, bytes]:
    return "application/xml", f'<?xml version="1.0" encoding="UTF-8"?>\n{document}'.encode()


# ------------------------------------------------------------------------------------------------ what all pages share


def _head(title: str, language: str, more: str = "") -> str:
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f"<title>{escape(title)} | Harbour Gazette</title>"
        f'<meta property="og:site_name" content="Harbour Gazette">{more}</head><body><header><nav><ul>'
        '<li><a href="/">Home</a><li><a href="/reviews/">Reviews</a><li><a href="/film/">Film</a></ul></nav></header>'
    )


_FOOT = (
    '<aside><h2>Read next</h2><article><h3><a href="/reviews/something-else-review/">Something else</a></h3></article>'
    '</aside><footer><p>© Harbour Gazette</p><a href="/privacy/">Privacy</a></footer></body></html>'
)


def _body(review: Told) -> str:
    """Two paragraphs, with an image and a link in them."""
    return f"<p>{escape(review.words)}</p><p>It has <a href='/film/'>company</a>. {escape(review.last)}</p>"


def _figure(review: Told, base: str) -> str:
    """The picture, by a relative address, with its credit in the caption."""
    return (
        f'<figure><img src="{review.image.removeprefix(base)}" alt="A quay" width="1200" height="800">'
        f"<figcaption>A quay at dusk. Photo: {review.credit}</figcaption></figure>"
    )


def _licence(review: Told) -> str:
    return f'<p><a rel="license" href="{review.licence}">Licence</a></p>' if review.licence else ""


# ------------------------------------------------------------------------------------------------------------- JSON-LD


def _json_review(i: int, review: Told, base: str) -> dict[str, object]:
    """The review as one object, without its work, in the ways that outlets write it."""
    path = review.url.removeprefix(base)
    authors: list[object] = [
        {"@type": "Person", "name": name, "url": f"/critics/{name[:2]}/"} for name in review.critics
    ]
    node: dict[str, object] = {
        "@type": (["Review", "NewsArticle"], "CriticReview", "https://schema.org/Review", "ReviewNewsArticle")[i % 4],
        "url": path if i % 2 else review.url,
        ("headline" if i % 3 else "name"): escape(review.headline) if i % 4 == 1 else review.headline,
        "author": (authors, authors[0] if len(authors) == 1 else authors, list(review.critics))[i % 3],
        "publisher": {
            "@type": "Organization",
            "name": "Harbour Gazette",
            "logo": {"@type": "ImageObject", "url": "/logo.png"},
        },
        "inLanguage": review.language if i % 2 else {"@type": "Language", "alternateName": review.language},
        "reviewBody": _body(review) if i % 2 else f"{review.words}\n\nIt has company. {review.last}",
        "image": {
            "@type": "ImageObject",
            ("url" if i % 2 else "contentUrl"): review.image.removeprefix(base),
            "creditText": review.credit,
            "width": "1200px" if i % 2 else {"@type": "QuantitativeValue", "value": 1200},
            "height": 800,
        },
        "datePublished": f"{review.published}T09:30:00+00:00" if review.published else ("" if i % 2 else None),
        "license": review.licence,
    }
    if review.rated:
        value, best, worst = review.rated
        rating = {"@type": "Rating", "ratingValue": value, "bestRating": best, "worstRating": worst}
        node["reviewRating"] = [rating] if i % 3 == 1 else rating
    return node


def _json_work(review: Told) -> dict[str, object]:
    isbn = [identifier.removeprefix("urn:isbn:") for identifier in review.identifiers]
    return {
        "@type": ["Product", review.kind] if review.kind == "VideoGame" else review.kind,
        "name": review.work,
        ("copyrightYear" if review.kind == "Book" else "datePublished"): review.year
        if review.kind == "Book"
        else f"{review.year}-03-01",
        "isbn": isbn[0] if isbn else None,
        "sameAs": review.same_as[0] if (review.year or 0) % 2 else list(review.same_as),
        "aggregateRating": {"@type": "AggregateRating", "ratingValue": 1.1, "bestRating": 5, "ratingCount": 90},
    }


def _script(value: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(value, ensure_ascii=False)}</script>'


#: Objects that stand on every page of a site and are no review.
_NOISE = (
    {"@context": "https://schema.org", "@type": "BreadcrumbList", "itemListElement": [
        {"@type": "ListItem", "position": 1, "name": "Reviews", "item": "/reviews/"}]},
    {"@context": "https://schema.org", "@type": "WebSite", "name": "Harbour Gazette", "url": "/",
     "potentialAction": {"@type": "SearchAction", "target": "/?s={q}"}},
)  # fmt: skip


def _jsonld(i: int, review: Told, base: str) -> str:
    """One object among others; some with a comment around it, some with a comma too many or a line end in a string."""
    node = {"@context": "http://schema.org/", **_json_review(i, review, base), "itemReviewed": _json_work(review)}
    written = json.dumps(node, ensure_ascii=False)
    if i % 5 == 1:
        written = f"<!--\n{written}\n-->"
    elif i % 5 == 2:
        written = f"{written[:-1]},}}"
    elif i % 5 == 3:
        written = written.replace("\\n\\n", "\n\n")
    elif i % 5 == 4:
        written = f"//<![CDATA[\n{written};\n//]]>"
    scripts = "".join(_script(each) for each in _NOISE)
    script = f'{scripts}<script type="application/ld+json">{written}</script>'
    return (
        f"{_head(review.headline, review.language, script)}<main><article><h1>{escape(review.headline)}</h1>"
        f"{_body(review)}</article></main>{_FOOT}"
    )


def _jsonld_graph(i: int, review: Told, base: str) -> str:
    """One graph, as programs write it: everything by `@id`, beside the article, the site and the person."""
    node = _json_review(i, review, base)
    rating: Any = node.pop("reviewRating", None)
    image: Any = node.pop("image")
    people = [
        {
            "@type": "Person",
            "@id": f"#person-{k}",
            "name": name,
            "worksFor": {"@id": "#org"},
            "knows": {"@id": f"#person-{k}"},
        }
        for k, name in enumerate(review.critics)
    ]
    graph: list[object] = [
        {"@type": "WebSite", "@id": "#site", "name": "Harbour Gazette", "url": "/", "publisher": {"@id": "#org"}},
        {"@type": "Organization", "@id": "#org", "name": "Harbour Gazette", "url": "/"},
        {"@type": "WebPage", "@id": review.url, "isPartOf": {"@id": "#site"}, "mainEntity": {"@id": "#review"}},
        {
            **node,
            "@id": "#review",
            "isPartOf": {"@id": review.url},
            "author": [{"@id": person["@id"]} for person in people],
            "publisher": {"@id": "#org"},
            "image": {"@id": "#image"},
            "itemReviewed": {"@id": "#work"},
            "reviewRating": {"@id": "#rating"} if rating else None,
        },
        {**image, "@id": "#image"},
        {**_json_work(review), "@id": "#work", "review": {"@id": "#review"}},
        *people,
        None,
        "stray",
    ]
    if rating:
        graph.append({**(rating[0] if isinstance(rating, list) else rating), "@id": "#rating"})
    script = _script({"@context": "https://schema.org", "@graph": graph}) + _script([[], 7, None])
    return (
        f"{_head(review.headline, review.language, script)}<article><h1>{escape(review.headline)}</h1>"
        f"{_body(review)}</article>{_FOOT}"
    )


def _jsonld_work(i: int, review: Told, base: str) -> str:
    """A work that carries its review, and what readers think of it."""
    work = {"@context": "https://schema.org", **_json_work(review), "review": _json_review(i, review, base)}
    script = f'<link rel="canonical" href="{review.url}">{_script([work, *_NOISE])}'
    return (
        f"{_head(review.headline, review.language, script)}<main><h1>{escape(review.headline)}</h1>"
        f"{_body(review)}</main>{_FOOT}"
    )


# ----------------------------------------------------------------------------------------------- attributes of elements


def _microdata(i: int, review: Told, base: str) -> str:
    """As themes of blogs write it: a rating in <meta>, an author in an item of its own, a work by itemref."""
    work = (
        f'<div id="work{i}"><span itemprop="itemReviewed" itemscope itemtype="http://schema.org/{review.kind}">'
        f'<cite itemprop="name">{review.work}</cite> (<time itemprop="datePublished">{review.year}</time>)'
        + "".join(f'<meta itemprop="isbn" content="{known[9:]}">' for known in review.identifiers)
        + f'<link itemprop="sameAs" href="{review.same_as[0]}"></span></div>'
    )
    rated = ""
    if review.rated:
        fields = zip(("ratingValue", "bestRating", "worstRating"), review.rated, strict=True)
        spans = "".join(f'<meta itemprop="{name}" content="{value}">' for name, value in fields if value is not None)
        rated = f'<div itemprop="reviewRating" itemscope itemtype="https://schema.org/Rating">{spans}</div>'
    critics = "".join(
        f'<span itemprop="author" itemscope itemtype="http://schema.org/Person"><a itemprop="url" href="/critics/{k}/">'
        f'<span itemprop="name"> {name}\n</span></a></span>'
        for k, name in enumerate(review.critics)
    )
    date = f'<time itemprop="datePublished" datetime="{review.published}">then</time>' if review.published else ""
    licence = f'<a itemprop="license" href="{review.licence}">Licence</a>' if review.licence else ""
    itemref = f' itemref="work{i} nowhere"' if i % 2 else ""
    return (
        f"{_head(review.headline, review.language)}<main>{work if i % 2 else ''}"
        f'<article itemscope itemtype="http://schema.org/{"CriticReview" if i % 3 else "Review"}"{itemref}>'
        f'<h1 itemprop="{"headline" if i % 2 else "name"}">{escape(review.headline)}</h1>{"" if i % 2 else work}'
        f'{critics}{date}<meta itemprop="inLanguage" content="{review.language}">'
        f'<a itemprop="url" href="{review.url.removeprefix(base)}">#</a>'
        f'<span itemprop="publisher" itemscope itemtype="http://schema.org/Organization">'
        f'<meta itemprop="name" content="Harbour Gazette"></span>'
        f'<div itemprop="image" itemscope itemtype="http://schema.org/ImageObject"><img itemprop="contentUrl" '
        f'src="{review.image.removeprefix(base)}"><span itemprop="creditText">{review.credit}</span></div>'
        f'<div itemprop="reviewBody">{_body(review)}</div>{rated}{licence}</article></main>{_FOOT}'
    )


def _rdfa(i: int, review: Told, base: str) -> str:
    """RDFa Lite: by vocab, or by a prefix."""
    p = "" if i % 2 else "schema:"
    scope = 'vocab="http://schema.org/"' if i % 2 else 'prefix="schema: https://schema.org/ og: https://ogp.me/ns#"'
    work = (
        f'<div property="{p}itemReviewed" typeof="{p}{review.kind}"><span property="{p}name">{review.work}</span>'
        f'<span property="{p}datePublished" content="{review.year}-01-01">{review.year}</span>'
        + "".join(f'<meta property="{p}isbn" content="{known[9:]}">' for known in review.identifiers)
        + f'<a property="{p}sameAs" href="{review.same_as[0]}">elsewhere</a></div>'
    )
    rated = ""
    if review.rated:
        fields = zip(("ratingValue", "bestRating", "worstRating"), review.rated, strict=True)
        spans = "".join(f'<span property="{p}{name}">{value}</span>' for name, value in fields if value is not None)
        rated = f'<div property="{p}reviewRating" typeof="{p}Rating">{spans}</div>'
    critics = "".join(
        f'<span property="{p}author" typeof="{p}Person"><span property="{p}name">{name}</span></span>'
        for name in review.critics
    )
    date = f'<time property="{p}datePublished" datetime="{review.published}">then</time>' if review.published else ""
    licence = f'<a property="{p}license" href="{review.licence}">Licence</a>' if review.licence else ""
    return (
        f"{_head(review.headline, review.language)}<main {scope}>"
        f'<article typeof="{p}Review" resource="#review"><h1 property="{p}headline">{escape(review.headline)}</h1>'
        f'{critics}{date}<a property="{p}url" href="{review.url.removeprefix(base)}">#</a>{work}{rated}'
        f'<div property="{p}publisher" typeof="{p}Organization"><span property="{p}name">Harbour Gazette</span></div>'
        f'<div property="{p}image" typeof="{p}ImageObject"><img property="{p}contentUrl" src="{review.image}">'
        f'<span property="{p}creditText">{review.credit}</span></div>'
        f'<div property="{p}reviewBody">{_body(review)}</div>{licence}</article></main>{_FOOT}'
    )


def _stars(review: Told, value: str, best: str) -> str:
    """A rating of microformats: value and best, where the page has both."""
    if not review.rated:
        return ""
    stated = f'<data class="{value}" value="{review.rated[0]}">{review.rated[0]}</data>'
    return stated + (
        f' of <data class="{best}" value="{review.rated[1]}">{review.rated[1]}</data>' if review.rated[1] else ""
    )


def _h_review(i: int, review: Told, base: str) -> str:
    """microformats2 h-review."""
    critics = "".join(
        f'<a class="p-author h-card" href="/critics/{k}/">{name}</a>' for k, name in enumerate(review.critics)
    )
    date = f'<time class="dt-published" datetime="{review.published}">then</time>' if review.published else ""
    return (
        f'{_head(review.headline, review.language)}<main><article class="h-review">'
        f'<h1 class="p-name"><a class="u-url" href="{review.url.removeprefix(base)}">{escape(review.headline)}</a></h1>'
        f"{critics}{date}"
        f'<p>On <a class="p-item h-item" href="{review.same_as[0]}">{review.work}</a>: '
        f"{_stars(review, 'p-rating', 'p-best')}</p>{_figure(review, base)}"
        f'<div class="e-content">{_body(review)}</div>{_licence(review)}</article></main>{_FOOT}'
    )


def _h_entry(i: int, review: Told, base: str) -> str:
    """microformats2 h-entry with the properties of a review, as personal sites write it: no address of the work."""
    critics = "".join(f'<span class="p-author h-card">{name}</span>' for name in review.critics)
    date = (
        f'<time class="dt-published" datetime="{review.published}T10:00+00:00">then</time>' if review.published else ""
    )
    return (
        f'{_head(review.headline, review.language)}<article class="h-entry">'
        f'<h1 class="p-name">{escape(review.headline)}</h1>'
        f'<a class="u-url" href="{review.url}">#</a>{critics}{date}<p>On <span class="p-item">{review.work}</span>: '
        f"{_stars(review, 'p-rating', 'p-best')}</p>{_figure(review, base)}"
        f'<div class="e-content">{_body(review)}</div>{_licence(review)}</article>{_FOOT}'
    )


def _hreview(i: int, review: Told, base: str) -> str:
    """The classic hReview 0.4, with the abbreviations that it was written with."""
    critics = "".join(f'<span class="reviewer vcard"><span class="fn">{name}</span></span>' for name in review.critics)
    date = f'<abbr class="dtreviewed" title="{review.published}">then</abbr>' if review.published else ""
    return (
        f'{_head(review.headline, review.language)}<div class="hreview">'
        f'<h1 class="summary">{escape(review.headline)}</h1>'
        f'<p class="item"><a class="fn url" href="{review.same_as[0]}">{review.work}</a></p>{critics}{date}'
        f"<p>{_stars(review, 'rating', 'best')}</p>{_figure(review, base)}"
        f'<div class="description">{_body(review)}</div>'
        f'<a rel="self bookmark" class="permalink" href="{review.url}">#</a>{_licence(review)}</div>{_FOOT}'
    )


_PAGES: dict[str, Callable[[int, Told, str], str]] = {
    "jsonld": _jsonld,
    "jsonld-graph": _jsonld_graph,
    "jsonld-work": _jsonld_work,
    "microdata": _microdata,
    "rdfa": _rdfa,
    "h-review": _h_review,
    "h-entry": _h_entry,
    "hreview": _hreview,
}
VOCABULARIES = tuple(_PAGES)


# ------------------------------------------------------------------------------------------------------------- listings


def _listing(vocabulary: str, reviews: list[Told], base: str) -> str:
    """All reviews, as the vocabulary lists them, among links that are none."""
    paths = [review.url.removeprefix(base) for review in reviews]
    others = (
        '<p class="tags"><a rel="tag" href="/tags/film/">Film</a> <a href="/reviews/page/2/">Older</a></p>'
        '<div class="advert"><h3><a href="https://adverts.example/reviews/buy/">Buy now</a></h3></div>'
    )
    script = ""
    if vocabulary.startswith("jsonld"):
        entries = [{"@type": "ListItem", "position": k, "url": path} for k, path in enumerate(paths)]
        script = _script({"@context": "https://schema.org", "@type": "ItemList", "itemListElement": entries})
        teasers = "".join(f'<div><a href="{path}">More</a></div>' for path in paths)
    elif vocabulary == "h-entry":
        teasers = "".join(
            f'<li class="h-entry"><a class="u-url p-name" href="{path}">{escape(review.headline)}</a></li>'
            for path, review in zip(paths, reviews, strict=True)
        )
        teasers = f'<ol class="h-feed">{teasers}</ol>'
    else:
        teasers = "".join(
            f'<article><a href="{path}"><img src="/t.jpg"></a><h2><a href="{path}">{escape(review.headline)}</a></h2>'
            f'<p>By <a rel="author" href="/critics/x/">{review.critics[0]}</a> in <a href="/film/">Film</a>.</p>'
            f'<a href="{path}#comments">3 comments</a></article>'
            for path, review in zip(paths, reviews, strict=True)
        )
    return f"{_head('Reviews', 'en', script)}<main><h1>Reviews</h1>{teasers}{others}</main>{_FOOT}"
