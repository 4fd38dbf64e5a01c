"""What a source said (Item) in; what we promise (Review), and what a feed may show of it (Entry), out. All pure."""

from feedsvc.normalise.dates import parse_date
from feedsvc.normalise.identity import item_key
from feedsvc.normalise.review import Normaliser
from feedsvc.normalise.terms import entry_for

__all__ = ["Normaliser", "entry_for", "item_key", "parse_date"]
