"""坂田街道 and its communities, red grids, stations in seven colours, and the corners where people meet."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

from volunteer import community

STREET = "坂田街道"

#: community → how many of the street's volunteers live there, per thousand
COMMUNITIES = {
    "南坑社区": 88, "四季花城社区": 62, "杨美社区": 74, "万科城社区": 66, "坂田社区": 90, "岗头社区": 84, "马安堂社区": 60,
    "五和社区": 70, "雪象社区": 66, "象角塘社区": 52, "大发埔社区": 50, "新雪社区": 58, "第五园社区": 62, "中海怡翠社区": 44,
    "和成世纪社区": 38, "里浦街社区": 36,
}  # fmt: skip
#: Where only one community is drawn large, so much of it lives in the first.
FIRST_OF_A_FEW = 0.84

GRIDS = {
    "南坑社区": [
        "第一红色网格",
        "第二红色网格",
        "第三红色网格",
        "第四红色网格",
        "第五红色网格",
        "第六红色网格",
    ]
}
OTHER_GRIDS = ["第一网格", "第二网格", "第三网格"]

_STATIONS = (
    ("party", "党群服务微站", "党群服务微站", "一楼大厅", "每天 09:00–21:00", ["咨询台", "饮水", "便民药箱"]),
    ("care", "自助图书馆", "自助图书馆", "二楼", "周二至周日 09:30–20:30", ["阅读桌椅", "儿童角", "空调"]),
    ("warm", "暖蜂驿站", "户外劳动者驿站", "临街铺 3 号", "全天", ["微波炉", "饮水", "充电", "智能储物柜"]),
    ("green", "低碳赋能站", "垃圾分类指导站", "小区东门旁", "每天 07:00–21:00", ["回收箱", "宣传栏"]),
    ("clean", "廉政长廊", "宣传长廊", "文化广场北侧", "全天", ["长椅", "遮阳"]),
    ("safe", "消防安全宣传站", "安全宣传站", "工业路口", "周一至周六 09:00–18:00", ["灭火器体验", "急救包"]),
    (
        "harmony",
        "邻里调解小屋",
        "调解室",
        "党群服务中心 204 室",
        "周一至周五 09:00–17:30",
        ["茶水", "公示栏"],
    ),
)

_ROADS = {
    "南坑社区": "雅南路", "四季花城社区": "四季花城北路", "杨美社区": "杨美路", "万科城社区": "稼先路", "坂田社区": "坂雪岗大道",
    "岗头社区": "岗头中心路", "马安堂社区": "民营路", "五和社区": "五和大道", "雪象社区": "雪象中路", "象角塘社区": "长发西路",
    "大发埔社区": "吉华路", "新雪社区": "冲之大道", "第五园社区": "雅园路", "中海怡翠社区": "怡翠路", "和成世纪社区": "上品雅园路",
    "里浦街社区": "里浦街",
}  # fmt: skip


@dataclass
class Place:
    """A community as the sample sees it: where its row is, and the spots activities happen at."""

    area: community.Area
    road: str
    rank: int
    people: list[Any] = field(default_factory=list)
    office_id: int = 0

    @property
    def name(self) -> str:
        return self.area.name.removesuffix("社区")

    def spot(self, name: str, number: int) -> tuple[str, str]:
        """Return (name, address) of one of its corners."""
        return f"{self.name}{name}", f"{STREET}{self.road} {number} 号{name}"


def settle(communities: int) -> tuple[community.Area, list[Place]]:
    """Write the street, its communities, grids and stations down, and return the street and the communities."""
    street = community.add("street", STREET)
    places = []
    for rank, name in enumerate(list(COMMUNITIES)[:communities]):
        area = community.add("community", name, street)
        for grid in GRIDS.get(name, OTHER_GRIDS):
            community.add("grid", grid, area)
        road = _ROADS[name]
        for number, (colour, title, kind, where, hours, has) in enumerate(
            _STATIONS if rank == 0 else _STATIONS[:4]
        ):
            community.open_station(
                area,
                f"{name.removesuffix('社区')}{title}",
                colour=colour,
                kind=kind,
                address=f"{STREET}{road} {12 + 8 * number} 号{where}",
                open_hours=hours,
                amenities=has,
            )
        places.append(Place(area, road, rank))
    return street, places


def home(rng: Random, places: list[Place]) -> Place:
    """Return where somebody lives."""
    if len(places) > 4:
        return rng.choices(places, weights=list(COMMUNITIES.values())[: len(places)])[0]
    return places[0] if rng.random() < FIRST_OF_A_FEW else rng.choice(places[1:])
