"""Reviews that need no polling, ours and others' (W3C WebSub): what the store says is due in, requests made out.

`subscriber` asks hubs for what we read, `publisher` tells hubs of what we publish, `hub` is the one that we are
ourselves. What others say to us meanwhile comes to the web server (feedsvc.web); all of them meet in the store.
"""

from feedsvc.websub.errand import Desk
from feedsvc.websub.subscriber import Subscriber, end, renew
from feedsvc.websub.telling import Teller, Telling

__all__ = ["Desk", "Subscriber", "Teller", "Telling", "end", "renew"]
