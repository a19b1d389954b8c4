"""What turns texts into vectors: a model in a local folder, or a service that speaks OpenAI's protocol."""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import aiohttp
import numpy as np
from numpy.typing import NDArray

from core.errors import StartupError
from faq.semantic.settings import SemanticSettings

Vectors = NDArray[np.float32]
"""Shape (n, d), each row of length 1."""
LONGEST = 256
"""Tokens of a text that are looked at."""


class Away(Exception):
    """The embedder cannot answer now; the caller goes on without."""


class Embedder(Protocol):
    """Turns texts into vectors. ``name`` changes whenever its vectors would."""

    @property
    def name(self) -> str: ...
    async def embed(self, texts: Sequence[str], *, question: bool = False) -> Vectors:
        """One vector for each text; raises Away."""

    async def aclose(self) -> None: ...


def embedder_of(settings: SemanticSettings) -> Embedder | None:
    """The embedder the settings ask for, None when off. Raises StartupError with a sentence."""
    if settings.folder:
        return LocalEmbedder(settings.folder, settings.prefix)
    return RemoteEmbedder(settings) if settings.on else None


def unit_rows(rows: NDArray[Any]) -> Vectors:
    """Rows scaled to length 1; a row of zeros stays."""
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(length > 0, length, 1), np.float32)


class LocalEmbedder:
    """An ONNX model with its tokenizer, mean-pooled unless ``pooling.json`` says ``{"pooling": "cls"}``."""

    def __init__(self, folder: Path, prefix: str = "") -> None:
        try:
            import onnxruntime  # only with the extra `semantic`
            from tokenizers import Tokenizer
        except ImportError:
            raise StartupError(
                "SUNLINE_SEMANTIC_FOLDER is set, but the extra is missing: pip install 'sunline[semantic]'"
            ) from None
        model, words = folder / "model.onnx", folder / "tokenizer.json"
        if missing := [path.name for path in (model, words) if not path.is_file()]:
            raise StartupError(f"SUNLINE_SEMANTIC_FOLDER: {missing[0]} is not in {folder}.")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # a question is short; more threads only take them from others
        try:
            self._model = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
            self._tokenizer = Tokenizer.from_file(str(words))
        except Exception as error:  # both libraries raise types of their own for a broken file
            raise StartupError(f"SUNLINE_SEMANTIC_FOLDER: the model in {folder} cannot be read.") from error
        self._tokenizer.enable_truncation(LONGEST)
        self._tokenizer.enable_padding()
        self._inputs = {one.name for one in self._model.get_inputs()}
        self._cls = _pooling(folder) == "cls"
        self._prefix = prefix
        self.name = f"local:{hashlib.sha256(model.read_bytes()).hexdigest()[:16]}"

    async def embed(self, texts: Sequence[str], *, question: bool = False) -> Vectors:
        """In a thread: the model takes milliseconds of a core."""
        asked = [self._prefix + text for text in texts] if question else list(texts)
        return await asyncio.to_thread(self._embed, asked)

    def _embed(self, texts: Sequence[str]) -> Vectors:
        encoded = self._tokenizer.encode_batch(list(texts))
        mask = np.array([one.attention_mask for one in encoded], np.int64)
        given = {
            "input_ids": np.array([one.ids for one in encoded], np.int64),
            "attention_mask": mask,
            "token_type_ids": np.array([one.type_ids for one in encoded], np.int64),
        }
        states = np.asarray(self._model.run(None, {k: v for k, v in given.items() if k in self._inputs})[0])
        if states.ndim == 2:  # the model pools by itself
            return unit_rows(states)
        if self._cls:
            return unit_rows(states[:, 0])
        weights = mask[:, :, None].astype(np.float32)
        return unit_rows((states * weights).sum(1) / np.maximum(weights.sum(1), 1))

    async def aclose(self) -> None:
        """Holds nothing open."""


def _pooling(folder: Path) -> str:
    path = folder / "pooling.json"
    return str(json.loads(path.read_text("utf-8")).get("pooling", "mean")) if path.is_file() else "mean"


class RemoteEmbedder:
    """``POST {url}/embeddings`` as OpenAI's service takes it."""

    def __init__(self, settings: SemanticSettings) -> None:
        self._url = settings.url
        self._model = settings.model
        self._key = settings.key.get_secret_value()
        self._prefix = settings.prefix
        self._session: aiohttp.ClientSession | None = None
        self.name = f"remote:{settings.model}"[:80]

    async def embed(self, texts: Sequence[str], *, question: bool = False) -> Vectors:
        """Asks the service; raises Away for whatever is no good answer."""
        asked = [self._prefix + text for text in texts] if question else list(texts)
        told = await self.post("/embeddings", {"model": self._model, "input": asked})
        try:
            rows = sorted(told["data"], key=lambda row: int(row["index"]))
            vectors = np.array([row["embedding"] for row in rows], np.float32)
        except (KeyError, TypeError, ValueError) as error:
            raise Away("the answer holds no embeddings") from error
        if vectors.ndim != 2 or len(vectors) != len(asked) or not np.isfinite(vectors).all():
            raise Away("the answer holds other vectors than were asked for")
        return unit_rows(vectors)

    async def post(self, path: str, body: dict[str, Any], timeout_s: float = 60) -> Any:
        """One call; raises Away. The caller's own time limit may be shorter."""
        if self._session is None:
            self._session = aiohttp.ClientSession()  # belongs to the running loop
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        limit = aiohttp.ClientTimeout(total=timeout_s, sock_connect=5)
        try:
            async with self._session.post(self._url + path, json=body, headers=headers, timeout=limit) as answer:
                if answer.status != 200:
                    raise Away(f"the service answered {answer.status}")
                return await answer.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise Away(type(error).__name__) from error

    async def aclose(self) -> None:
        """Close the connections."""
        if self._session:
            await self._session.close()
            self._session = None
