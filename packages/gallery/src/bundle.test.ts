import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'

const dist = new URL('../dist/', import.meta.url)

test('a first visit loads less than 60 kB of scripts, gzipped, and 8 kB of styles', () => {
  const page = readFileSync(new URL('index.html', dist), 'utf8')
  const bytesOf = (kind: string) => {
    const files = [...page.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, file = '']) => file)
    const some = files.filter((file) => file.endsWith(kind))
    assert.ok(some.length > 0)
    return some.reduce((all, file) => all + gzipSync(readFileSync(new URL(file, dist))).length, 0)
  }
  assert.ok(bytesOf('.js') < 60_000, `${bytesOf('.js')} bytes of scripts`)
  assert.ok(bytesOf('.css') < 8_000, `${bytesOf('.css')} bytes of styles`)
})
