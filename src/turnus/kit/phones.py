"""Phone numbers as they are compared: by E.164, as dialed in the company's country."""

import phonenumbers
from babel.core import get_global
from phonenumbers import NumberParseException, PhoneNumberFormat

from turnus.core.fields import point_key

_COUNTRY_OF_LANGUAGE = {"de": "DE"}


def phone_key(value: str, country: str) -> str:
    """Return a phone number for comparing: +49401234 for 040 1234 in Germany, with its extension.

    `country` is an ISO 3166 code, empty if unknown: numbers are then compared digit by digit, as
    are those that only a switchboard understands.
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
    """Return the country whose phone numbers need no country code; empty if unknown.

    It is the country of the time zone, else of the currency (whose code begins with the country's,
    except for shared ones such as the euro), else of the language.
    """
    of_zone = get_global("zone_territories").get(time_zone, "")
    for country in (of_zone, currency[:2]):
        if country in phonenumbers.SUPPORTED_REGIONS:
            return str(country)
    return _COUNTRY_OF_LANGUAGE.get(language, "")
