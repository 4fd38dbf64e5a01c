"""The nouns: plain frozen values that every layer passes on. Nothing in, nothing out, no rules.

Two of them matter most. An `Item` is what a source said: anything may be missing, and every value is as it stood in
the source's bytes. A `Review` is what we promise: attribution is never optional there.
"""

from feedsvc.model.claims import (
    AlsoClaim,
    Category,
    Citation,
    Credit,
    Enclosure,
    FeedInfo,
    Fetched,
    ImageClaim,
    Item,
    LicenceClaim,
    Link,
    Parsed,
    Person,
    RatingClaim,
    Rhythm,
    Subject,
    Text,
    Unchanged,
    UsageTerms,
)
from feedsvc.model.completeness import Completeness, Lacking, Mark
from feedsvc.model.published import ATTRIBUTION_CLASS, ATTRIBUTION_TEXT_PREFIX, Entry, Gone, Rendition, Terms, Tombstone
from feedsvc.model.review import Also, Image, Licence, LicenceState, OptOut, Prose, Provenance, Rating, Review
from feedsvc.model.settings import Feed, Limits, Outlet, Republish, Site, Source, is_url
from feedsvc.model.state import Quarantined, SourceState
from feedsvc.model.subscription import Delivery, Discovery, Subscription, SubscriptionState
from feedsvc.model.withdrawal import Withdrawal, WithdrawalKind

__all__ = [
    "ATTRIBUTION_CLASS",
    "ATTRIBUTION_TEXT_PREFIX",
    "Also",
    "AlsoClaim",
    "Category",
    "Citation",
    "Completeness",
    "Credit",
    "Delivery",
    "Discovery",
    "Enclosure",
    "Entry",
    "Feed",
    "FeedInfo",
    "Fetched",
    "Gone",
    "Image",
    "ImageClaim",
    "Item",
    "Lacking",
    "Licence",
    "LicenceClaim",
    "LicenceState",
    "Limits",
    "Link",
    "Mark",
    "OptOut",
    "Outlet",
    "Parsed",
    "Person",
    "Prose",
    "Provenance",
    "Quarantined",
    "Rating",
    "RatingClaim",
    "Rendition",
    "Republish",
    "Review",
    "Rhythm",
    "Site",
    "Source",
    "SourceState",
    "Subject",
    "Subscription",
    "SubscriptionState",
    "Terms",
    "Text",
    "Tombstone",
    "Unchanged",
    "UsageTerms",
    "Withdrawal",
    "WithdrawalKind",
    "is_url",
]
