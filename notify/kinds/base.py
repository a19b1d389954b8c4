"""What a kind of message is: its payload, its texts in three locales, its lane and class, its age and budget."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ValidationError

from core.errors import BadInput
from core.i18n import DEFAULT, LOCALES, placeholders
from core.messages import Lane


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of message.

    Attributes:
        name: as API and outbox name it.
        payload: pydantic model of what a caller must give.
        texts: template for each locale; every placeholder is a field of the payload.
        topic: class of messages a recipient may opt out of.
        one_way: texts for senders that cannot take an answer; the same placeholders.
        lane: how it queues unless the caller says otherwise.
        max_age: after this it is of no more use and is not sent.
        budget: SMS segments its example may take at the most.
        direct: an answer to the recipient's own message of just now; never held back by an opt-out.
        quiet: whether quiet hours hold it back.
        example: a payload with made-up data, for previews and tests.
    """

    name: str
    payload: type[BaseModel]
    texts: Mapping[str, str]
    topic: str
    example: Mapping[str, Any]
    one_way: Mapping[str, str] = field(default_factory=dict)
    lane: Lane = Lane.NORMAL
    max_age: timedelta = timedelta(hours=72)
    budget: int = 2
    direct: bool = False
    quiet: bool = True

    def __post_init__(self) -> None:
        fields = set(self.payload.model_fields)
        for texts in (self.texts, self.one_way):
            for locale, text in texts.items():
                if unknown := placeholders(text) - fields:
                    raise ValueError(f"kind {self.name}, {locale}: unknown placeholder {sorted(unknown)[0]!r}")
        if missing := set(LOCALES) - set(self.texts):
            raise ValueError(f"kind {self.name}: no text in {sorted(missing)[0]}")

    def check(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """The payload validated; raises BadInput naming each field that does not fit."""
        try:
            return self.payload.model_validate(dict(payload)).model_dump(mode="json")
        except ValidationError as error:
            fields = {".".join(map(str, problem["loc"])): problem["msg"] for problem in error.errors()}
            raise BadInput(f"The payload does not fit the kind {self.name!r}.", fields=fields) from error

    def render(self, locale: str, values: Mapping[str, Any], *, two_way: bool = True) -> str:
        """The text for one recipient, from a checked payload."""
        texts = self.one_way if self.one_way and not two_way else self.texts
        return texts.get(locale, texts[DEFAULT]).format_map(values)
