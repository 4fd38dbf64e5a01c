"""What is known of a source and what a look at it brought in; the next state, and so when to look next, out. Pure.

Nothing is random: the jitter of a look comes from the source's name and the moment, so that looks at many sources
never line up into a herd, and a test knows what to expect. Durations in seconds.
"""

from feedsvc.cadence.asked import LONGEST_WAIT, Cadence
from feedsvc.cadence.looks import after_failure, after_local_look, after_success, may_validate
from feedsvc.cadence.moves import after_move
from feedsvc.cadence.pages import after_page, after_page_failure, named_again, sooner
from feedsvc.cadence.spread import after_downtime, after_step_back, first_checks

__all__ = [
    "LONGEST_WAIT",
    "Cadence",
    "after_downtime",
    "after_failure",
    "after_local_look",
    "after_move",
    "after_page",
    "after_page_failure",
    "after_step_back",
    "after_success",
    "first_checks",
    "may_validate",
    "named_again",
    "sooner",
]
