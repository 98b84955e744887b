"""The statements that make ten years out of a few rules; all chance comes from hashes of numbers, so it repeats."""

from __future__ import annotations

SHIFTS = """SELECT DISTINCT (extract(epoch FROM d.ends_at - d.starts_at) / 60)::int, a.coefficient, a.flat_points
FROM service_day d JOIN activity a ON a.id = d.activity_id ORDER BY 1, 2, 3"""
PRICES = """CREATE TEMP TABLE price (planned int, coefficient int, flat int, grade text, minutes int, points int,
formula jsonb, PRIMARY KEY (planned, coefficient, flat, grade, minutes)) ON COMMIT DROP"""
PRICE = """INSERT INTO price VALUES
(:planned, :coefficient, :flat, :grade, :minutes, :points, CAST(:formula AS jsonb))"""

# ── who comes: one in ten is keen, three come now and then, six rarely ──

_POOL = """CREATE TEMP TABLE pool ON COMMIT DROP AS
SELECT id, home_id, class, registered_at,
  row_number() OVER (PARTITION BY home_id, class ORDER BY registered_at, id) - 1 AS place
FROM (SELECT a.id, a.home_id, a.registered_at,
    CASE WHEN a.id = :saver OR hashint8(a.id) & 1023 < 102 THEN 1 WHEN hashint8(a.id) & 1023 < 410 THEN 2 ELSE 3 END
      AS class
  FROM account a WHERE a.state = 'active' AND (a.id = :saver OR NOT EXISTS
    (SELECT 1 FROM grant_held g WHERE g.user_id = a.id))) people"""
_POOL_INDEX = "CREATE INDEX ON pool (home_id, class, registered_at, place)"
_POOL_PLACE = "CREATE INDEX ON pool (home_id, class, place)"
_CROWD = """CREATE TEMP TABLE crowd ON COMMIT DROP AS
SELECT d.id AS day_id, d.team_id, d.area_path, d."on", d.starts_at, d.ends_at, t.area_id AS home_id, c.class, n.people,
  n.people * c.share AS weight, (hashint8(d.id * 3 + c.class) & 2147483647) % n.people AS first,
  (ARRAY[50021, 60013, 70001, 80021, 90001])[1 + (hashint8(d.id * 7 + c.class) & 1023) % 5] AS step,
  a.coefficient, coalesce(a.flat_points, 0) AS flat, a.title, (extract(epoch FROM d.ends_at - d.starts_at) / 60)::int AS planned
FROM service_day d JOIN activity a ON a.id = d.activity_id JOIN team t ON t.id = d.team_id
CROSS JOIN (VALUES (1, 0.30), (2, 0.09), (3, 0.025)) AS c(class, share)
CROSS JOIN LATERAL (SELECT p.place + 1 AS people FROM pool p WHERE p.home_id = t.area_id AND p.class = c.class
  AND p.registered_at < d.starts_at - interval '1 day' ORDER BY p.registered_at DESC, p.place DESC LIMIT 1) n
WHERE d.state = 'closed'"""
_STAY = """CREATE TEMP TABLE stay ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY s.starts_at, s.day_id, s.volunteer_id) AS id, s.*,
  CASE WHEN h < 10 THEN 'stale' WHEN h < 20 AND flat = 0 THEN 'void' WHEN h < 80 THEN 'confirmed' ELSE 'closed' END AS state
FROM (SELECT c.day_id, c.team_id, c.area_path, c."on", c.starts_at, c.ends_at, c.coefficient, c.flat, c.title, c.planned,
    p.id AS volunteer_id, (hashint8(c.day_id * 100003 + p.id) & 2147483647) % 1000 AS h,
    date_trunc('minute', c.starts_at) + ((hashint8(c.day_id * 7 + p.id * 11) & 1023) % 35 - 22) * interval '1 minute'
      + ((hashint8(p.id * 13) & 1023) % 60) * interval '1 second' AS in_at,
    date_trunc('minute', c.ends_at) + ((hashint8(c.day_id * 5 + p.id * 17) & 1023) % 32 - 12) * interval '1 minute'
      + ((hashint8(p.id * 19) & 1023) % 60) * interval '1 second' AS out_at
  FROM crowd c
  CROSS JOIN LATERAL generate_series(0, least(floor(c.weight * :stays / (SELECT sum(weight) FROM crowd)
    + (hashint8(c.day_id * 31 + c.class) & 1023) / 1024.0)::int, c.people) - 1) AS j
  JOIN pool p ON p.home_id = c.home_id AND p.class = c.class AND p.place = (c.first + j * c.step) % c.people) s"""
_SERVED = """CREATE TEMP TABLE served ON COMMIT DROP AS
SELECT s.id, s.day_id, s.team_id, s.area_path, s."on", s.volunteer_id, s.state, s.in_at, s.title, s.flat,
  CASE WHEN s.state = 'confirmed' THEN s.ends_at ELSE s.out_at END AS out_at,
  CASE WHEN s.state = 'stale' THEN NULL WHEN s.state = 'confirmed' THEN 'B' ELSE 'A' END AS grade,
  greatest(0, floor(extract(epoch FROM least(CASE WHEN s.state = 'confirmed' THEN s.ends_at ELSE s.out_at END, s.ends_at)
    - greatest(s.in_at, s.starts_at)) / 60))::int AS minutes, s.planned, s.coefficient,
  least(CASE WHEN s.state = 'confirmed' THEN date_trunc('day', s.ends_at) + interval '1 day 2 hours' ELSE s.out_at END,
    CAST(:now AS timestamptz)) AS told_at
FROM stay s"""
_ATTENDANCE = """INSERT INTO attendance (id, service_day_id, volunteer_id, team_id, area_path, in_at, in_how, in_scan, out_at,
  out_how, out_scan, out_by, minutes, points, grade, state, reason)
SELECT s.id, s.day_id, s.volunteer_id, s.team_id, s.area_path, s.in_at, 'wall', 'decade-in-' || s.id,
  CASE WHEN s.state <> 'stale' THEN s.out_at END,
  CASE s.state WHEN 'stale' THEN NULL WHEN 'confirmed' THEN 'roll' ELSE 'wall' END,
  CASE WHEN s.state IN ('closed', 'void') THEN 'decade-out-' || s.id END,
  CASE WHEN s.state = 'confirmed' THEN t.leader_id END, CASE WHEN s.state <> 'stale' THEN s.minutes END, s.flat, s.grade,
  s.state, CASE WHEN s.state = 'void' THEN '扫错了人，本人当天没有到场' END
FROM served s JOIN team t ON t.id = s.team_id ORDER BY s.id"""
_RECORD = """INSERT INTO service_record (id, source, volunteer_id, service_day_id, team_id, area_path, "on", minutes, grade,
  state, points, formula, recorded_at, recorder_id, reversed_at, reversed_by, reason)
SELECT s.id, 'attendance:' || s.id, s.volunteer_id, s.day_id, s.team_id, s.area_path, s."on", s.minutes, s.grade,
  CASE WHEN s.state = 'void' THEN 'reversed' ELSE 'confirmed' END, CASE WHEN s.flat > 0 THEN 0 ELSE p.points END, p.formula,
  s.told_at, CASE WHEN s.state = 'confirmed' THEN t.leader_id END,
  CASE WHEN s.state = 'void' THEN least(s.told_at + interval '20 hours', CAST(:now AS timestamptz)) END,
  CASE WHEN s.state = 'void' THEN t.leader_id END, CASE WHEN s.state = 'void' THEN '扫错了人，本人当天没有到场' END
FROM served s JOIN team t ON t.id = s.team_id JOIN price p ON p.planned = s.planned AND p.coefficient = s.coefficient
  AND p.flat = s.flat AND p.grade = s.grade AND p.minutes = s.minutes
WHERE s.grade IS NOT NULL ORDER BY s.id"""

# ── points: awards, one voucher a purse at most, what is left expires ──

_MOVE = """CREATE TEMP TABLE move (at timestamptz, key text, move text, source text, target text, amount int, "on" date,
volunteer_id bigint, area_path text COLLATE "C", why jsonb, reverses text) ON COMMIT DROP"""
_AWARDS = """INSERT INTO move SELECT r.recorded_at, 'record:' || r.id, 'award', 'programme:issued',
  'volunteer:' || r.volunteer_id || ':' || to_char(r."on" + make_interval(months => :ttl), 'YYYY-MM'), r.points, r."on",
  r.volunteer_id, r.area_path,
  jsonb_build_object('title', s.title, 'formula', r.formula, 'link', '/me/hours', 'record', r.id), NULL
FROM service_record r JOIN served s ON s.id = r.id WHERE r.points > 0"""
_FLAT = """INSERT INTO move SELECT s.in_at, 'flat:' || s.day_id || ':' || s.volunteer_id, 'award', 'programme:issued',
  'volunteer:' || s.volunteer_id || ':' || to_char(s."on" + make_interval(months => :ttl), 'YYYY-MM'), p.points, s."on",
  s.volunteer_id, s.area_path, jsonb_build_object('title', s.title, 'formula', p.formula, 'link',
    '/service-days/' || s.day_id, 'service_day', s.day_id), NULL
FROM served s JOIN price p ON p.planned = s.planned AND p.coefficient = s.coefficient AND p.flat = s.flat AND p.grade = 'A'
  AND p.minutes = 0 WHERE s.flat > 0"""
_REVERSALS = """INSERT INTO move SELECT r.reversed_at, 'record:' || r.id || '\\:reversal', 'reversal',
  'volunteer:' || r.volunteer_id || ':' || to_char(r."on" + make_interval(months => :ttl), 'YYYY-MM'), 'programme:issued',
  r.points, (r.reversed_at AT TIME ZONE 'Asia/Shanghai')::date, r.volunteer_id, r.area_path,
  jsonb_build_object('title', s.title, 'reason', r.reason, 'link', '/me/hours'), 'record:' || r.id
FROM service_record r JOIN served s ON s.id = r.id WHERE r.points > 0 AND r.state = 'reversed'"""
_PURSE = """CREATE TEMP TABLE purse ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY address) AS id, address, volunteer_id, right(address, 7) AS month, points
FROM (SELECT address, volunteer_id, sum(points) AS points FROM (
    SELECT target AS address, volunteer_id, amount AS points FROM move WHERE move = 'award'
    UNION ALL SELECT source, volunteer_id, -amount FROM move WHERE move = 'reversal') both_ways
  GROUP BY address, volunteer_id) sums WHERE points > 0"""
_SHELF = """CREATE TEMP TABLE shelf ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY o.id) - 1 AS place, o.id AS offer_id, o.partner_id, o.area_path, o.title, o.value_cents,
  p.applicant_id FROM offer o JOIN partner p ON p.id = o.partner_id WHERE o.state = 'published' AND p.state = 'signed'"""
_CLAIM = """CREATE TEMP TABLE claim ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY c.claimed_at, c.purse_id) AS id, c.*,
  CASE WHEN h < 84 AND c.claimed_at + c.wait <= :now THEN 'redeemed'
    WHEN h >= 95 AND c.claimed_at + interval '2 days' <= :now THEN 'cancelled'
    WHEN (c.claimed_at AT TIME ZONE 'Asia/Shanghai')::date + CAST(:voucher_days AS int) < (CAST(:now AS timestamptz) AT TIME ZONE 'Asia/Shanghai')::date
      THEN 'lapsed' ELSE 'claimed' END AS state
FROM (SELECT p.id AS purse_id, p.address, p.volunteer_id, p.month,
    greatest(5, p.points * (30 + (hashint8(p.id * 3) & 1023) % 71) / 100 / 5 * 5)::int AS points, s.*,
    (hashint8(p.id * 5) & 1023) % 100 AS h,
    (to_date(p.month, 'YYYY-MM') - make_interval(months => :ttl - 1))::timestamp AT TIME ZONE 'Asia/Shanghai'
      + (2 + (hashint8(p.id * 7) & 65535) % 540) * interval '1 day' + (9 * 60 + (hashint8(p.id * 9) & 65535) % 660) * interval '1 minute'
      AS claimed_at,
    (1 + (hashint8(p.id * 11) & 1023) % 55) * interval '1 day' + ((hashint8(p.id * 13) & 1023) % 120 - 60) * interval '1 minute' AS wait
  FROM purse p JOIN shelf s ON s.place = (hashint8(p.id * 15) & 65535) % (SELECT count(*) FROM shelf)
  WHERE p.points >= 5 AND (hashint8(p.id) & 1023) < 780) c
WHERE c.claimed_at < :now"""
_VOUCHER = """INSERT INTO voucher (id, public, offer_id, partner_id, volunteer_id, area_path, title, points, value_cents, state,
  claimed_at, expires_on, armed_until, redeemed_at, redeemed_by, scan, ended_at)
SELECT c.id, upper(substr(md5('decade ' || c.id), 1, 13)), c.offer_id, c.partner_id, c.volunteer_id, c.area_path, c.title,
  c.points, c.value_cents, c.state, c.claimed_at,
  (c.claimed_at AT TIME ZONE 'Asia/Shanghai')::date + CAST(:voucher_days AS int),
  CASE WHEN c.state = 'redeemed' THEN c.claimed_at + c.wait + interval '3 minutes' END,
  CASE WHEN c.state = 'redeemed' THEN c.claimed_at + c.wait END,
  CASE WHEN c.state = 'redeemed' THEN c.applicant_id END, CASE WHEN c.state = 'redeemed' THEN 'decade-till-' || c.id END,
  CASE c.state WHEN 'cancelled' THEN c.claimed_at + interval '2 days' WHEN 'lapsed' THEN
    ((c.claimed_at AT TIME ZONE 'Asia/Shanghai')::date + CAST(:voucher_days AS int) + 1)::timestamp AT TIME ZONE 'Asia/Shanghai' END
FROM claim c ORDER BY c.id"""
_CLAIMS = """INSERT INTO move SELECT c.claimed_at, 'claim:' || c.id, 'claim', c.address, 'held:' || c.id, c.points,
  (c.claimed_at AT TIME ZONE 'Asia/Shanghai')::date, c.volunteer_id, c.area_path,
  jsonb_build_object('title', c.title, 'link', '/vouchers/' || c.id), NULL FROM claim c"""
_REDEEMED = """INSERT INTO move SELECT v.redeemed_at, 'redeem:' || v.id, 'redeem', 'held:' || v.id,
  'partner:' || v.partner_id || '\\:owed', v.points, (v.redeemed_at AT TIME ZONE 'Asia/Shanghai')::date, v.volunteer_id,
  v.area_path, jsonb_build_object('title', v.title, 'link', '/vouchers/' || v.id), NULL
FROM voucher v WHERE v.state = 'redeemed'"""
_RELEASED = """INSERT INTO move SELECT v.ended_at, 'release:' || v.id, 'release', 'held:' || v.id, c.address, v.points,
  (v.ended_at AT TIME ZONE 'Asia/Shanghai')::date, v.volunteer_id, v.area_path,
  jsonb_build_object('title', v.title, 'link', '/vouchers/' || v.id), 'claim:' || v.id
FROM voucher v JOIN claim c ON c.id = v.id WHERE v.ended_at IS NOT NULL"""
_EXPIRED = """INSERT INTO move SELECT ends, 'expire:' || address || ':' || (ends AT TIME ZONE 'Asia/Shanghai')::date, 'expire',
  address, 'programme:expired', points, (ends AT TIME ZONE 'Asia/Shanghai')::date, volunteer_id, area_path,
  jsonb_build_object('month', month), NULL
FROM (SELECT p.address, p.month, p.volunteer_id, a.area_path,
    p.points - coalesce(CASE WHEN c.state IN ('redeemed', 'claimed') THEN c.points END, 0) AS points,
    (to_date(p.month, 'YYYY-MM') + interval '1 month 20 minutes')::timestamp AT TIME ZONE 'Asia/Shanghai' AS ends
  FROM purse p JOIN account a ON a.id = p.volunteer_id LEFT JOIN claim c ON c.purse_id = p.id
  WHERE p.month < :month) past WHERE points > 0"""

# ── statements of the partners, and what is settled ──

_LINE = """CREATE TEMP TABLE due ON COMMIT DROP AS
SELECT v.id, v.partner_id, v.points, v.value_cents, (v.redeemed_at AT TIME ZONE 'Asia/Shanghai')::date AS "on",
  to_char(v.redeemed_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM') AS month
FROM voucher v WHERE v.state = 'redeemed' AND to_char(v.redeemed_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM') < :month"""
_STATEMENT = """INSERT INTO statement (partner_id, area_path, month, count, points, value_cents, state, drawn_at, confirmed_by,
  agreed_by)
SELECT d.partner_id, p.area_path, d.month, count(*), sum(d.points), sum(d.value_cents), 'agreed',
  (to_date(d.month, 'YYYY-MM') + interval '1 month 30 minutes')::timestamp AT TIME ZONE 'Asia/Shanghai', p.applicant_id,
  CAST(:office AS bigint)
FROM due d JOIN partner p ON p.id = d.partner_id GROUP BY d.partner_id, d.month, p.area_path, p.applicant_id
ORDER BY d.month, d.partner_id"""
_LINES = """INSERT INTO statement_line (statement_id, voucher_id, redeemed_on, points, value_cents)
SELECT s.id, d.id, d."on", d.points, d.value_cents
FROM due d JOIN statement s ON s.partner_id = d.partner_id AND s.month = d.month ORDER BY d.id"""
_SETTLED = """INSERT INTO move SELECT least(s.drawn_at + interval '10 hours', CAST(:now AS timestamptz)), 'settle:' || s.id,
  'settle', 'partner:' || s.partner_id || '\\:owed', 'programme:settled', s.points,
  (s.drawn_at AT TIME ZONE 'Asia/Shanghai')::date, NULL, s.area_path, '{}', NULL FROM statement s"""
_SHELF_ADDS_UP = """UPDATE offer o SET claimed = v.claimed, returned = v.returned,
  given_in = greatest(o.given_in, v.claimed - v.returned) + 50,
  stock = greatest(o.given_in, v.claimed - v.returned) + 50 - v.claimed + v.returned
FROM (SELECT offer_id, count(*) AS claimed, count(*) FILTER (WHERE state IN ('cancelled', 'lapsed')) AS returned
  FROM voucher GROUP BY offer_id) v WHERE v.offer_id = o.id"""

# ── the books in the order of time, and what follows from them ──

_NUMBERED = """CREATE TEMP TABLE numbered ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY at, CASE move WHEN 'award' THEN 0 WHEN 'claim' THEN 1 ELSE 2 END, key COLLATE "C") AS id, *
FROM move"""
_BACK = """CREATE TEMP TABLE back ON COMMIT DROP AS
SELECT n.id, first.id AS first_id FROM numbered n JOIN numbered first ON first.key = n.reverses"""
_POSTING = """INSERT INTO ledger_posting (id, key, line, move, source, target, amount, at, "on", volunteer_id, area_path, why,
  reverses_id)
SELECT n.id, n.key, 0, n.move, n.source, n.target, n.amount, n.at, n."on", n.volunteer_id, n.area_path, n.why, b.first_id
FROM numbered n LEFT JOIN back b ON b.id = n.id"""
_BALANCE = """INSERT INTO ledger_balance (address, amount)
SELECT address, sum(amount) FROM (SELECT target AS address, amount FROM numbered WHERE target NOT LIKE 'programme:%'
  UNION ALL SELECT source, -amount FROM numbered WHERE source NOT LIKE 'programme:%') ends GROUP BY address ORDER BY address"""
_EVENT = """INSERT INTO event (at, kind, actor_id, about, within, whom, facts)
SELECT v.redeemed_at, 'vouchers.Redeemed', v.redeemed_by, 'voucher:' || v.id, 'partner:' || v.partner_id, v.volunteer_id,
  jsonb_build_object('voucher_id', v.id, 'partner_id', v.partner_id, 'volunteer_id', v.volunteer_id, 'points', v.points)
FROM voucher v WHERE v.state = 'redeemed'"""
_EVENTS = """INSERT INTO event (at, kind, actor_id, about, within, whom, facts)
SELECT e.at, e.kind, s.volunteer_id, 'attendance:' || s.id, 'service_day:' || s.day_id, s.volunteer_id, e.facts
FROM served s CROSS JOIN LATERAL (
  SELECT s.in_at AS at, 'checkin.CheckedIn' AS kind, jsonb_build_object('attendance_id', s.id, 'volunteer_id', s.volunteer_id,
    'how', 'wall', 'points', s.flat) AS facts
  UNION ALL SELECT s.out_at, 'checkin.CheckedOut', jsonb_build_object('attendance_id', s.id, 'volunteer_id', s.volunteer_id,
    'how', 'wall', 'minutes', s.minutes, 'grade', 'A', 'points', s.flat) WHERE s.state IN ('closed', 'void')) e"""
_SEQUENCES = """SELECT setval(pg_get_serial_sequence(name, 'id'), number) FROM (
  SELECT 'attendance' AS name, max(id) AS number FROM attendance UNION ALL
  SELECT 'service_record', max(id) FROM service_record UNION ALL SELECT 'voucher', max(id) FROM voucher UNION ALL
  SELECT 'ledger_posting', max(id) FROM ledger_posting) highest WHERE number > 0"""

LAST_OF_DAYS = """SELECT (at AT TIME ZONE 'Asia/Shanghai')::date, max(id) FROM ledger_posting GROUP BY 1"""

ALL = (
    _POOL, _POOL_INDEX, _POOL_PLACE, "ANALYZE pool", _CROWD, "ANALYZE crowd", _STAY, "ANALYZE stay", _SERVED,
    "DROP TABLE stay", "ANALYZE served", _ATTENDANCE, _RECORD, "ANALYZE service_record", _MOVE, _AWARDS, _FLAT, _REVERSALS,
    _PURSE, "ANALYZE purse", _SHELF, _CLAIM, "ANALYZE claim", _VOUCHER, _CLAIMS, _REDEEMED, _RELEASED, _EXPIRED, _LINE,
    _STATEMENT, _LINES, _SETTLED, _SHELF_ADDS_UP, _NUMBERED, "DROP TABLE move", "ANALYZE numbered", _BACK, "ANALYZE back", _POSTING, _BALANCE,
    "DROP TABLE numbered", _EVENT, _EVENTS, _SEQUENCES,
)  # fmt: skip
