"""A feed's number in, the loopback address that it is asked for at out."""

PATH = "/feed.xml"


def address(number: int) -> str:
    """An address of 127.0.0.0/8 of its own for each feed, so that each is a host of its own."""
    return f"127.{10 + number // 62_500}.{number // 250 % 250 + 1}.{number % 250 + 1}"


def url(number: int, port: int) -> str:
    """Where a feed is asked for."""
    return f"http://{address(number)}:{port}{PATH}"
