import { testWays } from './ways.ts'

testWays('quick', { name: 'SQLite', skip: false })
