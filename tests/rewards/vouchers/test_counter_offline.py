"""What stands in place of the counter where there is no signal: nobody's page, and the worker keeps it."""

from __future__ import annotations

from tests.volunteer.checkin.test_offline_views import worker_of


def test_the_page_is_the_same_for_everybody(visitor, azhen, xiaoman):
    """A11, S01: no session, no token, no shop, whoever asks; so it may be kept."""
    stranger, till = visitor().get("/counter/offline"), visitor(azhen).get("/counter/offline")
    assert stranger.text == till.text == visitor(xiaoman).get("/counter/offline").text
    assert "Set-Cookie" not in stranger.headers and "csrf" not in stranger.text
    assert "核销要联网" in stranger.words and "再试一次" in stranger.words
    assert "Try again" in visitor(lang="en").get("/counter/offline").words


def test_the_worker_keeps_it_with_every_file_it_needs(visitor, azhen):
    """A11: for the counter and what lies below it, in both languages; the counter's page installs the worker."""
    for language in ("zh", "en"):
        told = worker_of(visitor, language)
        assert told["others"] == [{"path": "/counter", "page": f"/counter/offline?lang={language}"}]
        page = visitor().get(told["others"][0]["page"])
        for file in page.text.split('"'):
            if file.startswith("/static/") and "brand/" not in file:
                assert file.split("#")[0] in told["files"], file
    assert 'data-worker="/sw.js?lang=zh"' in visitor(azhen).get("/counter").text
