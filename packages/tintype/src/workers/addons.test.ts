import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'

test("the server's process loads no addon: those that decode are for child processes", async () => {
  const library = new URL('../index.ts', import.meta.url).href
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...['--input-type=module', '--eval'],
    `await import(${JSON.stringify(library)})
    console.log(process.report.getReport().sharedObjects.filter((path) => path.endsWith('.node')).join())`,
  ])
  assert.equal(stdout.trim(), '')
})
