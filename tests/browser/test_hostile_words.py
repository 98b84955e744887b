"""T15: words that would be script, in every text people write, on every page that shows them, in a real Chromium."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import String, Text, update

from tests.cast import with_factor
from tests.whole.crossing import PARTS, address, verb
from tests.whole.worlds import World, build
from volunteer import accounts, community
from volunteer.db import db

pytestmark = pytest.mark.browser

#: Each would set the canary if any of it ran. The first stands in for all in the quick form.
PAYLOADS = [
    "\"'><img src=x onerror=window.__xss=1><svg/onload=window.__xss=1>",
    "<script>window.__xss=1</script>",
    "</textarea></title></style></script><script>window.__xss=1</script>",
    "' autofocus onfocus=window.__xss=1 x='",
    '" autofocus onfocus=window.__xss=1 x="',
    "<a href=javascript:window.__xss=1 id=xss>x</a>",
    "<iframe srcdoc='<script>parent.__xss=1</script>'></iframe>",
    "{{constructor.constructor('window.__xss=1')()}}",
    "<math><mtext><table><mglyph><style><img src=x onerror=window.__xss=1>",
    "<details open ontoggle=window.__xss=1>x</details>",
    "<form action=javascript:window.__xss=1><button>x</button></form>",
    "<meta http-equiv=refresh content='0;url=javascript:window.__xss=1'>",
    "<img src=1 onerror=window.__xss=1>",
    "<img src=1 onerror=window.__xss=1//",
    "<IMG SRC=1 ONERROR=window.__xss=1>",
    "<img/src=1/onerror=window.__xss=1>",
    "<img src='1'onerror='window.__xss=1'>",
    "<img src=`1`onerror=window.__xss=1>",
    "<svg onload=window.__xss=1>",
    "<svg><script>window.__xss=1</script></svg>",
    "<svg><a xlink:href=javascript:window.__xss=1><text x=1 y=9>x</text></a></svg>",
    "<svg><animate onbegin=window.__xss=1 attributeName=x dur=1s>",
    "<svg><set onend=window.__xss=1 attributeName=x dur=1s>",
    "<svg><foreignObject><script>window.__xss=1</script></foreignObject></svg>",
    "<body onload=window.__xss=1>",
    "<input autofocus onfocus=window.__xss=1>",
    "<select autofocus onfocus=window.__xss=1>",
    "<textarea autofocus onfocus=window.__xss=1>",
    "<video><source onerror=window.__xss=1></video>",
    "<video src=1 onerror=window.__xss=1></video>",
    "<audio src=1 onerror=window.__xss=1></audio>",
    "<object data=javascript:window.__xss=1></object>",
    "<object data='data:text/html,<script>parent.__xss=1</script>'></object>",
    "<embed src=javascript:window.__xss=1>",
    "<iframe src=javascript:parent.__xss=1></iframe>",
    "<iframe src='data:text/html,<script>parent.__xss=1</script>'></iframe>",
    "<link rel=stylesheet href='data:text/css,*{color:red}'><script>window.__xss=1</script>",
    "<style>@import'javascript:window.__xss=1';</style>",
    "<base href=javascript:window.__xss=1//><a href=x>x</a>",
    "<marquee onstart=window.__xss=1>x</marquee>",
    "<div style=animation-name:x onanimationstart=window.__xss=1>x</div>",
    "<button formaction=javascript:window.__xss=1>x</button>",
    "<isindex type=image src=1 onerror=window.__xss=1>",
    "<keygen autofocus onfocus=window.__xss=1>",
    "<noscript><p title='</noscript><img src=x onerror=window.__xss=1>'>",
    "<template><script>window.__xss=1</script></template><script>window.__xss=1</script>",
    "<!--><img src=x onerror=window.__xss=1>-->",
    "<![CDATA[><img src=x onerror=window.__xss=1>]]>",
    "<scr<script>ipt>window.__xss=1</scr</script>ipt>",
    "<script/src=data:,window.__xss=1></script>",
    "<script type=module>window.__xss=1</script>",
    "javascript:window.__xss=1",
    "jav\tascript:window.__xss=1",
    "data:text/html,<script>opener.__xss=1</script>",
    "&lt;script&gt;window.__xss=1&lt;/script&gt;",
    "&#60;script&#62;window.__xss=1&#60;/script&#62;",
    "\\u003cscript\\u003ewindow.__xss=1\\u003c/script\\u003e",
    "%3Cscript%3Ewindow.__xss=1%3C/script%3E",
    "＜script＞window.__xss=1＜/script＞",
    "${window.__xss=1}`-(window.__xss=1)-'-(window.__xss=1)-\"",
]
#: Texts that people write, table by table; they stand in the database as if no form had looked at them.
WRITTEN = {
    "account": ("name", "safe_phrase"),
    "area": ("name",),
    "device": ("name",),
    "export_request": ("reason", "note"),
    "kept_scan": ("note",),
    "paper_sheet": ("note",),
    "paper_row": ("volunteer_no", "came", "left", "note"),
    "points_adjustment": ("reason", "evidence", "note"),
    "team": ("name", "about", "reason"),
    "activity": ("title", "content", "place_name", "place_address", "risk", "guarantees", "reason"),
    "partner": ("name", "address", "contact_name", "about", "reason"),
    "offer": ("title", "about", "terms"),
    "notice": ("text",),
    "attendance": ("reason",),
    "service_record": ("reason",),
    "service_day": ("reason",),
}
LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"


@pytest.fixture
def world(here: Any, clock: Any) -> World:
    street = community.add("street", "坂田街道")
    made = build(street, "南坑", 1, clock)
    made.people["street_admin"] = accounts.register(
        name="郑海", phone="13900000090", home=street, birth_on=date(1975, 1, 1)
    )
    accounts.appoint(made.people["street_admin"], "street_admin", area=street)
    with_factor(made.people["street_admin"])
    return made


def _plant(payload: str) -> int:
    """Put the payload into every text that somebody wrote; return how many columns took it."""
    columns = 0
    for table in db.metadata.sorted_tables:
        for name in WRITTEN.get(table.name, ()):
            column = table.columns.get(name)
            if column is None or not isinstance(column.type, String | Text):
                continue
            fitting = payload[: column.type.length or len(payload)]
            db.session.execute(update(table).values({name: fitting}))
            columns += 1
    return columns


@pytest.mark.parametrize("payload", PAYLOADS if LONG else PAYLOADS[:1])
def test_words_that_would_be_script_stay_words(
    app: Flask, here: Any, world: World, laptop: Callable[..., Page], payload: str
) -> None:
    """T15, S01: no canary is set, no dialog opens, and the policy has nothing to stop."""
    assert _plant(payload) > 12
    roles = ("volunteer", "admin") if not LONG else tuple(world.people)
    pages = {role: laptop(world.people[role]) for role in roles} | {"stranger": laptop()}
    reported: list[str] = []
    here.commit()
    routes = [
        (rule, address(app, rule, world.things))
        for rule in app.url_map.iter_rules()
        if verb(rule) == "GET"
        and rule.endpoint not in PARTS | {"static"}
        and not rule.rule.startswith(("/api/", "/metrics"))
    ]
    shown = 0
    with here.outside():
        for role, page in pages.items():
            page.on("dialog", lambda dialog: reported.append(dialog.message))
            page.add_init_script(
                "document.addEventListener('securitypolicyviolation', (e) => { window.__blocked = e.violatedDirective + ' ' + e.blockedURI; });"
            )
            for _, at in routes:
                answer = page.request.get(at, max_redirects=0)
                if answer.status != 200 or "text/html" not in answer.headers.get("content-type", ""):
                    continue
                if not LONG and "__xss" not in answer.text():
                    continue  # words that are not there cannot run
                page.goto(at, wait_until="domcontentloaded")
                ran, blocked = page.evaluate("[window.__xss, window.__blocked]")
                assert ran is None, f"{at} as {role} ran {payload}"
                assert blocked is None, f"{at} as {role}: the policy had to stop {blocked}"
                shown += "__xss" in page.content()
    assert reported == []
    assert shown > 20, f"{shown} pages showed it"
