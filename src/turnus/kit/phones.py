"""Phone numbers as they are compared: by E.164, read as they are dialled in the company's country."""

import phonenumbers
from babel.core import get_global
from phonenumbers import NumberParseException, PhoneNumberFormat

from turnus.core.fields import point_key

_COUNTRY_OF_LANGUAGE = {"de": "DE"}


def phone_key(value: str, country: str) -> str:
    """Return a phone number as it is compared: +49401234 for 040 1234 in Germany, with its extension.

    `country` is an ISO 3166 code, empty if it is not known: numbers are then compared digit by digit, as are those
    that only a switchboard understands.
    """
    try:
        number = phonenumbers.parse(value, country or None)
    except NumberParseException:
        return point_key(value)
    if not phonenumbers.is_possible_number(number):
        return point_key(value)
    key = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return f"{key};{number.extension}" if number.extension else key


def country_of(*, time_zone: str, currency: str, language: str) -> str:
    """Return the country whose phone numbers need no country code; empty if nothing tells it.

    It is the one of the time zone, else that of the currency (codes begin with their country's, but for the euro's and
    others that several countries share), else that of the language.
    """
    of_zone = get_global("zone_territories").get(time_zone, "")
    for country in (of_zone, currency[:2]):
        if country in phonenumbers.SUPPORTED_REGIONS:
            return str(country)
    return _COUNTRY_OF_LANGUAGE.get(language, "")
