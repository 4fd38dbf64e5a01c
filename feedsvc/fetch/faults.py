"""libcurl's error numbers in, errors with a kind and a sentence for the operator out."""

from __future__ import annotations

import pycurl

from feedsvc.errors import SourceError, TooLarge, Unreachable
from feedsvc.fetch.decoding import too_large
from feedsvc.model import Limits

_TLS = "tls", "no trustworthy TLS connection ({}). Tell the outlet; its certificate may have expired."
_RESET = "reset", "the connection broke off ({}). It is tried again later."
_PROTOCOL = "protocol", "the answer is no valid HTTP ({}). Tell the outlet."

_FAULTS: dict[int, tuple[str, str]] = {
    pycurl.E_COULDNT_CONNECT: (
        "refused",
        "no connection to the server ({}). It is tried again later; if it stays so, ask the outlet for its address.",
    ),
    pycurl.E_OPERATION_TIMEDOUT: ("timeout", "no answer in time ({}). It is tried again later."),
    pycurl.E_PARTIAL_FILE: (
        "truncated",
        "the body stops in the middle ({}). It is asked for again; if it stays so, tell the outlet.",
    ),
    pycurl.E_URL_MALFORMAT: ("address", "is no valid address ({}). Correct the source's location."),
    pycurl.E_SSL_CACERT_BADFILE: (
        "tls",
        "this machine's certificate authorities cannot be read ({}). Install the system's ca-certificates.",
    ),
    **dict.fromkeys(
        (
            pycurl.E_SSL_CONNECT_ERROR,
            pycurl.E_PEER_FAILED_VERIFICATION,
            pycurl.E_SSL_CERTPROBLEM,
            pycurl.E_SSL_CIPHER,
            pycurl.E_SSL_ISSUER_ERROR,
            pycurl.E_SSL_INVALIDCERTSTATUS,
        ),
        _TLS,
    ),
    **dict.fromkeys((pycurl.E_RECV_ERROR, pycurl.E_SEND_ERROR, pycurl.E_GOT_NOTHING), _RESET),
    **dict.fromkeys((pycurl.E_UNSUPPORTED_PROTOCOL, pycurl.E_FTP_WEIRD_SERVER_REPLY, pycurl.E_HTTP2, 92), _PROTOCOL),
}


#: libcurl's word for a header line beyond its own limit; pycurl has no name for it.
_HEADERS_TOO_LARGE = 100


def transfer_fault(url: str, code: int, words: str, limits: Limits) -> SourceError:
    """The error for a transfer that libcurl gave up, with libcurl's own words in it."""
    if code == pycurl.E_FILESIZE_EXCEEDED:
        return TooLarge(f"{url}: {too_large(limits.max_body)}")
    if code == _HEADERS_TOO_LARGE:
        return headers_fault(url, limits)
    kind, sentence = _FAULTS.get(code, ("unreachable", "the transfer failed ({}). It is tried again later."))
    return Unreachable(f"{url}: {sentence.format(words or f'libcurl error {code}')}", kind=kind)


def headers_fault(url: str, limits: Limits) -> SourceError:
    """The error for headers without end."""
    return TooLarge(
        f"{url}: headers are larger than {limits.max_headers} bytes ([limits] max_headers). Tell the outlet."
    )


def lookup_fault(url: str, host: str, words: str) -> SourceError:
    """The error for a host name that has no address, with the resolver's own words in it."""
    return Unreachable(
        f"{url}: the name {host} cannot be looked up ({words}). Check its spelling and this machine's DNS; the domain "
        "may be gone.",
        kind="dns",
    )
