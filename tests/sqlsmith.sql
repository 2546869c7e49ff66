-- What sqlsmith's queries are about: a column of each type, views of several kinds, indexes.
CREATE TABLE numbers (a int NOT NULL, b bigint, c smallint, d numeric, e numeric(10, 2), f real, g double precision, h oid);
CREATE TABLE texts (i int NOT NULL, j text, k varchar(5), l char(3), m name, n bytea, o boolean, p uuid);
CREATE TABLE times (q int NOT NULL, r date, s time, t timestamp, u timestamptz, v interval);
CREATE TABLE containers (w int NOT NULL, x jsonb, y int[], z text[], aa int4range, bb inet, cc bit(3), dd varbit);
INSERT INTO numbers SELECT i, i::bigint * 1000000007, i % 100, i / 7.0, i / 3.0, i / 4.0, i / 8.0, i FROM generate_series(1, 20) i;
INSERT INTO numbers (a) VALUES (21), (21);
INSERT INTO texts SELECT i, 'text ' || i, 'v' || i, 'c', 'name', 'bytes'::bytea, i % 2 = 0,
    'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11' FROM generate_series(1, 5) i;
INSERT INTO texts (i) VALUES (6);
INSERT INTO times SELECT i, date '2024-02-25' + i, '10:00:00', timestamp '2024-02-25 10:00:00' + i * interval '1 hour',
    '2024-02-25 10:00:00+00', i * interval '1 day 1 second' FROM generate_series(1, 10) i;
INSERT INTO times (q) VALUES (11);
INSERT INTO containers VALUES (1, '{"a": [1, 2, {"b": null}]}', '{1,2,NULL}', '{a,b}', '[1,5)', '10.0.0.1/8', '101', '1'),
    (2, '[]', '{}', '{}', 'empty', '::1', '000', '');
INSERT INTO containers (w) VALUES (3);
CREATE VIEW joined AS SELECT a, j, r, x FROM numbers LEFT JOIN texts ON a = i LEFT JOIN times ON a = q LEFT JOIN containers ON a = w;
CREATE MATERIALIZED VIEW groups AS SELECT a % 3 AS remainder, count(*), sum(d), max(e), avg(g) FROM numbers GROUP BY 1;
CREATE MATERIALIZED VIEW latest AS SELECT DISTINCT ON (o) o, i, j FROM texts ORDER BY o, i DESC;
CREATE MATERIALIZED VIEW ranked AS SELECT q, r, row_number() OVER (ORDER BY q) AS place FROM times;
CREATE INDEX ON numbers (a);
CREATE INDEX ON joined (a, j);
CREATE INDEX ON groups (remainder);
CREATE INDEX ON containers (x, y);
