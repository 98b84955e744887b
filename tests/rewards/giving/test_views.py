"""Giving on the phone, and the office's side of it."""

from datetime import date

import pytest
from sqlalchemy import select

from rewards import giving
from rewards.giving import endings
from volunteer import ledger


def test_a_stranger_sees_the_projects_and_no_names(visitor, xiaoman, daming, earn, project):
    """A11, T21: what was given and by how many; by name only who wanted to be named."""
    earn(xiaoman, 50)
    earn(daming, 50)
    giving.give(xiaoman, project.id, 20)
    giving.give(daming, project.id, 15, named=True)
    assert "小候鸟夏令营" in visitor().get("/giving").words
    page = visitor().get(f"/giving/{project.id}")
    assert "35 / 500 分" in page.words and "已有 2 人捐" in page.words
    assert "陈大明" in page.words and "一位志愿者" in page.words and "小满" not in page.words
    assert "登录" in page.words and not page.all("input", name="points")


def test_a_child_is_not_named_whatever_it_ticked(visitor, xiaoman, earn, project, db):
    earn(xiaoman, 50)
    giving.give(xiaoman, project.id, 20, named=True)
    xiaoman.birth_on = date(2010, 1, 1)
    db.session.flush()
    assert "小满" not in visitor().get(f"/giving/{project.id}").words


def test_no_draft_is_seen_outside_the_office(visitor, draft, deputy, xiaoman):
    project = draft()
    assert visitor().get(f"/giving/{project.id}").status_code == 404
    assert "小候鸟" not in visitor(xiaoman).get("/giving").words
    giving.projects.drop(project, "重了", deputy)
    assert visitor().get(f"/giving/{project.id}").status_code == 404


def test_thanks_come_at_once_and_can_be_printed(visitor, xiaoman, daming, earn, project, here):
    """V21: twice the same tap is one gift; nobody else sees the thanks; ten minutes to take it back."""
    earn(xiaoman, 50)
    me = visitor(xiaoman)
    page = me.get(f"/giving/{project.id}")
    (once,) = [field.get("value") for field in page.all("input", name="once")]
    for _again in range(2):
        answer = me.post(f"/giving/{project.id}/gifts", {"points": "20", "once": once, "named": "y"})
        assert answer.status_code == 303
    thanks = me.get(answer.location)
    assert "20 分捐给了“小候鸟夏令营”" in thanks.words and ledger.balance(xiaoman.id) == 30
    assert "小满：" in me.get(f"{answer.location}/note").words
    assert visitor(daming).get(answer.location).status_code == 404
    assert "一共捐了 20 分" in me.get("/me/giving").words
    assert "20 分原样退回" in me.post(f"{answer.location}/undo", follow=True).words
    assert ledger.balance(xiaoman.id) == 50


@pytest.mark.parametrize(
    ("points", "said"),
    [("9", "一次至少捐 10 分。"), ("51", "还差 1 分"), ("", "这一项要填"), ("3.5", "请填整数")],
)
def test_a_wrong_amount_is_said_beside_the_field(visitor, xiaoman, earn, project, points, said):
    earn(xiaoman, 50)
    page = visitor(xiaoman).post(f"/giving/{project.id}/gifts", {"points": points})
    assert page.status_code in (409, 422) and said in page.words and ledger.balance(xiaoman.id) == 50


def test_what_is_over_says_so(visitor, xiaoman, earn, project, office, clock):
    earn(xiaoman, 50)
    giving.projects.close(project)
    assert "用途还没有公布" in visitor(xiaoman).get(f"/giving/{project.id}").words
    giving.projects.publish_use(project, "买了两箱绘本。", date(2026, 3, 7), office, helped=12)
    page = visitor().get(f"/giving/{project.id}")
    assert "买了两箱绘本。" in page.words and "帮到 12 人" in page.words
    assert (
        "小候鸟" in visitor().get("/giving?over=1").words and "小候鸟" not in visitor().get("/giving").words
    )


def test_my_points_show_what_can_only_be_given_and_when_it_ends(visitor, xiaoman, earn, top):
    """V15: with the way to the projects."""
    earn(xiaoman, 50)
    top(xiaoman, 25, ends="2028-01")
    page = visitor(xiaoman).get("/me/points")
    assert "可以捐出去的积分" in page.words and "25 分" in page.words and "2028年1月底到期" in page.words
    assert "/giving" in page.links


def test_the_choice_for_a_purse_is_made_on_a_page(visitor, xiaoman, earn, project):
    """V14, idea 3."""
    earn(xiaoman, 23, ends="2026-03")
    me = visitor(xiaoman)
    assert "选好到期怎么办" in me.get("/me/points").words
    page = me.get("/me/points/ending?month=2026-03")
    assert "最后一天 3月31日" in page.words and "还没有选" in page.words
    answer = {"month": "2026-03", "way": "project", "project_id": str(project.id)}
    assert "捐给“小候鸟夏令营”" in me.post("/me/points/ending", answer, follow=True).words
    assert endings.chosen(xiaoman.id)["2026-03"].project_id == project.id
    page = me.post("/me/points/ending", {"month": "", "way": "project", "project_id": "0"})
    assert page.status_code == 422 and "请选一个正在收积分的项目" in page.words
    assert me.post("/me/points/ending", {"month": "2030-01", "way": "pool"}).status_code == 422


def test_family_is_handed_points_on_a_page(visitor, xiaoman, grandma, daming, family, earn):
    """LG-35: to the registered ones only, whatever the form is made to say."""
    earn(xiaoman, 100)
    me = visitor(xiaoman)
    assert "李桂芳" in me.get("/me/giving/family").words
    assert me.post("/me/giving/family", {"receiver_id": str(daming.id), "points": "20"}).status_code == 422
    page = me.post(
        "/me/giving/family", {"receiver_id": str(grandma.id), "points": "20", "once": "a"}, follow=True
    )
    assert "20 分转好了" in page.words and ledger.balance(grandma.id) == 20
    hers = visitor(grandma).get("/me/giving/family")
    assert "小满转来" in hers.words and "撤回" not in hers.words
    gift_id = giving.queries.family(xiaoman.id)[0].FamilyGift.id
    assert visitor(grandma).post(f"/me/giving/family/{gift_id}/undo").status_code == 404
    assert "原样退回" in me.post(f"/me/giving/family/{gift_id}/undo", follow=True).words
    assert "还没有登记家人" in visitor(daming).get("/me/giving/family").words


def test_one_of_the_office_writes_and_another_opens_on_pages(
    visitor, office, deputy, nankeng, other_office, db
):
    """T09, A11: it waits in the other one's inbox; next door it is not there."""
    desk = visitor(office)
    desk.post(
        "/office/giving/funders", {"area_id": str(nankeng.id), "name": "坂田社区基金会", "kind": "foundation"}
    )
    funder = db.session.scalars(select(giving.Funder)).one()
    terms = {
        "area_id": str(nankeng.id), "title": "不老爱情", "picture": "heart", "story": "给金婚老人拍一张合影。",
        "goal": "300", "from_on": "2026-03-07", "until_on": "2026-09-30", "funder_id": str(funder.id),
        "match_per": "50", "match_what": "一张相框", "match_most": "6",
    }  # fmt: skip
    page = desk.post("/office/giving/new", terms, follow=True)
    assert "你写的，请另一位同事来同意" in page.words
    project = db.session.scalars(select(giving.Project)).one()
    here_ = f"/office/giving/{project.id}"
    assert (
        "不老爱情" not in desk.get("/office/inbox").words
        and "不老爱情" in visitor(deputy).get("/office/inbox").words
    )
    assert desk.post(f"{here_}/approval").status_code == 409
    assert visitor(other_office).post(f"{here_}/approval").status_code == 404
    assert "开放了" in visitor(deputy).post(f"{here_}/approval", follow=True).words
    assert "每 50 分，坂田社区基金会配一张相框" in visitor().get(f"/giving/{project.id}").words
    assert "关闭了" in desk.post(f"{here_}/closing", follow=True).words
    page = desk.post(
        f"{here_}/uses", {"on": "2026-03-07", "text": "拍了十二对。", "helped": "24"}, follow=True
    )
    assert "公布了" in page.words and "拍了十二对。" in page.words


def test_a_draft_is_changed_and_dropped_on_pages(visitor, office, deputy, draft, nankeng):
    project = draft()
    desk = visitor(deputy)
    terms = {
        "area_id": str(nankeng.id), "title": "小候鸟", "picture": "book", "story": "两周。", "goal": "300",
        "from_on": "2026-03-07", "until_on": "2026-03-01", "funder_id": "0", "match_per": "", "match_what": "",
    }  # fmt: skip
    (title,) = desk.get(f"/office/giving/{project.id}/terms").all("input", name="title")
    assert title.get("value") == "小候鸟夏令营"
    page = desk.post(f"/office/giving/{project.id}/terms", terms)
    assert page.status_code == 422 and "截止的日子" in page.words
    page = desk.post(f"/office/giving/{project.id}/terms", terms | {"until_on": ""}, follow=True)
    assert "改好了" in page.words and "300 分" in page.words
    page = visitor(office).post(
        f"/office/giving/{project.id}/refusal", {"reason": "和去年的重了"}, follow=True
    )
    assert "没有办" in page.words and "和去年的重了" in page.words


def test_the_dashboard_counts_what_was_given(visitor, street_office, xiaoman, earn, project, here, clock):
    earn(xiaoman, 100)
    giving.undo(giving.give(xiaoman, project.id, 30))
    giving.give(xiaoman, project.id, 40)
    ledger.rollups.roll()
    here.commit()
    page = visitor(street_office).get("/office")
    assert "捐出的积分" in page.words and "现在有 1 个项目在收积分" in page.words
