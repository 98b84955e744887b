"""The ways a scan is refused, in the order in which they are looked for."""

from __future__ import annotations

from volunteer.errors import Refusal
from volunteer.i18n import _


class Cancelled(Refusal):
    code = "checkin.cancelled"
    says = _("{on|date} 这一场取消了：{reason}")
    who = _("有疑问请问队长或社区。")
    action = (_("看别的服务日"), "service_days.calendar")


class NotSignedUp(Refusal):
    code = "checkin.not_signed_up"
    says = _("这一场要先报名。")
    who = _("还有名额的话，报好名再扫一次；没有名额请找现场的组织者。")
    action = (_("去报名"), "service_days.show", {"day_id": "day_id"})


class Waiting(NotSignedUp):
    says = _("你在候补名单里，还没有轮到。")
    who = _("现场有人没来的话，请组织者把你加进来。")


class Closed(Refusal):
    code = "checkin.closed"
    says = _("现在不能签到。签到时间是 {on|date} {opens|time}–{closes|time}。")
    who = _("来晚了请找现场的组织者，他可以补签并写明原因。")
    action = (_("看这个服务日"), "service_days.show", {"day_id": "day_id"})


class ClosedOut(Closed):
    says = _("签退时间已经过了({opens|time}–{closes|time})。")
    who = _("不用担心，组织者核对名单后会把时长记上。")


class Elsewhere(Refusal):
    code = "checkin.elsewhere"
    says = _("你在另一场「{title}」还没有签退。先在那边签退，再来这边签到。")
    who = _("那边已经结束的话，请那边的组织者核对名单。")


class DeviceUsed(Refusal):
    code = "checkin.device_used"
    says = _("这部手机在这一场已经给别人签到了，一部手机一场只能签一个人。")
    who = _("请出示你自己的码给组织者扫；家人共用手机的，请组织者在名单上放行。")
    action = (_("出示我的码"), "checkin.my_pass")


class Minor(Refusal):
    code = "checkin.guardian_needed"
    status = 403
    says = _("未满 18 岁要先由监护人确认，才能签到。")
    who = _("请监护人用手机确认，或到社区办理。")


class ScanReused(Refusal):
    code = "checkin.scan_reused"
    status = 422
    says = _("这次扫码的编号已经用过了，请重新扫一次。")
    who = _("重新打开扫一扫，再扫就好。")
    action = (_("扫一扫"), "checkin.scan")


class ClockAhead(Refusal):
    code = "checkin.clock"
    status = 422
    says = _("扫码的时间比现在还晚，请校准手机时间再扫一次。")
    who = _("在手机设置里打开“自动设置时间”。不会弄的话，请组织者帮你签。")
    action = (_("扫一扫"), "checkin.scan")


class ShutOut(Refusal):
    code = "checkin.suspended"
    status = 403
    says = _("这个账号停用了，现在不能签到。")
    who = _("请本人到社区问一下原因。")


class OwnPass(Refusal):
    code = "checkin.own_pass"
    status = 403
    says = _("自己的码要由别人来扫。你可以扫大屏上的码签到。")
    who = _("没有大屏的话，请另一位组织者扫你的码。")
    action = (_("扫一扫"), "checkin.scan")
