import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { exampleModules } from '../scripts/reference/examples.ts'

const root = fileURLToPath(new URL('../', import.meta.url))

test('the examples in doc comments, and those of the README and of guides, compile', () => {
  const folder = mkdtempSync(join(root, 'node_modules/.examples-'))
  try {
    const files = exampleModules()
    for (const [name, code] of [...readmeModules(), ...guideModules()]) files.set(name, code)
    for (const [name, code] of files) writeFileSync(join(folder, `${name}.ts`), code)
    const compilerOptions = {
      noUnusedLocals: false,
      noUnusedParameters: false,
      allowJs: true,
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
    }
    const config = {
      extends: join(root, 'tsconfig.json'),
      compilerOptions,
      include: [`${folder}/*`],
      exclude: [],
    }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
    const { stdout, status } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', folder], {
      encoding: 'utf8',
    })
    assert.equal(status, 0, stdout)
    assert.ok(files.size > 10, `${files.size} examples`)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

/** The blocks of code in README.md, each as a module. */
function readmeModules(): [string, string][] {
  const names = `declare function userIdOf(req: unknown): string | null
declare const file: File
declare function draw(share: number): void
`
  // README's apps are JavaScript: what TypeScript users tell Hono of its server stands in docs/doors.md.
  const typed = "new Hono<{ Bindings: import('@hono/node-server').HttpBindings }>()"
  return blocksOf('README.md').map((code, index) => [
    `readme-${index}`,
    `${code.replace('new Hono()', typed)}\n${names}\nexport {}\n`,
  ])
}

const namesIn: Record<string, string> = {
  media: `declare const id: string
declare const authenticate: () => string
declare function areFriends(one: string, other: string): Promise<boolean>
`,
  scanning: `declare function userOf(req: unknown): string
declare function askScanner(stream: NodeJS.ReadableStream, signal: AbortSignal): Promise<string | undefined>
`,
  events: `declare function authenticate(req: unknown): string | null
declare const search: Record<'forget' | 'index', (of: unknown) => Promise<void>>
declare const mail: { tell(of: unknown): Promise<void> }
`,
  hooks: `declare const mark: Buffer
declare function photosOf(owner: string): Promise<number>
declare function crop(): void
declare function handler(): void
`,
  records: `import { randomUUID } from 'node:crypto'
import { refuse } from 'tintype'

interface Post { _id: string; text: string; photos: string[] }
declare const authenticate: () => string
declare const posts: {
  findOne(query: object): Promise<Post | null>
  insertOne(post: Post): Promise<void>
  deleteOne(query: object): Promise<void>
}
`,
  multer: `import type { PoolClient } from 'pg'
import type { Media } from 'tintype'
declare global {
  namespace Express {
    interface Request {
      user: { id: string }
    }
  }
}

declare const id: string
declare const title: string
declare const bytes: ArrayBuffer
declare const media: Media
declare function transaction(work: (trx: PoolClient) => Promise<void>): Promise<void>
`,
}

/** Those of guides that are about an app of Express. */
function guideModules(): [string, string][] {
  const names = `import type { Express, NextFunction, Request, Response } from 'express'
import { createTintype, type Tintype, TintypeError } from 'tintype'

declare const app: Express
declare const user: { id: string }
declare function userIdOf(req: unknown): string | null
declare function planOf(owner: string): Promise<'free' | 'paid'>
declare function checkPassword(body: unknown): Promise<object | null>
`
  return ['events', 'forms', 'hooks', 'limits', 'media', 'multer', 'records', 'scanning'].flatMap((guide) =>
    blocksOf(`docs/${guide}.md`)
      .filter(isPart)
      .map((code, index): [string, string] => {
        const made = /^const tintype = /m.test(code) ? '' : 'declare const tintype: Tintype\n'
        const known = code.includes("from 'tintype'") ? names.replace('createTintype, ', '') : names
        return [`${guide}-${index}`, `${known}${namesIn[guide] ?? ''}${made}${code}\nexport {}\n`]
      }),
  )
}

/** Whole programs are run by tests of their own. */
function isPart(code: string): boolean {
  return !code.startsWith("import express from 'express'")
}

function blocksOf(page: string): string[] {
  const blocks = readFileSync(join(root, page), 'utf8').matchAll(/^```[jt]s\n(.*?)^```/gms)
  return Array.from(blocks, ([, code = '']) => code)
}
