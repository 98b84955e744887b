"""One life by the book, before the random ones: every kind of move of points, each where it can go wrong."""

from __future__ import annotations

from typing import Any

#: Side 0 has people 0–3, side 1 has 4–7; 0 and 4 hold nearly as much as one may. Both months end within the life.
SCRIPT: list[tuple[str, dict[str, Any]]] = [
    # Family, out of purses of two months, and back.
    ("hand_to_family", {"number": 0, "other": 1, "points": 90}),
    ("take_it_back_from_family", {"which": 0}),
    ("hand_to_family", {"number": 2, "other": 2, "points": 30}),
    # What ends soonest goes first; home to the month it came out of, in that month.
    ("give_to_a_project", {"number": 0, "which": 0, "points": 25}),
    ("take_a_gift_back", {"which": 0}),
    ("claim", {"number": 2, "which": 0}),
    ("cancel", {"which": 0}),
    # Above the limits, at once and after somebody has looked; given first, and taken back from there.
    ("everybody_goes", {"many": 0, "how": "wall"}),
    ("give_all_above_the_limits", {"number": 0, "which": 1, "points": 25}),
    ("take_a_gift_back", {"which": 0}),
    ("give_all_above_the_limits", {"number": 0, "which": 1, "points": 10}),
    ("open_day", {"number": 0, "flat": False, "soon": 40, "long": 150, "places": 3}),
    ("everybody_signs_up", {"many": 2}),
    ("wait_for_a_day", {"many": 2, "phase": "start"}),
    ("everybody_scans_the_wall", {"many": 2}),
    ("wait_for_a_day", {"many": 2, "phase": "end"}),
    ("sign_by_hand", {"number": 0, "many": 2, "way": "out"}),
    ("sign_by_hand", {"number": 1, "many": 2, "way": "out"}),
    ("confirm_the_roll", {"many": 2}),
    ("clear_a_day", {"many": 0}),
    # A shop that goes and comes, with a voucher open.
    ("claim", {"number": 1, "which": 2}),
    ("a_shop_is_paused", {"which": 0}),
    ("what_is_left_at_shops_that_are_away", {}),
    ("claim", {"number": 1, "which": 2}),
    ("a_shop_comes_back", {"which": 0}),
    # A time booked by more people than there is room for, given up, called off; another one honoured.
    ("a_time_is_put_up", {"side": 0, "hours": 3, "long": 1, "places": 2}),
    ("several_book_one_time", {"number": 0, "many": 3}),
    ("give_a_time_up", {"which": 0}),
    ("a_time_is_called_off", {"which": 0}),
    ("a_time_is_put_up", {"side": 0, "hours": 5, "long": 1, "places": 2}),
    ("book_a_time", {"number": 2, "which": 0}),
    ("come_at_the_hour", {"which": 0}),
    # Several things in one basket: fetched at once, given up, and too many for one.
    ("fill_show_and_fetch_a_basket", {"number": 1, "counts": [1, 0, 1]}),
    ("fill_a_basket", {"number": 2, "counts": [1, 0, 0]}),
    ("show_a_basket", {"which": 0}),
    ("give_a_basket_up", {"which": 0}),
    ("fill_a_basket", {"number": 2, "counts": [2, 2, 2]}),
    # Paid and taken back after all; the next month says so, and the rest is shared out.
    ("paid_and_taken_back_after_all", {"number": 2, "which": 0}),
    ("claim_and_use", {"number": 0, "which": 1}),
    ("claim_and_use", {"number": 1, "which": 1}),
    ("the_month_is_drawn_up", {"over": True}),
    ("a_month_goes_all_the_way", {"which": 0, "number": 1, "paid": False}),
    # The last evening: to the project as far as it goes, and to the pool; what nobody chose for ends.
    ("choose_for_the_last_evening", {"number": 1, "way": "project", "nearest": False, "which": 1}),
    ("choose_for_the_last_evening", {"number": 0, "way": "pool", "nearest": False, "which": 0}),
    ("the_last_evening_of_the_month", {"midnight": True}),
    ("other_rules_from_a_day_on", {"days": 1, "per_hour": 20, "life": 1, "annual": 0, "balance": 60, "a_day": 1}),
    ("days_pass", {"days": 3}),
    ("open_day", {"number": 0, "flat": False, "soon": 40, "long": 150, "places": 3}),
    ("everybody_goes", {"many": 3, "how": "pass"}),
    ("open_day", {"number": 1, "flat": False, "soon": 40, "long": 150, "places": 3}),
    ("everybody_goes", {"many": 3, "how": "card"}),
    ("claim", {"number": 1, "which": 2}),
    ("the_last_evening_of_the_month", {"midnight": True}),
    ("days_pass", {"days": 92}),
    ("night_lapses_vouchers", {}),
    ("night_expires_points", {}),
    ("a_shop_is_ended", {"which": 7}),
]  # fmt: skip
