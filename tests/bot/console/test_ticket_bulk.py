"""One move for several matters: held for a moment, taken back, carried out matter by matter."""

from sqlalchemy import update
from sqlmodel import col

from bot.house import House
from notify.timer_models import TimerRow
from tests.bot.console.browsing import matter as _matter
from tests.bot.console.browsing import post as _post
from tests.bot.console.conftest import Staff


async def test_several_at_once_do_what_can_be_done_and_name_the_others(house: House, staff: Staff) -> None:
    good, bad = _matter(house, "submitted"), _matter(house, "closed")
    async with staff("agent") as agent:
        chosen = [f"{good.number}:{good.version}", f"{bad.number}:{bad.version}"]
        answer = await _post(agent, "/console/tickets/bulk", action="accept", chosen=chosen, back="/console/tickets")
        held = answer.headers["location"]
        assert "2件，马上办理" in (await agent.get(held)).text
        assert _matter(house, "submitted").number == good.number
        await _the_time_comes(house)
        page = await agent.get(held)
        assert "1件办好，1件没办成" in page.text
        assert bad.number in page.text
        nothing = await _post(agent, "/console/tickets/bulk", action="accept", back="https://elsewhere.example")
        assert nothing.headers["location"] == "/console/tickets"


async def _the_time_comes(house: House) -> None:
    """What is held is due now, and carried out."""
    house.db.write_now(
        lambda s: s.execute(update(TimerRow).where(col(TimerRow.owner) == "hotline.bulk").values(due_at=house.clock()))
    )
    await house.timers.fire()


async def test_what_is_held_for_several_is_taken_back_by_whoever_did_it_and_nobody_else(
    house: House, staff: Staff
) -> None:
    matter = _matter(house, "submitted")
    chosen = [f"{matter.number}:{matter.version}"]
    async with staff("agent") as agent, staff("supervisor") as supervisor:
        answer = await _post(agent, "/console/tickets/bulk", action="accept", chosen=chosen, back="/console/tickets")
        held = answer.headers["location"].partition("bulk=")[2]
        other = await _post(supervisor, f"/console/tickets/bulk/{held}/undo")
        assert "来不及撤销" in (await supervisor.get(other.headers["location"])).text
        assert "马上办理" not in (await supervisor.get(f"/console/tickets?bulk={held}")).text
        undone = await _post(agent, f"/console/tickets/bulk/{held}/undo")
        assert "一件也没办" in (await agent.get(undone.headers["location"])).text
        await _the_time_comes(house)
        assert _matter(house, "submitted").number == matter.number


async def test_a_move_for_several_says_what_it_needs(house: House, staff: Staff) -> None:
    matter = _matter(house, "accepted")
    async with staff("supervisor") as supervisor:
        for action, said in (("dispatch", "请选派给哪个单位"), ("hand_over", "请选交给谁"), ("extend", "几个工作日")):
            fields = {"action": action, "chosen": [f"{matter.number}:{matter.version}"], "back": "/console/tickets"}
            answer = await _post(supervisor, "/console/tickets/bulk", **fields)
            assert said in (await supervisor.get(answer.headers["location"])).text
