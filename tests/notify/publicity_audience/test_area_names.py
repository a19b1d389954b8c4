"""An area is found however its name is written."""

import pytest

from notify.publicity.area_names import Named, find, folded

TREE = (
    ("示例县",),
    ("示例县", "示例镇"),
    ("示例县", "北山乡"),
    ("示例县", "示例镇", "西河村"),
    ("示例县", "示例镇", "东河村"),
    ("示例县", "示例镇", "西河村", "第三村民小组"),
    ("示例县", "示例镇", "西河村", "12组"),
    ("示例县", "示例镇", "东河村", "三组"),
    ("示例县", "北山乡", "石桥沟社区"),
    ("示例县", "北山乡", "太平村"),
    ("示例县", "示例镇", "太平村"),
)
AREAS = [Named("/".join(path), path) for path in TREE]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("西河村", "示例县/示例镇/西河村"),
        ("西河", "示例县/示例镇/西河村"),
        ("西 河 村", "示例县/示例镇/西河村"),
        ("西河村委会", "示例县/示例镇/西河村"),
        ("示例镇西河村", "示例县/示例镇/西河村"),
        ("示例西河", "示例县/示例镇/西河村"),
        ("示例县示例镇西河村三组", "示例县/示例镇/西河村/第三村民小组"),
        ("西河村3组", "示例县/示例镇/西河村/第三村民小组"),
        ("西河第三小组", "示例县/示例镇/西河村/第三村民小组"),
        ("西河村十二组", "示例县/示例镇/西河村/12组"),
        ("东河三组", "示例县/示例镇/东河村/三组"),
        ("北山", "示例县/北山乡"),
        ("示例县", "示例县"),
        ("示例镇", "示例县/示例镇"),
        ("石橋溝", "示例县/北山乡/石桥沟社区"),
        ("石桥勾社区", "示例县/北山乡/石桥沟社区"),
        ("北山太平村", "示例县/北山乡/太平村"),
    ],
)
def test_one_area_is_meant(written: str, meant: str) -> None:
    assert [area.id for area in find(written, AREAS)] == [meant]


@pytest.mark.parametrize("written", ["三组", "太平村", "太平"])
def test_a_name_that_several_bear_gives_all_of_them(written: str) -> None:
    assert len(find(written, AREAS)) == 2


def test_the_county_comes_before_a_township_of_the_same_name_when_the_kind_is_left_out() -> None:
    assert [area.id for area in find("示例", AREAS)] == ["示例县", "示例县/示例镇"]


@pytest.mark.parametrize("written", ["", "？", "南海村", "西", "村", "河村", "怎么订阅", "西河村四组", "13组"])
def test_what_is_no_area_is_not_guessed(written: str) -> None:
    assert find(written, AREAS) == []


def test_numbers_of_groups_are_one_however_they_are_written() -> None:
    assert {folded(name) for name in ("三组", "第三村民小组", "３组", "3小组", "三队")} == {"3组"}
