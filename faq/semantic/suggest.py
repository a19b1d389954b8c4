"""Phrasings proposed by a chat model, for an editor to accept or refuse. Nothing of it is published by itself."""

import json
import re
from collections.abc import Sequence

from rapidfuzz import fuzz

from faq.normalise import normalise
from faq.semantic.embedder import Away, RemoteEmbedder
from faq.semantic.settings import SemanticSettings

MOST = 8
_LONGEST = 60
_TIMEOUT_S = 30.0
_ALIKE = 95.0
_TASK = (
    "You help the editor of a county office's FAQ. Below is a question with its answer. Write {most} other ways in"
    " which people of the county would ask exactly this: in everyday words, short, in the language of the question,"
    " each answerable by this very answer. Reply with a JSON list of strings and nothing else."
)
_LIST = re.compile(r"\[.*\]", re.DOTALL)


class Suggester:
    """Asks the chat model of an OpenAI-compatible service."""

    def __init__(self, service: RemoteEmbedder, model: str) -> None:
        self._service = service
        self._model = model

    async def propose(self, question: str, answer: str, known: Sequence[str]) -> list[str]:
        """New phrasings, none of them nearly the same as a known one; raises Away."""
        body = {
            "model": self._model,
            "temperature": 0.8,
            "messages": [
                {"role": "system", "content": _TASK.format(most=MOST)},
                {"role": "user", "content": f"{question}\n\n{answer}"},
            ],
        }
        told = await self._service.post("/chat/completions", body, _TIMEOUT_S)
        try:
            said = str(told["choices"][0]["message"]["content"])
        except (KeyError, IndexError, TypeError) as error:
            raise Away("the answer holds no text") from error
        return fresh(_read(said), [question, *known])


def suggester_of(settings: SemanticSettings) -> Suggester | None:
    """The suggester the settings ask for, None when off."""
    return Suggester(RemoteEmbedder(settings), settings.chat_model) if settings.url and settings.chat_model else None


def _read(said: str) -> list[str]:
    found = _LIST.search(said)
    try:
        listed = json.loads(found[0]) if found else []
    except ValueError as error:
        raise Away("the answer is no list") from error
    return [" ".join(one.split()) for one in listed if isinstance(one, str)]


def fresh(proposed: Sequence[str], known: Sequence[str]) -> list[str]:
    """Those that are short, and not nearly the same as a known one or one before. Pure."""
    kept: list[str] = []
    for text in proposed:
        if 2 <= len(text) <= _LONGEST and all(_alike(text, other) < _ALIKE for other in (*known, *kept)):
            kept.append(text)
    return kept[:MOST]


def _alike(one: str, other: str) -> float:
    return fuzz.ratio(normalise(one).canon, normalise(other).canon)
