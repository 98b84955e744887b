"""What an office types about areas and stations."""

from __future__ import annotations

import re

from wtforms import SelectField
from wtforms.validators import Optional

from volunteer.forms import AreaField, Form, TextField, required
from volunteer.i18n import _


class AreaForm(Form):
    parent_id = AreaField(_("在哪个下面"), validators=[required])
    name = TextField(
        _("名称"), [required], most=40, description=_("街道下面加的是社区，社区下面加的是网格。")
    )


class StationForm(Form):
    area_id = AreaField(_("在哪个社区或网格"), validators=[required])
    called = TextField(_("驿站名称"), [required], most=60)
    colour = SelectField(_("七彩颜色"), [required])
    kind = TextField(_("类型"), [required], most=40, description=_("例如党群服务站、暖蜂驿站。"))
    address = TextField(_("地址"), [required], most=120)
    open_hours = TextField(_("开放时间"), [required], most=60, description=_("例如每天 08:00–21:00。"))
    amenities = TextField(
        _("有什么"), [Optional()], most=120, description=_("例如饮水、充电、急救箱，用逗号隔开。")
    )

    def listed_amenities(self) -> list[str]:
        """Return what was typed, one by one."""
        parts = re.split(r"[,，、;；]+", self.amenities.data or "")
        return [part.strip()[:20] for part in parts if part.strip()][:12]
