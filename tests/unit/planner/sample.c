#include "tests/unit/planner/sample.h"

void
sample_tables(World *world)
{
    world_do(world, "CREATE TABLE t (a int, b text, c numeric(10,2))");
    world_do(world, "CREATE TABLE u (a int PRIMARY KEY, d text NOT NULL)");
    world_do(world, "CREATE TABLE s (k bigint, v varchar(10), ts timestamp, j jsonb, arr int[])");
    world_do(world, "CREATE TABLE e (x int, y int)");
}

void
sample_rows(World *world)
{
    world_do(world, "INSERT INTO t VALUES (1, 'one', 1.50), (2, 'two', 2.25), (3, NULL, 3.00), (NULL, 'none', NULL), "
                    "(2, 'two', 2.25), (5, 'five', 0)");
    world_do(world, "INSERT INTO u VALUES (1, 'uno'), (2, 'dos'), (4, 'cuatro'), (5, 'cinco')");
    world_do(world, "INSERT INTO s VALUES (1, 'x', '2020-01-02 03:04:05', '{\"a\": 1, \"b\": [1,2]}', '{1,2,3}'), "
                    "(2, 'y', '2021-01-01', '{\"a\": \"q\"}', '{}'), (NULL, NULL, NULL, NULL, NULL), "
                    "(5, 'x', '2020-06-01', '[]', '{7,NULL}')");
}
