"""Becoming a volunteer (V1, V4)."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from volunteer import accounts, identity
from volunteer.accounts.models import Consent, User


def test_a_neighbour_registers(db, nankeng):
    xiaoman = accounts.register(
        name="小满", phone="138 0000 0001", home=nankeng, password="一杯桂花茶 慢慢喝"
    )
    assert (xiaoman.name, xiaoman.phone_masked, xiaoman.area_path) == ("小满", "138****0001", nankeng.path)
    assert len(xiaoman.volunteer_no) == 12 and xiaoman.password_hash.startswith(
        "$argon2id$v=19$m=19456,t=2,p=1$"
    )
    assert db.session.scalars(select(Consent.purpose)).all() == ["basic"]
    assert "13800000001" not in repr({k: v for k, v in vars(xiaoman).items() if k != "_sa_instance_state"})


def test_the_same_phone_in_another_spelling_is_the_same_person(db, nankeng):
    first = accounts.register(name="小满", phone="13800000001", home=nankeng)
    for spelling in ("+86 138-0000-0001", "008613800000001", "１３８０００００００１"):
        with pytest.raises((accounts.PhoneTaken, identity.BadPhone)):
            accounts.register(name="别人", phone=spelling, home=nankeng)
    assert accounts.by_phone("+86 138 0000 0001") is first
    assert db.session.scalar(select(func.count()).select_from(User)) == 1
