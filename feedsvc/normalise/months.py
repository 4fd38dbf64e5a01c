"""The words that dates are written with: months, weekdays, what stands between, and zones. Accents are folded away."""

from __future__ import annotations

import unicodedata

from feedsvc.normalise.characters import word_set


def fold_accents(text: str) -> str:
    """Lower-case text without accents, so that "Août", "AOUT" and "août" are one word."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


#: English, German, French, Spanish, Italian, Catalan, Russian (as spoken in a date, and by itself), and short forms.
_MONTHS = """
jan january januar jänner janvier janv enero ene gennaio gen gener января январь янв
feb february februar feber février févr fév febrero febbraio febrer febr февраля февраль фев февр
mar march märz mrz maerz mars marzo març марта март мар
apr april avril avr abril abr aprile апреля апрель апр
may mai mayo maggio mag maig мая май
jun june juni juin junio giugno giu juny июня июнь июн
jul july juli juillet juil julio luglio lug juliol июля июль июл
aug august août aou agosto ago agost августа август авг
sep sept september septembre septiembre setiembre settembre set setembre сентября сентябрь сен сент
oct october oktober okt octobre octubre ottobre ott октября октябрь окт
nov november novembre noviembre ноября ноябрь ноя нояб
dec december dezember dez décembre déc diciembre dic dicembre desembre des декабря декабрь дек
"""
MONTHS = {
    fold_accents(word): number for number, line in enumerate(_MONTHS.split("\n")[1:13], 1) for word in line.split()
}

_WEEKDAYS = """
mon monday tue tues tuesday wed weds wednesday thu thur thurs thursday fri friday sat saturday sun sunday
mo montag di dienstag mi mittwoch do donnerstag fr freitag sa samstag sonnabend so sonntag
lun lundi mar mardi mer mercredi jeu jeudi ven vendredi sam samedi dim dimanche
lunes martes mié mie miércoles jue jueves vie viernes sáb sábado dom domingo
lunedì martedì mercoledì gio giovedì venerdì sab sabato domenica
dl dilluns dt dimarts dc dimecres dj dijous dv divendres ds dissabte dg diumenge
пн понедельник вт вторник ср среда среду чт четверг пт пятница пятницу сб суббота субботу вс воскресенье
"""
WEEKDAYS = frozenset(fold_accents(_WEEKDAYS).split())

#: What may stand between the parts: articles, prepositions, the endings of ordinals.
FILLERS = word_set(
    "a al alle am at d de del den der di el er g h i il l la las le les nd o of on ora ore rd st th the uhr um"
    " в г год года"
)

#: Hours east of Greenwich: RFC 822's zones, and those that feeds use beside them. An unknown one counts as UTC.
ZONES = {
    "z": 0.0, "ut": 0.0, "utc": 0.0, "gmt": 0.0, "wet": 0.0,
    "est": -5.0, "edt": -4.0, "cst": -6.0, "cdt": -5.0, "mst": -7.0, "mdt": -6.0, "pst": -8.0, "pdt": -7.0,
    "akst": -9.0, "akdt": -8.0, "hst": -10.0, "ast": -4.0, "adt": -3.0, "nst": -3.5, "ndt": -2.5, "brt": -3.0,
    "bst": 1.0, "west": 1.0, "cet": 1.0, "mez": 1.0, "cest": 2.0, "mesz": 2.0, "eet": 2.0, "eest": 3.0, "msk": 3.0,
    "мск": 3.0, "jst": 9.0, "kst": 9.0, "awst": 8.0, "aest": 10.0, "aedt": 11.0, "nzst": 12.0, "nzdt": 13.0,
}  # fmt: skip
