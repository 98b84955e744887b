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

CREATE SEQUENCE IF NOT EXISTS bench_redeem MINVALUE 1;

-- The code's seal is checked in the product without the database; here the voucher is found by its public name.
CREATE OR REPLACE FUNCTION bench_redeem(voucher_id bigint, first_id bigint, counters integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE who bigint; v voucher; shop text; shop_state text; holder text; frozen timestamptz; code text;
BEGIN
  SELECT a.id INTO who FROM api_token t JOIN account a ON a.id = t.user_id
    WHERE t.token_hash = encode(sha256(('bench-' || (voucher_id - first_id) % counters)::bytea), 'hex')
      AND t.ended_at IS NULL AND t.expires_at > now() AND a.state = 'active';
  SELECT x.public INTO code FROM voucher x WHERE x.id = voucher_id;
  SELECT * INTO v FROM voucher x WHERE x.public = code;
  SELECT p.name, p.state INTO shop, shop_state FROM partner p WHERE p.id = v.partner_id;
  SELECT a.name, a.vouchers_frozen_at INTO holder, frozen FROM account a WHERE a.id = v.volunteer_id;
  IF who IS NULL OR shop_state <> 'signed' OR frozen IS NOT NULL OR v.armed_until <= now() OR v.volunteer_id = who
     OR EXISTS (SELECT 1 FROM voucher x WHERE x.scan = 'y-' || voucher_id)
     OR NOT EXISTS (SELECT 1 FROM grant_held g WHERE g.user_id = who AND g.partner_id = v.partner_id
                    AND g.role IN ('counter', 'partner_manager') AND (g.until IS NULL OR g.until >= current_date))
  THEN RAISE EXCEPTION 'refused %', voucher_id; END IF;
  UPDATE voucher SET state = 'redeemed', redeemed_at = now(), redeemed_by = who, scan = 'y-' || voucher_id
    WHERE id = v.id AND state = 'claimed' AND armed_until = v.armed_until;
  IF NOT FOUND THEN RAISE EXCEPTION 'lost race %', voucher_id; END IF;
  INSERT INTO ledger_posting (key, line, move, source, target, amount, at, "on", volunteer_id, area_path, why)
    VALUES ('redeem:' || v.id, 0, 'redeem', 'held:' || v.id, 'partner:' || v.partner_id || ':owed', v.points, now(),
      current_date, v.volunteer_id, v.area_path, jsonb_build_object('title', v.title, 'link', '/vouchers/' || v.id));
  INSERT INTO notice (user_id, at, text, facts, link, key)
    VALUES (v.volunteer_id, now(), '“{title}”{at|time} 在{partner}用掉了。不是你本人的话，请马上告诉社区。',
      jsonb_build_object('title', v.title, 'at', now(), 'partner', shop), '/vouchers/' || v.id, 'voucher-redeemed:' || v.id)
    ON CONFLICT DO NOTHING;
  INSERT INTO event (at, kind, actor_id, about, within, whom, facts)
    VALUES (now(), 'vouchers.Redeemed', who, 'voucher:' || v.id, 'partner:' || v.partner_id, v.volunteer_id,
      jsonb_build_object('voucher_id', v.id, 'partner_id', v.partner_id, 'volunteer_id', v.volunteer_id, 'points', v.points));
  RETURN holder;
END $$;
