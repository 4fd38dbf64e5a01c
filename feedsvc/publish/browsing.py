"""A view of a feed in; what stands round its cards on the page out: filters, what was chosen, the form, the ways on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from feedsvc.model import Cursor, FacetValue, Feed, Place, View
from feedsvc.model.view import KINDS, written
from feedsvc.publish.holdings import Holdings
from feedsvc.render.listing import MOST_FILTERS, PER_PAGE, Browse, Chosen, Filter, FilterGroup, SearchForm

#: Parameter → the field of a View that holds its slugs.
FIELDS = {
    "outlet": "outlets",
    "critic": "critics",
    "subject": "subjects",
    "type": "types",
    "lang": "languages",
    "category": "categories",
}
#: So many types of works can be chosen from in the form.
MOST_TYPES = 30
#: What the form asks for itself.
_IN_FORM = frozenset({"q", "min_rating", "type", "page", "after"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One thing that was chosen: its parameter, its value as a person reads it, both in words, the view without it."""

    parameter: str
    label: str
    words: str
    without: View


def browse(
    holdings: Holdings,
    feed: Feed,
    view: View,
    *,
    total: int | None = None,
    first: int = 1,
    following: Cursor | None = None,
) -> Browse:
    """What stands round one page of a view; without `total` the first page, whose paging is looked up.

    `first` is the number of its first card, `following` where the next page begins.
    """
    names = holdings.settings.source_names(feed)
    return around(holdings, f"/feeds/{feed.name}", names, view, total=total, first=first, following=following)


def around(
    holdings: Holdings,
    stem: str,
    names: Sequence[str],
    view: View,
    *,
    total: int | None = None,
    first: int = 1,
    following: Cursor | None = None,
) -> Browse:
    """The same for any page that shows views of these sources; `stem` is its path."""
    if total is None:
        following = holdings.store.views.page(view, names, PER_PAGE).following
        total = holdings.store.views.count(view, names)
    labels = _labels(holdings, names, view)
    chosen = tuple(
        Chosen(kind=said.parameter, label=said.label, path=_path(stem, said.without)) for said in _said(view, labels)
    )
    newer = replace(view.first_page(), page=view.page - 1) if view.page > 1 else None
    older = replace(view.first_page(), page=view.page + 1, after=str(following)) if following else None
    return Browse(
        form=_form(holdings, names, view, stem),
        total=total,
        first=first,
        groups=tuple(_group(holdings, stem, names, view, parameter, labels) for parameter in KINDS),
        chosen=chosen,
        plain=stem,
        newer=_path(stem, newer) if newer else None,
        older=_path(stem, older) if older else None,
        subscribe=Place(stem, view.first_page().query()),
    )


def named(holdings: Holdings, names: Sequence[str], view: View) -> list[Said]:
    """Everything that narrows a view of these sources, in the order of its address."""
    return list(_said(view, _labels(holdings, names, view)))


def _labels(holdings: Holdings, names: Sequence[str], view: View) -> Mapping[str, Mapping[str, str]]:
    """By parameter and slug, how the chosen values are written; what stands elsewhere alone is not told."""
    return {name: holdings.store.views.labels(KINDS[name], slugs, names) for name, slugs in view.chosen()}


def _said(view: View, labels: Mapping[str, Mapping[str, str]]) -> Iterator[Said]:
    whole = view.first_page()
    for name, slugs in view.chosen():
        for slug in slugs:
            label = labels[name].get(slug, slug)
            yield Said(parameter=name, label=label, words=f"{KINDS[name]} {label}", without=_toggled(view, name, slug))
    if view.words:
        yield Said(parameter="q", label=view.words, words=f"“{view.words}”", without=replace(whole, words=""))
    if view.min_rating is not None:
        rating = f"{view.min_rating:g}"
        without = replace(whole, min_rating=None)
        yield Said(parameter="min_rating", label=rating, words=f"rated {rating} of 100 or more", without=without)
    if view.since is not None:
        since = written(view.since)
        yield Said(parameter="since", label=since, words=f"since {since}", without=replace(whole, since=None))


def _toggled(view: View, parameter: str, slug: str) -> View:
    """The view with a value, or without it where it is chosen; from its first page."""
    field = FIELDS[parameter]
    before: tuple[str, ...] = getattr(view, field)
    after = tuple(one for one in before if one != slug) if slug in before else tuple(sorted((*before, slug)))
    narrowed: dict[str, tuple[str, ...]] = {field: after}
    return replace(view.first_page(), **narrowed)  # type: ignore[arg-type]


def _path(stem: str, view: View) -> str:
    return Place(stem, view.query()).path()


def _group(
    holdings: Holdings,
    stem: str,
    names: Sequence[str],
    view: View,
    parameter: str,
    labels: Mapping[str, Mapping[str, str]],
) -> FilterGroup:
    """The values of one kind as links: those that are chosen, then those with the most reviews."""
    kind = KINDS[parameter]
    chosen: tuple[str, ...] = getattr(view, FIELDS[parameter])
    values = holdings.store.views.values(kind, names, MOST_FILTERS + len(chosen))
    known = {value.slug: value for value in values}
    wanted = [known.get(slug) or _uncounted(kind, slug, labels[parameter].get(slug, slug)) for slug in chosen]
    listed = [*wanted, *(value for value in values if value.slug not in chosen)][:MOST_FILTERS]
    filters = tuple(
        Filter(
            label=value.label,
            path=_path(stem, _toggled(view, parameter, value.slug)),
            count=value.reviews or None,
            active=value.slug in chosen,
        )
        for value in listed
    )
    counted = sum(value.reviews > 0 for value in listed)
    unlisted = holdings.store.views.value_count(kind, names) - counted if len(values) > len(listed) else 0
    return FilterGroup(kind=kind, filters=filters, unlisted=unlisted)


def _uncounted(kind: str, slug: str, label: str) -> FacetValue:
    return FacetValue(kind=kind, slug=slug, label=label, reviews=0)


def _form(holdings: Holdings, names: Sequence[str], view: View, stem: str) -> SearchForm:
    types = holdings.store.views.values("type", names, MOST_TYPES)
    first = next(iter(view.types), "")
    return SearchForm(
        action=stem,
        words=view.words,
        min_rating=view.min_rating,
        types=tuple((value.slug, value.label) for value in types),
        type=first,
        kept=tuple(pair for pair in view.pairs() if pair[0] not in _IN_FORM),
    )
