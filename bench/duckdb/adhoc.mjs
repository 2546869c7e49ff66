// adhoc.mjs DIRECTORY RUNS -- loads DIRECTORY/{customers,products,orders}.csv into DuckDB, asks each line of
// DIRECTORY/queries.txt and prints the median of RUNS warm runs, in milliseconds, a line a query.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus } from 'node:os'
import { join } from 'node:path'

const require = createRequire(join(process.env.DUCKDB_MODULES ?? 'build/duckdb', 'package.json'))
const { DuckDBInstance } = require('@duckdb/node-api')

const [directory, runs] = [process.argv[2], Number(process.argv[3] ?? 3)]
const instance = await DuckDBInstance.create(':memory:', { threads: String(cpus().length) })
const connection = await instance.connect()

const tables = {
  customers: 'id INTEGER, name VARCHAR, region VARCHAR',
  products: 'id INTEGER, category VARCHAR, price DECIMAL(10,2)',
  orders:
    'id INTEGER, customer_id INTEGER, product_id INTEGER, quantity INTEGER, amount DECIMAL(10,2), status VARCHAR, created TIMESTAMP',
}
for (const [name, columns] of Object.entries(tables)) {
  await connection.run(`CREATE TABLE ${name} (${columns})`)
  await connection.run(`COPY ${name} FROM '${join(directory, `${name}.csv`)}' (FORMAT CSV, HEADER false)`)
}

for (const sql of readFileSync(join(directory, 'queries.txt'), 'utf8').split('\n').filter(Boolean)) {
  const times = []
  for (let run = 0; run <= runs; run++) {
    const started = performance.now()
    await (await connection.runAndReadAll(sql)).getRows()
    if (run > 0) times.push(performance.now() - started)
  }
  times.sort((a, b) => a - b)
  console.log(times[Math.floor(times.length / 2)].toFixed(3))
}
