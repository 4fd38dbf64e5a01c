"""A document, or a folder of them, in; what it holds that is not stored yet, ready to be stored, out.

This is the work that takes time, so it is done in processes of its own: nothing here knows of the store, the network
or the clock.
"""

from feedsvc.reading.documents import completed_by, links_of, place, read, said_of
from feedsvc.reading.values import Reading, Seen, Setup, Task, Wanted

__all__ = ["Reading", "Seen", "Setup", "Task", "Wanted", "completed_by", "links_of", "place", "read", "said_of"]
