"""What an operator agrees to today holds for what was stored yesterday."""

from __future__ import annotations

from dataclasses import replace

from feedsvc.model import Licence, LicenceState, Provenance, Republish, Source
from feedsvc.normalise.contract import as_agreed
from tests.samples import BARE, FULL

STORM = Source(name="celebrity-storm", kind="folder", location="/srv/incoming/celebrity-storm")


def test_a_changed_contract_holds_for_what_was_stored_under_another() -> None:
    before = replace(BARE, republish=Republish.FULL)

    assert as_agreed(before, replace(STORM, republish=Republish.LINK)).republish is Republish.LINK


def test_a_licence_that_the_operator_sets_later_holds_where_nothing_else_is_stated() -> None:
    review = as_agreed(BARE, replace(STORM, licence="CC-BY-4.0"))

    assert (review.licence.spdx, review.licence.state) == ("CC-BY-4.0", LicenceState.IDENTIFIED)
    assert review.provenance["licence"] is Provenance.CONFIGURED


def test_a_licence_that_the_operator_takes_back_no_longer_holds() -> None:
    licensed = as_agreed(BARE, replace(STORM, licence="CC-BY-4.0"))
    review = as_agreed(licensed, STORM)

    assert review.licence == Licence()
    assert "licence" not in review.provenance


def test_a_stated_licence_is_not_the_operators_to_change() -> None:
    review = as_agreed(FULL, replace(STORM, licence="CC0-1.0"))

    assert review.licence == FULL.licence
    assert review.provenance["licence"] is Provenance.STATED


def test_reserved_rights_are_the_outlets_word_and_stay() -> None:
    reserved = replace(BARE, licence=Licence(name="All rights reserved"))

    assert as_agreed(reserved, replace(STORM, licence="CC0-1.0")).licence == reserved.licence


def test_the_last_agreement_stays_when_a_source_is_no_longer_configured() -> None:
    before = replace(BARE, republish=Republish.EXCERPT)

    assert as_agreed(before, None) == before
