"""Money: whole minor units of a currency, never a float.

Called by quantities.py and plan.py; calls units.py. Codes are those of ISO 4217 that are in use.
"""

import difflib
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from controller.quantities.units import QuantityError, number_at, text_schema

CODES = frozenset(
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD "
    "CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ "
    "GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR "
    "LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN "
    "PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB "
    "TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG".split()
)
_NO_DIGITS = frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split())
_THREE_DIGITS = frozenset("BHD IQD JOD KWD LYD OMR TND".split())
_NICKNAMES = {"RMB": "CNY", "YUAN": "CNY", "¥": "CNY", "元": "CNY", "$": "USD", "€": "EUR", "£": "GBP"}


def digits(currency: str) -> int:
    """Decimal digits of a currency's minor unit.

    >>> digits("CNY"), digits("JPY"), digits("KWD")
    (2, 0, 3)
    """
    return 0 if currency in _NO_DIGITS else 3 if currency in _THREE_DIGITS else 2


def check_currency(code: str, received: object) -> str:
    """The code itself where it is one; raises QuantityError with the nearest."""
    if code in CODES:
        return code
    close = difflib.get_close_matches(code.upper(), sorted(CODES), n=1)
    guess = _NICKNAMES.get(code.upper()) or (close[0] if close else "CNY, EUR, USD")
    raise QuantityError(f"no currency is called {code!r}", received, f"a code of ISO 4217 such as {guess}")


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount of money in whole minor units.

    >>> Money.parse("500000 CNY"), str(Money.parse("0.5 CNY")), Money.parse("12 JPY").amount
    (Money(currency='CNY', minor=50000000), '0.50 CNY', 12.0)
    """

    currency: str
    """ISO 4217 code."""
    minor: int
    """Number of minor units: fen for CNY, cents for USD, yen for JPY."""

    @classmethod
    def parse(cls, text: object) -> "Money":
        """Read `500000 CNY`; raises QuantityError."""
        allowed = "an amount with its currency, such as 500000 CNY"
        split = number_at(text) if isinstance(text, str) else None
        if split is None or not split[1]:
            raise QuantityError("money needs a currency", text, allowed)
        number, code = split
        check_currency(code, text)
        minor = number.scaleb(digits(code))
        if minor != minor.to_integral_value():
            places = digits(code)
            raise QuantityError(f"finer than {code} is divided", text, f"at most {places} decimal digits")
        if abs(minor) >= 2**63:
            raise QuantityError("too large an amount", text, allowed)
        return cls(code, int(minor))

    @property
    def amount(self) -> float:
        """The amount in the currency itself, for arithmetic on arrays."""
        return float(Decimal(self.minor).scaleb(-digits(self.currency)))

    def __str__(self) -> str:
        exact = Decimal(self.minor).scaleb(-digits(self.currency))
        whole = exact == exact.to_integral_value()
        return f"{int(exact) if whole else format(exact, 'f')} {self.currency}"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        return text_schema(cls.parse)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        return {
            "type": "string",
            "pattern": r"^[0-9.]+ ?[A-Z]{3}$",
            "description": "an amount of money: 500000 CNY",
        }
