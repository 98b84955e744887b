"""Partners that do not exist: shops, units and public desks of the sample street, and what they give."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Gift:
    """An offer: what for how many points, its value in yuan, how many there are and how many a person may have."""

    title: str
    kind: str
    points: int
    yuan: int
    stock: int
    picture: str
    detail: str = ""
    per_person: int = 2
    adults_only: bool = False
    state: str = "published"
    category: str | None = None
    least_star: int = 0
    daily_limit: int | None = None
    #: Booked by time: how many places each slot of the coming weeks has.
    places: int = 0
    draws_in_days: int = 0


@dataclass(frozen=True)
class Shop:
    """A partner and its offers."""

    name: str
    kind: str
    about: str
    gifts: tuple[Gift, ...]


MART = Shop(
    "职工之家爱心超市", "charity_mart", "工会和爱心企业送来的日用品，留给出了力的街坊。",
    (
        Gift("东北大米 5 斤", "goods", 50, 25, 400, "rice", "凭券领取一袋，先到先得。"),
        Gift("洗衣液 2 公斤", "goods", 40, 20, 300, "basket"),
        Gift("抽纸 6 包", "goods", 25, 12, 400, "basket"),
        Gift("食用油 1.8 升", "goods", 60, 32, 200, "rice"),
        Gift("折叠雨伞", "goods", 35, 18, 12, "gift", "只有这一批，领完为止。"),
        Gift("保温杯", "goods", 80, 45, 60, "gift", state="draft"),
        Gift("自助柜矿泉水一瓶", "vending", 5, 2, 300, "basket", "柜机在党群服务中心一楼。", daily_limit=30),
    ),
)  # fmt: skip
TEA = Shop(
    "阿婶糖水铺", "caring_enterprise", "开了十二年的街坊糖水铺，志愿者来了多加一勺。",
    (
        Gift("双皮奶一份", "goods", 12, 9, 500, "tea", "堂食或外带都可以。", per_person=5),
        Gift("绿豆沙一碗", "goods", 8, 6, 500, "tea", per_person=5),
        Gift("满 30 减 10", "discount", 15, 10, 300, "label", "每桌限用一张。"),
        Gift("一星志愿者堂食九折", "star", 0, 4, 300, "label", "出示券就打折，不用积分。", least_star=1),
    ),
)  # fmt: skip

#: 21 caring enterprises: the tea house above and these.
_TRADES = (
    ("好邻居水果店", "每天从批发市场拉回来的新鲜水果。", Gift("应季水果 2 斤", "goods", 30, 16, 260, "basket")),
    ("麦香园面包房", "天没亮就开始和面。", Gift("吐司一条", "goods", 20, 12, 300, "bread")),
    ("老街理发店", "师傅在这条街剪了二十年。", Gift("洗剪吹一次", "service", 40, 30, 160, "scissors")),
    ("雅南眼镜店", "配镜、修镜、校正鼻托。", Gift("免费清洗校正眼镜", "service", 0, 0, 400, "tools", per_person=6)),
    ("康健大药房", "常用药和血压计。", Gift("测血压血糖一次", "service", 0, 0, 500, "heart", per_person=10)),
    ("悦动健身馆", "社区里的小健身房。", Gift("健身体验 1 次", "venue", 45, 40, 120, "court", adults_only=True)),
    ("星光影院", "六个厅的社区影院。", Gift("电影票一张", "goods", 70, 45, 15, "film", "每季度一批。")),
    ("知行书店", "有一面墙的旧书可以换。", Gift("图书抵用券 20 元", "discount", 35, 20, 220, "book")),
    ("洁净洗衣店", "干洗、熨烫、改裤脚。", Gift("干洗一件", "service", 45, 28, 120, "basket")),
    ("旺角早餐店", "肠粉、豆浆、皮蛋粥。", Gift("早餐套餐一份", "goods", 14, 9, 600, "bread", per_person=6)),
    ("顺达汽修", "补胎、换灯泡、年检代办。", Gift("免费补胎一次", "service", 50, 40, 80, "tools")),
    ("花语鲜花店", "街角的小花店。", Gift("绿萝一盆", "goods", 28, 15, 160, "plant")),
    ("启明打印社", "打印、复印、证件照。", Gift("打印 50 页", "service", 18, 15, 240, "brush")),
    ("琴韵艺术中心", "钢琴、古筝和声乐。", Gift("乐器体验课一节", "course", 60, 80, 90, "book")),
    ("小画家美术室", "孩子画画的地方。", Gift("儿童绘画课一节", "course", 55, 60, 90, "brush")),
    ("湘味小厨", "下饭的家常湘菜。", Gift("满 50 减 15", "discount", 22, 15, 260, "label")),
    ("潮汕牛肉店", "现切的牛肉。", Gift("牛肉丸半斤", "goods", 55, 30, 140, "bread")),
    ("巧手修鞋铺", "修鞋、修包、换拉链。", Gift("修鞋一双", "service", 15, 10, 200, "tools")),
    ("鲜丰便利店", "二十四小时亮着灯。", Gift("矿泉水一箱", "goods", 30, 18, 260, "basket")),
    ("安心宠物诊所", "给猫狗打疫苗。", Gift("宠物体检一次", "service", 65, 60, 60, "heart", state="paused")),
)  # fmt: skip

#: The 16 便民微服务: no points, given by public bodies and units.
MICRO = (
    ("坂田社保咨询窗口", "public_body", "社保参保和转移咨询", "insurance"),
    ("坂田法律援助工作站", "public_body", "法律援助咨询 30 分钟", "legal"),
    ("坂田政务服务帮办点", "public_body", "政务服务帮办代办", "government"),
    ("坂田就业服务站", "public_body", "简历指导和岗位推荐", "jobs"),
    ("坂田流动人口服务窗口", "public_body", "居住登记和居住证咨询", "residence"),
    ("坂田退役军人服务站", "public_body", "退役军人政策咨询", "veterans"),
    ("坂田税务便民服务点", "public_body", "个税年度汇算辅导", "tax"),
    ("坂田计生服务室", "public_body", "生育登记和补贴咨询", "births"),
    ("坂田公证便民点", "public_body", "公证事项咨询", "notary"),
    ("雅南社康服务站", "co_building_unit", "家庭医生签约与用药咨询", "health"),
    ("坂田物业联合会", "co_building_unit", "物业费和维修基金咨询", "housing"),
    ("坂田供电便民服务站", "co_building_unit", "用电安全上门检查", "power"),
    ("坂田燃气便民服务站", "co_building_unit", "燃气具安全检查", "gas"),
    ("坂田心理服务室", "co_building_unit", "心理咨询 50 分钟", "mind"),
    ("坂田家庭教育指导站", "co_building_unit", "家庭教育咨询", "parents"),
    ("坂田消费维权服务站", "co_building_unit", "消费维权咨询", "consumer"),
)

_UNITS = (
    "雅南小学", "雅南幼儿园", "坂田第二幼儿园", "南坑物业服务中心", "四季花城物业服务中心", "杨美物业服务中心", "雪岗科技园运营中心",
    "坂田快递网点联合会", "坂田环卫服务站", "坂田公交场站", "坂田农贸市场管理处", "雅南银行网点", "坂田邮政网点", "坂田电信营业厅",
    "雅园商业街管委会", "坂田出租屋管理协会", "坂田餐饮协会", "坂田美发协会", "坂田家政服务中心", "坂田养老服务中心", "坂田青少年活动中心",
    "坂田文化馆分馆", "坂田图书馆分馆", "坂田体育协会", "坂田羽毛球馆", "坂田乒乓球馆", "坂田舞蹈协会", "坂田书画协会", "坂田摄影协会",
    "坂田曲艺社", "坂田牙科诊所", "坂田中医馆", "坂田眼科门诊", "坂田康复中心", "坂田助残服务中心", "坂田社工服务中心", "坂田律师事务所",
    "坂田会计师事务所", "坂田科技企业联合会", "坂田建筑工地党支部", "坂田酒店联合会", "坂田汽车服务联合会", "坂田家电维修联合会",
    "坂田消防技术服务中心", "坂田应急救护培训点",
)  # fmt: skip
#: The nine kinds of warm service that units give.
_WARM = (
    ("上门义剪一次", "scissors", 20), ("上门义诊一次", "heart", 20), ("小家电上门维修", "tools", 25), ("活动场地 2 小时", "court", 30),
    ("公益课堂一节", "book", 15), ("家政保洁体验 1 小时", "basket", 35), ("证件照拍摄一次", "film", 20), ("书法春联一副", "brush", 10),
    ("中医推拿体验", "heart", 30),
)  # fmt: skip

UNION = Shop(
    "坂田工联会职工服务站",
    "union",
    "为志愿者和职工准备的关怀。",
    (
        Gift("职工电影票一张", "goods", 60, 40, 150, "film"),
        Gift("羽毛球场 1 小时", "venue", 10, 30, 200, "court", "自带球拍。", places=2),
        Gift("新年音乐会门票", "goods", 30, 80, 6, "film", "只有六张，抽签。", per_person=1, draws_in_days=5),
    ),
)
FUND = Shop(
    "南坑社区基金会", "foundation", "社区级非公募基金会，资助“小候鸟”和“不老爱情”等项目。",
    (Gift("公益全家福拍摄", "service", 80, 120, 60, "film"),),
)  # fmt: skip


def enterprises() -> list[Shop]:
    """Return the 21 caring enterprises."""
    return [TEA, *(Shop(name, "caring_enterprise", about, (gift,)) for name, about, gift in _TRADES)]


def units() -> list[Shop]:
    """Return the 64 units of the alliance, the mart first."""
    desks = [
        Shop(
            name,
            kind,
            "社区共建联盟成员，便民微服务提供方。",
            (
                Gift(
                    title,
                    "micro",
                    0,
                    0,
                    600,
                    "heart",
                    "不用积分，约好时间再来。",
                    10,
                    category=about,
                    places=3,
                ),
            ),
        )
        for name, kind, title, about in MICRO
    ]
    others = [
        Shop(
            name,
            "co_building_unit",
            "社区共建联盟成员单位。",
            (Gift(*_warm(rank)),),
        )
        for rank, name in enumerate(_UNITS)
    ]
    return [MART, UNION, FUND, *desks, *others]


def elsewhere(place: str, count: int) -> list[Shop]:
    """Return some shops of another community, named after it."""
    trades = [*_TRADES, ("街坊糖水铺", TEA.about, TEA.gifts[0])]
    return [
        Shop(f"{place}{name}", "caring_enterprise", about, (gift,))
        for name, about, gift in (trades[(rank * 5 + len(place)) % len(trades)] for rank in range(count))
    ]


def _warm(rank: int) -> tuple[str, str, int, int, int, str]:
    title, picture, points = _WARM[rank % len(_WARM)]
    kind = "venue" if "场地" in title else "course" if "课堂" in title else "service"
    return title, kind, points, points + 10, 150, picture
