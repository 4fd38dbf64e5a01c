"""Addresses, files and folders in, documents as they came out: the only HTTP, and every limit on what is read."""

from feedsvc.fetch.address import forbidden
from feedsvc.fetch.domains import registered_domain
from feedsvc.fetch.exchange import Answer
from feedsvc.fetch.files import Dropped, read_file, read_folder
from feedsvc.fetch.http import fetch_all, fetch_one, post_form
from feedsvc.fetch.options import MAX_BODY, FetchOptions, Postponed, Request, user_agent
from feedsvc.fetch.transfers import Transfers

__all__ = [
    "MAX_BODY",
    "Answer",
    "Dropped",
    "FetchOptions",
    "Postponed",
    "Request",
    "Transfers",
    "fetch_all",
    "fetch_one",
    "forbidden",
    "post_form",
    "read_file",
    "read_folder",
    "registered_domain",
    "user_agent",
]
