"""What the teams of the sample street do, and when: the wording of every activity, and the teams that offer it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """An activity as a team would write it. `come` is how many usually come, `served` how many residents they reach."""

    key: str
    title: str
    category: str
    content: str
    spot: tuple[str, int]
    risk: str
    guarantees: str
    rrule: str
    starts: str
    ends: str
    capacity: int
    come: int
    served: int
    coefficient: int = 10
    flat: int | None = None
    walk_ins: bool = False
    min_age: int = 0
    risk_level: str = "low"
    plan: str | None = None
    posts: tuple[tuple[str, int], ...] = ()


_SUPPLIES = "提供志愿马甲、饮用水和意外保险，服务前有 10 分钟的岗前说明。"
_PLAN = (
    "分工：总协调 1 人，签到 2 人，各摊位 1 名摊长。安全：现场设医药箱，摊位之间留出一米五的通道。"
    "应急：遇雨移到一楼大厅；有人不舒服先联系社康，再告诉社区。"
)

PLANS = {
    plan.key: plan
    for plan in (
        Plan(
            "service_day", "志愿者服务日·便民服务集市", "warm",
            "每月第二个周日，志愿者在广场摆开摊位，为居民免费理发、量血压、修小家电、磨刀、教长者用手机，"
            "并在路口引导。分摊位服务，来了先到签到处领马甲。",
            ("文化广场", 16), "户外站立两个多小时，注意防晒补水；理发和维修摊位留意刀剪。", _SUPPLIES,
            "FREQ=MONTHLY;BYDAY=2SU", "09:00", "11:30", 160, 96, 1100, walk_ins=True, plan=_PLAN,
            posts=(("义剪", 20), ("量血压", 16), ("小家电维修", 16), ("现场引导", 40)),
        ),
        Plan(
            "patrol", "行走坂田夜查", "safe",
            "每周一晚上，按路线走一遍主要街巷，看消防通道是否堵塞、电动车有没有违规充电、路灯亮不亮，"
            "发现问题拍照上报，并向店主做安全宣传。两人以上结伴。",
            ("网格服务站", 28), "夜间步行约三公里，注意路面和车辆；不与人争执，遇事先报网格员。",
            "提供反光背心、手电和意外保险。", "FREQ=WEEKLY;BYDAY=MO", "19:30", "21:30", 20, 11, 220,
            coefficient=12, min_age=18, risk_level="medium",
        ),
        Plan(
            "traffic", "文明交通劝导", "clean",
            "早高峰在路口引导行人走斑马线，劝导电动自行车戴头盔、不逆行，护送小学生过马路。",
            ("学校门口", 45), "路口车多，请站在安全岛或路沿以内，听从交警指挥。", "提供反光背心、指挥旗和意外保险。",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "07:20", "08:50", 16, 10, 900, coefficient=12, min_age=16,
        ),
        Plan(
            "clean_day", "全民清洁日", "green",
            "和居民一起清扫背街小巷，清理楼道杂物和花坛垃圾，整理共享单车，顺手教邻居垃圾怎么分。",
            ("党群服务中心", 12), "弯腰和搬物较多，请量力而行；捡拾碎玻璃要用夹子。", "提供手套、夹子、饮用水和意外保险。",
            "FREQ=MONTHLY;BYDAY=-1SA", "08:30", "10:30", 100, 52, 640, walk_ins=True, plan=_PLAN,
        ),
        Plan(
            "elders", "V助银龄·上门探访", "care",
            "两人一组，到独居长者家里陪伴聊天，量血压，帮忙换灯泡、倒垃圾、看看燃气阀门，记下长者的需要带回社区。",
            ("长者服务站", 33), "进门先说明身份，两人同行；不替长者保管钱物和证件。",
            "提供志愿马甲、血压计和意外保险，首次参加有带教。", "FREQ=MONTHLY;BYDAY=1WE,3WE", "14:30", "16:30", 14, 9, 30,
            coefficient=12, min_age=18,
        ),
        Plan(
            "children", "“小候鸟”课后辅导", "care",
            "陪外来务工家庭的孩子写作业、读绘本、下棋，把他们安全交到家长手里。",
            ("儿童之家", 21), "孩子奔跑时注意桌角；离开教室要点名。", "提供教案、文具、饮用水和意外保险，岗前学习儿童保护须知。",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA", "14:00", "16:30", 12, 8, 60, coefficient=14,
        ),
        Plan(
            "fraud", "反诈宣传进楼栋", "harmony",
            "逐户派发反诈资料，教长者识别冒充客服和“高回报”骗局，帮忙打开手机的来电预警。",
            ("党群服务中心", 12), "上下楼梯注意脚下，两人同行。", _SUPPLIES,
            "FREQ=MONTHLY;BYDAY=1SA", "09:30", "11:30", 24, 14, 480,
        ),
        Plan(
            "fire", "消防安全入户宣传", "safe",
            "走访出租屋和“三小”场所，检查灭火器压力和逃生通道，教住户使用灭火毯，提醒电动车不进楼。",
            ("消防安全宣传站", 60), "上下楼梯较多；只看和提醒，不自己动手拆改电线。", "提供反光背心、手电和意外保险。",
            "FREQ=MONTHLY;BYDAY=3TU", "19:00", "21:00", 20, 12, 260, coefficient=12, min_age=18,
        ),
        Plan(
            "repair", "便民义修", "warm",
            "为居民修电风扇、电饭煲、雨伞和拉杆箱，磨刀、配钮扣；修不好的说明原因，帮忙联系回收。",
            ("党群服务中心", 12), "用电先断电，刀具放在台子里侧。", "提供工具、手套、饮用水和意外保险。",
            "FREQ=MONTHLY;BYDAY=3SU", "09:00", "11:00", 8, 7, 120, coefficient=14, min_age=18,
        ),
        Plan(
            "sorting", "垃圾分类桶边督导", "green",
            "晚高峰守在投放点，教居民把厨余和其他垃圾分开投，帮长者提袋破袋，清理桶边地面。",
            ("分类投放点", 39), "注意防滑和蚊虫，戴好手套。", "提供手套、口罩、免洗洗手液和意外保险。",
            "FREQ=MONTHLY;BYDAY=2TH", "19:00", "20:30", 12, 8, 420, flat=12, walk_ins=True,
        ),
        Plan(
            "library", "自助图书馆整理与导读", "care",
            "把归还的书上架，修补破损的绘本，给小朋友讲一个故事，引导大家安静阅读。",
            ("自助图书馆", 20), "高处的书请用踏凳，不要踩书架。", "提供马甲、饮用水和意外保险。",
            "FREQ=MONTHLY;BYDAY=4SA", "14:30", "17:00", 10, 7, 150,
        ),
        Plan(
            "haircut", "便民义剪", "warm",
            "有手艺的志愿者为长者和行动不便的居民免费理发，其他人登记排队、清扫碎发、搀扶上下台阶。",
            ("长者服务站", 33), "剪刀、推子不离手，碎发及时清扫防滑倒。", "提供围布、消毒用品、饮用水和意外保险。",
            "FREQ=MONTHLY;BYDAY=2SA", "09:00", "11:00", 14, 9, 160, coefficient=12,
        ),
        Plan(
            "clinic", "健康义诊与用药咨询", "care",
            "协助医护志愿者为居民量血压、测血糖，帮长者看懂药盒说明，登记需要上门的家庭。",
            ("文化广场", 16), "采血用品由医护人员操作，其他人不要触碰。", "提供口罩、手套、饮用水和意外保险。",
            "FREQ=MONTHLY;BYDAY=4SU", "09:00", "11:00", 16, 10, 260, coefficient=12, min_age=16,
        ),
        Plan(
            "mediation", "邻里纠纷走访调解", "harmony",
            "跟着调解员走访反映噪音、漏水、停车问题的住户，两边听一听，帮忙把话说开，记下要社区协调的事。",
            ("邻里调解小屋", 24), "先听后说，不评对错；情绪激动时请调解员接手。", _SUPPLIES,
            "FREQ=MONTHLY;BYDAY=2WE", "19:00", "21:00", 10, 6, 40, coefficient=12, min_age=18,
        ),
        Plan(
            "rest_stop", "暖蜂驿站志愿服务岗", "warm",
            "给骑手和环卫工人添热水、补药箱、擦桌椅，帮他们看导航和反映路上的问题。",
            ("暖蜂驿站", 28), "热水壶小心烫伤。", "提供马甲、饮用水和意外保险。",
            "FREQ=MONTHLY;BYDAY=1SU", "10:00", "12:00", 8, 5, 260,
        ),
        Plan(
            "phone_class", "教长者用手机", "party",
            "一对一教长者挂号、打车、视频通话、缴水电费，帮忙调大字体、关掉自动续费。",
            ("党群服务中心", 12), "不代替长者输入密码，不替长者转账。", _SUPPLIES,
            "FREQ=MONTHLY;BYDAY=3SA", "09:30", "11:30", 16, 10, 90,
        ),
    )
}  # fmt: skip

#: The single day that is happening when the street is loaded.
NOW = Plan(
    "now", "党群服务中心便民志愿岗", "warm",
    "在大厅引导居民办事，帮长者取号、填表、用手机，给等候的人倒水，把好办法记下来告诉下一班。",
    ("党群服务中心", 12), "大厅地面偶有水渍，注意防滑。", _SUPPLIES, "", "", "", 30, 24, 90, walk_ins=True,
)  # fmt: skip

#: One long day that waits for the community's word, because nobody's hours beyond eight count by themselves.
LONG = Plan(
    "long", "台风后社区清障", "safe",
    "清理倒伏的树枝和积水，检查围挡和灯箱，给独居长者送饮用水，引导车辆绕行。",
    ("网格服务站", 28), "注意高处松动的物件，湿滑处慢行；不碰断落的电线。", "提供雨衣、手套、热饭和意外保险，每两小时轮换休息。",
    "", "08:30", "18:00", 24, 16, 210, coefficient=14, min_age=18, risk_level="medium",
)  # fmt: skip

#: What waits in the office's inbox.
ASKED = Plan(
    "asked", "重阳敬老陪伴日", "care",
    "陪社区里的独居长者到公园走一走，拍一张照片，帮他们给远方的家人打一通视频电话。",
    ("长者服务站", 33), "长者走路慢，过马路有人搀扶；带好常用药。", _SUPPLIES, "", "", "", 30, 18, 40, min_age=16,
)  # fmt: skip


@dataclass(frozen=True)
class Crew:
    """A team: where (the rank of its community), its name and kind, and the keys of what it does."""

    place: int
    name: str
    kind: str
    about: str
    does: tuple[str, ...]


PARTY = "党员志愿服务队"

CREWS = (
    Crew(0, PARTY, "party", "南坑社区在册和报到的党员，每月服务日和每周夜查的主力。", ("service_day", "patrol")),
    Crew(0, "巾帼志愿维稳队", "women", "由社区的姐妹们组成，走访、调解、反诈宣传，把矛盾化在楼道里。", ("fraud", "mediation")),
    Crew(1, "楼栋长志愿服务队", "residents", "楼栋长和热心邻居，管好自家门前的事。", ("clean_day", "rest_stop")),
    Crew(0, "青年志愿服务队", "youth", "在坂田工作的年轻人，周末陪孩子读书，也当大哥哥大姐姐。", ("children",)),
    Crew(0, "文明交通劝导队", "residents", "守在学校门口的人，风雨不改。", ("traffic",)),
    Crew(0, "红袖章平安志愿队", "residents", "退休的街坊，消防通道和楼道的老熟人。", ("fire",)),
    Crew(0, "低碳环保志愿服务队", "residents", "清洁日和垃圾分类，从自己的垃圾桶做起。", ("clean_day", "sorting")),
    Crew(0, "V助银龄助老服务队", "skills", "有护理、营养和心理经验的志愿者，定期看望独居长者。", ("elders",)),
    Crew(0, "邻里义修义剪队", "skills", "理发师傅、电工师傅和裁缝阿姨，手艺留给街坊。", ("repair",)),
    Crew(2, "热心街坊志愿服务队", "residents", "杨美的老住户和新街坊，一起把路口守好。", ("haircut",)),
    Crew(3, "邻里互助服务队", "residents", "万科城的业主志愿者，图书馆和驿站的常客。", ("library",)),
    Crew(0, "“小候鸟”助学志愿服务队", "youth", "老师和大学生志愿者，八届夏令营的班底。", ("phone_class",)),
)  # fmt: skip

#: Names for the further teams of a whole street; each community has some of them.
MORE = (
    ("党员先锋志愿服务队", "party", ("clean_day", "phone_class")),
    ("巾帼志愿服务队", "women", ("fraud",)),
    ("青年突击队", "youth", ("library", "children")),
    ("平安巡逻志愿队", "residents", ("fire",)),
    ("助老服务队", "skills", ("elders",)),
    ("环保志愿服务队", "residents", ("clean_day", "sorting")),
)

#: A team that has asked and waits.
ASKING = ("“河边”青年志愿服务队", "youth", "住在河边公寓的年轻人，想在周末为独居长者跑腿、修手机。")
