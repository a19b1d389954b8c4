"""What messages cost before they are sent: segments times a price by country. Pure; prices are data.

The table is an office's own (``SUNLINE_SMS_PRICES``, calling code to price of a segment); nothing is built in,
because prices differ by contract.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation

from core.errors import StartupError


@dataclass(frozen=True, slots=True)
class Estimate:
    """Segments, what they cost, and how long they take. ``unpriced`` segments go where no price is known."""

    messages: int
    segments: int
    cost: Decimal
    unpriced: int
    duration: timedelta


def parse_prices(text: str) -> dict[str, Decimal]:
    """``"+86=0.045,+1=0.0079"`` as a table; raises StartupError naming the setting."""
    prices = {}
    for part in filter(None, map(str.strip, text.split(","))):
        prefix, _, price = part.partition("=")
        try:
            prices[prefix] = Decimal(price)
        except InvalidOperation:
            prices[prefix] = Decimal("NaN")
        if not prefix.startswith("+") or not prefix[1:].isdecimal() or not prices[prefix].is_finite():
            raise StartupError("SUNLINE_SMS_PRICES must look like +86=0.045,+1=0.0079")
    return prices


def price_of(address: str, prices: Mapping[str, Decimal]) -> Decimal | None:
    """The price of one segment to this number: the longest prefix wins; None when there is none."""
    number = address[address.find("+") :] if "+" in address else ""
    for length in range(len(number), 1, -1):
        if (price := prices.get(number[:length])) is not None:
            return price
    return None


def estimate(
    messages: Iterable[tuple[str, int]], prices: Mapping[str, Decimal], segments_per_second: float | None
) -> Estimate:
    """For (address, segments) of each message; the duration is that of one sender at its full pace."""
    count = total = unpriced = 0
    cost = Decimal(0)
    for address, segments in messages:
        count, total = count + 1, total + segments
        price = price_of(address, prices)
        if price is None:
            unpriced += segments
        else:
            cost += price * segments
    seconds = total / segments_per_second if segments_per_second else 0.0
    return Estimate(count, total, cost, unpriced, timedelta(seconds=seconds))
