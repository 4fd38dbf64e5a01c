"""A date as a source wrote it in, the instant in UTC out, or None: a date is never invented.

Understood are RFC 822 and its descendants (RFC 5322, 3.3 and 4.3), RFC 3339, ISO 8601 with the W3C's date and time
profile, asctime, and dates written for people in seven languages. A day without a time is its midnight, a month
without a day its first; a time without a zone is UTC.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from feedsvc.normalise.months import FILLERS, MONTHS, WEEKDAYS, ZONES, fold_accents

#: Dates outside these years are a program's null or a slip, not a review's date.
_YEARS = range(1800, 2200)
#: The zero of Unix time is what programs write when they have no date.
_UNIX_ZERO = datetime(1970, 1, 1, tzinfo=UTC)
#: No place on Earth is further from Greenwich.
_FURTHEST = timedelta(hours=15)

_CLOCK = "([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SHORT = {name: number for number, name in enumerate(_MONTHS, 1)}
_RFC_5322 = re.compile(
    rf"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?([0-9]{{1,2}}) ({'|'.join(_SHORT)}) ([0-9]{{4}}) {_CLOCK} "
    "(?:GMT|UTC|Z|([+-](?:0[0-9]|1[0-4]))([0-5][0-9]))"
)
_RFC_3339 = re.compile(
    rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{_CLOCK}(?:\.[0-9]{{1,6}})?(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])"
)

_REMARK = re.compile(r"\([^)]*\)")
_LAST_T = re.compile(r"(?<=\d)t$")
_HALF = r"\s*([ap]\.?m\b\.?|uhr|h\b)"
#: Hour, minute, second, fraction, half of the day: in each, those that the form has.
_TIMES = (
    re.compile(rf"(?<![\d:+-])(\d{{1,2}}):(\d{{2}})(?::(\d{{2}})(?:[.,](\d{{1,9}}))?)?(?![\d:])(?:{_HALF})?"),
    re.compile(rf"(?<![\d.])(\d{{1,2}})(?:\.(\d{{2}}))?()(){_HALF}"),
    re.compile(r"(?<!\d)(\d{1,2})h(\d{2})\b()()()"),
    re.compile(r"(?<=\dt)(\d{2})(\d{2})(\d{2})?()()(?!\d)"),
)
_OFFSET = re.compile(r"\s*([+-])\s?(\d{1,2}):?(\d{2})?(?!\d)")
_ZONE_WORD = re.compile(r"\s*([^\W\d_]{1,5})\b(?!\.?\s\d{1,2}\b)")

_ISO = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})|(\d{4})-(\d{2})()")
_WEEK = re.compile(r"\d{4}-?w\d{2}-?\d")
_ORDINAL = re.compile(r"(\d{4})-(\d{3})")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])\s?(\d{1,2})\2\s?(\d{4}|\d{2})")
_ZONED_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(z|[+-]\d{2}:\d{2})")


def parse_date(raw: str | None) -> datetime | None:
    """The instant that a date names, in UTC; None where it is missing, ambiguous, impossible or outside 1800–2199."""
    return _instant(raw) if raw and len(raw) <= 120 else None


# An item's dates are often the same, and its feed's too; the newest are asked for twice.
@lru_cache(maxsize=1024)
def _instant(raw: str) -> datetime | None:
    try:
        moment = _as_programs_write(raw) or _as_people_write(raw)
    except ValueError:
        return None
    return moment if moment != _UNIX_ZERO else None


def _as_programs_write(raw: str) -> datetime | None:
    """The instant of a complete date of RFC 5322 (3.3) or RFC 3339 (5.6), the forms in which nearly all dates come."""
    if match := _RFC_5322.fullmatch(raw):
        day, month, year, hour, minute, second, hours, minutes = match.groups()
        written = datetime(int(year), _SHORT[month], int(day), int(hour), int(minute), int(second), tzinfo=UTC)
        offset = timedelta(hours=int(hours), minutes=int(hours[0] + minutes)) if hours else timedelta()
        return written - offset if written.year in _YEARS else None
    if _RFC_3339.fullmatch(raw):
        local = datetime.fromisoformat(raw)
        return local.astimezone(UTC) if local.year in _YEARS else None
    return None


def _as_people_write(raw: str) -> datetime | None:
    """The instant of a date in any form that is understood. Raises ValueError where it is impossible."""
    text = " ".join(_REMARK.sub(" ", fold_accents(raw).replace("\u2212", "-")).split())
    text = _ZONED_DAY.sub(r"\1t00:00\2", text) if _ZONED_DAY.fullmatch(text) else text
    day_words, since_midnight = _time_taken_out(text)
    day = _day(_LAST_T.sub("", day_words.strip(" ,;_")).strip(" ,;_"))
    if day is None or day.year not in _YEARS:
        return None
    return datetime.combine(day, time(), UTC) + since_midnight


def _time_taken_out(text: str) -> tuple[str, timedelta]:
    """The text without its time and zone, and the time since UTC's midnight that they make."""
    match = next((found for pattern in _TIMES if (found := pattern.search(text))), None)
    if match is None:
        return text, timedelta()
    offset, rest = _zone_taken_off(text[match.end() :])
    return f"{text[: match.start()]} {rest}", _time_of_day(match) - offset


def _time_of_day(match: re.Match[str]) -> timedelta:
    hour, minute, second, fraction, half = match.groups()
    hours, minutes, seconds = int(hour), int(minute or 0), int(second or 0)
    if half and half[0] in "ap":
        if not 1 <= hours <= 12:
            raise ValueError(match[0])
        hours = hours % 12 + (12 if half[0] == "p" else 0)
    # 24:00 is the day's end (ISO 8601) and :60 a leap second: both are read as the instant that they stand for.
    if hours > 24 or minutes > 59 or seconds > 60 or (hours == 24 and (minutes or seconds)):
        raise ValueError(match[0])
    micro = int((fraction or "").ljust(6, "0")[:6])
    return timedelta(hours=hours, minutes=minutes, seconds=seconds, microseconds=micro)


def _zone_taken_off(tail: str) -> tuple[timedelta, str]:
    """What follows a time: its zone, and what is left. RFC 5322, 4.3: an unknown zone counts as UTC."""
    word = _ZONE_WORD.match(tail)
    if word and (word[1] in FILLERS or word[1] in MONTHS or word[1] in WEEKDAYS):
        word = None
    rest = tail[word.end() :] if word else tail
    named = timedelta(hours=ZONES.get(word[1], 0.0)) if word else timedelta()
    offset = _OFFSET.match(rest)
    if offset is None:
        return named, rest
    stated = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
    if stated > _FURTHEST or int(offset[3] or 0) > 59:
        raise ValueError(offset[0])
    return (stated if offset[1] == "+" else -stated), rest[offset.end() :]


def _day(words: str) -> date | None:
    """The day that words without a time name."""
    if words[:1].isalpha():
        weekday, _, behind = words.replace(".", " ", 1).replace(",", " ", 1).partition(" ")
        words = behind.strip() if weekday in WEEKDAYS and behind.strip()[:1].isdigit() else words
    if m := _ISO.fullmatch(words):
        return date(int(m[1] or m[4]), int(m[2] or m[5]), int(m[3] or 1))
    if _WEEK.fullmatch(words):
        return date.fromisoformat(words.upper())
    if m := _ORDINAL.fullmatch(words):
        return datetime.strptime(words, "%Y-%j").replace(tzinfo=UTC).date()
    if m := _YEAR_FIRST.fullmatch(words):
        return date(int(m[1]), int(m[2]), int(m[3]))
    if m := _YEAR_LAST.fullmatch(words):
        return _day_and_month(int(m[1]), int(m[3]), m[4], points=m[2] == ".")
    return _day_in_words(words)


def _day_and_month(first: int, second: int, year: str, *, points: bool) -> date | None:
    """ "26/05/2026" has one reading, "05/06/2026" two and so none; with points the day stands first, as in German."""
    if points:
        return date(_full_year(year), second, first)
    if len(year) == 2 or (first <= 12 and second <= 12 and first != second):
        return None
    return date(int(year), second, first) if second <= 12 else date(int(year), first, second)


def _day_in_words(words: str) -> date | None:
    """A day with its month's name, wherever day and year stand; one word that belongs to no date makes it none."""
    letters = re.findall(r"[^\W\d_]+", words)
    if not all(word in MONTHS or word in WEEKDAYS or word in FILLERS for word in letters):
        return None
    months = [word for word in letters if word in MONTHS]
    if len(months) > 1:  # "mar" is March, and Tuesday in French, Spanish and Italian
        months = [word for word in months if word not in WEEKDAYS]
    figures = re.findall(r"\d+", words)
    if len(months) != 1 or not 1 <= len(figures) <= 2 or not set(map(len, figures)) <= {1, 2, 3, 4}:
        return None
    month = MONTHS[months[0]]
    if len(figures) == 1:
        return date(int(figures[0]), month, 1) if len(figures[0]) == 4 else None
    day, year = figures if len(figures[0]) <= 2 else reversed(figures)
    return date(_full_year(year), month, int(day)) if len(day) <= 2 <= len(year) else None


def _full_year(year: str) -> int:
    """RFC 5322, 4.3: two digits are 1950–2049, three count from 1900."""
    number = int(year)
    if len(year) == 4:
        return number
    return number + (2000 if len(year) == 2 and number < 50 else 1900)
