// All examples, one after the other in one process: npm run test:long runs this. Each folder's app.test.ts runs alone, too.
import { globSync } from 'node:fs'

for (const file of globSync('*/app.test.ts', { cwd: import.meta.dirname }).sort()) await import(`./${file}`)
