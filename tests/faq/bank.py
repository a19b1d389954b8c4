"""A small bank of invented entries for the matching tests."""

from datetime import date

from faq.index import IndexEntry

TODAY = date(2026, 11, 20)

ENTRIES = [
    IndexEntry(
        "card-new",
        "如何办理社会保障卡？",
        ("社保卡怎么申请", "第一次办社保卡要带什么"),
        "持身份证到社保卡服务网点申领，首次办理免费。",
        "社保",
    ),
    IndexEntry(
        "card-lost",
        "社会保障卡丢失怎么补办？",
        ("社保卡丢了怎么办",),
        "先拨打电话挂失，再到网点补卡，工本费20元。",
        "社保",
    ),
    IndexEntry("med-where", "异地就医如何备案？", (), "参保人可在手机上办理异地就医备案，住院费用直接结算。", "医疗"),
    IndexEntry(
        "med-pay", "城乡居民基本医疗保险每年缴费多少？", (), "每年缴费标准由市里公布，9月至12月集中缴费。", "医疗"
    ),
    IndexEntry("tow", "车辆被拖吊后如何领回？", (), "带行驶证和身份证到保管场缴清拖吊费和保管费后领回车辆。", "交通"),
    IndexEntry("park-fee", "路边停车费如何缴纳？", (), "可以在便利店、手机或者银行缴纳停车费。", "交通"),
    IndexEntry(
        "school-move", "随迁子女如何办理义务教育入学？", (), "父母持居住证和就业证明，在网上报名，7月统一录取。", "教育"
    ),
    IndexEntry(
        "rent", "公共租赁住房的申请条件是什么？", (), "家庭人均收入和住房面积低于标准的，可以申请公共租赁住房。", "住房"
    ),
    IndexEntry("refund-yes", "灵活就业人员可以退还多缴的养老保险费吗？", (), "多缴、重复缴纳的可以申请退费。", "社保"),
    IndexEntry("refund-no", "哪些情形不能退还养老保险费？", (), "已经计入待遇的年限不能退费。", "社保"),
    IndexEntry("old-65", "65岁以上老人乘公交免费吗？", (), "年满65周岁的老人凭优待证免费乘坐市内公交车。", "交通"),
    IndexEntry("old-80", "80岁以上老人的高龄津贴怎么领？", (), "年满80周岁的老人到村（居）委会申请高龄津贴。", "社保"),
    IndexEntry("tree", "如何申请树葬？", (), "持火化证明到殡仪服务中心申请，骨灰以可降解容器安葬，免费。", "其他"),
    IndexEntry(
        "gone",
        "2024年购车补贴怎么申请？",
        (),
        "补贴已经结束。",
        "交通",
        valid_from=date(2024, 1, 1),
        valid_until=date(2024, 12, 31),
    ),
    IndexEntry("soon", "明年的春风招聘会几点开始？", (), "上午九点开始。", "就业", valid_from=date(2027, 1, 15)),
    IndexEntry(
        "noise", "夜间施工噪音扰民怎么投诉？", (), "拨打热线，由城管和环保部门处理，夜间22时至次日6时禁止施工。", "其他"
    ),
    IndexEntry(
        "hours",
        "What are the opening hours of the service hall?",
        ("when is the service hall open",),
        "Monday to Friday, 9 to 5.",
        "其他",
        locale="en",
    ),
    IndexEntry(
        "passport",
        "How do I renew my passport?",
        ("passport expired what now",),
        "Bring the old passport and a photo.",
        "证件办理",
        locale="en",
    ),
]
