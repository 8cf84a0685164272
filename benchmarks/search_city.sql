-- The rows of benchmarks/search_city.py. Every 13th number of a house is 12A or so, every 17th and 19th lies in a lane;
-- every 50th street is a "Đường số …", every 100th is named twice in town; every fifth parcel bore another number once.
SET LOCAL synchronous_commit = off;
CREATE TEMPORARY TABLE name AS
    SELECT row_number() OVER (ORDER BY md5(a || b || c)) - 1 AS nth, a || ' ' || b || c AS name
    FROM unnest(%(first)s::text[]) a, unnest(%(second)s::text[]) b, unnest(%(third)s::text[]) c;
CREATE UNIQUE INDEX ON name (nth);
CREATE TEMPORARY TABLE street AS
    SELECT nth, CASE WHEN nth %% 50 = 0 THEN 'Đường số ' || nth / 50 + 1
                WHEN nth %% 100 = 7 THEN 'Đường ' || (SELECT name FROM name WHERE name.nth = street.nth - 1)
                ELSE 'Đường ' || name END AS name
    FROM generate_series(0, %(streets)s - 1) AS street (nth) JOIN name USING (nth);
CREATE UNIQUE INDEX ON street (nth);
CREATE TEMPORARY TABLE lot AS
    SELECT nth, nth / %(per_commune)s AS commune, nth %% %(per_commune)s AS within,
        %(east)s + nth / %(per_commune)s %% 10 * 1000 + nth %% 100 * 10 AS x,
        %(north)s + nth / %(per_commune)s / 10 * 2000 + nth %% %(per_commune)s / 100 * 20 AS y
    FROM generate_series(0, %(parcels)s - 1) AS lot (nth);

INSERT INTO base_administrativeunit (valid_during, code, name, level, kind, parent_code, legal_basis, boundary)
    SELECT daterange '[2020-01-01,)', '99', 'Thành phố Thử Nghiệm', 'province', 'thành phố', '', '',
        ST_Multi(ST_MakeEnvelope(%(east)s, %(north)s, %(east)s + 10000, %(north)s + 2000 * (1 + %(communes)s / 10),
            %(srid)s))
    UNION ALL
    SELECT daterange '[2020-01-01,)', (99000 + nth)::text, CASE WHEN nth %% 3 = 0 THEN 'Xã ' ELSE 'Phường ' END || name,
        'commune', CASE WHEN nth %% 3 = 0 THEN 'xã' ELSE 'phường' END, '99', '',
        ST_Multi(ST_MakeEnvelope(%(east)s + nth %% 10 * 1000, %(north)s + nth / 10 * 2000,
            %(east)s + nth %% 10 * 1000 + 1000, %(north)s + nth / 10 * 2000 + 2000, %(srid)s))
    FROM generate_series(0, %(communes)s - 1) AS commune (nth) JOIN name USING (nth);

INSERT INTO parcels_parcel (valid_during, commune_code, sheet, number, suffix, old_sheet, old_number, land_use_codes,
        boundary)
    SELECT daterange '[2020-01-01,)', (99000 + commune)::text, (within / %(per_sheet)s + 1)::text,
        (within %% %(per_sheet)s + 1)::text, 1, CASE WHEN nth %% 5 = 0 THEN (900 + within / 100)::text ELSE '' END,
        CASE WHEN nth %% 5 = 0 THEN (within %% 100 + 1)::text ELSE '' END, ARRAY['ODT'],
        ST_Multi(ST_MakeEnvelope(x, y, x + 10, y + 20, %(srid)s))
    FROM lot ORDER BY nth;

INSERT INTO base_street (valid_during, name, street_class, width_m, centreline)
    SELECT daterange '[2020-01-01,)', street.name, 'local', 12, ST_Multi(ST_SetSRID(ST_MakeLine(
        ST_MakePoint(x + piece * 20, y), ST_MakePoint(x + piece * 20 + 20, y)), %(srid)s))
    FROM street JOIN lot ON lot.nth = street.nth::bigint * (%(parcels)s / %(streets)s),
        generate_series(0, %(pieces)s - 1) AS piece;

INSERT INTO base_address (valid_during, house_number, street_name, parcel, position)
    SELECT daterange '[2020-01-01,)', CASE WHEN lot.nth %% 13 = 0 THEN door || 'A'
        WHEN lot.nth %% 17 = 0 THEN 'K' || door || '/5'
        WHEN lot.nth %% 19 = 0 THEN door || '/7' ELSE door::text END, street.name, parcel.identity,
        ST_SetSRID(ST_MakePoint(x + 5, y + 1), %(srid)s)
    FROM lot JOIN street ON street.nth = lot.nth / GREATEST(1, %(parcels)s / %(streets)s)
    CROSS JOIN LATERAL (SELECT lot.nth %% GREATEST(1, %(parcels)s / %(streets)s) + 1 AS door) AS doors
    JOIN parcels_parcel parcel ON parcel.code = (99000 + lot.commune) || '-' || (within / %(per_sheet)s + 1) || '-'
        || (within %% %(per_sheet)s + 1);

INSERT INTO base_place (valid_during, name, kind, position)
    SELECT daterange '[2020-01-01,)', (ARRAY['Chợ ', 'Trường Tiểu học ', 'Ga ', 'Công viên ', 'Bệnh viện '])[1 + place %% 5] || name,
        (ARRAY['market', 'school', 'station', 'park', 'hospital'])[1 + place %% 5],
        ST_SetSRID(ST_MakePoint(x + 5, y + 10), %(srid)s)
    FROM generate_series(0, %(places)s - 1) AS place JOIN name ON name.nth = place * 3 %% 20000
    JOIN lot ON lot.nth = place * (%(parcels)s / %(places)s);

INSERT INTO base_water (valid_during, name, kind, surface)
    SELECT daterange '[2020-01-01,)', (ARRAY['Sông ', 'Hồ ', 'Kênh '])[1 + water %% 3] || name, (ARRAY['river', 'lake', 'canal'])[1 + water %% 3],
        ST_Multi(ST_MakeEnvelope(x, y, x + 300, y + 40, %(srid)s))
    FROM generate_series(0, %(waters)s - 1) AS water JOIN name ON name.nth = water * 7 %% 20000
    JOIN lot ON lot.nth = water * (%(parcels)s / %(waters)s);

INSERT INTO plans_plan (valid_during, code, title, kind, scale, state, decision_ref, decided_on, boundary)
    SELECT daterange '[2020-01-01,)', to_char(plan, 'FM000000000000'), 'Quy hoạch phân khu ' || name, 'zoning', 2000,
        CASE WHEN plan %% 4 = 0 THEN 'draft' ELSE 'adopted' END, CASE WHEN plan %% 4 = 0 THEN '' ELSE plan || '/QĐ-UBND' END,
        CASE WHEN plan %% 4 = 0 THEN NULL ELSE DATE '2020-01-01' END,
        ST_Multi(ST_MakeEnvelope(x, y, x + 800, y + 800, %(srid)s))
    FROM generate_series(0, %(plans)s - 1) AS plan JOIN name ON name.nth = plan * 11
    JOIN lot ON lot.nth = plan * (%(parcels)s / %(plans)s);

INSERT INTO plans_zone (valid_during, plan, code, function, boundary)
    SELECT daterange '[2020-01-01,)', plan.identity, (ARRAY['OM', 'O', 'CX', 'TM', 'HH'])[1 + zone %% 5] || '-' || zone / %(plans)s + 1,
        'OM', ST_Multi(ST_MakeEnvelope(x, y, x + 40, y + 40, %(srid)s))
    FROM generate_series(0, %(zones)s - 1) AS zone
    JOIN plans_plan plan ON plan.code = to_char(zone %% %(plans)s, 'FM000000000000')
    JOIN lot ON lot.nth = zone * (%(parcels)s / %(zones)s);
