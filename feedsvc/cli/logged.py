"""Outcomes in, lines in the log out for those that an operator wants to hear of."""

from __future__ import annotations

import logging

from feedsvc.cli.outcomes import outcome_lines
from feedsvc.collect import Outcome


def log_outcome(outcome: Outcome) -> None:
    """Say what was new, changed, kept out or went wrong; nothing of a source where nothing did."""
    if outcome.error or outcome.new or outcome.changed or outcome.kept_out:
        for line in outcome_lines(outcome):
            logging.getLogger("feedsvc").info("%s", line)
