"""feedsvc: a syndication service for reviews that keeps every credit."""

__version__ = "0.1.0"
