import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

interface Import {
  /** The importing file, from the root of the repository. */
  from: string
  /** A file from the root, or a package's name. */
  to: string
}

const sources = globSync('packages/*/src/**/*.{ts,tsx}', { cwd: root })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => !/\.test\.tsx?$|\/testing\//.test(file))
const imports = sources.flatMap(importsOf)

/** What may not import what. The design's import rules, all of them in one place. */
const rules: { rule: string; broken: (one: Import) => boolean }[] = [
  {
    rule: 'protocol imports nothing',
    broken: ({ from, to }) => packageOf(from) === 'protocol' && packageOf(to) !== 'protocol',
  },
  {
    rule: 'client and gallery import neither Node nor server code',
    broken: ({ from, to }) =>
      ['client', 'gallery'].includes(packageOf(from)) &&
      (to.startsWith('node:') ||
        builtinModules.includes(to) ||
        ['tintype', 'server', 'aws', 'local-s3'].includes(packageOf(to)) ||
        /^(express|multer)$/.test(to)),
  },
  {
    rule: 'the library imports neither the server, nor aws, nor what browsers run',
    broken: ({ from, to }) =>
      packageOf(from) === 'tintype' && ['server', 'aws', 'client', 'gallery'].includes(packageOf(to)),
  },
  {
    rule: 'the library imports no framework, nor its types',
    broken: ({ from, to }) => packageOf(from) === 'tintype' && /^(@types\/)?(express|multer)\b/.test(to),
  },
  {
    rule: 'aws imports no server, and of the library what knows S3 and its settings',
    broken: ({ from, to }) =>
      packageOf(from) === 'aws' &&
      (packageOf(to) === 'server' || (packageOf(to) === 'tintype' && folderOf(to) !== 'bucket')),
  },
  {
    rule: 'the serving process does not import aws: only commands do',
    broken: ({ from, to }) =>
      packageOf(to) === 'aws' && packageOf(from) === 'server' && !/\/src\/(commands|doctor)\//.test(from),
  },
  {
    rule: 'records, bucket, inspect, privacy and variants import neither http nor each other',
    broken: ({ from, to }) => {
      const parts = ['records', 'bucket', 'inspect', 'privacy', 'variants']
      return (
        packageOf(from) === 'tintype' &&
        parts.includes(folderOf(from)) &&
        packageOf(to) === 'tintype' &&
        [...parts, 'http', 'doors'].includes(folderOf(to)) &&
        folderOf(from) !== folderOf(to)
      )
    },
  },
  {
    rule: 'metadata imports nothing of the library but errors; inspect and privacy alone import it',
    broken: ({ from, to }) =>
      packageOf(from) === 'tintype' &&
      (folderOf(from) === 'metadata'
        ? packageOf(to) !== '' && !['metadata', 'errors.ts'].includes(folderOf(to))
        : folderOf(to) === 'metadata' && !['inspect', 'privacy'].includes(folderOf(from))),
  },
  {
    rule: 'the library imports http from its doors and its composition alone',
    broken: ({ from, to }) =>
      packageOf(from) === 'tintype' &&
      packageOf(to) === 'tintype' &&
      folderOf(to) === 'http' &&
      !['http', 'doors', 'tintype.ts', 'index.ts'].includes(folderOf(from)),
  },
  {
    rule: 'bucket and aws alone import the AWS SDK',
    broken: ({ from, to }) =>
      /^@(aws-sdk|smithy)\//.test(to) &&
      !['aws', 'local-s3'].includes(packageOf(from)) &&
      folderOf(from) !== 'bucket',
  },
  {
    rule: 'the library imports of the AWS SDK what gives credentials, region and partitions, and nothing else',
    broken: ({ from, to }) =>
      packageOf(from) === 'tintype' &&
      /^@(aws-sdk|smithy)\//.test(to) &&
      !/^(@aws-sdk\/(credential-provider-node|core\/client)|@smithy\/core\/(config|endpoints))$/.test(to),
  },
  {
    rule: 'records alone imports a database',
    broken: ({ from, to }) =>
      /^(kysely|pg|node:sqlite)(\/|$)/.test(to) &&
      !['local-s3', 'crash-kit'].includes(packageOf(from)) &&
      folderOf(from) !== 'records',
  },
  {
    rule: 'variants alone imports sharp',
    broken: ({ from, to }) => to === 'sharp' && folderOf(from) !== 'variants',
  },
  {
    rule: 'ranges knows no part of the library but the child processes that it serves',
    broken: ({ from, to }) =>
      packageOf(from) === 'tintype' &&
      folderOf(from) === 'ranges' &&
      packageOf(to) !== '' &&
      !['ranges', 'workers'].includes(folderOf(to)),
  },
  {
    rule: 'local-s3 knows nothing of Tintype',
    broken: ({ from, to }) =>
      packageOf(from) === 'local-s3' &&
      packageOf(to) !== 'local-s3' &&
      /^(packages|tintype|@tintype)\b/.test(to),
  },
  {
    rule: 'crash-kit knows local-s3, and nothing else of ours',
    broken: ({ from, to }) =>
      packageOf(from) === 'crash-kit' &&
      !['crash-kit', 'local-s3'].includes(packageOf(to)) &&
      /^(packages|tintype|@tintype)\b/.test(to),
  },
  {
    rule: 'the library knows local-s3 in its composition only',
    broken: ({ from, to }) =>
      packageOf(to) === 'local-s3' && packageOf(from) === 'tintype' && folderOf(from) !== 'embedded.ts',
  },
]

describe('the boundaries between the parts', () => {
  for (const { rule, broken } of rules) {
    test(rule, () => assert.deepEqual(imports.filter(broken), []))
  }

  test('the arrows between packages are those of the drawing in CONTRIBUTING.md', () => {
    const drawing = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8')
    const drawn = [...drawing.matchAll(/^ {2}([\w-]+) --> ([\w-]+)$/gm)].map(
      ([, from, to]) => `${from} --> ${to}`,
    )
    const there = imports.map(({ from, to }) => [packageOf(from), packageOf(to)])
    const arrows = there
      .filter(([from, to]) => to !== '' && from !== to)
      .map(([from, to]) => `${from} --> ${to}`)
    assert.deepEqual([...new Set(arrows)].sort(), drawn.sort())
  })

  test('no files import each other in a circle', () => assert.deepEqual(circles(), []))

  test('the library brings no client of a service of AWS', () => {
    const { dependencies } = JSON.parse(readFileSync(join(root, 'packages/tintype/package.json'), 'utf8'))
    const ofAws = Object.keys(dependencies).filter((name) => /^@(aws-sdk|smithy)\//.test(name))
    assert.deepEqual(ofAws, ['@aws-sdk/core', '@smithy/core'])
  })

  test('config alone reads the environment', () => {
    const readers = sources.filter((file) => /\bprocess\.env\b/.test(readFileSync(join(root, file), 'utf8')))
    assert.deepEqual(readers, ['packages/server/src/config.ts'])
  })

  test('the rules see imports of every form', () => {
    const code = `import a from './a.ts'\nimport type { B } from 'b'\nexport * from './c.ts'\nawait import('d')\nimport 'e'`
    assert.deepEqual(specifiers(code), ['./a.ts', 'b', './c.ts', 'd', 'e'])
    assert.ok(imports.length > 100)
  })
})

function importsOf(file: string): Import[] {
  return specifiers(readFileSync(join(root, file), 'utf8')).map((to) => ({
    from: file,
    to: to.startsWith('.') ? relative(root, join(root, dirname(file), to)).replaceAll('\\', '/') : to,
  }))
}

function specifiers(code: string): string[] {
  const form =
    /\b(?:import|export)\s+(?:[\w*{][^'";]*?\s+from\s+)?['"]([^'"]+)['"]|\bimport(?:\.meta\.resolve)?\(\s*['"]([^'"]+)['"]\s*\)/g
  return [...code.matchAll(form)].map((match) => (match[1] ?? match[2]) as string)
}

/** `tintype`, `server`, ...: of a file or of the name of one of our packages; empty for what is not ours. */
function packageOf(path: string): string {
  const name = /^packages\/([\w-]+)\//.exec(path) ?? /^@tintype\/([\w-]+)/.exec(path)
  return name?.[1] ?? (/^tintype(\/|$)/.test(path) ? 'tintype' : '')
}

/** `records` of `packages/tintype/src/records/ledger.ts` and of `tintype/internal/records/ledger`; a file at the top by its name. */
function folderOf(path: string): string {
  return /^(?:packages\/[\w-]+\/src|tintype\/internal)\/([\w.-]+)/.exec(path)?.[1] ?? ''
}

/** Groups of files each of which imports all others of its group, directly or through them (Tarjan's algorithm). */
function circles(): string[][] {
  const targets = Map.groupBy(imports, ({ from }) => from)
  const order = new Map<string, number>()
  const low = new Map<string, number>()
  const path: string[] = []
  const found: string[][] = []

  function visit(file: string): void {
    order.set(file, order.size)
    low.set(file, order.get(file) as number)
    path.push(file)
    for (const { to } of targets.get(file) ?? []) {
      if (!sources.includes(to)) continue
      if (!order.has(to)) visit(to)
      if (path.includes(to)) low.set(file, Math.min(low.get(file) as number, low.get(to) as number))
    }
    if (low.get(file) !== order.get(file)) return
    const group = path.splice(path.indexOf(file))
    if (group.length > 1) found.push(group.sort())
  }

  for (const file of sources) if (!order.has(file)) visit(file)
  return found
}
