"""What a row of a list is: how its cells are read, and under which keys it is found. Pure but for the keyed digest."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from core.crypto import index

_SPACE = re.compile(r"\s+")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_NOT_LETTER = re.compile(r"[\s·•．.\-]+")


def clean(text: str) -> str:
    """A text without control characters, which no database and no phone takes; lines stay."""
    return _CONTROL.sub("", text)


def folded_name(name: str) -> str:
    """A name without what people write differently: width, case, spaces and dots between its parts."""
    return _NOT_LETTER.sub("", unicodedata.normalize("NFKC", name)).lower()


def folded_area(area: str) -> str:
    """The name of a place as it is compared: width, case and spaces do not count."""
    return _SPACE.sub("", unicodedata.normalize("NFKC", area)).lower()


def bare_number(address: str) -> str:
    """The number inside an address: ``whatsapp:+1…`` and ``+1…`` are one."""
    place = address.find("+")
    return address[place:] if place >= 0 else address


def phone_index(phone: str) -> str:
    """Under which rows of a telephone number (E.164, or an address that ends in one) are found."""
    return index(bare_number(phone), "beneficiary.phone")


def name_index(name: str) -> str:
    """Under which a name of the office's own lists is found."""
    return index(folded_name(name), "beneficiary.name")


def entry_index(name: str, last4: str) -> str:
    """Under which a row is found by its name and the last four digits of its number."""
    digits = "".join(filter(str.isdecimal, unicodedata.normalize("NFKC", last4)))[-4:]
    return index(f"{folded_name(name)}\0{digits}", "beneficiary.entry")


@dataclass(frozen=True, slots=True)
class Line:
    """One good line of a list: the household, its place, what it gets. ``phone`` is E.164 or empty.

    ``amount_cents`` is money in 分; what the file leaves out is empty or None.
    """

    line: int
    name: str
    phone: str = ""
    area: str = ""
    quantity: Decimal | None = None
    rate: Decimal | None = None
    amount_cents: int | None = None

    def published(self) -> tuple[str, str, str, str, str]:
        """The columns the public reads: a change in one of them begins the period anew."""
        amount = "" if self.amount_cents is None else str(self.amount_cents)
        return self.name, self.area, plain(self.quantity), plain(self.rate), amount


def plain(value: Decimal | None) -> str:
    """A decimal as people write it: ``3.5``, ``100``; empty for none."""
    if value is None:
        return ""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def yuan(cents: int | None) -> str:
    """Money in 分 as 元: ``350``, ``345.5``; empty for none."""
    if cents is None:
        return ""
    whole, rest = divmod(cents, 100)
    return f"{whole}.{rest:02d}".rstrip("0") if rest else str(whole)
