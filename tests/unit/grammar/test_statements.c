/*
 * One statement at least for every form of every kind; each is printed in all styles and read again.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grammar/parse.h"
#include "tests/unit/grammar/round_trip.h"

static void
check_all(const char *const *statements, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        Buffer why = {0};
        bool parses;

        if (!round_trips(slice_of(statements[i]), &parses, &why))
            ck_abort_msg("%.1500s", buffer_text(&why));
        buffer_deinit(&why);
    }
}

#define CHECK_ALL(array) check_all((array), sizeof(array) / sizeof(array)[0])

START_TEST(secrets_and_connections)
{
    static const char *const statements[] = {
        "CREATE SECRET pgpass AS '<POSTGRES_PASSWORD>'",
        "CREATE SECRET IF NOT EXISTS d.s.x AS decode('c2VjcmV0Cg==', 'base64')",
        "ALTER SECRET IF EXISTS x AS 'new' || 'er'",
        "ALTER SECRET x RENAME TO y",
        "ALTER SECRET x OWNER TO r",
        "CREATE CONNECTION pg TO POSTGRES (HOST 'h', PORT 5432, USER 'u', PASSWORD SECRET pgpass, SSL MODE 'require', "
        "DATABASE 'postgres')",
        "CREATE CONNECTION pg TO POSTGRES (HOST = localhost, USER = SECRET a.b.c, SSL MODE = verify_ca, SSL "
        "CERTIFICATE "
        "AUTHORITY SECRET ca, SSH TUNNEL db.public.tunnel, DATABASE postgres) WITH (VALIDATE = false)",
        "CREATE CONNECTION IF NOT EXISTS pg TO POSTGRES (HOST 'h', AWS PRIVATELINK [u1 AS materialize.public.pl])",
        "CREATE CONNECTION pg FOR POSTGRES HOST 'h', PORT 5432, DATABASE 'd'",
        "CREATE CONNECTION k TO KAFKA (BROKERS ('a:9092' USING SSH TUNNEL t, 'b:9092' USING AWS PRIVATELINK p "
        "(AVAILABILITY "
        "ZONE 'use1-az1', PORT 9093), 'c'), SECURITY PROTOCOL 'SASL_SSL', SASL MECHANISMS = 'PLAIN', SASL USERNAME "
        "'u', "
        "SASL PASSWORD SECRET s, PROGRESS TOPIC 'p', PROGRESS TOPIC REPLICATION FACTOR 3)",
        "CREATE CONNECTION k TO KAFKA (BROKER 'a:9092', SSH TUNNEL t)",
        "CREATE CONNECTION k TO KAFKA (AWS PRIVATELINK pl (PORT 9092), AWS CONNECTION = aws)",
        "CREATE CONNECTION c TO CONFLUENT SCHEMA REGISTRY (URL 'http://x:8081', USERNAME SECRET a, PASSWORD = SECRET "
        "b)",
        "CREATE CONNECTION t TO SSH TUNNEL (HOST 'bastion', PORT 22, USER 'materialize')",
        "CREATE CONNECTION p TO AWS PRIVATELINK (SERVICE NAME 'com.amazonaws', AVAILABILITY ZONES ('use1-az1', "
        "'use1-az4'))",
        "CREATE CONNECTION a TO AWS (ASSUME ROLE ARN 'arn:x', REGION 'us-east-1', ACCESS KEY ID = 'k', SECRET ACCESS "
        "KEY = "
        "SECRET s, SESSION TOKEN 't', ENDPOINT 'http://x', ASSUME ROLE SESSION NAME 'n')",
        "CREATE CONNECTION m TO MYSQL (HOST 'h', SSL MODE = 'verify_identity')",
        "CREATE CONNECTION m TO SQL SERVER (HOST 'h', PORT 1433, DATABASE d)",
        "CREATE CONNECTION i TO ICEBERG CATALOG (CATALOG TYPE = 's3tablesrest', URL 'https://x', WAREHOUSE 'w')",
        "VALIDATE CONNECTION a.b.c",
        "ALTER CONNECTION IF EXISTS c SET (HOST = 'x')",
        "ALTER CONNECTION c SET (HOST 'x'), SET (PORT 1), RESET (SSL MODE), DROP (SSH TUNNEL) WITH (VALIDATE true)",
        "ALTER CONNECTION c ROTATE KEYS",
        "ALTER CONNECTION c RENAME TO d",
        "ALTER CONNECTION c OWNER TO \"a.b@c.com\"",
        "DROP CONNECTION IF EXISTS a, b CASCADE",
        "DROP SECRET x RESTRICT",
    };

    CHECK_ALL(statements);
}
END_TEST

START_TEST(sources)
{
    static const char *const statements[] = {
        "CREATE SOURCE mz_source FROM POSTGRES CONNECTION pg_connection (PUBLICATION 'mz_source') FOR ALL TABLES",
        "CREATE SOURCE IF NOT EXISTS a.b.c IN CLUSTER ingest FROM POSTGRES CONNECTION pg (PUBLICATION 'p', TEXT "
        "COLUMNS "
        "(s.t.c, d.s.t.e), EXCLUDE COLUMNS [t.x]) FOR SCHEMAS (public, \"Other\") EXPOSE PROGRESS AS prog WITH (RETAIN "
        "HISTORY = FOR '1 hour', TIMESTAMP INTERVAL '500ms')",
        "CREATE SOURCE s FROM POSTGRES CONNECTION pg (PUBLICATION p) FOR TABLES (a, s.b AS x, d.s.c AS db.sch.y)",
        "CREATE SOURCE s FROM POSTGRES CONNECTION [u7 AS materialize.public.pg] (PUBLICATION = 'p', DETAILS = 'abcd')",
        "CREATE TABLE t FROM SOURCE src (REFERENCE public.t)",
        "CREATE TABLE IF NOT EXISTS v1.t FROM SOURCE src (REFERENCE = public.\"T\") WITH (TEXT COLUMNS (a, b), EXCLUDE "
        "COLUMNS "
        "(c), PARTITION BY (a), RETAIN HISTORY FOR '1s')",
        "CREATE TABLE t (a int NOT NULL, b text) FROM SOURCE src (REFERENCE public.t) WITH (DETAILS = 'ff')",
        "CREATE TABLE t FROM SOURCE s (REFERENCE \"topic\") FORMAT JSON INCLUDE PARTITION, OFFSET AS o ENVELOPE UPSERT",
        "CREATE SOURCE k (a, b, PRIMARY KEY (a) NOT ENFORCED) FROM KAFKA CONNECTION k (TOPIC 't', GROUP ID PREFIX 'p', "
        "START "
        "OFFSET (0, 10, -5), START TIMESTAMP -3600000, TOPIC METADATA REFRESH INTERVAL '10s') FORMAT AVRO USING "
        "CONFLUENT "
        "SCHEMA REGISTRY CONNECTION csr KEY STRATEGY LATEST VALUE STRATEGY ID 5 ENVELOPE DEBEZIUM",
        "CREATE SOURCE k FROM KAFKA CONNECTION k (TOPIC 't') KEY FORMAT TEXT VALUE FORMAT JSON INCLUDE KEY AS k, "
        "PARTITION, "
        "OFFSET, TIMESTAMP AS ts, HEADERS, HEADER 'h' AS h BYTES ENVELOPE UPSERT (VALUE DECODING ERRORS = INLINE AS "
        "err)",
        "CREATE SOURCE k FROM KAFKA CONNECTION k (TOPIC 't') FORMAT CSV WITH HEADER (a, b) DELIMITED BY ';'",
        "CREATE SOURCE k FROM KAFKA CONNECTION k (TOPIC 't') FORMAT CSV WITH 3 COLUMNS ENVELOPE NONE",
        "CREATE SOURCE k FROM KAFKA CONNECTION k (TOPIC 't') FORMAT REGEX '(?P<a>.*)' INCLUDE KEY INCLUDE OFFSET",
        "CREATE SOURCE k FROM KAFKA CONNECTION k (TOPIC 't') FORMAT PROTOBUF MESSAGE 'm' USING SCHEMA '0a'",
        "CREATE SOURCE k FROM KAFKA CONNECTION k (TOPIC 't') FORMAT PROTOBUF USING CONFLUENT SCHEMA REGISTRY "
        "CONNECTION csr "
        "SEED KEY SCHEMA 'a' VALUE SCHEMA 'b'",
        "CREATE SOURCE k FROM KAFKA CONNECTION k (TOPIC 't') FORMAT AVRO USING SCHEMA '{}' (CONFLUENT WIRE FORMAT = "
        "false)",
        "CREATE SOURCE k FROM KAFKA CONNECTION k (TOPIC 't') FORMAT BYTES ENVELOPE UPSERT (VALUE DECODING ERRORS "
        "(INLINE))",
        "CREATE SOURCE g FROM LOAD GENERATOR AUCTION (TICK INTERVAL '50ms', AS OF 5, UP TO 100) FOR ALL TABLES",
        "CREATE SOURCE g FROM LOAD GENERATOR TPCH (SCALE FACTOR .01) FOR TABLES (orders, lineitem AS l)",
        "CREATE SOURCE g FROM LOAD GENERATOR KEY VALUE (KEYS 10, SNAPSHOT ROUNDS 1, TRANSACTIONAL SNAPSHOT false, "
        "VALUE SIZE 1, "
        "SEED 42, PARTITIONS 1, BATCH SIZE 1) INCLUDE OFFSET ENVELOPE UPSERT",
        "CREATE SOURCE g FROM LOAD GENERATOR COUNTER",
        "CREATE SOURCE m FROM MYSQL CONNECTION m (IGNORE COLUMNS = (a.b)) FOR ALL TABLES",
        "CREATE SOURCE m FROM SQL SERVER CONNECTION m FOR ALL TABLES",
        "CREATE SOURCE w IN CLUSTER c FROM WEBHOOK BODY FORMAT JSON ARRAY INCLUDE HEADERS (NOT 'authorization', 'x'), "
        "HEADER "
        "'y' AS y CHECK (WITH (HEADERS, BODY AS b BYTES, SECRET s AS k) constant_time_eq(headers->'a', k))",
        "CREATE SOURCE w FROM WEBHOOK BODY FORMAT TEXT CHECK (true)",
        "CREATE TABLE w FROM WEBHOOK BODY FORMAT BYTES",
        "CREATE SUBSOURCE s (a int NOT NULL, PRIMARY KEY (a)) OF SOURCE x WITH (EXTERNAL REFERENCE = d.s.t, PROGRESS)",
        "ALTER SOURCE s ADD SUBSOURCE a, b AS c WITH (TEXT COLUMNS (a.x))",
        "ALTER SOURCE IF EXISTS s DROP SUBSOURCE IF EXISTS a, b CASCADE",
        "ALTER SOURCE s ADD TABLE a",
        "ALTER SOURCE s REFRESH REFERENCES",
        "ALTER SOURCE s SET (RETAIN HISTORY = FOR '2h')",
        "ALTER SOURCE s RESET (RETAIN HISTORY)",
        "ALTER SOURCE s SET (TIMESTAMP INTERVAL = '500ms')",
        "ALTER SOURCE s SET CLUSTER c",
        "DROP SOURCE IF EXISTS a.b.c, d CASCADE",
    };

    CHECK_ALL(statements);
}
END_TEST

START_TEST(clusters)
{
    static const char *const statements[] = {
        "CREATE CLUSTER c (SIZE = '25cc')",
        "CREATE CLUSTER c (SIZE '25cc', REPLICATION FACTOR 2, MANAGED, SCHEDULE = ON REFRESH (HYDRATION TIME ESTIMATE "
        "= '1 "
        "hour'), AVAILABILITY ZONES ('a'), INTROSPECTION INTERVAL = 0, INTROSPECTION DEBUGGING = true, WORKLOAD CLASS "
        "= NULL, "
        "DISK false)",
        "CREATE CLUSTER c SIZE = '1', REPLICATION FACTOR = 1",
        "CREATE CLUSTER IF NOT EXISTS c (SCHEDULE MANUAL) FEATURES (ENABLE EAGER DELTA JOINS = true)",
        "CREATE CLUSTER c REPLICAS (r1 (SIZE '1'), r2 (SIZE '2'))",
        "CREATE CLUSTER c REPLICAS ()",
        "CREATE CLUSTER REPLICA c.r SIZE '1'",
        "CREATE CLUSTER REPLICA c.r (SIZE '1', AVAILABILITY ZONE 'x')",
        "ALTER CLUSTER c SET (SIZE '50cc') WITH (WAIT UNTIL READY (TIMEOUT = '10m', ON TIMEOUT = 'COMMIT'))",
        "ALTER CLUSTER c SET (SIZE = x) WITH (WAIT FOR '10s')",
        "ALTER CLUSTER IF EXISTS c RESET (REPLICATION FACTOR, MANAGED)",
        "ALTER CLUSTER c RENAME TO d",
        "ALTER CLUSTER c SWAP WITH d",
        "ALTER CLUSTER c OWNER TO r",
        "ALTER CLUSTER REPLICA c.r RENAME TO s",
        "ALTER CLUSTER REPLICA c.r OWNER TO s",
        "DROP CLUSTER c CASCADE",
        "DROP CLUSTER REPLICA IF EXISTS c.r1, c.r2",
        "SET CLUSTER c",
        "SET CLUSTER = c",
        "SET cluster TO 'x'",
        "CREATE NETWORK POLICY p (RULES (r (action = 'allow', direction = 'ingress', address = '::/0'), \"R 2\" ()))",
        "ALTER NETWORK POLICY p SET (RULES ())",
        "DROP NETWORK POLICY p",
    };

    CHECK_ALL(statements);
}
END_TEST

START_TEST(containers_types_and_comments)
{
    static const char *const statements[] = {
        "CREATE DATABASE IF NOT EXISTS d",
        "DROP DATABASE d RESTRICT",
        "ALTER DATABASE d RENAME TO e",
        "CREATE SCHEMA d.s",
        "DROP SCHEMA IF EXISTS s, d.t CASCADE",
        "ALTER SCHEMA v1 SWAP WITH v3",
        "ALTER SCHEMA d.s OWNER TO r",
        "ALTER VIEW v SET SCHEMA s",
        "CREATE TYPE t AS LIST (ELEMENT TYPE = int4)",
        "CREATE TYPE a.t AS MAP (KEY TYPE text, VALUE TYPE = map[text=>int list])",
        "CREATE TYPE t AS (a int, b pg_catalog.text, \"C\" numeric(10, 2)[])",
        "DROP TYPE t",
        "ALTER TYPE t RENAME TO u",
        "COMMENT ON TABLE t IS 'it''s'",
        "COMMENT ON COLUMN s.t.c IS NULL",
        "COMMENT ON COLUMN [u1 AS d.s.t].c IS 'x'",
        "COMMENT ON CLUSTER REPLICA c.r IS 'x'",
        "COMMENT ON MATERIALIZED VIEW v IS 'x'",
        "COMMENT ON ROLE r IS 'x'",
        "COMMENT ON NETWORK POLICY p IS 'x'",
        "DROP TABLE IF EXISTS a, b",
        "ALTER TABLE IF EXISTS t RENAME TO u",
        "ALTER TABLE t ADD COLUMN IF NOT EXISTS c int",
        "ALTER TABLE t SET (RETAIN HISTORY FOR '1d')",
        "ALTER INDEX i SET (RETAIN HISTORY = FOR '1d')",
        "ALTER INDEX i RESET (RETAIN HISTORY)",
        "ALTER MATERIALIZED VIEW m SET CLUSTER c",
        "ALTER MATERIALIZED VIEW mv APPLY REPLACEMENT r",
        "ALTER TABLE if RENAME TO then2",
    };

    CHECK_ALL(statements);
}
END_TEST

START_TEST(tables_and_data)
{
    static const char *const statements[] = {
        "CREATE TABLE t (a int4 NOT NULL DEFAULT 5, b varchar(10) COLLATE \"C\" NULL, c timestamp(3) with time zone "
        "DEFAULT "
        "now(), d int DEFAULT -1, e int DEFAULT (1 + 2))",
        "CREATE TEMP TABLE IF NOT EXISTS t ()",
        "CREATE TABLE t (a int PRIMARY KEY, b int UNIQUE, c int CHECK (c > 0), d int REFERENCES x (y), CONSTRAINT n "
        "UNIQUE NULLS "
        "NOT DISTINCT (a, b), PRIMARY KEY (a), FOREIGN KEY (b) REFERENCES s.x (y), CHECK (a < b)) WITH (RETAIN HISTORY "
        "= FOR "
        "'1h', PARTITION BY (a, b))",
        "INSERT INTO t VALUES (1, DEFAULT, 'x'), (2, NULL, 'y')",
        "INSERT INTO s.t AS x (a, b) SELECT 1, 2 RETURNING *, a + 1 AS n",
        "INSERT INTO t DEFAULT VALUES",
        "INSERT INTO t (a) (SELECT 1)",
        "INSERT INTO t TABLE u",
        "WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x",
        "UPDATE t AS x SET a = 1, b = DEFAULT, c = (SELECT 1) WHERE a = 2",
        "UPDATE t SET set = 1",
        "DELETE FROM t",
        "DELETE FROM t AS x USING u, v AS w WHERE x.a = u.a",
        "COPY t FROM STDIN",
        "COPY INTO s.t (a, b) FROM STDIN WITH (FORMAT CSV, DELIMITER '|', NULL '', QUOTE '\"', ESCAPE '\"')",
        "COPY t FROM STDIN WITH (HEADER true)",
        "COPY t FROM STDIN CSV HEADER DELIMITER AS ',' NULL 'x'",
        "COPY t TO STDOUT WITH BINARY",
        "COPY (SELECT 1) TO STDOUT (FORMAT binary)",
        "COPY (SUBSCRIBE t WITH (SNAPSHOT = false)) TO STDOUT WITH (FORMAT BINARY)",
        "COPY (SELECT 1) TO 's3://b/p' WITH (AWS CONNECTION = c, FORMAT = 'parquet', MAX FILE SIZE = '16MB')",
        "COPY t FROM ('s3://' || 'x') (FORMAT CSV, PATTERN '*.csv', FILES = ('a', 'b'))",
    };

    CHECK_ALL(statements);
}
END_TEST

START_TEST(views_and_indexes)
{
    static const char *const statements[] = {
        "CREATE VIEW v AS SELECT 1",
        "CREATE OR REPLACE TEMPORARY VIEW IF NOT EXISTS d.s.v (a, b) AS SELECT 1, 2 FROM [u1 AS d.s.t] ORDER BY 1 "
        "LIMIT 1",
        "CREATE MATERIALIZED VIEW m AS SELECT 1",
        "CREATE OR REPLACE MATERIALIZED VIEW IF NOT EXISTS m (a) IN CLUSTER c WITH (ASSERT NOT NULL a, ASSERT NOT NULL "
        "= b, "
        "PARTITION BY (a, b), RETAIN HISTORY FOR '1h', REFRESH ON COMMIT) AS SELECT * FROM t AS OF 100",
        "CREATE MATERIALIZED VIEW m WITH (REFRESH AT CREATION, REFRESH AT mz_now()::text::int8 + 2000, REFRESH EVERY "
        "'1 day' "
        "ALIGNED TO '2020-01-01'::timestamptz, REFRESH = EVERY '2h') AS TABLE t",
        "CREATE REPLACEMENT MATERIALIZED VIEW r FOR mv IN CLUSTER c AS SELECT 1",
        "CREATE INDEX ON t (a)",
        "CREATE INDEX IF NOT EXISTS i IN CLUSTER c ON s.t USING arrangement (a, b + 1, lower(c)) WITH (RETAIN HISTORY "
        "= FOR "
        "'1s')",
        "CREATE INDEX IN CLUSTER c ON t (a DESC, b)",
        "CREATE INDEX i ON t ()",
        "CREATE UNIQUE INDEX i ON t (a)",
        "CREATE DEFAULT INDEX IN CLUSTER c ON t",
        "CREATE DEFAULT INDEX ON t WITH (RETAIN HISTORY FOR '1s')",
        "DROP INDEX i",
        "DROP MATERIALIZED VIEW IF EXISTS a, b CASCADE",
    };

    CHECK_ALL(statements);
}
END_TEST

START_TEST(subscribe_and_cursors)
{
    static const char *const statements[] = {
        "SUBSCRIBE t",
        "SUBSCRIBE TO [u1 AS d.s.t]",
        "SUBSCRIBE (SELECT * FROM t WHERE a > 1) WITH (SNAPSHOT, PROGRESS = true) AS OF 5 UP TO 10",
        "SUBSCRIBE TO t ENVELOPE UPSERT (KEY (a, b)) WITH (PROGRESS) AS OF AT LEAST now() UP TO now() + '1s'",
        "SUBSCRIBE t WITH (SNAPSHOT false) ENVELOPE DEBEZIUM (KEY (a))",
        "SUBSCRIBE t WITHIN TIMESTAMP ORDER BY mz_diff DESC NULLS LAST, a WITH (PROGRESS)",
        "DECLARE c CURSOR FOR SUBSCRIBE t",
        "DECLARE c CURSOR WITHOUT HOLD FOR SELECT 1",
        "DECLARE c CURSOR FOR SHOW TABLES",
        "FETCH c",
        "FETCH 5 c",
        "FETCH ALL FROM c WITH (timeout = '1s')",
        "FETCH FORWARD 100 IN c WITH (TIMEOUT '1s')",
        "FETCH FORWARD c",
        "FETCH forward",
        "CLOSE c",
        "CLOSE ALL",
        "PREPARE p AS SELECT $1, $2",
        "PREPARE p (int, text) AS INSERT INTO t VALUES ($1)",
        "EXECUTE p",
        "EXECUTE p (1, 'x' || 'y')",
        "DEALLOCATE p",
        "DEALLOCATE PREPARE ALL",
        "DEALLOCATE prepare",
        "DISCARD ALL",
        "DISCARD TEMP",
        "DISCARD PLANS",
        "DISCARD SEQUENCES",
    };

    CHECK_ALL(statements);
}
END_TEST

START_TEST(sinks)
{
    static const char *const statements[] = {
        "CREATE SINK s FROM t INTO KAFKA CONNECTION k (TOPIC 't') KEY (a, b) FORMAT JSON ENVELOPE UPSERT",
        "CREATE SINK IF NOT EXISTS d.s.s IN CLUSTER c FROM [u1 AS d.s.t] INTO KAFKA CONNECTION k (TOPIC 't', "
        "COMPRESSION TYPE "
        "none, TRANSACTIONAL ID PREFIX 'x', PARTITION BY = seahash(a) % 5, PROGRESS GROUP ID PREFIX 'y', TOPIC "
        "REPLICATION "
        "FACTOR 3, TOPIC PARTITION COUNT 4, TOPIC CONFIG MAP['cleanup.policy' => 'compact', 'x' => 'y'], LEGACY IDS) "
        "KEY (a) "
        "NOT ENFORCED HEADERS h KEY FORMAT TEXT VALUE FORMAT AVRO USING CONFLUENT SCHEMA REGISTRY CONNECTION csr (AVRO "
        "KEY "
        "FULLNAME 'a' AVRO VALUE FULLNAME 'b', NULL DEFAULTS, DOC ON TYPE t = 'doc', KEY DOC ON COLUMN s.t.c = 'x', "
        "VALUE DOC "
        "ON TYPE t 'y', KEY COMPATIBILITY LEVEL 'FULL') ENVELOPE DEBEZIUM WITH (SNAPSHOT = false, VERSION 2)",
        "CREATE SINK s FROM t INTO KAFKA CONNECTION k (TOPIC 't') HEADERS value FORMAT BYTES ENVELOPE UPSERT",
        "CREATE SINK s FROM t INTO ICEBERG CATALOG CONNECTION i (NAMESPACE 'n', TABLE 't') USING AWS CONNECTION a KEY "
        "(a) "
        "ENVELOPE UPSERT WITH (COMMIT INTERVAL '1m')",
        "ALTER SINK s SET FROM u",
        "ALTER SINK s SET (SNAPSHOT false)",
        "DROP SINK s",
        "EXPLAIN KEY SCHEMA FOR CREATE SINK s FROM t INTO KAFKA CONNECTION k (TOPIC 't') FORMAT JSON ENVELOPE UPSERT",
        "EXPLAIN VALUE SCHEMA AS JSON FOR CREATE SINK FROM t INTO KAFKA CONNECTION k (TOPIC 't') FORMAT JSON",
    };

    CHECK_ALL(statements);
}
END_TEST

START_TEST(show)
{
    static const char *const statements[] = {
        "SHOW search_path",
        "SHOW ALL",
        "SHOW cluster",
        "SHOW database",
        "SHOW TIME ZONE",
        "SHOW TRANSACTION ISOLATION LEVEL",
        "SHOW custom.thing",
        "SHOW DATABASES LIKE 'a%'",
        "SHOW SCHEMAS FROM d",
        "SHOW TABLES FROM d.s LIKE 'x'",
        "SHOW TABLES ON src",
        "SHOW FULL TABLES",
        "SHOW EXTENDED FULL VIEWS IN s",
        "SHOW MATERIALIZED VIEWS IN CLUSTER c",
        "SHOW SOURCES FROM s IN CLUSTER c WHERE name = 'x' AND type <> 'y'",
        "SHOW SUBSOURCES ON s",
        "SHOW SINKS",
        "SHOW INDEXES ON t IN CLUSTER c",
        "SHOW INDEXES FROM s",
        "SHOW OBJECTS",
        "SHOW TYPES",
        "SHOW ROLES",
        "SHOW SECRETS",
        "SHOW CONNECTIONS",
        "SHOW CLUSTERS",
        "SHOW CLUSTER REPLICAS WHERE cluster = 'x'",
        "SHOW NETWORK POLICIES",
        "SHOW COLUMNS FROM s.t LIKE 'a'",
        "SHOW PRIVILEGES",
        "SHOW PRIVILEGES ON TABLE t FOR r",
        "SHOW PRIVILEGES ON SYSTEM",
        "SHOW DEFAULT PRIVILEGES ON TABLES FOR r",
        "SHOW ROLE MEMBERSHIP FOR r",
        "SHOW CREATE TABLE t",
        "SHOW CREATE MATERIALIZED VIEW d.s.m",
        "SHOW REDACTED CREATE SOURCE s",
        "SHOW CREATE CLUSTER c",
        "SELECT * FROM (SHOW TABLES) AS t",
        "SELECT show, show.a FROM show",
        "CREATE TABLE t (show int)",
    };

    CHECK_ALL(statements);
}
END_TEST

START_TEST(roles_and_privileges)
{
    static const char *const statements[] = {
        "CREATE ROLE r",
        "CREATE ROLE \"a@b.c\" WITH INHERIT LOGIN SUPERUSER PASSWORD 'x'",
        "CREATE USER u NOLOGIN PASSWORD NULL",
        "ALTER ROLE r NOSUPERUSER",
        "ALTER ROLE r SET cluster = c",
        "ALTER ROLE r SET search_path TO a, 'b c'",
        "ALTER ROLE r RESET search_path",
        "DROP ROLE IF EXISTS a, b",
        "DROP USER a",
        "GRANT a, b TO c, d",
        "REVOKE a FROM b",
        "GRANT SELECT, INSERT ON t, s.u TO r, PUBLIC",
        "GRANT ALL PRIVILEGES ON SCHEMA d.s TO r",
        "GRANT ALL ON ALL TABLES IN SCHEMA a, b TO r",
        "GRANT USAGE ON ALL SECRETS IN DATABASE d TO r",
        "GRANT SELECT ON ALL TABLES TO r",
        "GRANT CREATEDB, CREATEROLE ON SYSTEM TO r",
        "GRANT USAGE, CREATE ON CLUSTER c TO r",
        "GRANT USAGE ON NETWORK POLICY p TO r WITH GRANT OPTION",
        "REVOKE GRANT OPTION FOR SELECT ON TABLE t FROM r CASCADE",
        "REVOKE ALL ON CONNECTION c FROM r",
        "ALTER DEFAULT PRIVILEGES FOR ROLE a, b IN SCHEMA d.s GRANT SELECT ON TABLES TO c",
        "ALTER DEFAULT PRIVILEGES FOR ALL ROLES IN DATABASE d REVOKE ALL PRIVILEGES ON CLUSTERS FROM c",
        "ALTER DEFAULT PRIVILEGES FOR ALL ROLES GRANT USAGE ON TYPES TO PUBLIC",
        "REASSIGN OWNED BY a, b TO c",
        "DROP OWNED BY a, b CASCADE",
    };

    CHECK_ALL(statements);
}
END_TEST

START_TEST(sessions_and_transactions)
{
    static const char *const statements[] = {
        "SET x = 1, -2, 'a', b, true, off, ON",
        "SET SESSION x TO DEFAULT",
        "SET LOCAL a.b = 'x'",
        "SET TIME ZONE 'UTC'",
        "SET TIME ZONE INTERVAL '1 hour'",
        "SET SCHEMA 'x'",
        "SET NAMES 'utf8'",
        "SET DATABASE = d",
        "RESET x",
        "RESET ALL",
        "BEGIN",
        "BEGIN TRANSACTION ISOLATION LEVEL STRICT SERIALIZABLE, READ ONLY",
        "START TRANSACTION READ WRITE ISOLATION LEVEL READ COMMITTED",
        "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
        "SET LOCAL TRANSACTION READ ONLY",
        "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        "COMMIT AND CHAIN",
        "COMMIT WORK AND NO CHAIN",
        "END",
        "ROLLBACK",
        "ABORT",
        "ALTER SYSTEM SET max_tables = 100",
        "ALTER SYSTEM SET x TO DEFAULT",
        "ALTER SYSTEM RESET x",
        "ALTER SYSTEM RESET ALL",
        "RAISE NOTICE",
        "INSPECT SHARD 'u1'",
    };

    CHECK_ALL(statements);
}
END_TEST

START_TEST(explain)
{
    static const char *const statements[] = {
        "EXPLAIN SELECT 1",
        "EXPLAIN WITH x AS (SELECT 1) SELECT * FROM x",
        "EXPLAIN RAW PLAN FOR SELECT 1",
        "EXPLAIN DECORRELATED PLAN AS TEXT FOR SELECT 1",
        "EXPLAIN LOCALLY OPTIMIZED PLAN FOR VIEW v",
        "EXPLAIN OPTIMIZED PLAN WITH (ARITY, JOIN IMPLEMENTATIONS, humanized_expressions = false) AS VERBOSE TEXT FOR "
        "MATERIALIZED VIEW m",
        "EXPLAIN PHYSICAL PLAN AS JSON FOR INDEX i",
        "EXPLAIN PLAN FOR REPLAN MATERIALIZED VIEW m",
        "EXPLAIN WITH (ARITY) CREATE INDEX i ON t (a)",
        "EXPLAIN AS JSON CREATE VIEW v AS SELECT 1",
        "EXPLAIN BROKEN SELECT 1",
        "EXPLAIN OPTIMIZER TRACE FOR SELECT 1",
        "EXPLAIN SUBSCRIBE t",
        "EXPLAIN INSERT INTO t VALUES (1)",
        "EXPLAIN TIMESTAMP FOR SELECT 1",
        "EXPLAIN TIMESTAMP AS JSON FOR SELECT 1",
        "EXPLAIN FILTER PUSHDOWN FOR SELECT 1",
        "EXPLAIN FILTER PUSHDOWN FOR MATERIALIZED VIEW m",
        "EXPLAIN ANALYZE MEMORY, CPU WITH SKEW FOR INDEX i AS SQL",
        "EXPLAIN ANALYZE HINTS FOR MATERIALIZED VIEW m",
        "EXPLAIN ANALYZE CLUSTER CPU",
        "EXECUTE UNIT TEST x FOR v AT TIME 5 MOCK a (x int) AS (SELECT 1), MOCK s.b (y text) AS (VALUES ('a')), "
        "EXPECTED (z "
        "int) AS (SELECT 2)",
        "EXECUTE UNIT TEST x FOR v EXPECTED (z int) AS (SELECT 2)",
    };

    CHECK_ALL(statements);
}
END_TEST

START_TEST(queries)
{
    static const char *const statements[] = {
        "SELECT",
        "SELECT ALL a, b AS c, d e, t.*, * FROM t",
        "SELECT DISTINCT ON (a, b + 1) a FROM t",
        "SELECT a FROM s.t AS x, ONLY u, LATERAL (SELECT 1) AS l (q), LATERAL f(x.a) AS g",
        "SELECT * FROM generate_series(1, 10) WITH ORDINALITY AS g (a, b)",
        "SELECT * FROM ROWS FROM (f(1), g(2)) WITH ORDINALITY AS x",
        "SELECT * FROM f() AS (a int, b text), g() AS h (c int)",
        "SELECT * FROM a JOIN b ON a.x = b.x LEFT JOIN c USING (y, z) AS u RIGHT JOIN (d CROSS JOIN e) ON true",
        "SELECT * FROM a NATURAL FULL OUTER JOIN b, (a INNER JOIN b ON true) AS ab (x, y)",
        "SELECT * FROM ((a JOIN b ON true) JOIN c ON true)",
        "SELECT a FROM t WHERE b GROUP BY a, 2, (a, b), () HAVING count(*) > 1",
        "SELECT a FROM t GROUP BY DISTINCT ROLLUP (a, (b, c)), CUBE (d), GROUPING SETS ((a), (b), (), ROLLUP (c))",
        "SELECT a FROM t GROUP BY a OPTIONS (AGGREGATE INPUT GROUP SIZE = 100) HAVING true",
        "SELECT a FROM t OPTIONS (LIMIT INPUT GROUP SIZE = 5, DISTINCT ON INPUT GROUP SIZE 7)",
        "SELECT sum(a) OVER w, rank() OVER (PARTITION BY b, c ORDER BY d DESC NULLS LAST) FROM t WINDOW w AS (ORDER BY "
        "a), x AS (w "
        "ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES)",
        "SELECT sum(a) OVER (ROWS UNBOUNDED PRECEDING), sum(b) OVER (RANGE BETWEEN CURRENT ROW AND UNBOUNDED "
        "FOLLOWING)",
        "SELECT a FROM t QUALIFY row_number() OVER () = 1",
        "SELECT lag(a, 1) IGNORE NULLS OVER (ORDER BY b), lead(a) RESPECT NULLS OVER w FROM t",
        "SELECT count(*) FILTER (WHERE a > 1), array_agg(DISTINCT a ORDER BY b DESC, c), percentile_cont(0.5) WITHIN "
        "GROUP (ORDER "
        "BY a) FROM t",
        "SELECT 1 UNION SELECT 2 UNION ALL SELECT 3 INTERSECT SELECT 4 EXCEPT ALL SELECT 5",
        "(SELECT 1 ORDER BY 1 LIMIT 1) UNION (SELECT 2 UNION SELECT 3) ORDER BY 1",
        "SELECT 1 INTERSECT (SELECT 2 EXCEPT SELECT 3)",
        "((SELECT 1))",
        "VALUES (1, 'a'), (2, 'b') ORDER BY 1 OFFSET 1",
        "TABLE s.t",
        "SELECT 1 LIMIT ALL",
        "SELECT 1 OFFSET 2 ROWS FETCH FIRST 3 ROWS ONLY",
        "SELECT 1 FETCH NEXT ROW ONLY",
        "SELECT 1 ORDER BY 1 FETCH FIRST (1 + 1) ROWS WITH TIES",
        "SELECT 1 ORDER BY a USING <, b ASC NULLS FIRST",
        "SELECT * FROM t AS OF 5",
        "SELECT * FROM t ORDER BY a LIMIT 1 AS OF AT LEAST mz_now()",
        "WITH a AS (SELECT 1), b (x, y) AS MATERIALIZED (SELECT 2, 3), c AS NOT MATERIALIZED (TABLE a) SELECT * FROM "
        "a, b",
        "WITH RECURSIVE r (n) AS (VALUES (1) UNION SELECT n + 1 FROM r) SELECT * FROM r",
        "WITH MUTUALLY RECURSIVE (RETURN AT RECURSION LIMIT 10) a (x int, y text NOT NULL) AS (SELECT 1, 'a'), b (z "
        "int) AS (SELECT x "
        "FROM a) SELECT * FROM a",
        "WITH MUTUALLY RECURSIVE (ERROR AT RECURSION LIMIT = 5) a (x int) AS (SELECT 1) TABLE a",
        "WITH a AS (WITH b AS (SELECT 1) SELECT * FROM b) (SELECT * FROM a)",
        "SELECT * FROM [u1 AS materialize.public.t] AS t, [s5]",
        "SELECT * FROM a; SELECT * FROM b; ; SHOW TABLES",
    };

    CHECK_ALL(statements);
}
END_TEST

START_TEST(every_keyword_can_be_a_name_in_quotes_and_most_without)
{
    static const char *const words[] = {
#define KEYWORD(name, class, label) #name " " #class " " #label,
#include "grammar/keywords.def"
#undef KEYWORD
    };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        char name[64];
        char class[64];
        char label[64];
        char sql[1024];
        Buffer why = {0};
        bool parses;

        ck_assert_int_eq(sscanf(words[i], "%63s %63s %63s", name, class, label), 3);
        if (strcmp(name, "DOT_WORD") == 0)
            strcpy(name, "dot");
        for (char *c = name; *c != '\0'; c++)
            *c = (char) (*c | 0x20);
        for (char *c = name; *c != '\0'; c++)
            *c = *c == '\x7f' ? '_' : *c;
        snprintf(sql, sizeof sql,
                 "SELECT \"%s\", t.%s AS %s, (t).\"%s\" FROM \"%s\".%s AS \"%s\" WHERE \"%s\"(x)::\"%s\" = 1", name,
                 name, name, name, name, name, name, name, name);
        if (strcmp(name, "of") != 0 && !round_trips(slice_of(sql), &parses, &why)) /* AS OF is read as time */
            ck_abort_msg("%.1500s", buffer_text(&why));
        buffer_clear(&why);
        if (strcmp(class, "UNRESERVED") == 0) {
            snprintf(sql, sizeof sql,
                     "CREATE TABLE %s (%s int, %s text); INSERT INTO %s (%s) VALUES (1); SELECT %s, %s + 1 FROM x.%s",
                     name, name, name, name, name, name, name, name);
            if (!round_trips(slice_of(sql), &parses, &why))
                ck_abort_msg("%.1500s", buffer_text(&why));
        }
        buffer_deinit(&why);
    }
}
END_TEST

START_TEST(secrets_are_redacted_where_asked_for)
{
    static const char *const cases[][2] = {
        {"CREATE SECRET s AS 'hunter2'", "CREATE SECRET s AS '<REDACTED>'"},
        {"ALTER SECRET s AS 'hunter2' || x", "ALTER SECRET s AS '<REDACTED>'"},
        {"CREATE ROLE r PASSWORD 'hunter2'", "CREATE ROLE r PASSWORD '<REDACTED>'"},
        {"ALTER ROLE r PASSWORD 'hunter2'", "ALTER ROLE r PASSWORD '<REDACTED>'"},
        {"SELECT 'hunter2'", "SELECT 'hunter2'"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *text = printed(cases[i][0], AST_PRINT_REDACTED);

        ck_assert_str_eq(text, cases[i][1]);
        free(text);
    }
}
END_TEST

START_TEST(the_pretty_style_breaks_lines_at_clauses)
{
    char *text =
        printed("create materialized view m in cluster c as select a, count(*) from t join u on t.x = u.x where a in "
                "(select b from v) group by a",
                AST_PRINT_PRETTY);

    ck_assert_str_eq(text, "CREATE MATERIALIZED VIEW m\n"
                           "    IN CLUSTER c\n"
                           "    AS\n"
                           "    SELECT a, count(*)\n"
                           "    FROM t\n"
                           "        JOIN u ON t.x = u.x\n"
                           "    WHERE a IN (\n"
                           "        SELECT b\n"
                           "        FROM v\n"
                           "    )\n"
                           "    GROUP BY a");
    free(text);
}
END_TEST

START_TEST(a_statement_keeps_its_own_text_and_place)
{
    const char *sql = "  select 1 ;\n/* x */ select 'é', $3 ;; select b -- end";
    Arena *arena = arena_new();
    Error err = ERROR_INIT;
    AstStatementList list;

    ck_assert(parse_statements(slice_of(sql), arena, &list, &err));
    ck_assert_int_eq(list.count, 3);
    ck_assert(slice_equal(list.items[0]->text, slice_of("select 1")));
    ck_assert(slice_equal(list.items[1]->text, slice_of("select 'é', $3")));
    ck_assert(slice_equal(list.items[2]->text, slice_of("select b")));
    ck_assert_ptr_eq(list.items[0]->text.bytes, sql + 2);
    ck_assert_int_eq(list.items[0]->position, 3);
    ck_assert_int_eq(list.items[0]->parameters, 0);
    ck_assert_int_eq(list.items[1]->parameters, 3);
    ck_assert_int_eq(list.items[2]->position, 40); /* characters: é is one */
    ck_assert_uint_eq(list.items[2]->offset, 40);
    error_clear(&err);
    arena_free(arena);
}
END_TEST

Suite *suite_grammar_statements(void);

Suite *
suite_grammar_statements(void)
{
    Suite *suite = suite_create("grammar statements");
    TCase *group = tcase_create("statements");

    tcase_add_test(group, secrets_and_connections);
    tcase_add_test(group, sources);
    tcase_add_test(group, clusters);
    tcase_add_test(group, containers_types_and_comments);
    tcase_add_test(group, tables_and_data);
    tcase_add_test(group, views_and_indexes);
    tcase_add_test(group, subscribe_and_cursors);
    tcase_add_test(group, sinks);
    tcase_add_test(group, show);
    tcase_add_test(group, roles_and_privileges);
    tcase_add_test(group, sessions_and_transactions);
    tcase_add_test(group, explain);
    tcase_add_test(group, queries);
    tcase_add_test(group, every_keyword_can_be_a_name_in_quotes_and_most_without);
    tcase_add_test(group, secrets_are_redacted_where_asked_for);
    tcase_add_test(group, the_pretty_style_breaks_lines_at_clauses);
    tcase_add_test(group, a_statement_keeps_its_own_text_and_place);
    suite_add_tcase(suite, group);
    return suite;
}
