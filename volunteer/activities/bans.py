"""What is not volunteer service, by the words people use for it, and which neighbouring words make it service after all.

Cleaning a meeting room is service, sitting in the meeting is not; giving a lecture is, listening is not. So each kind
has words that always mean it, words that mean it when they stand alone in a title, and words that show someone serves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from volunteer.i18n import Sentence, _


@dataclass(frozen=True)
class Ban:
    """One kind of thing that is not volunteer service.

    `always` means it wherever a sentence says so; `alone` only in a title, when no `serves` is near.
    `unless` marks a sentence that speaks against it, or of helping others with it. An `anywhere` ban is never
    softened to advice because the rest of the text is about service.
    """

    code: str
    says: Sentence
    always: re.Pattern[str] | None = None
    alone: re.Pattern[str] | None = None
    serves: re.Pattern[str] | None = None
    unless: re.Pattern[str] | None = None
    anywhere: bool = False


_GAP = r"[^，。；、,;!！?？\s]"  # a few more words of the same breath
_ATTEND = "参加|出席|列席|参与|旁听"
_AGAINST = "防|反|谨防|警惕|识别|抵制|拒绝|骗|诈|整治|监督|劝导|举报|维权|禁止|严禁|杜绝|不得|不可|不许"

BANS: tuple[Ban, ...] = (
    Ban(
        "eligibility.meeting",
        _("开会不算志愿服务。如果是去做会场引导、布置或清洁，请在标题里写明做什么。"),
        always=re.compile(
            rf"(?:{_ATTEND}|召开|组织召开){_GAP}{{0,12}}(?:会议|例会|大会|座谈会|工作会|部署会|动员会|总结会|推进会|启动会|学习会|表彰会)(?!室|场|厅)"
        ),
        alone=re.compile(
            r"(?:会议|例会|大会|座谈会|工作会|部署会|动员会|总结会|推进会|启动会|培训会|表彰会|民主生活会|碰头会)(?:活动)?$"
        ),
        serves=re.compile(r"会务|会场|引导|秩序|接待|保障|清洁|打扫|布置|翻译|指引|搬运|手语"),
    ),
    Ban(
        "eligibility.lecture",
        _("听讲座、参加培训或学习不算志愿服务。如果是去讲课、助教或维持秩序，请在标题或内容里写明。"),
        always=re.compile(
            rf"(?:{_ATTEND}|听|聆听|收听|观看){_GAP}{{0,12}}(?:讲座|宣讲|报告会|培训|课程|讲课|党课|公开课|沙龙|论坛|学习班|读书班)(?!服务|志愿|秩序|引导)"
        ),
        alone=re.compile(
            r"(?:讲座|培训|党课|学习会|主题党日|集中学习|理论学习|沙龙|论坛|报告会|培训班|学习班|读书班)(?:活动)?$|^学习(?!雷锋).*(?:精神|文件|讲话|理论|文章)"
        ),
        serves=re.compile(
            r"主讲|授课|讲授|讲解|讲师|讲课|宣讲|助教|教老|教居民|引导|秩序|布置|接待|签到|公益|义务|进社区|进校园|进企业|进工地|"
            r"为居民|为老人|为长者|给居民|给老人|面向居民|面向老人|向居民|向老人|手语"
        ),
        unless=re.compile(r"岗前|上岗|服务前|行前"),
    ),
    Ban(
        "eligibility.office_duty",
        _("单位值班、办公室事务不算志愿服务。请写志愿者直接为居民做的事，比如“服务站咨询引导”。"),
        always=re.compile(
            rf"(?:办公室|单位|机关|科室|部门|居委会|村委会|公司|行政|节假日){_GAP}{{0,4}}(?:值班|坐班|办公)|坐班|日常办公|行政办公"
            rf"|(?:整理|录入|制作|填写|补|做){_GAP}{{0,6}}(?:台账|报表|内部资料|考勤)"
        ),
        alone=re.compile(r"(?:值班|办公|内勤|台账)"),
        serves=re.compile(
            r"驿站|服务站|实践站|服务岗|志愿岗|U站|护学|图书|书吧|路口|咨询|导诊|热线|清洁|助|食堂"
        ),
    ),
    Ban(
        "eligibility.dinner",
        _("聚餐、宴请不算志愿服务，用餐时间也不计时长。如果是为老人做饭送餐，请在标题里写明。"),
        always=re.compile(
            rf"(?:队员|志愿者|团队|内部|我们|队里|年终){_GAP}{{0,6}}(?:聚餐|会餐|聚会|烧烤|饭局|吃饭|晚宴|庆功宴)"
        ),
        alone=re.compile(r"聚餐|会餐|宴会|晚宴|宴请|庆功宴|饭局|烧烤|团年饭|年夜饭|火锅|自助餐"),
        serves=re.compile(
            r"老人|长者|独居|空巢|敬老|助老|困难|环卫|帮厨|送餐|备餐|派餐|送|秩序|文明|消防|安全|劝导|清理|光盘"
        ),
    ),
    Ban(
        "eligibility.team_building",
        _("团建、联谊、结伴出游不算志愿服务。队里可以另外约，这里只发布为别人服务的活动。"),
        always=re.compile(r"(?<![党社集])团建(?![设立筑材])|拓展训练|破冰游戏"),
        alone=re.compile(r"联谊|交友|相亲|茶话会|徒步|登山|骑行|野餐|露营|轰趴|生日会|桌游|卡拉OK|K歌"),
        serves=re.compile(
            r"垃圾|净山|净滩|环保|清洁|捡|巡|秩序|保障|引导|陪|助|护|长者|老人|敬老|儿童|残|劝导|宣传|急救"
        ),
    ),
    Ban(
        "eligibility.rehearsal",
        _("彩排、排练不算志愿服务，正式的公益演出才算。请改成演出当天，或写明现场服务的内容。"),
        alone=re.compile(r"彩排|排练|排演|走台|练舞|合练"),
        always=re.compile(rf"(?:{_ATTEND}|进行|开展){_GAP}{{0,10}}(?:彩排|排练|排演)"),
        serves=re.compile(r"秩序|保障|引导|后勤|教老|教居民|教小|教孩|辅导|指导"),
    ),
    Ban(
        "eligibility.worship",
        _("宗教和祈福活动不算志愿服务。如果是在现场疏导交通、劝导文明，请在标题里写明。"),
        always=re.compile(
            r"祷告|弥撒|诵经|念佛|法会|做法事|布道|传教|传福音|灌顶|(?<![上下这本个])礼拜(?![一二三四五六天日])"
        ),
        alone=re.compile(r"祈祷|祈福|拜佛|上香|敬香|烧香|放生|朝拜|宗教活动|宗教仪式|祭神"),
        serves=re.compile(r"劝导|引导|秩序|宣传|文明|环保|交通|疏导|安全|消防|科学"),
        unless=re.compile(r"劝导|秩序|疏导|抵制|非法"),
    ),
    Ban(
        "eligibility.commerce",
        _("商业推销不算志愿服务，也不能借志愿者的名义做。请去掉卖东西、拉客户的内容。"),
        always=re.compile(
            r"推销|促销|带货|卖货|地推|拉新|开业庆典|开业活动|产品推介|产品推广|推广产品|推广业务|招商会|派发广告|发广告|办理会员|办会员卡"
            r"|发展客户|拉客户|团购优惠|优惠券派发|免费试吃"
        ),
        alone=re.compile(r"销售|推介会|展销|新品|试驾|试吃|开业|引流"),
        serves=re.compile(r"助农|义卖|公益|爱心|秩序|交通|安全|劝导"),
        unless=re.compile(f"{_AGAINST}|助农|义卖|不推|不卖|不带"),
        anywhere=True,
    ),
    Ban(
        "eligibility.study_tour",
        _("研学、游学、参观学习不算志愿服务。如果是去做讲解、带队照看孩子，请在标题里写明。"),
        always=re.compile(r"参观学习|考察学习|学习考察|外出学习|外出考察|参观考察"),
        alone=re.compile(r"研学|游学|参观|考察|见学"),
        serves=re.compile(
            r"讲解|助教|照看|陪|护|协助|保障|引导|秩序|志愿服务|接待|导览|带小朋友|带孩子|带老人|为"
        ),
        unless=re.compile(r"讲解|协助|陪|引导|接待|导览"),
    ),
    Ban(
        "eligibility.sightseeing",
        _("旅游观光不算志愿服务。如果是做文明旅游引导、景区讲解，请在标题里写明。"),
        always=re.compile(r"[一二两三四五六七\d]日游|自驾游|观光游|公费旅游"),
        alone=re.compile(r"旅游|观光|踏青|春游|秋游|郊游|赏花|游览|采摘|采风|漂流|度假|游玩"),
        serves=re.compile(
            r"文明|引导|讲解|咨询|秩序|疏导|劝导|宣传|清洁|捡|垃圾|陪|助|护|安全|长者|老人|环保|残|服务"
        ),
        unless=re.compile(r"陪|护送|协助|骗|安全"),
    ),
    Ban(
        "eligibility.watching",
        _("看电影、看演出不算志愿服务。如果是去放映、布置或维持秩序，请在标题里写明。"),
        always=re.compile(
            rf"(?:观看|收看|集体收看|一起看|去看){_GAP}{{0,12}}(?:影片|电影|演出|晚会|比赛|直播|阅兵|纪录片|宣传片|专题片|话剧|展览)"
        ),
        alone=re.compile(r"观影|看电影|观看|收看|看演出|看话剧|看比赛|观赛|观展"),
        serves=re.compile(
            r"放映|秩序|引导|布置|陪|为老|为居民|为孩子|为儿童|助盲|讲述|无障碍|检票|保障|安全|清洁"
        ),
    ),
    Ban(
        "eligibility.forwarding",
        _("转发链接、点赞、投票不算志愿服务。请写志愿者在现场做的事。"),
        always=re.compile(
            rf"(?:转发|分享){_GAP}{{0,8}}(?:链接|推文|朋友圈|公众号|文章|短视频|视频|微博|帖子)|集赞|刷赞|刷票|网络投票|线上投票"
            rf"|(?:视频|推文|文章|公众号|朋友圈|直播间|链接|抖音|微博){_GAP}{{0,8}}点赞|点赞{_GAP}{{0,6}}(?:视频|推文|文章|公众号|朋友圈|链接|抖音|微博)"
        ),
        alone=re.compile(r"^[^为给]*(?:点赞|转发)(?:任务|活动|打卡)*$"),
        serves=re.compile(r"为|给"),
        unless=re.compile(_AGAINST),
        anywhere=True,
    ),
    Ban(
        "eligibility.quiz",
        _("网上答题、刷课不算志愿服务。请写志愿者在现场做的事。"),
        always=re.compile(
            rf"(?:网络|网上|线上|在线|手机端){_GAP}{{0,8}}(?:答题|竞答|知识竞赛|知识测试|问卷)|学习强国|刷课|打卡答题|答题打卡"
        ),
        alone=re.compile(r"^(?!.*(?:现场|有奖)).*(?:答题|竞答)(?:活动|任务)?$"),
        serves=re.compile(r"现场|摊位|协助|教|社区广场|互动"),
        unless=re.compile(r"协助|教会?|帮助?|现场"),
        anywhere=True,
    ),
    Ban(
        "eligibility.donation_for_hours",
        _("捐款捐物是善举，但不能换成服务时长或积分。请去掉这一条，或写志愿者实际做的服务。"),
        always=re.compile(
            rf"(?:捐款|捐钱|捐赠|捐物|捐资|转账|赞助|捐)\d*元?{_GAP}{{0,12}}(?:换|兑|抵|折算|折合|可得|可获|奖励|计){_GAP}{{0,8}}(?:时长|积分|小时|工时)"
            rf"|(?:时长|积分){_GAP}{{0,8}}(?:捐款|捐钱|捐物){_GAP}{{0,4}}(?:换|兑|获)"
        ),
        alone=re.compile(r"(?:捐款|捐钱|捐资|募捐|筹款)(?:活动|倡议)?$"),
        serves=re.compile(r"清点|登记|分拣|搬运|整理|打包"),
        unless=re.compile(r"不能|不得|不可|禁止|不"),
        anywhere=True,
    ),
    Ban(
        "eligibility.own_job",
        _("工作时间做本职工作不算志愿服务。请安排在业余时间，写自愿为居民做的事。"),
        always=re.compile(
            rf"本职工作|岗位职责|(?:在|利用)(?:上班|工作)(?:时间|期间)|(?:上班|工作)时间(?:内|里)|加班(?!族|的|人|司机|晚归)"
            rf"|(?:完成|执行){_GAP}{{0,4}}(?:单位|领导|上级|公司){_GAP}{{0,4}}(?:交办|安排|布置|下达)|绩效考核|例行巡检|日常保洁工作"
        ),
        unless=re.compile(r"不占|不得占|不影响|非工作|之外|以外|业余|不算"),
        anywhere=True,
    ),
    Ban(
        "eligibility.paid",
        _("志愿服务是无偿的，只能报销必要的交通和餐食。请去掉报酬，或到招聘的地方发布。"),
        always=re.compile(
            rf"日薪|时薪|月薪|底薪|日结|兼职|劳务费|劳务报酬|(?:有|给|付|支付|发放|发|领取?|结算){_GAP}{{0,3}}(?:报酬|工资|酬劳|薪酬)"
            r"|(?:每[天日次人场]|一[天日次场])\s*(?:补贴|补助|奖励|发放)?\s*[1-9]\d{2,}\s*元|(?:补贴|补助|酬金)\s*[1-9]\d{2,}\s*元"
            r"|[1-9]\d{2,}\s*元\s*[/每一](?:天|日|次|人|场)|(?:每|一)小时\s*(?:补贴|补助)?\s*[1-9]\d+\s*元|[1-9]\d+\s*元\s*[/每一]小?时"
        ),
        unless=re.compile(
            rf"{_AGAINST}|无报酬|不计报酬|没有报酬|不取|不领|不发|无偿|法律|政策|宣传|咨询|求职|招聘会|就业"
        ),
        anywhere=True,
    ),
    Ban(
        "eligibility.travel_time",
        _("路上、用餐和休息的时间不计入服务时长。请只写实际服务的起止时间。"),
        always=re.compile(
            rf"(?:路程|路途|路上|往返|乘车|车程|用餐|吃饭|午餐|午休|休息){_GAP}{{0,8}}(?:计入|算入|算作|计算在|算|计){_GAP}{{0,4}}(?:时长|服务|小时|工时|内)"
        ),
        unless=re.compile(r"不"),
        anywhere=True,
    ),
    Ban(
        "eligibility.fee",
        _("不能向服务对象或志愿者收费。请去掉收费的内容；材料由队伍或共建单位提供。"),
        always=re.compile(
            rf"收费|缴费|交费|付费|报名费|入场费|参加费|(?:材料|工本|成本)费(?!用)|(?:服务|会)费(?!用)|押金|费用自理|费用AA|AA制|自费|收取{_GAP}{{0,8}}[费元]"
            r"|(?:每[人位次户]|人均)\s*(?:收|交|缴|付)?\s*\d+\s*(?:元|块)(?!补)"
        ),
        unless=re.compile(
            rf"{_AGAINST}|不收|不缴|不交|不向|不用|不需|无需|免费|免收|零收费|无收费|代缴|代交|协助|教|帮|指导|咨询|宣传|讲解|"
            r"医保|社保|水电|燃气|话费|电费|水费|报销|补贴|价值|党费|停车|承担|赞助|全免"
        ),
        anywhere=True,
    ),
)
