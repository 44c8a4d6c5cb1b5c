import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'

const folder = fileURLToPath(new URL('.', import.meta.url))

/** One module as a page loads it, minified: `first` at once, `all` with what it may load later. */
async function bundle(code: string): Promise<{ first: string; all: string }> {
  const entry = join(folder, 'bundle.test.entry.ts')
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === entry ? entry : undefined),
        load: (id) => (id === entry ? code : undefined),
      },
    ],
    build: {
      lib: { entry, formats: ['es'], fileName: 'client' },
      write: false,
      rolldownOptions: { output: { minify: true }, external: [/^react(-dom)?(\/|$)/] },
    },
  })
  const [output] = [result].flat()
  assert(output && 'output' in output)
  const chunks = output.output.flatMap((one) => (one.type === 'chunk' ? [one] : []))
  const later = new Set(chunks.flatMap((one) => one.dynamicImports))
  const text = (some: typeof chunks) => some.map((one) => one.code).join('')
  return { first: text(chunks.filter((one) => !later.has(one.fileName))), all: text(chunks) }
}

const gzipped = (text: string) => gzipSync(text, { level: 9 }).length
const whole = await bundle("export * from './index.ts'")
const code = whole.all

test('what a page loads is below 10 kB, minified and gzipped', () => {
  assert(whole.first.includes('Idempotency-Key'))
  const bytes = gzipped(whole.first)

  assert(bytes < 10_000, `${bytes} bytes`)
})

test('`upload` alone is below 10 kB with all that it may load later', async () => {
  const { all } = await bundle("export { upload } from './index.ts'")
  assert(all.includes('Idempotency-Key'))
  const bytes = gzipped(all)

  assert(bytes < 10_000, `${bytes} bytes`)
})

test('the library is below 5 kB', async () => {
  const bytes = gzipped((await bundle("export * from './library.ts'")).all)
  assert(bytes < 5000, `${bytes} bytes`)
})

test('what sends posters is below 3 kB', async () => {
  const bytes = gzipped((await bundle("export * from './posters.ts'")).all)
  assert(bytes < 3000, `${bytes} bytes`)
})

test('the elements are below 25 kB together, and below 26 kB with all that they may load later', async () => {
  const { first, all } = await bundle("export * from './element.ts'")
  assert(first.includes('tintype-image'))
  const [now, later] = [gzipped(first), gzipped(all)]
  assert(now < 25_000 && later < 26_000, `${now}, ${later} bytes`)
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

test('docs/client.md says what each import weighs, within a tenth', async () => {
  const page = readFileSync(new URL('../../../docs/client.md', import.meta.url), 'utf8')
  const rows = page.matchAll(/^\| (all|`(\w+)`) of `@tintype\/client(.*)` \| ([\d.]+) \| ([\d.]+) \|$/gm)
  const wrong: string[] = []
  const paths = new Set<string>()
  for (const [, what, name, path = '', ...said] of rows) {
    paths.add(path)
    const { first, all } = await bundle(
      `export ${name ? `{ ${name} }` : '*'} from './${path.slice(1) || 'index'}.ts'`,
    )
    const today = [first, all].map((text) => gzipped(text) / 1000)
    if (today.some((size, at) => Math.abs(size - Number(said[at])) > Math.max(0.05, size / 10)))
      wrong.push(`${what} of ${path}: ${today.map((size) => size.toFixed(1)).join(', ')}`)
  }
  assert.deepEqual(wrong, [])
  const { exports } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    exports: Record<string, string>
  }
  const code = Object.keys(exports).filter((path) => path !== './package.json')
  assert.deepEqual([...paths].map((path) => `.${path}`).sort(), code.sort())
})
