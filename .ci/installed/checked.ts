// What those who know packages say of ours, and what they are for: publint and attw find nothing, require() works on the
// oldest Node, and a client with types is made of the OpenAPI document.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openApiDocument, operations } from '@tintype/protocol/openapi'
import { nodeFloor } from '../../packages/tintype/src/node-floor.ts'
import { packages } from '../../scripts/packages.ts'
import { inEmptyFolder, install, root, run, tarball } from './folder.ts'

const nameOf = (folder: string) => (folder === 'tintype' ? folder : `@tintype/${folder}`)
/** Packages without types: a command, and a page. */
const untyped = ['server', 'gallery']

inEmptyFolder((folder) => {
  install(folder, 'publint@0.3.25', '@arethetypeswrong/cli@0.18.5')
  const bin = (name: string) => join(folder, 'node_modules/.bin', name)
  for (const one of packages) {
    assert.match(run(folder, bin('publint'), join(root, 'dist', one), '--strict'), /All good!/, one)
    // Packages that are modules alone: what requires them needs no other file, see decisions/0341.
    if (!untyped.includes(one))
      run(folder, bin('attw'), tarball(nameOf(one)) as string, '--profile', 'esm-only')
  }
  console.log('publint and attw find nothing.')
})

inEmptyFolder((folder) => {
  const typed = packages.filter((one) => !untyped.includes(one))
  install(
    folder,
    ...typed.map(nameOf),
    `node@${nodeFloor}`,
    'typescript@7.0.2',
    '@types/node@24',
    'react@19',
    '@types/react@19',
    '@aws-sdk/client-s3@3',
  )
  const entries = typed.flatMap((one) => {
    const { exports } = JSON.parse(readFileSync(join(root, 'dist', one, 'package.json'), 'utf8')) as {
      exports: object
    }
    return Object.keys(exports)
      .filter((entry) => !/json$|\*/.test(entry))
      .map((entry) => nameOf(one) + entry.slice(1))
  })
  const lines = entries.map(
    (entry, at) =>
      `import all${at} = require('${entry}')\nconsole.log('${entry}', Object.keys(all${at}).length > 0)`,
  )
  writeFileSync(join(folder, 'app.cts'), lines.join('\n'))
  run(
    folder,
    join(folder, 'node_modules/.bin/tsc'),
    '--module',
    'nodenext',
    '--target',
    'es2024',
    '--lib',
    'es2024,dom,dom.iterable',
    '--skipLibCheck',
    '--types',
    'node',
    'app.cts',
  )
  const told = run(folder, join(folder, 'node_modules/.bin/node'), '--no-warnings', 'app.cjs')
  assert.equal(told, entries.map((entry) => `${entry} true\n`).join(''))
  console.log(`require() works on Node ${nodeFloor}: ${entries.join(', ')}.`)
})

inEmptyFolder((folder) => {
  install(folder, 'openapi-typescript@7.13.0', 'openapi-fetch@0.17.0', 'typescript@5.9.3')
  const routes = Object.keys(operations).map((one) => ({
    path: one.split(' ')[1] ?? '',
    methods: [one.split(' ')[0] ?? ''],
  }))
  const merged = [...Map.groupBy(routes, ({ path }) => path)].map(([path, all]) => ({
    path,
    methods: all.flatMap((one) => one.methods),
  }))
  writeFileSync(
    join(folder, 'openapi.json'),
    JSON.stringify(openApiDocument({ routes: merged, server: '/api' })),
  )
  run(folder, join(folder, 'node_modules/.bin/openapi-typescript'), 'openapi.json', '-o', 'tintype.d.ts')
  const [, example = ''] =
    /```ts\n(import createClient.*?)```/s.exec(readFileSync(join(root, 'docs/openapi.md'), 'utf8')) ?? []
  // The check itself: it compiles only as long as the wrong call does not.
  const misuse = `// @ts-expect-error: there is no such order\nawait client.GET('/media', { params: { query: { order: 'best' } } })\n`
  writeFileSync(join(folder, 'app.ts'), example + misuse)
  run(
    folder,
    join(folder, 'node_modules/.bin/tsc'),
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--lib',
    'es2022,dom',
    'app.ts',
  )
  console.log('A client with types is made of the OpenAPI document, and compiles.')
})
