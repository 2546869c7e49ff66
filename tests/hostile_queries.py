#!/usr/bin/env python3
"""Sends a server statements that are too deep, too wide or without end. Each must be answered, cancelled or refused with an error
that is named here, while another session is served, and the server's memory stays below a bound.

usage: hostile_queries.py FRESHET [--times] [WORD...]     --times prints every statement; WORDs choose statements by their text
"""

import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

MEMORY_MAX_MB = 6000  # the cluster's 4 GB, and what the planner of the largest statement, the client's buffers and malloc keep
PATIENCE_S = 60


class Client:
    """A session over the wire protocol, without a library in between."""

    def __init__(self, port, options=""):
        self.port = port
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.settimeout(PATIENCE_S)
        self.buffer = b""
        parameters = b"user\0materialize\0database\0materialize\0options\0" + options.encode() + b"\0\0"
        self.socket.sendall(struct.pack("!ii", len(parameters) + 8, 196608) + parameters)
        self.key = None
        self.finish()

    def read(self):
        while len(self.buffer) < 5:
            self.more()
        kind, length = self.buffer[:1], struct.unpack("!i", self.buffer[1:5])[0]
        if len(self.buffer) < length + 1:
            parts, have = [self.buffer], len(self.buffer)
            while have < length + 1:
                part = self.socket.recv(1 << 20)
                if not part:
                    raise EOFError("connection closed")
                parts.append(part)
                have += len(part)
            self.buffer = b"".join(parts)
        body, self.buffer = self.buffer[5 : length + 1], self.buffer[length + 1 :]
        return kind, body

    def more(self):
        part = self.socket.recv(1 << 18)
        if not part:
            raise EOFError("connection closed")
        self.buffer += part

    def finish(self):
        """The answer up to ReadyForQuery: (rows, first value, error's code and message)."""
        rows, first, error = 0, None, None
        while True:
            kind, body = self.read()
            if kind == b"D":
                rows += 1
                if first is None:
                    first = body[6:46].decode(errors="replace")
            elif kind == b"E" and error is None:
                fields = dict((part[:1], part[1:].decode(errors="replace")) for part in body.split(b"\0") if part)
                error = (fields[b"C"], fields[b"M"])
            elif kind == b"K":
                self.key = body
            elif kind == b"G":
                self.copy_in()
            elif kind == b"Z":
                return rows, first, error

    def copy_in(self):
        self.socket.sendall(b"".join(struct.pack("!ci", b"d", 4 + len(line)) + line for line in self.copied))
        self.socket.sendall(b"c\0\0\0\4")

    def send(self, sql):
        text = sql if isinstance(sql, bytes) else sql.encode()
        self.socket.sendall(b"Q" + struct.pack("!i", len(text) + 5) + text + b"\0")

    def ask(self, sql):
        self.send(sql)
        return self.finish()

    def ask_with_parameter(self, sql, value):
        text = sql.encode()
        def message(kind, body):
            return kind + struct.pack("!i", len(body) + 4) + body
        self.socket.sendall(
            message(b"P", b"\0" + text + b"\0\0\0")
            + message(b"B", b"\0\0\0\0\0\1" + struct.pack("!i", len(value)) + value + b"\0\0")
            + message(b"E", b"\0\0\0\0\0")
            + message(b"S", b""))
        return self.finish()

    def cancel(self):
        with socket.create_connection(("127.0.0.1", self.port)) as other:
            other.sendall(struct.pack("!ii", 16, 80877102) + self.key)
            other.recv(1)


def nested(before, inner, after, depth):
    return before * depth + inner + after * depth


def listed(count, item="{}", between=","):
    return between.join(item.replace("{}", str(i)) for i in range(count))


# (what is asked, what may come back: "" an answer, else SQLSTATEs; statement_timeout is half a second for those that may be cancelled)
DEEP = "|54001|54000|54011|54023|53200|57014"
STATEMENTS = [
    # nested
    ("select " + nested("(", "1", ")", 10000), DEEP),
    ("select " + nested("(", "1", ")", 100000), DEEP),
    ("select " + nested("-", "1", "", 1) + nested(" - ", "1", "", 20000), DEEP),
    ("select " + listed(20000, "1", "+"), DEEP),
    ("select " + listed(20000, "true", " and "), DEEP),
    ("select " + listed(20000, "'a'", "||"), DEEP),
    ("select " + nested("not ", "true", "", 20000), DEEP),
    ("select " + nested("abs(", "1", ")", 20000), DEEP),
    ("select " + nested("coalesce(null,", "1", ")", 3000), DEEP),
    ("select " + nested("case when true then ", "1", " end", 20000), DEEP),
    ("select case " + listed(20000, "when {}=1 then 2 ", "") + "end", DEEP),
    ("select " + nested("array[", "1", "]", 20000), DEEP),
    ("select " + nested("list[", "1", "]", 20000), DEEP),
    ("select " + nested("list[", "1", "]", 200), DEEP),
    ("select " + nested("map['a'=>", "1", "]", 20000), DEEP),
    ("select " + nested("row(", "1", ")", 20000), DEEP),
    ("select " + nested("row(", "1", ")", 200), DEEP),
    ("select 1" + "::text::int" * 10000, DEEP),
    ("select " + nested("(select ", "1", ")", 3000), DEEP),
    ("select " + nested("(select ", "1", ")", 150), DEEP),
    ("select " + nested("exists (select 1 where ", "true", ")", 3000), DEEP),
    ("select * from " + nested("(select * from ", "(values (1)) v", ") x", 3000), DEEP),
    ("select * from " + nested("(select * from ", "(values (1)) v", ") x", 200), DEEP),
    ("select * from " + listed(100, "(values ({})) v{}(x{})", " join ").replace(" join ", " cross join "), DEEP),
    ("select count(*) from keyed k " + listed(100, "join keyed k{} on k{}.a = k.a", " "), DEEP),
    ("select count(*) from keyed k " + listed(40, "left join keyed k{} on k{}.a = k.a", " "), DEEP),
    (listed(5000, "select {}", " union all "), DEEP),
    (listed(5000, "select {}", " union "), DEEP),
    (listed(5000, "select {}", " except "), DEEP),
    ("select count(*) from (" + listed(500, "select a from keyed", " union all ") + ") x", DEEP),
    (nested("(", "select 1", ")", 10000), DEEP),
    ("with c0 as (select 1 x)," + ",".join("c%d as (select x+1 x from c%d)" % (i, i - 1) for i in range(1, 2000))
     + " select * from c1999", DEEP),
    ("with c0 as (select 1 x)," + ",".join("c%d as (select a.x from c%d a, c%d b)" % (i, i - 1, i - 1) for i in range(1, 60))
     + " select count(*) from c59", DEEP),
    ("with " + listed(5000, "c{} as (select {} x)") + " select * from c0", DEEP),
    ("select '" + nested("[", "", "]", 100000) + "'::jsonb", "54001"),
    ("select '" + nested('{"a":', "1", "}", 100000) + "'::jsonb", "54001"),
    ("select '" + nested("[", "", "]", 100000) + "'::json", "|54001|42704"),
    ("select '[" + listed(1000000) + "]'::jsonb -> 5", ""),
    ("select jsonb_path_query('1', '" + nested("(", "1", ")", 100000) + "')", "54001|42601"),
    ("select '" + nested("{", "", "}", 100000) + "'::int[]", "22P02|54000"),
    ("select '" + nested("{", "", "}", 100000) + "'::int list list", "22P02|54001|54000"),
    ("select 'a' ~ '" + nested("(", "a", ")", 100000) + "'", "2201B|54001"),
    ("select 'a' ~ '(a{1,255}){1,255}'", "|2201B|57014"),
    ("select 'a' ~ '((a{1,255}){1,255}){1,255}'", "|2201B|57014"),
    ("select 'a' ~ '" + "a?" * 10000 + "'", "|2201B|57014"),
    # wide
    ("create table wide (" + listed(1600, "c{} int") + ")", "|42P07"),
    ("insert into wide (c0) values (1)", ""),
    ("select count(*) from (select * from wide) x", ""),
    ("select * from wide a, wide b limit 1", "|54011|54000"),
    ("create table wider (" + listed(1700, "c{} int") + ")", "54011"),
    ("select " + listed(1665, "1"), "54011|54000"),
    ("select count(*) from keyed where a in (" + listed(100000) + ")", "|57014"),
    ("select count(*) from keyed where a not in (" + listed(100000) + ")", "|57014"),
    ("select count(*) from keyed where a in (" + listed(1000000) + ")", "|57014|54000"),
    ("select count(*) from keyed where a = any(array[" + listed(100000) + "])", "|57014"),
    ("select count(*) from (values " + listed(100000, "({})") + ") v(x)", "|57014"),
    ("insert into filled values " + listed(100000, "({})"), "|57014"),
    ("select a, count(*) from keyed group by rollup (" + listed(12, "a+{}") + ") limit 1".replace("a, ", ""), "42803|57014|"),
    ("select count(*) from keyed group by rollup (" + listed(12, "a+{}") + ") limit 1", "|57014|53200"),
    ("select count(*) from keyed group by cube (" + listed(20, "a+{}") + ") limit 1", "54001|54011|54000|57014|53200"),
    ("select count(*) from keyed group by cube (" + listed(11, "a+{}") + ") limit 1", "|54000|57014|53200"),
    ("select " + listed(1600, "sum(a+{})") + " from keyed", "|57014|53200"),
    ("select 1 -- " + "x" * (64 << 20), ""),
    ("select length('" + "x" * (64 << 20) + "')", ""),
    ("select " + "x" * 1000000, "42622"),
    # without end
    ("select count(*) from keyed a, keyed b", "57014|"),
    ("select count(*) from keyed a, keyed b, keyed c", "57014|"),
    ("select count(*) from keyed a, keyed b where a.a + b.a = 7", "57014|"),
    ("select count(*) from keyed a left join keyed b on a.a < b.a", "57014|53200|"),
    ("select * from keyed a, keyed b order by 1, 2 limit 1", "57014|53200|"),
    ("select * from keyed a, keyed b order by 1, 2", "57014|53200|53000|54000"),
    ("select a.a % 3, count(distinct b.a + a.a) from keyed a, keyed b group by 1", "57014|53200"),
    ("select array_agg(a.a) from keyed a, keyed b", "54000|57014|53200"),
    ("select row_number() over (order by a.a, b.a) from keyed a, keyed b limit 1", "57014|53200"),
    ("select sum(a) over (order by a rows between 100000 preceding and 100000 following) from keyed limit 1", "|57014|53200"),
    ("select max(a) over (partition by 1 order by a range between unbounded preceding and current row) from keyed limit 1", "|57014"),
    ("select count(*) from generate_series(1, 1000000000000)", "57014"),
    ("select sum(x) from generate_series(1, 1000000000000) x", "57014"),
    ("select count(*) from generate_series(1::numeric, 1e30::numeric, 0.1::numeric)", "57014|42883"),
    ("select count(*) from generate_series('2000-01-01'::timestamp, '200000-01-01'::timestamp, '1 second')", "57014"),
    ("select * from generate_series(1, 1000000000000) x order by 1 desc limit 1", "57014|53200"),
    ("select * from generate_series(1, 1000000000000) x limit 2", "|57014"),
    ("select * from generate_series(1, 1000000000000)", "57014|53200|53000|54000"),
    ("select x, lag(x) over (order by x) from generate_series(1, 1000000000000) x limit 1", "57014|53200|54000"),
    ("select generate_series(1, 1000000), generate_series(1, 1000000000000)", "57014|53200|53000|54000"),
    ("select count(*) from rows from (generate_series(1, 1000000000000), generate_series(1, 3)) as r", "57014|53200|53000|54000"),
    ("select string_agg(x::text, ',') from generate_series(1, 100000000) x", "57014|53200|54000"),
    ("select array_agg(x) from generate_series(1, 100000000) x", "57014|53200|54000"),
    ("select jsonb_agg(x) from generate_series(1, 100000000) x", "57014|53200|54000"),
    ("select jsonb_object_agg(x::text, x) from generate_series(1, 100000000) x", "57014|53200|54000"),
    ("select count(distinct x) from generate_series(1, 100000000) x", "57014|53200"),
    ("select distinct x from generate_series(1, 100000000) x limit 1", "57014|53200"),
    ("select x from generate_series(1, 100000000) x except select 1 limit 1", "57014|53200"),
    ("select count(*) from generate_series(1, 30000) a, generate_series(1, 30000) b, generate_series(1, 30000) c", "|57014|53200"),
    ("select count(*) from generate_series(1, 100000) a(x) join generate_series(1, 100000000) b(x) using (x)", "57014|53200"),
    ("with recursive r(x) as (select 1 union all select x + 1 from r) select count(*) from r", "57014|53200|22003"),
    ("with recursive r(x) as (select 1 union all select x from r) select count(*) from r", "57014|53200"),
    ("with recursive r(x) as (select 1 union select x + 1 from r) select * from r limit 1", "57014|53200|22003"),
    ("with recursive r(x) as (select 'a' union all select x || x from r) select max(length(x)) from r", "57014|53200|54000"),
    ("with mutually recursive r(x int) as (select 1 union all select x + 1 from r) select count(*) from r", "57014|53200|22003"),
    ("with mutually recursive r(x int) as (select 1 - x from r union all select 1 union all select x from r) "
     "select count(*) from r", "|57014|53200"),
    # large values
    ("select repeat('x', 1000000000)", "|57014|53200|54000|53000"),
    ("select length(repeat(repeat('x', 10000), 1000000))", "54000|57014"),
    ("select length(repeat(repeat('x', 10000), 30000))", "|54000|57014"),
    ("select sum(length(repeat('x', 1000000))) from generate_series(1, 100000)", "|57014|53200|54000"),
    ("select count(repeat(x::text, 1000000)) from generate_series(1, 100000) x", "57014|53200|54000"),
    ("select max(repeat(x::text, 10000000)) from generate_series(1, 1000) x", "57014|53200|54000"),
    ("select array_agg(repeat(x::text, 1000000)) from generate_series(1, 100000) x", "57014|53200|54000"),
    ("select distinct repeat(x::text, 1000000) from generate_series(1, 100000) x", "57014|53200|54000|53000"),
    ("select repeat(x::text, 100000) y from generate_series(1, 1000000) x order by 1", "57014|53200|54000|53000"),
    ("select lpad('x', 2000000000)", "54000|57014"),
    ("select rpad('x', 2000000000, 'abc')", "54000|57014"),
    ("select length(format('%1000000000s', 1))", "|54000|57014|53200"),
    ("select length(format('%2000000000s', 1))", "54000|57014|53200"),
    ("select length(format('%99999999999s', 1))", "22003|22023|54000"),
    ("select length(to_char(1.5, repeat('9', 100000)))", "|22023|42601|54000"),
    ("select length(to_char(now(), repeat('YYYY ', 1000000)))", "|57014|54000"),
    ("select length((10::numeric ^ 130000)::text)", "|22003"),
    ("select length(('1' || repeat('0', 130000))::numeric::text)", "|22003"),
    ("select length((repeat('9', 131072)::numeric * repeat('9', 131072)::numeric)::text)", "|22003|57014"),
    ("select 9.0::numeric ^ 9 ^ 9 ^ 9", "22003|"),
    ("select 10::numeric ^ 130000 * 10::numeric ^ 130000", "22003|57014"),
    ("select exp(5999::numeric) / 3, ln(1e-1000::numeric), sqrt(2e1000::numeric)", "|22003|57014"),
    ("select factorial(100000)", "22003|57014|42883"),
    ("select 1e1000000000", "22003|"),
    ("select array_fill(1, array[100000, 100000])", "54000|57014|53200"),
    ("select array_length(array_fill(1, array[100000000]), 1)", "|54000|57014|53200"),
    ("select count(*) from unnest(array_fill(1, array[10000000]))", "|54000|57014|53200"),
    ("select count(*) from unnest(string_to_array(repeat('a,', 10000000), ','))", "|54000|57014|53200"),
    ("select count(distinct array_fill(x::int, array[100000])) from generate_series(1, 10000) x", "|54000|57014|53200"),
    ("select regexp_replace(repeat('a', 100000), '(a*)*b', 'x') = ''", "|57014|2201B|54000"),
    ("select repeat('a', 30) ~ '^(a|a)*$b'", "|57014|2201B"),
    ("select repeat('a', 100000) ~ '(a+)+(a+)+(a+)+b\\1'", "|57014|2201B|0A000"),
    ("select length(regexp_replace(repeat('a', 10000000), 'a', 'bb', 'g'))", "|57014|2201B"),
    ("select repeat('a', 1000000) like '" + "%a" * 1000 + "b'", "|57014"),
    ("select repeat('a', 1000000) like repeat('%a', 1000) || 'b'", "|57014"),
    ("select count(*) from keyed where repeat('a', 100000) || a like '" + "%a" * 100 + "b'", "|57014"),
    ("select count(*) from regexp_matches(repeat('ab', 10000000), 'a', 'g')", "|57014|53200|54000"),
    ("select count(*) from regexp_split_to_table(repeat('ab', 10000000), 'a')", "|57014|53200|54000|42883"),
    ("select levenshtein(repeat('a', 100000), repeat('b', 100000))", "|57014|42883|22023"),
    ("select length(replace(repeat('a', 1000000), 'a', repeat('b', 10000)))", "54000|57014|53200"),
    ("select length(translate(repeat('a', 100000000), 'a', 'b'))", "|57014"),
    ("select md5(repeat('a', 500000000))", "|57014|54000"),
    ("select length(encode(repeat('a', 500000000)::bytea, 'hex'))", "|57014|54000|53200"),
    ("select " + nested("jsonb_set(", "'{}'::jsonb", ", '{a}', '1')", 200).replace("jsonb_set", "jsonb_concat"), "42883|54001|"),
    ("select " + nested("jsonb_set(", "'{}'::jsonb", ", '{a}', '1')", 100), "|42883|54001"),
    ("select jsonb_path_query('[1,2,3]', '$" + "[*]" * 1000 + "')", "|57014|54001"),
    ("select count(*) from jsonb_path_query('[[1,2],[3,4]]', '" + "$.**" + ".**" * 30 + "')", "|57014|54001|42601|53200"),
    # values at limits
    ("select substring('abc', -2147483648, 2147483647), overlay('abc' placing 'x' from 1 for -2147483648)", "|22011|22003|42883"),
    ("select overlay('abc' placing 'x' from -2147483648)", "22011|22003|42883"),
    ("select (-2147483648)::int / -1", "22003"),
    ("select (-9223372036854775808)::bigint % -1, (-32768)::int2 % -1::int2", ""),
    ("select abs((-9223372036854775808)::bigint)", "22003"),
    ("select left('abc', -2147483648), right('abc', -2147483648), split_part('a', ',', -2147483648)", "|22023"),
    ("select extract(year from 'infinity'::timestamp), date_trunc('day', '-infinity'::timestamp)", "|22008|22P02|22007"),
    ("select '5874897-12-31'::date + 1000000000", "22008"),
    ("select '294276-12-31'::timestamp + '1000000 years'", "22008"),
    ("select '178000000 years'::interval * 1000000000", "22008|22015"),
    ("select '2147483647 months 2147483647 days'::interval + '1 month 1 day'", "22008|22003"),
    ("select justify_interval('2147483647 months 2147483647 days'::interval)", "|22008"),
    ("select make_timestamp(2147483647, 12, 31, 0, 0, 0), make_date(-2147483648, 1, 1)", "22008|42883"),
    ("select age('infinity'::timestamp), to_timestamp(1e300)", "22008|22003|"),
    ("select chr(2147483647), chr(0)", "54000|22021"),
    ("select 1e308::float8 * 10", "22003"),
    ("select 'nan'::float8::int, 1e30::numeric::int", "22003"),
    ("select cast(repeat('1', 1000000) as int)", "22003"),
    ("select round(1.5::numeric, 2147483647), trunc(1.5::numeric, -2147483648)", "|22003"),
    ("select 1 << 2147483647, 1 >> -2147483648", ""),
    ("select generate_series(9223372036854775806, 9223372036854775807)", ""),
    ("select generate_series(1, 10, 0)", "22023"),
    ("select lag(a, -2147483648) over (order by a), lead(a, 2147483647) over (order by a) from keyed limit 1", ""),
    ("select a from keyed limit 9223372036854775807 offset 9223372036854775807", ""),
    ("select (array[1,2])[2147483647], (array[1,2])[-2147483648:2147483647]", ""),
    ("select array[1] || array_fill(1, array[1], array[2147483647])", "|54000|22003|42883|2202E|22023"),
]


class Probe(threading.Thread):
    """A second session that is served meanwhile, and how much memory the server has."""

    def __init__(self, port, pid):
        super().__init__(daemon=True)
        self.client, self.pid = Client(port), pid
        self.slowest = self.largest = self.most = 0
        self.answers, self.complaint = 0, None

    def run(self):
        try:
            while True:
                for sql, expected in (("select 1", "1"), ("select b from looked_up where a = 77", "154")):
                    started = time.time()
                    answer = self.client.ask(sql)
                    self.slowest = max(self.slowest, time.time() - started)
                    if answer != (1, expected, None):
                        self.complaint = "%s: %s" % (sql, answer)
                    self.answers += 1
                self.largest = max(self.largest, resident_mb(self.pid))
                self.most = max(self.most, self.largest)
                time.sleep(0.01)
        except (OSError, EOFError) as problem:
            self.complaint = "the second session: %r" % problem

    def take(self):
        taken = (self.slowest, self.largest)
        self.slowest = self.largest = 0
        return taken


def resident_mb(pid):
    with open("/proc/%d/statm" % pid) as file:
        return int(file.read().split()[1]) * 4 // 1024


def short(sql):
    sql = " ".join(sql[:4000].split())
    return sql if len(sql) <= 70 else sql[:45] + " ... " + sql[-20:]


class Run:
    def __init__(self, port, pid, times):
        self.port, self.pid, self.times = port, pid, times
        self.wrong = 0
        self.client = self.connect()
        self.probe = None

    def connect(self):
        return Client(self.port, "-c statement_timeout=500ms")

    def complain(self, sql, what):
        self.wrong += 1
        print("WRONG %s: %s" % (short(sql), what))

    def check(self, sql, allowed, ask):
        started = time.time()
        try:
            rows, first, error = ask()
        except socket.timeout:
            self.complain(sql, "no answer after %d seconds" % PATIENCE_S)
            self.client = self.connect()
            return None
        took = time.time() - started
        code = error[0] if error else ""
        if code not in allowed.split("|"):
            self.complain(sql, "%s" % (error or ("answered", rows, first),))
        if self.times:
            slowest, largest = self.probe.take()
            print("%6.2fs other %5.2fs %5d MB %-72s %s" % (took, slowest, largest, short(sql), (error or (rows, first))))
            sys.stdout.flush()
        return code

    def timed_out(self, sql, allowed):
        code = self.check(sql, allowed, lambda: self.client.ask(sql))
        if code == "57014":
            self.cancelled(sql, allowed)

    def cancelled(self, sql, allowed):
        """Once more without a timeout: a request to cancel must end it."""
        self.client.ask("set statement_timeout = 0")

        def ask():
            self.client.send(sql)
            time.sleep(0.2)
            self.client.cancel()
            return self.client.finish()

        self.check("(cancel) " + sql, allowed, ask)
        try:
            self.client.ask("select 1")  # takes a cancel that came too late
        except (OSError, EOFError):
            pass
        self.client = self.connect()

    def others(self):
        client = self.client
        client.ask("create table copied (a int, b text)")
        client.copied = [os.urandom(1000).replace(b"\n", b" ") for _ in range(10000)]
        self.check("copy of garbage", "22021|22P04|22P02", lambda: client.ask("copy copied from stdin"))
        client.copied = [b"1" * 1000000 for _ in range(64)]
        self.check("copy of one long line", "|22P04|22P02|22003|54000", lambda: client.ask("copy copied from stdin"))
        self.check("a parameter of 200 MB", "|54000|57014",
                   lambda: client.ask_with_parameter("select length($1::text)", b"x" * (200 << 20)))
        for sql in ("fetch 1000 from far", "fetch all from counted"):
            client = self.connect()
            client.ask("set statement_timeout = 0")
            client.ask("begin")
            client.ask("declare far cursor for select * from keyed a, keyed b order by 1, 2")
            client.ask("declare counted cursor for select count(*) from keyed a, keyed b, keyed c")

            def ask():
                client.send(sql)
                time.sleep(0.3)
                client.cancel()
                return client.finish()

            self.check("(cancel) " + sql, "57014|53200", ask)

    def run(self, words):
        setup = self.connect()
        for sql in ("set statement_timeout = 0", "create table keyed (a int)", "insert into keyed select generate_series(1, 200000)",
                    "create table filled (a int)", "create table looked_up (a int, b int)",
                    "insert into looked_up select x, x * 2 from generate_series(1, 1000) x",
                    "create index looked_up_a on looked_up (a)"):
            error = setup.ask(sql)[2]
            if error:
                self.complain(sql, error)
        self.probe = Probe(self.port, self.pid)
        self.probe.start()
        for sql, allowed in STATEMENTS:
            if not words or any(word in sql[:3000] for word in words):
                self.timed_out(sql, allowed)
        if not words:
            self.others()
        if self.probe.complaint:
            self.complain("another session", self.probe.complaint)
        if self.probe.answers == 0:
            self.complain("another session", "was never served")
        if self.probe.most > MEMORY_MAX_MB:
            self.complain("memory", "%d MB" % self.probe.most)


def main():
    words = [word for word in sys.argv[2:] if word != "--times"]
    here = tempfile.mkdtemp(prefix="hostile.")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = open(here + "/log", "w")
    server = subprocess.Popen([sys.argv[1], "--data-directory", here + "/data", "--listen-address", "127.0.0.1:%d" % port,
                               "--http-listen-address", "127.0.0.1:0"], stdout=log, stderr=log)
    try:
        for _ in range(100):
            try:
                Client(port)
                break
            except OSError:
                time.sleep(0.1)
        run = Run(port, server.pid, "--times" in sys.argv)
        try:
            run.run(words)
        except (OSError, EOFError) as problem:
            run.complain("the session", repr(problem))
        if server.poll() is not None:
            run.complain("the server", "ended with %d" % server.returncode)
        if run.wrong:
            os.system("tail -5 %s/log" % here)
        print("hostile queries: %d statements, %d wrong, %d MB at most" % (len(STATEMENTS), run.wrong, run.probe.most))
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
        shutil.rmtree(here, ignore_errors=True)
    return 1 if run.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
