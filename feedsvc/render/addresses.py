"""What is reviewed and where in, the paths of our own pages on it out."""

from __future__ import annotations

from feedsvc.model import Outlet, Subject
from feedsvc.model.words import slug_of


def subject_path(subject: Subject) -> str | None:
    """The page of a work, whatever year its reviews state; None for a name of which no address can be made."""
    slug = slug_of(subject.name)
    return f"/subjects/{slug}" if slug else None


def outlet_path(outlet: Outlet) -> str | None:
    """The page of an outlet; None for a name of which no address can be made."""
    slug = slug_of(outlet.name)
    return f"/outlets/{slug}" if slug else None
