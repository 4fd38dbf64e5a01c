"""An address in, a running web server out; it returns when it has been told to stop and has finished what was asked."""

from __future__ import annotations

import errno
import multiprocessing
import resource
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.common import AbstractServer

from feedsvc.errors import ServeError
from feedsvc.web.current import Given, handed

#: Connections that one worker holds, the idle and the slow among them; others wait in the backlog. With 512 of them,
#: 1,000 clients that say nothing kept everybody else waiting for HEADERS_WITHIN, and 512 that read nothing for ever.
CONNECTIONS = 4096
#: Files beside the connections that a worker may hold open.
FILES_BESIDE = 256
#: Python threads of a worker; a view only looks up bytes, so more would merely queue for the interpreter.
THREADS = 4
#: Milliseconds in which a client must have sent its headers.
HEADERS_WITHIN = 10_000
#: Bytes of headers that are read at most; 8 KiB is granian's least.
HEADERS_AT_MOST = 64 * 1024
#: Seconds that requests under way have at a stop before their worker is ended.
FINISH_WITHIN = 10
#: Only what an operator must act upon, on standard error.
LOGGING: dict[str, Any] = {
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "generic", "stream": "ext://sys.stderr"}},
    "loggers": {"_granian": {"handlers": ["console"], "propagate": False}},
}


def serve(
    address: str,
    port: int,
    target: str,
    given: Sequence[object] = (),
    *,
    workers: int = 1,
    reload: Callable[[], Sequence[object] | None] = lambda: None,
) -> None:
    """Serve until SIGINT or SIGTERM, then finish the requests under way and return; call it from the main thread.

    `target` names a function that makes the WSGI application of what is `given`; each worker process calls it once, and
    again when SIGHUP came: then `reload` is called, on a thread of its own, and says what to make it of from now on
    (None: all stays as it is). Raises ServeError when the address cannot be bound, or when the workers end by
    themselves again and again.
    """
    host = ensure_free(address, port)
    server = server_for(target, host, port, workers)
    with _own_signals(), handed(target, given) as (application, made), _hangups(reload, made):
        try:
            server.serve(target_loader=application, wrap_loader=False)
        except SystemExit as end:
            # granian leaves this way after a worker was lost; told to stop, that does not matter any more.
            if not server.interrupt_signal:
                raise ServeError("the web server's workers ended by themselves; the reason stands above") from end


def _connections() -> int:
    """How many connections a worker can hold: the limit of open files, which it inherits, is raised for them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + FILES_BESIDE
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return CONNECTIONS if soft == resource.RLIM_INFINITY else max(1, min(CONNECTIONS, soft - FILES_BESIDE))


def server_for(target: str, host: str, port: int, workers: int) -> AbstractServer[Any]:
    """granian as we set it, for a WSGI application that is named; whoever starts it looks first that the port is free.

    Its workers are spawned: a forked one would inherit the threads' locks and open database handles of this process.
    """
    multiprocessing.set_start_method("spawn", force=True)
    return Granian(
        target,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        http=HTTPModes.http1,
        websockets=False,
        blocking_threads=THREADS,
        backpressure=_connections(),
        http1_settings=HTTP1Settings(header_read_timeout=HEADERS_WITHIN, max_buffer_size=HEADERS_AT_MOST),
        log_level=LogLevels.error,
        log_dictconfig=LOGGING,
        respawn_failed_workers=True,
        workers_kill_timeout=FINISH_WITHIN,
    )


@contextmanager
def _hangups(reload: Callable[[], Sequence[object] | None], made: Given) -> Iterator[None]:
    """Obeys SIGHUP meanwhile; granian's own handler, which would start every worker anew, never hears of it."""
    over = Event()

    def obey() -> None:
        while signal.sigwait({signal.SIGHUP}) and not over.is_set():
            given = reload()
            if given is not None:
                made.change(given)

    hold_hangups()
    thread = Thread(target=obey, name="reload")
    thread.start()
    try:
        yield
    finally:
        over.set()
        if thread.ident is not None:
            signal.pthread_kill(thread.ident, signal.SIGHUP)
        thread.join()


def hold_hangups() -> None:
    """Let SIGHUP wait until `serve` asks for it; to be called before any thread or process is started.

    All of them inherit this: it would end them, and `systemctl kill -s HUP` sends it to every process.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})


@contextmanager
def _own_signals() -> Iterator[None]:
    """granian sets handlers for these and leaves them: the caller gets its own back."""
    held = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)
        for number, handler in before.items():
            signal.signal(number, handler)


def ensure_free(address: str, port: int) -> str:
    """The numeric form of an address that can be bound now.

    granian shares its port (SO_REUSEPORT), so a second service would start and get half of the requests: we look first.
    Raises ServeError that names what to change.
    """
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(
            address, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, OverflowError) as error:
        raise ServeError(f"{address} is no address that can be served at; set FEEDSVC_BIND") from error
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(place)
            probe.listen(1)
        except OSError as error:
            raise ServeError(_refusal(address, port, error)) from error
    return str(place[0])


def _refusal(address: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {address} is in use: stop the other program, or set FEEDSVC_BIND to another address"
    if error.errno == errno.EACCES:
        return f"port {port} of {address} needs more rights: set FEEDSVC_BIND to a port from 1024 up"
    return f"port {port} of {address} cannot be bound ({error.strerror}): set FEEDSVC_BIND to another address"
