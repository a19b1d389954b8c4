"""Objections to a notice (异议) become matters of the hotline: reviewed above the list's author, never in the village.

What somebody says about another household is a report (举报) and confidential. The matter names the notice, so that
it cannot become final while one is open.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.hotline import record
from bot.hotline.intake import NewMatter, ReplyTo
from bot.hotline.models import Matter
from bot.hotline.objections import SOURCE
from bot.hotline.office import CLOCK
from bot.hotline.service import Hotline
from bot.hotline.words import Kind
from core.clock import Clock
from core.errors import BadInput, Conflict, NotFound
from core.people import Unit
from notify.publicity import objecting, rows_store
from notify.publicity.models import Beneficiary, Notice
from notify.publicity.objection_models import Objection
from notify.publicity.states import FINISHED

OPINION = "opinion"
"""Source of matters that are opinions on a consultation; ``outside_number`` is the notice's id."""
TITLE = {"zh-Hans": "异议", "zh-Hant": "異議", "en": "objection "}
"""How such a matter is named in messages."""
_ABOVE = {"zh-Hans": "上一级部门", "zh-Hant": "上一級部門", "en": "the level above"}


@dataclass(frozen=True, slots=True)
class NewObjection:
    """What somebody objects to. ``kind`` empty: told from the words. ``row`` is the household's own entry, if known.

    ``reply_to`` where it came from; ``name`` and ``phone`` as given on a page. ``key``: the same again is one matter.
    """

    notice_id: str
    text: str
    kind: str = ""
    row: Beneficiary | None = None
    reply_to: ReplyTo | None = None
    name: str = ""
    phone: str = ""
    via: str = "web"
    locale: str = "zh-Hans"
    key: str = ""
    tell: bool = True


@dataclass(frozen=True, slots=True)
class Handed:
    """An objection that is registered. ``secret``: it is a report about others. ``reviewer`` is a name."""

    number: str
    code: str
    kind: str
    secret: bool
    reviewer: str
    due_at: datetime
    report_phone: str


class Objections:
    """Takes objections and counts the open ones."""

    def __init__(self, hotline: Hotline, clock: Clock) -> None:
        self._hotline = hotline
        self._clock = clock

    def hand_in(self, session: Session, new: NewObjection) -> Handed:
        """Register an objection. Raises NotFound for a notice nobody can read, Conflict for one that is
        closed, BadInput for words that say nothing."""
        notice, revision = session.get(Notice, new.notice_id), rows_store.published(session, new.notice_id)
        if notice is None or revision is None:
            raise NotFound("There is no such notice.")
        if notice.state in {state.value for state in FINISHED}:
            raise Conflict("This notice is closed; a complaint can still be handed in.")
        if new.kind and not objecting.known(new.kind):
            raise BadInput("There is no such kind.", fields={"kind": f"one of: {', '.join(objecting.KINDS)}"})
        kind = new.kind or objecting.kind_of(new.text)
        secret = kind == objecting.OTHERS
        barred = _village(session, notice, new.row)
        reviewer, about = _reviewer(session, notice, barred, new.locale)
        opened = self._hotline.open(session, self._matter(new, notice, kind, secret=secret, about=about))
        if not opened.known:
            row_id = str(new.row.id) if new.row and not secret else ""
            session.add(
                Objection(
                    number=opened.number,
                    notice_id=notice.id,
                    row_id=row_id,
                    kind=kind,
                    secret=secret,
                    reviewer=reviewer,
                    via=new.via,
                    at=self._clock(),
                )
            )
            session.flush()
            self._advise(session, opened.id, notice, kind, reviewer, row_id)
        phone = revision.report_phone or self._hotline.office.phone
        return Handed(opened.number, opened.code, kind, secret, reviewer, opened.answer_by, phone)

    def _matter(self, new: NewObjection, notice: Notice, kind: str, *, secret: bool, about: str | None) -> NewMatter:
        return NewMatter(
            kind=Kind.REPORT if secret else Kind.COMPLAINT,
            text=new.text,
            source=SOURCE,
            title="" if secret else TITLE.get(new.locale, TITLE["zh-Hans"]).strip(),
            reply_to=new.reply_to,
            locale=new.locale,
            name=new.name,
            phone=new.phone,
            confidential=secret,
            about_unit=about,
            category="惠农补贴",
            outside_number=notice.id,
            extra={"notice": notice.number, "title": notice.title, "objection": kind, "row": self._row(new, secret)},
            dedup_key=new.key,
            tell=new.tell,
        )

    def _row(self, new: NewObjection, secret: bool) -> int | None:
        """The place of the household's entry in the list; a report is not about the reporter's own."""
        return new.row.number if new.row and not secret else None

    def _advise(self, session: Session, matter_id: str, notice: Notice, kind: str, reviewer: str, row_id: str) -> None:
        """A note for the hotline: who reviews it, and who must not."""
        desk = self._hotline.desk(session)
        matter = session.get(Matter, matter_id)
        assert matter is not None  # noqa: S101 - just opened
        row = session.get(Beneficiary, int(row_id)) if row_id else None
        where = f"，名单第{row.number}行" if row else ""
        text = (
            f"公示 {notice.number}《{notice.title}》{where}的异议，类型：{objecting.label(kind, 'zh-Hans')}。"
            f"由{reviewer}复核，不得转给本村或名单填报单位。"
        )
        record.note(desk, matter, "note", CLOCK, text=text, data={"notice": notice.id, "objection": kind})

    def open_count(self, session: Session, notice_id: str) -> int:
        """How many objections to a notice are not answered: ``notify.publicity.ports.OpenObjections``."""
        return len(self._hotline.open_objections(session, notice_id))

    def opinions(self, session: Session, notice_id: str) -> int:
        """How many opinions on a consultation came in."""
        counted = select(func.count()).where(Matter.source == OPINION, Matter.outside_number == notice_id)
        return int(session.exec(counted).one())


def _village(session: Session, notice: Notice, row: Beneficiary | None) -> Unit | None:
    """The unit of the village itself, if the office has one: its name bears the place's name."""
    place = (row.area if row else "") or notice.area
    if len(place) < 2:
        return None
    units = session.exec(select(Unit).where(col(Unit.active).is_(True))).all()
    return next((unit for unit in units if unit.name in place or place in unit.name), None)


def _reviewer(session: Session, notice: Notice, village: Unit | None, locale: str) -> tuple[str, str | None]:
    """Who reviews, by name, and the id of the unit that must not see it: above the list's author, never the village."""
    author = session.get(Unit, notice.unit_id) if notice.unit_id else None
    above = session.get(Unit, author.parent_id) if author and author.parent_id else None
    if above is not None and author is not None:
        return above.name, author.id
    if author is not None and (village is None or village.id != author.id):
        return author.name, village.id if village else None
    return _ABOVE.get(locale, _ABOVE["zh-Hans"]), author.id if author else None
