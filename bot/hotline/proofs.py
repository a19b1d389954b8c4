"""How citizens show that a matter is theirs: the sender it came from, number and code, or a browser that did before."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sender:
    """The citizen as a channel knows them: only the sender a matter came from is "the same sender"."""

    channel: str
    address: str


@dataclass(frozen=True, slots=True)
class Code:
    """The citizen as number and access code show them; ``asker`` is what failures are counted by (an address)."""

    code: str
    asker: str
    via: str = "web"


@dataclass(frozen=True, slots=True)
class Shown:
    """The citizen whose browser showed number and code before, or handed the matter in itself.

    Whoever makes one answers for the browser's session. Nothing is guessed here, so nothing is counted: somebody
    else's wrong codes for the number do not lock out the person who is reading.
    """

    matter_id: str
    via: str = "web"


Proof = Sender | Code | Shown


@dataclass(frozen=True, slots=True)
class Identity:
    """Who wrote, in the clear."""

    name: str | None
    phone: str | None
    for_person: str | None
    for_phone: str | None
    channel: str
    address: str | None
