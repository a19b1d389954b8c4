"""Twilio: SMS, and WhatsApp by the prefix of an address. Only ``adapters/twilio_*.py`` import twilio."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from yarl import URL

from adapters.env import ChannelEnv
from adapters.texts import check_text
from adapters.twilio_account import CONNECTION_OVERRIDES, TwilioAccount, callback_of
from adapters.twilio_events import inbound, receipt, receipt_of
from adapters.twilio_media import MediaSource
from adapters.twilio_settings import (
    TwilioSettings,
    choose_sender,
    fitting_senders,
    load,
    parse_list,
    parse_senders,
    prefix_of,
)
from core.clock import Clock
from core.errors import Uncertain
from core.messages import File, Lane, Media, Outgoing, Receipt, Received, Sent, WebhookRequest
from core.ports import Can, Limits
from core.text import segments

NAME = "twilio"
TEXT_MAX = 1600
"""Twilio refuses longer bodies with 21617."""

VALIDITY_S = {Lane.URGENT: 3_600, Lane.NORMAL: 14_400, Lane.BULK: 36_000}
"""How long a message may wait in Twilio's queue, in seconds; 36,000 is the most it takes."""

LOOKUP_MAX = 200
"""Newest records read for one recipient when an answer was lost."""

EMPTY_TWIML = b'<?xml version="1.0" encoding="UTF-8"?><Response/>'


def build(env: ChannelEnv) -> "TwilioChannel | None":
    """The channel from the environment, None when Twilio is not configured. Raises StartupError."""
    settings = load()
    return None if settings is None else TwilioChannel(settings, clock=env.clock)


class TwilioChannel:
    """One Twilio account, with one or several senders or a messaging service."""

    name = NAME

    def __init__(self, settings: TwilioSettings, *, clock: Clock) -> None:
        self._settings = settings
        self._account = TwilioAccount(settings, clock=clock)
        self._media = MediaSource(
            URL(self._account.base),
            settings.account_sid,
            settings.auth_token.get_secret_value(),
            parse_list(settings.media_hosts),
        )
        self.senders = parse_senders(settings.senders)
        self.limits = Limits(text=TEXT_MAX, rate=settings.segments_per_second, timeout_s=settings.timeout_seconds)
        switches = {
            Can.TWO_WAY: settings.two_way,
            Can.LINKS: settings.links,
            Can.OPT_OUT_AT_PROVIDER: settings.opt_out_at_provider,
        }
        self.can: Collection[Can] = {Can.METERED, Can.RECEIPTS, *(can for can, on in switches.items() if on)}

    def can_for(self, address: str) -> Collection[Can]:
        """What is possible towards this address: some countries are one-way or refuse links."""
        number = address.removeprefix(prefix_of(address))
        barred = {
            Can.TWO_WAY: parse_list(self._settings.one_way_countries),
            Can.LINKS: parse_list(self._settings.linkless_countries),
        }
        return {can for can in self.can if not number.startswith(barred.get(can, ()))}

    def sender_for(self, address: str) -> str:
        """Which of our senders writes to this address; empty when Twilio's messaging service chooses."""
        return "" if self._settings.messaging_service_sid else choose_sender(self.senders, address)

    def senders_for(self, address: str) -> Mapping[str, int]:
        """Our senders that may write to this address, with weights; none when the messaging service chooses."""
        if self._settings.messaging_service_sid:
            return {}
        return {sender.address: sender.weight for sender in fitting_senders(self.senders, address)}

    def secrets(self) -> Collection[str]:
        return self._account.secrets()

    async def aclose(self) -> None:
        await self._account.aclose()

    # --- sending -------------------------------------------------------------------------------------------

    async def send(self, message: Outgoing) -> Sent:
        check_text(message.text, TEXT_MAX)
        created = await self._account.call(self._account.post("Messages.json", self._form(message)), lost=Uncertain)
        sid = created.get("sid")
        if not isinstance(sid, str) or not sid:
            raise Uncertain("Twilio's answer names no message")
        return _sent(sid, created.get("num_segments"), created.get("from"), message.text)

    def _form(self, message: Outgoing) -> dict[str, str]:
        fields = {
            "To": message.address,
            "Body": message.text,
            "From": message.sender or self.sender_for(message.address),
            "MessagingServiceSid": self._settings.messaging_service_sid,
            "StatusCallback": _callback(message),
            "ValidityPeriod": str(VALIDITY_S[message.lane]),
        }
        return {name: value for name, value in fields.items() if value}

    async def lookup(self, message: Outgoing, since: datetime) -> Sent | None:
        """The record of an attempt whose answer was lost: same recipient, body and sender, since that time.

        The date is compared here: Twilio filters by the date of *sending*, which a queued message has not got yet.
        """
        records = await self._account.call(
            self._account.client().messages.list_async(to=message.address, limit=LOOKUP_MAX, page_size=LOOKUP_MAX)
        )
        oldest = since.astimezone(UTC).replace(microsecond=0)
        for record in records:
            if self._is_record_of(message, record, oldest):
                return _sent(record.sid, record.num_segments, record.from_, message.text)
        return None

    def _is_record_of(self, message: Outgoing, record: Any, oldest: datetime) -> bool:
        if not str(record.direction).startswith("outbound") or (record.body or "").strip() != message.text.strip():
            return False
        if record.date_created is not None and record.date_created < oldest:
            return False
        sender = message.sender or self.sender_for(message.address)
        return not sender or not record.from_ or record.from_ == sender

    async def status(self, provider_id: str) -> Receipt | None:
        """What Twilio now says of a message whose receipts stay away. Raises SendError."""
        record = await self._account.call(self._account.client().messages(provider_id).fetch_async())
        return receipt_of(NAME, str(record.status), provider_id, str(record.error_code or ""))

    async def check(self) -> str:
        """A sentence naming the account, for ``sunline doctor``. Raises SendError."""
        return await self._account.check()

    # --- receiving -----------------------------------------------------------------------------------------

    async def receive(self, request: WebhookRequest) -> Received:
        form = self._account.verified_form(request)
        event = receipt(NAME, form, request.query.get("attempt", "")) or inbound(
            NAME, form, words_at_provider=self._settings.opt_out_at_provider
        )
        return Received((event,) if event else (), reply=EMPTY_TWIML, reply_type="application/xml")

    # --- media ---------------------------------------------------------------------------------------------

    async def fetch(self, media: Media, limit_bytes: int) -> File:
        """A file attached to an inbound message. Raises BadInput when it is refused, else SendError."""
        session = self._account.client().http_client.session.plain
        return await self._account.call(self._media.fetch(session, media, limit_bytes))


def _callback(message: Outgoing) -> str:
    """Where Twilio reports progress, with the connection overrides; empty for nowhere."""
    url = callback_of(message)
    return url and url + CONNECTION_OVERRIDES


def _sent(sid: str, num_segments: object, sender: object, text: str) -> Sent:
    """A messaging service has not counted segments or chosen a sender yet when it answers."""
    count = str(num_segments or "0")
    return Sent(
        sid,
        segments=int(count) if count.isdigit() and count != "0" else segments(text),
        sender=str(sender or ""),
    )
