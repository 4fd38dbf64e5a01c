"""Dates as feeds and people write them, each with the instant that a reader of the string would name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.normalise import parse_date

#: Written → year, month, day, hour, minute, second in UTC.
UNDERSTOOD: list[tuple[str, tuple[int, ...]]] = [
    # RFC 822, 1123, 2822, 5322
    ("Sun, 03 May 2026 10:11:12 GMT", (2026, 5, 3, 10, 11, 12)),
    ("Sun, 03 May 2026 10:11:12 +0200", (2026, 5, 3, 8, 11, 12)),
    ("Sun, 03 May 2026 10:11:12 -0330", (2026, 5, 3, 13, 41, 12)),
    ("Sun, 03 May 2026 10:11:12 -0000", (2026, 5, 3, 10, 11, 12)),
    ("Sun, 3 May 2026 10:11 Z", (2026, 5, 3, 10, 11)),
    ("3 May 2026 10:11:12 UT", (2026, 5, 3, 10, 11, 12)),
    ("3 May 26 10:11 EST", (2026, 5, 3, 15, 11)),
    ("Sun, 03 May 2026 22:00:00 PDT", (2026, 5, 4, 5, 0)),
    ("Sun, 03 May 2026 22:00:00 CET", (2026, 5, 3, 21, 0)),
    ("Sun, 03 May 2026 10:11:12 BST", (2026, 5, 3, 9, 11, 12)),
    ("Sun, 03 May 2026 10:11:12 XYZ", (2026, 5, 3, 10, 11, 12)),
    ("Sun, 03 May 2026 10:11:12 A", (2026, 5, 3, 10, 11, 12)),
    ("Sun, 03 May 2026 10:11:12 +02:00", (2026, 5, 3, 8, 11, 12)),
    ("Sun, 03 May 2026 10:11:12 +0200 (CEST)", (2026, 5, 3, 8, 11, 12)),
    ("Sun, 03 May 2026 10:11:12 GMT+2", (2026, 5, 3, 8, 11, 12)),
    ("Sunday, 03 May 2026 10:11:12 GMT", (2026, 5, 3, 10, 11, 12)),
    ("Mon, 03 May 2026 10:11:12 GMT", (2026, 5, 3, 10, 11, 12)),
    ("Sun,  3  May  2026   10:11:12   GMT", (2026, 5, 3, 10, 11, 12)),
    ("Sunday, 03-May-26 10:11:12 GMT", (2026, 5, 3, 10, 11, 12)),
    ("03-May-2026", (2026, 5, 3)),
    ("Wed, 16 September 1998 08:00:00 GMT", (1998, 9, 16, 8, 0)),
    ("Sat, 07 Sep 02 00:00:01 GMT", (2002, 9, 7, 0, 0, 1)),
    ("Sat, 07 Sep 99 00:00:01 GMT", (1999, 9, 7, 0, 0, 1)),
    ("Sat, 07 Sep 102 00:00:01 GMT", (2002, 9, 7, 0, 0, 1)),
    ("Sun, 3 May 2026 24:00:00 GMT", (2026, 5, 4)),
    # asctime, JavaScript, Ruby
    ("Sun May  3 10:11:12 2026", (2026, 5, 3, 10, 11, 12)),
    ("Sun May  3 10:11:12 PDT 2026", (2026, 5, 3, 17, 11, 12)),
    ("Sun May 03 10:11:12 +0000 2026", (2026, 5, 3, 10, 11, 12)),
    ("Sun May 03 2026 10:11:12 GMT+0200 (Central European Summer Time)", (2026, 5, 3, 8, 11, 12)),
    # RFC 3339, ISO 8601, W3CDTF
    ("2026-05-03T10:11:12Z", (2026, 5, 3, 10, 11, 12)),
    ("2026-05-03t10:11:12z", (2026, 5, 3, 10, 11, 12)),
    ("2026-05-03T10:11:12.123Z", (2026, 5, 3, 10, 11, 12, 123000)),
    ("2026-05-03T10:11:12,5Z", (2026, 5, 3, 10, 11, 12, 500000)),
    ("2026-05-03T10:11:12.123456789Z", (2026, 5, 3, 10, 11, 12, 123456)),
    ("2026-05-03T10:11:12+02:00", (2026, 5, 3, 8, 11, 12)),
    ("2026-05-03T10:11:12+0200", (2026, 5, 3, 8, 11, 12)),
    ("2026-05-03T10:11:12-05", (2026, 5, 3, 15, 11, 12)),
    ("2026-05-03T10:11:12\u221205:00", (2026, 5, 3, 15, 11, 12)),
    ("2026-05-03T10:11:12", (2026, 5, 3, 10, 11, 12)),
    ("2026-05-03T10:11Z", (2026, 5, 3, 10, 11)),
    ("2026-05-03 10:11:12", (2026, 5, 3, 10, 11, 12)),
    ("2026-05-03 10:11:12 UTC", (2026, 5, 3, 10, 11, 12)),
    ("2026-05-03T10:11:60Z", (2026, 5, 3, 10, 12)),
    ("2026-05-03T24:00:00Z", (2026, 5, 4)),
    ("20260503T101112Z", (2026, 5, 3, 10, 11, 12)),
    ("20260503", (2026, 5, 3)),
    ("2026-05-03", (2026, 5, 3)),
    ("2026-05-03Z", (2026, 5, 3)),
    ("2026-05-03+02:00", (2026, 5, 2, 22, 0)),
    ("2026-05", (2026, 5, 1)),
    ("2026-W18-7", (2026, 5, 3)),
    ("2026-123", (2026, 5, 3)),
    ("\n  2026-05-03T10:11:12Z\t", (2026, 5, 3, 10, 11, 12)),
    # For people
    ("May 3, 2026 4:05 pm", (2026, 5, 3, 16, 5)),
    ("May 3, 2026, 12:00 a.m.", (2026, 5, 3)),
    ("May 3, 2026 at 4pm EDT", (2026, 5, 3, 20, 0)),
    ("Sunday, May 3, 2026", (2026, 5, 3)),
    ("3rd May 2026", (2026, 5, 3)),
    ("the 21st of June, 2026", (2026, 6, 21)),
    ("Sept. 7, 2025", (2025, 9, 7)),
    ("May 2026", (2026, 5, 1)),
    ("10:11 3 May 2026", (2026, 5, 3, 10, 11)),
    ("3. Mai 2026", (2026, 5, 3)),
    ("Sonntag, den 3. März 2026 um 16:05 Uhr", (2026, 3, 3, 16, 5)),
    ("3. Dez. 2025, 16.05 Uhr", (2025, 12, 3, 16, 5)),
    ("So, 03 Mai 2026 10:11:12 +0200", (2026, 5, 3, 8, 11, 12)),
    ("dimanche 3 août 2025 à 16h05", (2025, 8, 3, 16, 5)),
    ("1er février 2026", (2026, 2, 1)),
    ("mar, 05 may 2026 10:00:00 +0200", (2026, 5, 5, 8, 0)),
    ("3 de mayo de 2026", (2026, 5, 3)),
    ("miércoles, 7 de enero de 2026", (2026, 1, 7)),
    ("3 maggio 2026", (2026, 5, 3)),
    ("lunedì 1 giugno 2026 alle ore 9:30", (2026, 6, 1, 9, 30)),
    ("3 d'abril de 2026", (2026, 4, 3)),
    ("3 мая 2026 г.", (2026, 5, 3)),
    ("Пн, 04 май 2026 10:11:12 +0300", (2026, 5, 4, 7, 11, 12)),
    ("26/05/2026", (2026, 5, 26)),
    ("05/26/2026 10:11", (2026, 5, 26, 10, 11)),
    ("05/05/2026", (2026, 5, 5)),
    ("2026/05/03 10:11:12", (2026, 5, 3, 10, 11, 12)),
    ("03.05.2026 16:05", (2026, 5, 3, 16, 5)),
    ("3.5.26", (2026, 5, 3)),
]

NOT_UNDERSTOOD = [
    None,
    "",
    "   ",
    "yesterday",
    "n/a",
    "2026",
    "1777777777",
    "05/06/2026",
    "5/6/26",
    "30 Feb 2026",
    "2026-02-30",
    "2026-13-01",
    "2026-05-03T10",
    "2026-05-03T25:00:00Z",
    "2026-05-03T10:61:00Z",
    "Sun, 03 May 2026 10:11:12 +9999",
    "3 May 2026 13:00 pm",
    "0000-00-00 00:00:00",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00Z",
    "-0001-11-30T00:00:00+00:00",
    "9999-12-31T23:59:59Z",
    "Thu, 01 Jan 1970 00:00:00 +0000",
    "3 May or 4 May 2026",
    "Review of 3 May 2026",
    "3 Floreal 2026",
    "May",
    "x" * 500,
]


@pytest.mark.parametrize("written, parts", UNDERSTOOD)
def test_a_date_is_read_as_the_instant_it_names(written: str, parts: tuple[int, ...]) -> None:
    year, month, day, *clock = parts
    hour, minute, second, micro = (*clock, 0, 0, 0, 0)[:4]
    assert parse_date(written) == datetime(year, month, day, hour, minute, second, micro, tzinfo=UTC)


@pytest.mark.parametrize("written", NOT_UNDERSTOOD)
def test_what_names_no_sure_instant_is_missing_and_never_now(written: str | None) -> None:
    assert parse_date(written) is None


_PARTS = "2026 05 3 31 may mai Sun, mar 10:11 T Z +0200 - / . , 24:00 pm am uhr GMT EST 99 0000 9999 W18 h r\u00e8 1er"
_WORDS = st.sampled_from(_PARTS.split())


@given(st.one_of(st.text(max_size=130), st.lists(_WORDS, max_size=8).map(" ".join), st.lists(_WORDS).map("".join)))
def test_any_string_gives_an_instant_in_utc_or_none(written: str) -> None:
    moment = parse_date(written)
    assert moment is None or (moment.tzinfo is UTC and 1799 <= moment.year <= 2200)


_DAYS = timedelta(days=365 * 299)


@given(st.timedeltas(min_value=timedelta(), max_value=_DAYS).map(lambda age: datetime(1900, 1, 1, tzinfo=UTC) + age))
def test_a_date_in_rfc_3339_is_read_exactly(moment: datetime) -> None:
    read = parse_date(moment.isoformat())
    assert read == moment or moment == datetime(1970, 1, 1, tzinfo=UTC)
