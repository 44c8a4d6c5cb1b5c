import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'

const dist = new URL('../dist/', import.meta.url)

/** What a page names in its head. */
function filesOf(page: string): string[] {
  const html = readFileSync(new URL(page, dist), 'utf8')
  return [...html.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, file = '']) => file)
}

function bytesOf(files: Iterable<string>, kind: string): number {
  const some = [...files].filter((file) => file.endsWith(kind))
  assert.ok(some.length > 0)
  return some.reduce((all, file) => all + gzipSync(readFileSync(new URL(file, dist))).length, 0)
}

/** These, and the scripts that they import at once. */
function withImports(files: string[]): Set<string> {
  const all = new Set(files)
  for (const file of all) {
    if (!file.endsWith('.js')) continue
    const text = readFileSync(new URL(file, dist), 'utf8')
    for (const [, name] of text.matchAll(/(?:from|import)\s*"\.\/([\w-]+\.js)"/g)) all.add(`assets/${name}`)
  }
  return all
}

test('a first visit loads less than 62 kB of scripts, gzipped, and 8 kB of styles', () => {
  const files = withImports(filesOf('index.html'))
  assert.ok(bytesOf(files, '.js') < 62_000, `${bytesOf(files, '.js')} bytes of scripts`)
  assert.ok(bytesOf(files, '.css') < 8_000, `${bytesOf(files, '.css')} bytes of styles`)
})

for (const chunk of ['GuestView', 'GuestDrop'])
  test(`a guest loads less than 40 kB of scripts for ${chunk}, and none of the other's`, () => {
    const name = readdirSync(new URL('assets/', dist)).find(
      (file) => file.startsWith(`${chunk}-`) && file.endsWith('.js'),
    )
    const files = withImports([...filesOf('shared.html'), `assets/${name}`])
    const bytes = bytesOf(files, '.js')
    assert.ok(bytes < 40_000, `${bytes} bytes`)
    const other = chunk === 'GuestView' ? 'upload-' : 'viewer-'
    assert.deepEqual(
      [...files].filter((file) => file.includes(other)),
      [],
    )
  })
