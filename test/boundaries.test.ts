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

/** Who may not import what. The design's import rules, all of them in one place. */
const rules: { rule: string; broken: (one: Import) => boolean }[] = [
  {
    rule: 'protocol imports nothing',
    broken: ({ from, to }) => from.startsWith('packages/protocol/') && !to.startsWith('packages/protocol/'),
  },
  {
    rule: 'client and gallery import neither Node nor server code',
    broken: ({ from, to }) =>
      /^packages\/(client|gallery)\//.test(from) &&
      (to.startsWith('node:') ||
        builtinModules.includes(to) ||
        /^(tintype|@tintype\/local-s3|express|multer)$/.test(to)),
  },
  {
    rule: 'records, bucket, inspect and variants import neither http nor each other',
    broken: ({ from, to }) => {
      const part = /^packages\/tintype\/src\/(records|bucket|inspect|variants)\//.exec(from)?.[1]
      const other = /^packages\/tintype\/src\/(records|bucket|inspect|variants|http)\//.exec(to)?.[1]
      return part !== undefined && other !== undefined && part !== other
    },
  },
  {
    rule: 'bucket and aws alone import the AWS SDK',
    broken: ({ from, to }) =>
      /^@(aws-sdk|smithy)\//.test(to) &&
      /^packages\/tintype\//.test(from) &&
      !/\/src\/(bucket|aws)\//.test(from),
  },
  {
    rule: 'records alone imports a database',
    broken: ({ from, to }) =>
      /^(kysely|pg|node:sqlite)(\/|$)/.test(to) &&
      from.startsWith('packages/tintype/') &&
      !from.includes('/src/records/'),
  },
  {
    rule: 'variants alone imports sharp',
    broken: ({ from, to }) => to === 'sharp' && !from.includes('/src/variants/'),
  },
  {
    rule: 'the serving process does not import aws',
    broken: ({ from, to }) => to.includes('/src/aws/') && !/\/src\/(aws\/|cli\/(?!serve))/.test(from),
  },
  {
    rule: 'local-s3 knows nothing of Tintype',
    broken: ({ from, to }) =>
      from.startsWith('packages/local-s3/') &&
      (to === 'tintype' || (to.startsWith('@tintype/') && to !== '@tintype/local-s3')),
  },
  {
    rule: 'the library knows local-s3 in its composition only',
    broken: ({ from, to }) => to === '@tintype/local-s3' && from !== 'packages/tintype/src/embedded.ts',
  },
]

describe('the boundaries between the parts', () => {
  for (const { rule, broken } of rules) {
    test(rule, () => assert.deepEqual(imports.filter(broken), []))
  }

  test('config alone reads the environment', () => {
    const readers = sources.filter((file) => /\bprocess\.env\b/.test(readFileSync(join(root, file), 'utf8')))
    assert.deepEqual(readers, ['packages/tintype/src/config.ts'])
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
