"""Subscriptions in conversation (订阅, 退订 and a topic, 恢复), and how a case of another system stands."""

from collections.abc import Callable, Mapping
from datetime import datetime
from importlib.resources import files

from sqlmodel import Session

from bot.dialogue import notice as dialogue
from bot.dialogue.base import Done, Question, Say
from bot.notice_case import NoticeCase
from core import people
from core.errors import TooMany
from core.i18n import Catalogue
from notify.cases.service import Cases, CaseView
from notify.cases.statuses import status_of
from notify.publicity import areas, rows_store
from notify.publicity import topics as topic_words
from notify.publicity.area_models import Area
from notify.publicity.subscriptions import Reach, Subscriptions
from notify.publicity.topics import Topic

LISTED, SHOWN = 8, 3


class Subscribing:
    """What ``bot.noticing.Noticing`` does about subscriptions and cases."""

    def __init__(self, subscriptions: Subscriptions, cases: Cases) -> None:
        self._subscriptions = subscriptions
        self._cases = cases
        self._texts = Catalogue.load(files("bot") / "texts" / "notice")
        self.works: Mapping[str, Callable[[NoticeCase], Done]] = {
            "subscribe": self._subscribe,
            "subscribed": self._subscribed,
            "leave": self._leave,
            "back": self._back,
            "case": self._case,
        }

    # --- 订阅

    def _subscribe(self, case: NoticeCase) -> Done:
        offered = self._subscriptions.topics(case.session)
        if chosen := case.data.get("topic"):
            topic = next((one for one in offered if one.id == chosen), None)
            place = str(case.data.get("place", ""))
        else:
            wish = topic_words.read_wish(case.text, offered)
            topic, place = wish.topic, wish.place
        if topic is None:
            return self._offer(case, offered, case.text)
        if not self._subscriptions.can_hold(case.channel):
            return Done((case.say("cannot_hold", topic=topic.label(case.locale)),))
        if area_id := str(case.data.get("area", "")):
            return self._begin(case, topic, None if area_id == "*" else case.session.get(Area, area_id))
        return self._where(case, topic, place)

    def _offer(self, case: NoticeCase, offered: list[Topic], text: str) -> Done:
        own = self._own(case)
        place = text if text and areas.search(case.session, text) else ""
        labels = tuple(topic.label(case.locale) for topic in offered[:LISTED])
        data = {"choices": [topic.id for topic in offered[:LISTED]], "place": place}
        question = Question(dialogue.TOPIC, labels, zero="person", data=data)
        if text and not place:
            return Done((case.say("no_topic", question, text=text[:20]),))
        if own:
            return Done((case.say("topics_own", question, own=own),))
        return Done((case.say("topics", question),))

    def _where(self, case: NoticeCase, topic: Topic, place: str) -> Done:
        if not place:
            return self._begin(case, topic, None)
        found = areas.search(case.session, place)
        if len(found) == 1:
            return self._begin(case, topic, found[0])
        if not found:
            data = {"topic": topic.id, "choices": ["*"]}
            question = Question(dialogue.PLACE, (case.word("everywhere"),), data=data, said=True)
            return Done((case.say("place_unknown", question, place=place[:20]),))
        labels = tuple(areas.shown(area, case.locale) for area in found[:LISTED])
        data = {"topic": topic.id, "choices": [area.id for area in found[:LISTED]]}
        return Done((case.say("place_which", Question(dialogue.AREA, labels, zero="person", data=data)),))

    def _begin(self, case: NoticeCase, topic: Topic, area: Area | None) -> Done:
        message = case.situation.message
        reach = Reach(message.channel, message.address, message.to, message.thread, case.locale)
        try:
            new = self._subscriptions.begin(case.session, reach, topic, area, message.channel)
        except TooMany:
            return Done((case.say("enough"),))
        label = topic.label(case.locale)
        what = self._what(case, topic, area)
        key = "subscribed_already" if not new else "subscribed" if area else "subscribed_all"
        return Done((case.say(key, what=what, topic=label),))

    def _subscribed(self, case: NoticeCase) -> Done:
        row = self._subscriptions.confirm_own(case.session, str(case.data["id"]), case.channel, case.address)
        offered = {topic.id: topic for topic in self._subscriptions.topics(case.session)}
        if row is None or row.topic not in offered:
            return Done((case.say("confirm_late", topic=""),))
        what = self._subscriptions.words(case.session, row, case.locale)
        return Done((case.say("subscribed", what=what, topic=offered[row.topic].label(case.locale)),))

    def _what(self, case: NoticeCase, topic: Topic, area: Area | None) -> str:
        label = topic.label(case.locale)
        if area is None:
            return label
        return f"{label} ({areas.shown(area, 'en')})" if case.locale == "en" else f"{area.name}{label}"

    def _own(self, case: NoticeCase) -> str:
        rows = self._subscriptions.own(case.session, case.channel, case.address)
        joint = ", " if case.locale == "en" else "、"
        return joint.join(self._subscriptions.words(case.session, row, case.locale) for row in rows[:LISTED])

    # --- 退订 and a topic, 恢复

    def _leave(self, case: NoticeCase) -> Done:
        """A topic's own name ends its subscriptions, and its notices; any other name stays what was said."""
        wish = topic_words.read_wish(case.text, self._subscriptions.topics(case.session))
        found = areas.search(case.session, wish.place) if wish.place else []
        known = wish.topic is not None and (not wish.place or bool(found))
        topic = wish.topic if known else None
        said = topic.labels["zh-Hans"] if topic else case.text
        if topic:
            area = found[0] if found else None
            self._subscriptions.leave(case.session, case.channel, case.address, topic, area, case.channel)
        if not found:
            at, reason = case.situation.at, "opt_out_topic"
            people.set_consent(case.session, at, case.channel, case.address, said[:40], allowed=False, reason=reason)
        if topic is None:
            return Done((Say("consent.topic_off", {"topic": case.text}),))
        what = self._what(case, topic, found[0] if found else None)
        return Done((case.say("left", what=what, topic=topic.label(case.locale)),))

    def _back(self, case: NoticeCase) -> Done:
        """What comes again, by name where it is known."""
        what, example = self._own(case), ""
        rows = self._subscriptions.own(case.session, case.channel, case.address)
        if rows:
            offered = {topic.id: topic.label(case.locale) for topic in self._subscriptions.topics(case.session)}
            example = offered.get(rows[0].topic, "")
        elif case.situation.metered and rows_store.find_rows_by_phone(case.session, case.address, 1):
            example = what = self._subscriptions.topic(case.session, "subsidy").label(case.locale)
        if not what:
            return Done((Say("consent.back"),))
        return Done((case.say("back", what=what + ("" if case.locale == "en" else case.word("lists")), topic=example),))

    # --- 查询 and the number of a case

    def _case(self, case: NoticeCase) -> Done:
        ref = case.text.split()[0] if case.text else ""
        found = self._cases.own(case.session, case.channel, case.address, ref)
        if not found:
            return Done((case.say("case_none", ref=ref[:30]),))
        return Done((case.say("case", **self._told(case, found[0])),))

    def listed(self, session: Session, channel: str, address: str, locale: str) -> str:
        """The open cases of an address in a few words each, for 查询; empty when there are none."""
        found = [view.case for view in self._cases.own(session, channel, address) if view.case.ended_at is None]
        if not found:
            return ""
        parted, joint = (", ", "; ") if locale == "en" else ("，", "；")
        lines = [f"{row.title} {row.ref}{parted}{status_of(row.status).label(locale)}" for row in found[:SHOWN]]
        return self._texts(locale, "cases", lines=joint.join(lines))

    def _told(self, case: NoticeCase, view: CaseView) -> dict[str, object]:
        row = view.case
        status = status_of(row.status)
        due = ""
        if row.due_at and not row.ended_at and not row.paused_at:
            due = case.word("case_due", due=self._cases.due_words(row.due_at, case.locale))
        note = f"{(row.note or '').rstrip('。. ')}。" if row.note else ""
        return {
            "title": row.title,
            "ref": row.ref,
            "at": self._day(row.changed_at, case.locale),
            "unit": row.unit,
            "status": status.label(case.locale),
            "note": note,
            "due": due,
        }

    def _day(self, at: datetime, locale: str) -> str:
        return self._cases.day_words(at, locale)
