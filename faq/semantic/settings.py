"""Settings of the semantic stage."""

from pathlib import Path

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.errors import StartupError


class SemanticSettings(BaseSettings):
    """A local model folder or an address, never both; neither: the stage is off."""

    model_config = SettingsConfigDict(env_prefix="SUNLINE_SEMANTIC_", env_file=".env", extra="ignore", frozen=True)

    folder: Path | None = Field(None, description="Folder with model.onnx and tokenizer.json (extra `semantic`)")
    url: str = Field("", description="Base of an OpenAI-compatible service: https://host/v1")
    model: str = Field("", description="The embedding model's name at that service")
    key: SecretStr = Field(SecretStr(""), description="Its API key, if it wants one")
    prefix: str = Field("", max_length=200, description="Words the model wants before a question")
    weight: float = Field(0.35, ge=0, le=1, description="Share of the semantic stage in an entry's score")
    timeout_seconds: float = Field(0.4, gt=0, le=10, description="Longer than this a question does not wait for it")
    chat_model: str = Field("", description="A chat model there that proposes phrasings to editors; empty: none")

    @field_validator("url")
    @classmethod
    def _with_scheme(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value.rstrip("/")

    @property
    def on(self) -> bool:
        """Whether the stage is set up."""
        return bool(self.folder or (self.url and self.model))


def load_semantic() -> SemanticSettings:
    """The settings from the environment; raises StartupError naming what does not fit."""
    try:
        settings = SemanticSettings()
    except ValidationError as error:
        problem = error.errors()[0]
        name = "_".join(map(str, problem["loc"])).upper()
        raise StartupError(f"SUNLINE_SEMANTIC_{name}: {problem['msg']}") from None
    if settings.folder and settings.url and settings.model:
        raise StartupError("SUNLINE_SEMANTIC_FOLDER and SUNLINE_SEMANTIC_MODEL: choose a local model or an address.")
    if settings.model and not settings.url:
        raise StartupError("SUNLINE_SEMANTIC_URL is missing: where is the model of SUNLINE_SEMANTIC_MODEL?")
    return settings
