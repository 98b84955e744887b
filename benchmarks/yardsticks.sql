-- The transactions of the product as functions of the database: no network, no Python, the same reads and writes.
CREATE SEQUENCE IF NOT EXISTS bench_come MINVALUE 1;
CREATE SEQUENCE IF NOT EXISTS bench_leave MINVALUE 1;

CREATE OR REPLACE FUNCTION bench_look(token text, day_public text, scan_name text,
  OUT who bigint, OUT day service_day, OUT act activity, OUT signed text, OUT stay attendance,
  OUT known bigint, OUT sessions bigint, OUT credited bigint, OUT elsewhere bigint, OUT guarded boolean, OUT balance bigint)
LANGUAGE plpgsql AS $$
BEGIN
  SELECT a.id INTO who FROM api_token t JOIN account a ON a.id = t.user_id
    WHERE t.token_hash = encode(sha256(token::bytea), 'hex') AND t.ended_at IS NULL AND t.expires_at > now() AND a.state = 'active';
  SELECT * INTO day FROM service_day d WHERE d.public = day_public;
  SELECT * INTO act FROM activity c WHERE c.id = day.activity_id;
  SELECT s.state INTO signed FROM signup s WHERE s.service_day_id = day.id AND s.volunteer_id = who;
  SELECT a.* INTO stay FROM attendance a
    WHERE a.service_day_id = day.id AND a.volunteer_id = who AND a.state <> 'void' ORDER BY a.id DESC LIMIT 1;
  SELECT count(*) INTO sessions FROM attendance a
    WHERE a.service_day_id = day.id AND a.volunteer_id = who AND a.state <> 'void';
  SELECT a.id INTO known FROM attendance a WHERE a.in_scan = scan_name;
  IF known IS NULL THEN SELECT a.id INTO known FROM attendance a WHERE a.out_scan = scan_name; END IF;
  SELECT a.service_day_id INTO elsewhere FROM attendance a
    WHERE a.volunteer_id = who AND a.state = 'open' AND a.service_day_id <> day.id;
  SELECT coalesce(sum(r.minutes), 0) INTO credited FROM service_record r
    WHERE r.volunteer_id = who AND r."on" = day."on" AND r.state <> 'reversed';
  guarded := EXISTS (SELECT 1 FROM guardian g WHERE g.minor_id = who AND g.confirmed_at IS NOT NULL);
  SELECT coalesce(sum(b.amount), 0) INTO balance FROM ledger_balance b
    WHERE b.address BETWEEN 'volunteer:' || who || ':' || to_char(now(), 'YYYY-MM') AND 'volunteer:' || who || ':9999-12';
END $$;

CREATE OR REPLACE FUNCTION bench_come(n integer, day_public text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE f record; made bigint; scan_name text := 'y-' || day_public || '-' || n;
BEGIN
  SELECT * INTO f FROM bench_look('bench-' || n, day_public, scan_name);
  IF f.who IS NULL OR f.signed <> 'accepted' OR f.known IS NOT NULL OR f.elsewhere IS NOT NULL
     OR (f.day).state <> 'open' OR now() NOT BETWEEN (f.day).starts_at - interval '30 min' AND (f.day).starts_at + interval '30 min'
  THEN RAISE EXCEPTION 'refused %', n; END IF;
  INSERT INTO attendance (service_day_id, volunteer_id, team_id, area_path, in_at, in_how, in_scan, points, state)
    VALUES ((f.day).id, f.who, (f.day).team_id, (f.day).area_path, now(), 'wall', scan_name, (f.act).flat_points, 'open')
    RETURNING id INTO made;
  INSERT INTO ledger_posting (key, line, move, source, target, amount, at, "on", volunteer_id, area_path, why)
    VALUES ('flat:' || (f.day).id || ':' || f.who, 0, 'award', 'programme:issued', 'volunteer:' || f.who || ':2028-11',
      (f.act).flat_points, now(), (f.day)."on", f.who, (f.day).area_path,
      jsonb_build_object('title', (f.act).title, 'link', '/service-days/' || (f.day).id, 'service_day', (f.day).id,
        'formula', jsonb_build_object('kind', 'flat', 'rule', 1, 'grade', 'A', 'points', (f.act).flat_points)));
  INSERT INTO event (at, kind, actor_id, about, within, whom, facts)
    VALUES (now(), 'checkin.CheckedIn', f.who, 'attendance:' || made, 'service_day:' || (f.day).id, f.who,
      jsonb_build_object('attendance_id', made, 'volunteer_id', f.who, 'how', 'wall', 'points', (f.act).flat_points));
  RETURN f.balance + (f.act).flat_points;
END $$;

CREATE OR REPLACE FUNCTION bench_leave(n integer, day_public text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE f record; rec bigint; points integer; mins integer; scan_name text := 'y-' || day_public || '-' || n;
BEGIN
  SELECT * INTO f FROM bench_look('bench-' || n, day_public, scan_name);
  IF f.who IS NULL OR f.known IS NOT NULL OR (f.stay).state IS DISTINCT FROM 'open'
     OR (f.day).state <> 'open' OR now() NOT BETWEEN (f.day).ends_at - interval '15 min' AND (f.day).ends_at + interval '60 min'
  THEN RAISE EXCEPTION 'refused %', n; END IF;
  mins := extract(epoch FROM least(now(), (f.day).ends_at) - (f.stay).in_at)::int / 60;
  points := mins / 30 * 5;
  UPDATE attendance SET out_at = now(), out_how = 'wall', out_scan = scan_name, minutes = mins, grade = 'A', state = 'closed'
    WHERE id = (f.stay).id AND out_at IS NULL AND state = 'open';
  IF NOT FOUND THEN RAISE EXCEPTION 'lost race %', n; END IF;
  INSERT INTO service_record (source, volunteer_id, service_day_id, team_id, area_path, "on", minutes, grade, state, points,
      formula, recorded_at)
    VALUES ('attendance:' || (f.stay).id, f.who, (f.day).id, (f.day).team_id, (f.day).area_path, (f.day)."on", mins, 'A',
      'confirmed', points, jsonb_build_object('kind', 'time', 'rule', 1, 'minutes', mins, 'planned', 120, 'grade', 'A',
        'blocks', mins / 30, 'block_minutes', 30, 'per_block', 5, 'coefficient', '1.0', 'points', points), now())
    RETURNING id INTO rec;
  INSERT INTO ledger_posting (key, line, move, source, target, amount, at, "on", volunteer_id, area_path, why)
    VALUES ('record:' || rec, 0, 'award', 'programme:issued', 'volunteer:' || f.who || ':2028-11', points, now(),
      (f.day)."on", f.who, (f.day).area_path,
      jsonb_build_object('title', (f.act).title, 'link', '/me/hours', 'record', rec,
        'formula', jsonb_build_object('kind', 'time', 'rule', 1, 'minutes', mins, 'planned', 120, 'grade', 'A',
          'blocks', mins / 30, 'block_minutes', 30, 'per_block', 5, 'coefficient', '1.0', 'points', points)));
  INSERT INTO event (at, kind, actor_id, about, within, whom, facts)
    VALUES (now(), 'checkin.CheckedOut', f.who, 'attendance:' || (f.stay).id, 'service_day:' || (f.day).id, f.who,
      jsonb_build_object('attendance_id', (f.stay).id, 'volunteer_id', f.who, 'how', 'wall', 'minutes', mins, 'grade', 'A',
        'points', points));
  RETURN f.balance + points;
END $$;
