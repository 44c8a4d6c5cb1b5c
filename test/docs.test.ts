import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { errorsPage } from '../scripts/errors-page.ts'

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')

test('docs/errors.md is what the error table says', () => {
  assert.equal(read('docs/errors.md'), errorsPage())
})

test('docs/configuration.md names every variable that is read', () => {
  const code = read('packages/tintype/src/config.ts')
  const readNames = [...code.matchAll(/\(env, '([A-Z0-9_]+)'/g)].map((match) => match[1] as string)
  const documented = [
    ...read('docs/configuration.md').matchAll(/`([A-Z][A-Z0-9]*_?[A-Z0-9_]*)`(?=[ ,|])/g),
  ].map((match) => match[1] as string)
  const aliases = new Set(['AWS_DEFAULT_REGION'])
  assert.deepEqual(
    readNames.filter((name) => !documented.includes(name) && !aliases.has(name)),
    [],
  )
  assert.ok(readNames.length > 20)
})
