"""``sunline areas``: the tree of areas from a file."""

from tests.cli.conftest import Operator


def test_good_lines_are_kept_bad_ones_listed_and_the_tree_is_printed(office: Operator) -> None:
    file = office.folder / "areas.csv"
    file.write_text("乡镇,村,村民小组,面积\n示例镇,西河村,一组,3\n,,,9\n北山乡,,,\n", "utf-8")
    done = office.types("areas", "import", str(file))
    assert done.code == 1
    assert "4 added, 0 changed, 0 unchanged." in done.out
    assert "line 3:  names no area" in done.err
    assert "面积" in done.err
    listed = office.types("areas", "list")
    assert listed.code == 0
    assert [line.strip() for line in listed.out.splitlines()] == ["北山乡", "示例镇", "西河村", "一组"]


def test_a_file_that_is_not_there_is_said_so(office: Operator) -> None:
    done = office.types("areas", "import", "nothing.csv")
    assert done.code == 1
    assert "There is no file" in done.err
