"""Settings shared by all (environment or ``.env``, prefix ``SUNLINE_``). Channels read their own settings.

Every setting is documented in ``docs/settings.md``; a test compares the two.
"""

import ipaddress
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.errors import StartupError
from core.office_hours import parse_spans
from core.people import Role

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Settings(BaseSettings):
    """What an operator may turn. Wrong values stop the start with a sentence that names the setting."""

    model_config = SettingsConfigDict(env_prefix="SUNLINE_", env_file=".env", extra="ignore", frozen=True)

    database_url: str = Field("sqlite:///var/sunline.db", description="sqlite:///FILE or postgresql://…")
    database_pool: int = Field(8, ge=2, le=64, description="Connections (and threads) of each process")
    secret_key: str = Field("", description="At least 32 random characters; required outside the demo")
    data_keys: str = Field(
        "", description="Comma list of base64 keys of 32 bytes (or `secret`: the derived one); the first encrypts"
    )
    index_key: str = Field("", description="Base64 key of 32 bytes for looking up encrypted values")
    trusted_proxies: str = Field("", description="Addresses or networks whose X-Forwarded-For is believed")
    public_url: str = Field("", description="The address people and providers reach us at, with scheme")
    timezone: str = Field("Asia/Shanghai", description="Where the office stands (IANA name)")
    office_name: str = Field("阳光热线", min_length=1, max_length=12, description="Signature of every SMS, 【…】")
    office_phone: str = Field("12345", max_length=20, description="The telephone named where a person is needed")
    channels: str = Field("", description="Comma list of channels to run; empty: all that are configured")
    quiet_hours: str = Field("21:00-08:00", description="No alerts and digests in these hours; empty: none")
    office_hours: str = Field("09:00-12:00,13:00-18:00", description="Working time of a working day")
    sms_daily_cap: int = Field(5000, ge=0, description="Segments a day at the most; 0: none")
    sms_prefix_cap: int = Field(0, ge=0, description="Segments a day to numbers with the same first 7 characters")
    sms_number_cap: int = Field(60, ge=0, description="Segments a day to one number; 0: no limit")
    sms_prices: str = Field("", description="Price of a segment by calling code: +86=0.045,+1=0.0079")
    failover: str = Field("", description="Channels that stand in for each other, with weights: twilio=3,other=1")
    alarm_to: str = Field("", description="Who is told of alarms, as channel:address; empty: nobody")
    uncertain_pause: float = Field(60, ge=1, description="Seconds before a lost answer is looked up, and between")
    sms_countries: str = Field("", description="Country codes (CN,GB) that SMS may go to; empty: any")
    limit_ask: int = Field(30, ge=1, description="Questions a minute from one address")
    limit_lookup: int = Field(10, ge=1, description="Look-ups by number and code a minute from one address")
    data_dir: Path = Field(Path("var"), description="Caches and the SQLite file")
    keep_messages_days: int = Field(365, ge=30, description="Days that messages in and out are kept")
    keep_questions_days: int = Field(365, ge=30, description="Days that questions asked (masked) are kept")
    keep_conversations_days: int = Field(90, ge=7, description="Days that a silent conversation's state is kept")
    audit_anchors: Path | None = Field(None, description="File for anchors of the audit trail; default in data_dir")
    totp_roles: str = Field("admin,supervisor", description="Roles that must sign in with an app's code; empty: none")
    hotline_rules: Path | None = Field(None, description="TOML file of the office's own rules for hotline matters")
    signoff_rules: Path | None = Field(None, description="TOML file of the office's own rules for documents to sign")
    poster_font: str = Field("", description="TrueType font for posters with rare characters; empty: the built-in one")
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="How much is logged")
    host: str = Field("127.0.0.1", description="Address to listen on")
    port: int = Field(8000, ge=1, le=65535, description="Port to listen on")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{value!r} is not a time zone; an example is Asia/Shanghai") from error
        return value

    @field_validator("quiet_hours")
    @classmethod
    def _known_hours(cls, value: str) -> str:
        _spans(value)
        return value

    @field_validator("office_hours")
    @classmethod
    def _known_office_hours(cls, value: str) -> str:
        parse_spans(value)
        return value

    @field_validator("totp_roles")
    @classmethod
    def _known_roles(cls, value: str) -> str:
        if unknown := set(_parts(value)) - set(Role):
            raise ValueError(f"{', '.join(sorted(unknown))} is no role; roles are {', '.join(Role)}")
        return value

    @field_validator("public_url")
    @classmethod
    def _with_scheme(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value.rstrip("/")

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: str) -> str:
        for part in _parts(value):
            ipaddress.ip_network(part, strict=False)
        return value

    @property
    def zone(self) -> ZoneInfo:
        """The office's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def quiet(self) -> tuple[time, time] | None:
        """Begin and end of the quiet hours in office time; may span midnight."""
        return self.quiet_spans[0] if self.quiet_spans else None

    @property
    def quiet_spans(self) -> tuple[tuple[time, time], ...]:
        """Every span of quiet hours (a midday pause may be added) in office time."""
        return tuple(_spans(self.quiet_hours))

    @property
    def proxies(self) -> tuple[Network, ...]:
        """Networks whose forwarded addresses are believed."""
        return tuple(ipaddress.ip_network(part, strict=False) for part in _parts(self.trusted_proxies))

    @property
    def channel_names(self) -> tuple[str, ...]:
        """Channels asked for by name; empty means all that are configured."""
        return _parts(self.channels)

    @property
    def anchors(self) -> Path:
        """The file that anchors of the audit trail go to."""
        return self.audit_anchors or self.data_dir / "audit.anchors"

    @property
    def second_factor_roles(self) -> tuple[str, ...]:
        """Roles that must sign in with a code of an authenticator app."""
        return _parts(self.totp_roles)

    @property
    def url(self) -> str:
        """The public address, or the local one when none is set."""
        return self.public_url or f"http://{self.host}:{self.port}"


def load_settings(**overrides: object) -> Settings:
    """Read the settings; raises StartupError with one line for each wrong one."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        lines = [
            f"SUNLINE_{'_'.join(map(str, problem['loc'])).upper()}: {problem['msg']}" for problem in error.errors()
        ]
        raise StartupError("\n".join(lines)) from error


def _parts(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _spans(value: str) -> list[tuple[time, time]]:
    spans = []
    for part in _parts(value):
        begin, _, end = part.partition("-")
        try:
            spans.append((time.fromisoformat(begin.strip()), time.fromisoformat(end.strip())))
        except ValueError as error:
            raise ValueError(f"{part!r} is not a span of hours such as 21:00-08:00") from error
    return spans
