"""Open311 GeoReport v2: what a client of the standard sees, in both forms, and what it never sees."""

import asyncio
from datetime import datetime, timedelta

import pytest

from bot.hotline.words import Action, Kind
from bot.open311 import services
from core.audit import OPERATOR
from core.tokens import create_token
from tests.bot.open311.conftest import GeoReport

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 600
PRIVATE = ("示例庚", "2025550133", "someone@example.org")


async def test_discovery_names_endpoint_formats_and_where_keys_come_from(geo: GeoReport) -> None:
    found = await geo.get("discovery")
    endpoint = found["endpoints"][0]
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert endpoint["url"] == "https://sunline.example/open311/v2"
    assert endpoint["formats"] == ["text/xml", "application/json"]
    assert found["changeset"] == endpoint["changeset"]
    assert datetime.fromisoformat(found["changeset"]) == services.changeset()
    root = await geo.xml("discovery")
    assert [one.text for one in root.iterfind("endpoints/endpoint/formats/format")] == endpoint["formats"]


async def test_services_have_the_fields_of_the_standard_in_both_forms(geo: GeoReport) -> None:
    found = await geo.get("services")
    fields = {"service_code", "service_name", "description", "metadata", "type", "keywords", "group"}
    assert all(set(one) == fields and one["type"] == "realtime" for one in found)
    root = await geo.xml("services")
    assert (root.tag, [one.findtext("service_code") for one in root.iterfind("service")]) == (
        "services",
        [one["service_code"] for one in found],
    )
    metadata = {one.findtext("service_code"): one.findtext("metadata") for one in root.iterfind("service")}
    assert (metadata["road"], metadata["garbage"]) == ("true", "false")


async def test_a_definition_lists_the_questions_of_a_service(geo: GeoReport) -> None:
    found = await geo.get("services/road")
    attribute = found["attributes"][0]
    assert (attribute["code"], attribute["datatype"], attribute["required"]) == ("what", "singlevaluelist", True)
    assert {"key": "hole", "name": "路面坑洼"} in attribute["values"]
    root = await geo.xml("services/road")
    assert root.findtext("attributes/attribute/values/value/key") == "hole"
    error = await geo.get("services/nothing", 404)
    assert error == [{"code": 404, "description": "service_code provided was not found."}]


async def test_a_request_is_a_matter_and_is_listed_without_who_wrote(geo: GeoReport) -> None:
    made = (await geo.post())[0]
    matter = await geo.rig.matter(made["service_request_id"])
    assert (matter.kind, matter.category, matter.name, matter.phone) == (
        "complaint",
        "streetlight",
        "示例庚",
        "+12025550133",
    )
    shown = (await geo.get(f"requests/{matter.number}"))[0]
    assert shown["status"] == "open"
    assert (shown["address"], shown["lat"], shown["long"]) == ("西河村口", 30.2741, 120.1551)
    assert datetime.fromisoformat(shown["expected_datetime"]) == matter.answer_by.replace(microsecond=0)
    for text in (str(shown), str(await geo.get("requests"))):
        assert not [word for word in PRIVATE if word in text]


async def test_both_forms_of_a_list_say_the_same(geo: GeoReport) -> None:
    await geo.post()
    one = (await geo.get("requests"))[0]
    element = (await geo.xml("requests")).find("request")
    assert element is not None
    assert {child.tag: child.text or "" for child in element} == {
        name: "" if value is None else str(value) for name, value in one.items()
    }


async def test_a_request_closes_when_it_is_over_and_says_what_was_done(geo: GeoReport) -> None:
    number = (await geo.post())[0]["service_request_id"]
    rig = geo.rig
    await rig.do(number, Action.REJECT, rig.agent, reason="litigation", text="请联系法院 +12025550155")
    shown = (await geo.get(f"requests/{number}"))[0]
    assert shown["status"] == "closed"
    assert shown["status_notes"].startswith("不予受理")
    assert await geo.get("requests", status="open") == []
    assert [one["service_request_id"] for one in await geo.get("requests", status="closed")] == [number]
    assert len(await geo.get("requests", status="open,closed")) == 1


async def test_the_unit_and_the_answer_are_public(geo: GeoReport) -> None:
    number = (await geo.post())[0]["service_request_id"]
    rig = geo.rig
    await rig.do(number, Action.ACCEPT, rig.agent)
    await rig.do(number, Action.DISPATCH, rig.agent, unit="城管局")
    assert (await geo.get(f"requests/{number}"))[0]["agency_responsible"] == "城管局"
    statuses = [one["status"] for one in await geo.get("servicerequestupdates")]
    assert statuses == ["open", "investigating", "investigating"]
    root = await geo.xml("servicerequestupdates")
    assert root.findtext("request_update/service_request_id") == number


async def test_what_came_another_way_or_is_protected_is_never_listed(geo: GeoReport) -> None:
    await geo.rig.open(Kind.COMPLAINT, "西河村口路灯坏了三天")
    hidden = await geo.rig.open(Kind.COMPLAINT, "路灯坏了三天", source="open311", confidential=True)
    assert await geo.get("requests") == []
    await geo.get(f"requests/{hidden.number}", 404)
    assert await geo.get("requests", service_request_id=hidden.number) == []
    assert await geo.get("servicerequestupdates") == []


async def test_filters_by_number_service_and_time_and_pages(geo: GeoReport) -> None:
    first = (await geo.post())[0]["service_request_id"]
    geo.rig.later(days=100)
    second = (await geo.post(data={"service_code": "garbage"}))[0]["service_request_id"]

    async def listed(**query: str) -> list[str]:
        return [one["service_request_id"] for one in await geo.get("requests", **query)]

    assert await listed() == [second], "90 days when nothing else is said"
    assert await listed(service_request_id=f"{first},{second}") == [second, first], "by number whatever the age"
    assert await listed(service_code="streetlight") == []
    start = (geo.rig.clock() - timedelta(days=120)).isoformat()
    assert await listed(start_date=start) == [first]
    assert await listed(service_request_id=f"{first},{second}", page="2", page_size="1") == [first]
    error = await geo.get("requests", 400, start_date=start, end_date=geo.rig.clock().isoformat())
    assert "90 days" in error[0]["description"]
    await geo.get("requests", 400, status="perhaps")


BAD: dict[str, tuple[dict[str, str], int, str]] = {
    "no service": ({"service_code": ""}, 400, "service_code"),
    "an unknown service": ({"service_code": "magic"}, 404, "service_code"),
    "no place": ({"address_string": "", "lat": "", "long": ""}, 400, "location"),
    "half a place": ({"address_string": "", "long": ""}, 400, "long"),
    "a place off the earth": ({"lat": "123"}, 400, "lat"),
    "a place that is no number": ({"lat": "nan"}, 400, "lat"),
    "a description too long": ({"description": "字" * 4001}, 400, "description"),
    "no telephone number": ({"phone": "hello"}, 400, "telephone"),
    "a picture's address that is none": ({"media_url": "javascript:alert(1)"}, 400, "media_url"),
    "a required question left out": ({"service_code": "road"}, 400, "attribute[what]"),
    "an answer not in the list": ({"service_code": "road", "attribute[what]": "x"}, 400, "attribute[what]"),
    "a number that is none": ({"attribute[lamps]": "many"}, 400, "attribute[lamps]"),
}


@pytest.mark.parametrize("name", BAD)
async def test_what_does_not_fit_is_named_and_opens_nothing(name: str, geo: GeoReport) -> None:
    data, code, named = BAD[name]
    error = await geo.post(code, data=data)
    assert error[0]["code"] == code
    assert named in error[0]["description"]
    assert await geo.get("requests") == []


async def test_answers_to_a_services_questions_stand_in_the_matter(geo: GeoReport) -> None:
    made = (await geo.post(data={"service_code": "road", "attribute[what]": "hole"}))[0]
    assert "是哪一种：路面坑洼" in (await geo.rig.matter(made["service_request_id"])).body


async def test_without_a_key_that_may_nothing_is_handed_in(geo: GeoReport) -> None:
    other = geo.rig.db.write_now(create_token, geo.rig.clock(), OPERATOR, "editors", ["editor"])
    for key in ("", "wrong", other):
        assert (await geo.post(403, data={"api_key": key}))[0]["code"] == 403
    refused = await geo.http.post("/open311/v2/requests.xml", data={})
    assert refused.text.count("<code>403</code>") == 1


async def test_a_number_is_its_own_token_and_a_made_up_one_gives_nothing(geo: GeoReport) -> None:
    number = (await geo.post())[0]["service_request_id"]
    assert (await geo.get(f"tokens/{number}"))[0] == {"service_request_id": number, "token": number}
    await geo.get("tokens/26110100", 404)


async def test_a_picture_is_kept_and_its_address_works(geo: GeoReport) -> None:
    made = (await geo.post(files={"media": ("a.png", PNG, "image/png")}))[0]
    url = (await geo.get(f"requests/{made['service_request_id']}"))[0]["media_url"]
    assert url.startswith("https://sunline.example/open311/v2/media/")
    got = await geo.http.get(url.removeprefix("https://sunline.example"))
    assert (got.status_code, got.headers["content-type"], got.content) == (200, "image/png", PNG)
    assert (await geo.http.get(f"/open311/v2/media/{made['service_request_id']}/nothing")).status_code == 404


async def test_the_same_key_twice_at_once_is_one_matter(geo: GeoReport) -> None:
    again = {"headers": {"Idempotency-Key": "k1"}}
    first, second = await asyncio.gather(geo.post(**again), geo.post(**again))
    assert first[0]["service_request_id"] == second[0]["service_request_id"]
    assert len(await geo.get("requests")) == 1


async def test_words_are_added_to_a_request(geo: GeoReport) -> None:
    number = (await geo.post())[0]["service_request_id"]
    said = {"service_request_id": number, "description": "今晚又不亮了"}
    made = (await geo.post(path="servicerequestupdates.json", data=said))[0]
    updates = await geo.get("servicerequestupdates")
    assert updates[-1]["update_id"] == made["update_id"]
    assert updates[-1]["description"] == "今晚又不亮了"
    await geo.post(404, path="servicerequestupdates.json", data={**said, "service_request_id": "1"})
    await geo.post(400, path="servicerequestupdates.json", data={**said, "description": ""})


async def test_text_that_xml_cannot_hold_does_not_break_the_list(geo: GeoReport) -> None:
    await geo.post(data={"description": "路灯<坏了>&\x08三天"})
    assert "路灯<坏了>&三天" in ((await geo.xml("requests")).findtext("request/description") or "")


@pytest.mark.parametrize(
    "text",
    [
        '["a-code-that-is-far-too-long"]\nname="x"\ndescription="x"\nkind="help"\ngroup="x"',
        '[x]\nname="x"\ndescription="x"\nkind="help"\ngroup="x"\n[x.attributes.a]\ndatatype="colour"\ndescription="x"',
        '[x]\nname="x"\ndescription="x"\nkind="magic"\ngroup="x"',
    ],
)
def test_services_that_do_not_fit_the_standard_are_refused_when_read(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        services.read(text)
