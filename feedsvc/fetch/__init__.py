"""Addresses, files and folders in, documents as they came out: the only HTTP, and every limit on what is read."""

from feedsvc.fetch.address import forbidden
from feedsvc.fetch.files import Dropped, read_file, read_folder
from feedsvc.fetch.http import fetch_all, fetch_one
from feedsvc.fetch.options import MAX_BODY, FetchOptions, Request, user_agent

__all__ = [
    "MAX_BODY",
    "Dropped",
    "FetchOptions",
    "Request",
    "fetch_all",
    "fetch_one",
    "forbidden",
    "read_file",
    "read_folder",
    "user_agent",
]
