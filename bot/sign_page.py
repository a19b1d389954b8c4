"""``/sign/{token}``: the one-time page an official signs on. GET never signs: previews of links open it too.

The token is the proof of who it is: it went to the official's own address, names person and document, ends, and fits
only until somebody signs. So the page asks for nothing, and needs no cookie.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlmodel import Session

from bot.pages.static import LOOK
from bot.site.pages import STATIC
from core.audit import Actor
from core.config import Settings
from core.db import Database
from core.i18n import Catalogue
from core.people import Person
from notify.signoff import store
from notify.signoff.links import Link, read_token
from notify.signoff.models import OPEN, RETURNING, SIGNED, Recipient
from notify.signoff.office import Work
from notify.signoff.service import SignOff
from notify.signoff.signing import Outcome, Signer
from notify.signoff.wording import Item

VIA = "link"
_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
"""The address holds the token: it goes to nobody else."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page says."""

    locale: str
    lines: Sequence[str]
    number: str = ""
    title: str = ""
    actions: Sequence[tuple[str, str]] = ()
    status: int = 200


class SignPages:
    """Reads links and says how things stand."""

    def __init__(self, signoff: SignOff, settings: Settings) -> None:
        self._signoff = signoff
        self._settings = settings
        self._texts = Catalogue.load(files("bot") / "texts" / "sign_page")
        self._page = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
        ).get_template("sign.html")

    def look(self, session: Session, token: str) -> Shown:
        """What a link shows; nothing changes. Raises NotFound for a link we did not make."""
        return self._stand(session, token, read_token(token))

    def sign(self, session: Session, token: str) -> Shown:
        """Sign by a link. One that is over or used signs nothing and says how things stand."""
        link = read_token(token)
        work = self._signoff.work(session)
        if not _fits(work, link, store.recipient(session, link.recipient_id)):
            return self._stand(session, token, link)
        self._signoff.sign(session, link.recipient_id, _signer(link), tell=True)
        return self._stand(session, token, link)

    def not_me(self, session: Session, token: str) -> Shown:
        """非本人, from the page that signed: only the link whose signing it was, and only while it stands."""
        link = read_token(token)
        row = store.recipient(session, link.recipient_id)
        if not _signed_by_this(row, link):
            return self._stand(session, token, link)
        done = self._signoff.not_me(session, link.recipient_id, _signer(link))
        key = "reopened" if done.outcome is Outcome.SIGNED else "over"
        return self._shown(session, link, (self._say(session, link, key),))

    def _stand(self, session: Session, token: str, link: Link) -> Shown:
        work, row = self._signoff.work(session), store.recipient(session, link.recipient_id)
        item = store.items(session, [link.recipient_id])[0]
        if row.state == SIGNED and row.signed_at:
            return self._signed(work, token, link, row)
        if row.state not in {OPEN, RETURNING}:
            return self._shown(session, link, (self._say(session, link, "withdrawn"),))
        if not _fits(work, link, row):
            return self._shown(session, link, (self._say(session, link, "over"),), status=410)
        late = row.due_at <= work.now
        due = work.due_words(row.due_at, self._locale(session, link))
        line = self._say(session, link, "overdue" if late else "due", due=due)
        button = (f"/sign/{token}", self._say(session, link, "button"))
        return self._shown(session, link, (line,), item=item, actions=(button,))

    def _signed(self, work: Work, token: str, link: Link, row: Recipient) -> Shown:
        assert row.signed_at is not None  # noqa: S101 - narrows the type for the checker
        at = work.clock_words(row.signed_at)
        item = store.items(work.session, [link.recipient_id])[0]
        if not _signed_by_this(row, link):
            signer = work.session.get(Person, row.signed_by or "")
            words = self._say(work.session, link, "already", name=signer.name if signer else "", at=at)
            return self._shown(work.session, link, (words,), item=item)
        key = "done" if row.late_minutes is None else "done_late"
        words = self._say(work.session, link, key, at=at, minutes=row.late_minutes or 0)
        button = (f"/sign/{token}/not-me", self._say(work.session, link, "not_me"))
        return self._shown(work.session, link, (words,), item=item, actions=(button,))

    def _shown(
        self,
        session: Session,
        link: Link,
        lines: Sequence[str],
        *,
        item: Item | None = None,
        actions: Sequence[tuple[str, str]] = (),
        status: int = 200,
    ) -> Shown:
        number, title = (item.number, item.title) if item else ("", "")
        return Shown(self._locale(session, link), lines, number, title, actions, status)

    def _locale(self, session: Session, link: Link) -> str:
        person = session.get(Person, link.person_id)
        return person.locale if person else "zh-Hans"

    def _say(self, session: Session, link: Link, key: str, **values: object) -> str:
        known: Mapping[str, object] = {"phone": self._settings.office_phone, **values}
        return self._texts(self._locale(session, link), key, **known)

    def render(self, shown: Shown) -> HTMLResponse:
        """The page."""
        html = self._page.render(
            locale=shown.locale,
            office=self._settings.office_name,
            heading=self._texts(shown.locale, "sign"),
            number=shown.number,
            title=shown.title,
            lines=shown.lines,
            actions=shown.actions,
            styles=(LOOK.url("look.css"), STATIC.url("site.css")),
        )
        return HTMLResponse(html, shown.status, _HEADERS)


def _fits(work: Work, link: Link, row: Recipient) -> bool:
    return link.generation == row.generation and work.now < link.expires_at


def _signed_by_this(row: Recipient, link: Link) -> bool:
    """Signing raises the generation by one, so the link that signed is one behind."""
    own = row.signed_by == link.person_id and row.signed_via == VIA
    return row.state == SIGNED and own and row.generation == link.generation + 1


def _signer(link: Link) -> Signer:
    return Signer(link.person_id, VIA, Actor(link.person_id, VIA))


def build_router(signoff: SignOff, db: Database, settings: Settings) -> APIRouter:
    """``/sign/{token}``."""
    router = APIRouter(prefix="/sign", include_in_schema=True, tags=["sign"])
    pages = SignPages(signoff, settings)

    @router.head("/{token}", include_in_schema=False)
    @router.get("/{token}", response_class=HTMLResponse)
    async def show(token: str) -> HTMLResponse:
        """The document and a button. Opening it signs nothing."""
        return pages.render(await db.read(pages.look, token))

    @router.post("/{token}", response_class=HTMLResponse)
    async def sign(token: str) -> HTMLResponse:
        """The button was pressed: sign."""
        return pages.render(await db.write(pages.sign, token))

    @router.post("/{token}/not-me", response_class=HTMLResponse)
    async def not_me(token: str) -> HTMLResponse:
        """非本人."""
        return pages.render(await db.write(pages.not_me, token))

    return router
