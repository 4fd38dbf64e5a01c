"""Chunks in, messages at the broker out: Celery, as the service uses it. Raises BrokerError.

A message holds numbers and a token alone. It is worth nothing twice, so nothing is tried again here, and no result is
kept: what became of a chunk stands in the database.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from amqp.exceptions import AMQPError
from celery import Celery
from kombu.entity import Queue
from kombu.exceptions import KombuError, OperationalError
from redis.exceptions import RedisError

from feedsvc.errors import BrokerError
from feedsvc.store import Chunk

#: Looks that are due, and what must not wait behind them: what hubs delivered, and what is to be told.
LOOKS, ERRANDS = "feedsvc.looks", "feedsvc.errands"
#: The tasks' names.
LOOK, READ, RENEW, TELL = "feedsvc.look", "feedsvc.read", "feedsvc.renew", "feedsvc.tell"
#: What keeps a broker from answering, as its clients say it.
FAULTS = (OperationalError, KombuError, RedisError, AMQPError, OSError)
#: Seconds until a broker that says nothing counts as gone.
PATIENCE = 5
#: Seconds after which Redis gives out anew what a dead worker had taken; the token is worth nothing then.
VISIBLE = 3600


def celery_for(url: str) -> Celery:
    """Celery, told where the broker is and how the service uses it."""
    app = Celery("feedsvc", broker=url, set_as_current=False)
    redis = url.startswith("redis")
    timeouts = {"socket_timeout": PATIENCE * 6, "socket_connect_timeout": PATIENCE, "socket_keepalive": True}
    app.conf.update(
        task_queues=[Queue(name, durable=True) for name in (ERRANDS, LOOKS)],  # type: ignore[no-untyped-call]
        task_default_queue=ERRANDS,
        task_routes={LOOK: {"queue": LOOKS}},
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_store_errors_even_if_ignored=False,
        # The broker forgets a message when its work is taken over, and has it again where a worker died before.
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_publish_retry=False,
        worker_prefetch_multiplier=1,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        # Once it is back, a worker goes on; whoever started it decides when it has waited enough.
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_connection_timeout=PATIENCE,
        broker_transport_options={"visibility_timeout": VISIBLE, **timeouts} if redis else {},
    )
    return app


class Broker:
    """The sending side."""

    def __init__(self, url: str) -> None:
        self._app = celery_for(url)

    def waiting(self) -> int:
        """How many chunks nobody has taken yet."""
        with _plain_words(), self._app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, timeout=PATIENCE, reraise_as_library_errors=False)
            with connection.channel() as channel:
                queue = self._app.amqp.queues[LOOKS](channel)
                count: int = queue.queue_declare().message_count
                return count

    def look(self, chunk: Chunk) -> None:
        """Have the sources of a chunk looked at."""
        self._send(LOOK, chunk.token, chunk.rows)

    def read(self, chunk: Chunk) -> None:
        """Have what hubs delivered for these sources read."""
        self._send(READ, chunk.token, chunk.rows)

    def _send(self, name: str, *values: object) -> None:
        with _plain_words():
            self._app.send_task(name, args=values, queue=LOOKS if name == LOOK else ERRANDS)

    def close(self) -> None:
        """End every connection."""
        self._app.close()


@contextmanager
def _plain_words() -> Iterator[None]:
    """A BrokerError for whatever keeps the broker from answering; its address may hold a password, so it is unsaid."""
    try:
        yield
    except FAULTS as error:
        said = " ".join(str(error.__cause__ or error).split()) or type(error).__name__
        raise BrokerError(f"the broker cannot be used now: {said}") from error
