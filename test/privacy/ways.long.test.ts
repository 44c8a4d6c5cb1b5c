import { skipWithoutPostgres } from '../support/postgres.ts'
import { testWays } from './ways.ts'

testWays('long', { name: 'SQLite', skip: false })
testWays('long', { name: 'Postgres', skip: skipWithoutPostgres })
