import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'

test('what a page loads is below 10 kB, minified and gzipped', async () => {
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      lib: {
        entry: fileURLToPath(new URL('./index.ts', import.meta.url)),
        formats: ['iife'],
        name: 'client',
      },
      minify: true,
      write: false,
    },
  })
  const [output] = [result].flat()
  assert(output && 'output' in output)
  const code = output.output.map((chunk) => ('code' in chunk ? chunk.code : '')).join('')
  const bytes = gzipSync(code, { level: 9 }).length
  assert(code.includes('Idempotency-Key'))
  assert(bytes < 10_000, `${bytes} bytes`)
})
