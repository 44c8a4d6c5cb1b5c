import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

test('pages without JavaScript have the colours of the gallery, light and dark', () => {
  const gallery = coloursOf('../packages/gallery/src/styles/base.css')
  const plain = coloursOf('../packages/server/src/site/plain.css')
  assert.deepEqual(Object.keys(plain), Object.keys(gallery))
  for (const mode of ['light', 'dark'] as const) {
    assert.ok(plain[mode].size > 5)
    for (const [name, value] of plain[mode]) assert.equal(value, gallery[mode].get(name), `${name}, ${mode}`)
  }
})

/** The custom properties of the two blocks that define them, by name. */
function coloursOf(file: string): Record<'light' | 'dark', Map<string, string>> {
  const text = readFileSync(new URL(file, import.meta.url), 'utf8')
  const [light = '', dark = ''] = [...text.matchAll(/:root \{([^}]*--paper:[^}]*)\}/g)].map(
    ([, body]) => body,
  )
  const read = (body: string) =>
    new Map(
      [...body.matchAll(/^\s*(--[\w-]+): ([^;]+);/gm)].map(([, name = '', value = '']) => [name, value]),
    )
  return { light: read(light), dark: read(dark) }
}
