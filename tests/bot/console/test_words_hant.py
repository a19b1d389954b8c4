"""Traditional Chinese as it is written where it is read: words a machine leaves as they are on the mainland."""

import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

WRONG = {
    "登錄": "登入", "短信": "簡訊", "信息": "資訊", "網絡": "網路", "默認": "預設", "導出": "匯出", "導入": "匯入",
    "用戶": "使用者", "視頻": "影片", "打印": "列印", "文件": "檔案", "數據": "資料", "賬": "帳", "鏈接": "連結",
    "菜單": "選單", "模板": "範本", "保存": "儲存", "刷新": "重新整理", "搜索": "搜尋", "設置": "設定", "粘貼": "貼上",
    "二維碼": "QR Code", "軟件": "軟體", "屏幕": "螢幕", "服務器": "伺服器", "互聯網": "網際網路", "鼠標": "滑鼠",
    "郵箱": "電子信箱", "聯繫": "聯絡", "渠道": "管道", "令牌": "權杖", "身份": "身分", "羣": "群",
    "裏": "裡", "爲": "為",
    "纔": "才", "佈": "布", "覈": "核", "啓": "啟", "着": "著", "峯": "峰", "衆": "眾", "回車": "Enter", "在線": "線上",
    "當前": "目前", "字符": "字元", "密鑰": "金鑰", "變量": "變數", "命令行": "命令列", "“": "「", "”": "」",
}  # fmt: skip
"""What stands in the catalogues instead."""
CATALOGUES = sorted(
    file
    for package in ("bot.console", "bot.site", "bot.pages")
    for file in Path(str(files(package))).glob("texts/**/zh-Hant.toml")
)


def _words(table: dict[str, object], above: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in table.items():
        found |= _words(value, f"{above}{name}.") if isinstance(value, dict) else {above + name: str(value)}
    return found


@pytest.mark.parametrize("file", CATALOGUES, ids=lambda file: f"{file.parts[-4]}-{file.parent.name}")
def test_no_word_is_one_that_only_the_mainland_writes(file: Path) -> None:
    words = _words(tomllib.loads(file.read_text("utf-8")))
    wrong = {f"{key}: {bad} → {good}" for key, text in words.items() for bad, good in WRONG.items() if bad in text}
    assert wrong == set()
