import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'

/** What a page loads of the client, minified. */
async function bundle(): Promise<string> {
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
  return output.output.map((chunk) => ('code' in chunk ? chunk.code : '')).join('')
}
const code = await bundle()

test('what a page loads is below 10 kB, minified and gzipped', () => {
  const bytes = gzipSync(code, { level: 9 }).length
  assert(code.includes('Idempotency-Key'))
  assert(bytes < 10_000, `${bytes} bytes`)
})

/**
 * What came to all browsers after Safari 16, Chrome 105 and Firefox 104 (summer 2022), from
 * https://web.dev/baseline. TypeScript's `lib: es2022` keeps most of it out of the sources; its DOM has no years.
 */
const newer = [
  ...['withResolvers', 'Promise.try', 'AbortSignal.any', 'AbortSignal.timeout', 'Array.fromAsync'],
  ...[
    '.toSorted(',
    '.toReversed(',
    '.toSpliced(',
    'Object.groupBy',
    'Map.groupBy',
    '.isSubsetOf(',
    '.union(',
  ],
  ...['.intersection(', '.difference(', 'URL.canParse', 'URL.parse', '.isWellFormed(', '.toWellFormed('],
  ...[
    '.toHex(',
    'fromHex',
    '.toBase64(',
    'fromBase64',
    '.transfer(',
    'Iterator.',
    '.bytes()',
    'RegExp.escape',
  ],
  ...[
    'checkVisibility',
    'startViewTransition',
    'scheduler.',
    'requestIdleCallback',
    'showPopover',
    'asyncIterator',
  ],
]

test('the bundle needs nothing that a browser of 2022 lacks', () => {
  const found = newer.filter((name) => code.includes(name))
  assert.deepEqual(found, [])
})
