import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { type App, look } from './app.ts'
import { renderDiff } from './diff.ts'
import { type Folder, openFolder } from './folder.ts'
import { mask } from './mask.ts'
import { plan } from './plan.ts'
import { write } from './write.ts'

type Files = Record<string, string>
/** By itself: the tests that run compiled have their own sources' names in mind, not an app's. */
const typescript = 'ts'

const folderOf = (files: Files): Folder => ({ paths: Object.keys(files), read: (path) => files[path] })
const manifest = (more: object = {}, ...packages: string[]) =>
  JSON.stringify({ dependencies: Object.fromEntries(packages.map((name) => [name, '1'])), ...more })
function found(files: Files): App {
  const app = look(folderOf(files))
  assert.ok(app)
  return app
}
const planned = (files: Files) => plan(found(files), folderOf(files))
const express = manifest({ type: 'module' }, 'express')
/** What a file would become. */
function after(files: Files, path: string): string {
  const change = planned(files).changes.find((one) => one.path === path)
  assert.ok(change, `${path} would change`)
  return change.after
}

describe('what an app is made with', () => {
  test('the package manager, by its lock file', () => {
    const managers = ['package-lock.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock'].map(
      (lock) => found({ 'package.json': express, [lock]: '' }).manager,
    )
    assert.deepEqual(managers, ['npm', 'pnpm', 'yarn', 'bun'])
    const named = manifest({ packageManager: 'pnpm@10.1.0' }, 'express')
    assert.equal(found({ 'package.json': named }).manager, 'pnpm')
  })

  test('the file that a script names comes before those that are usual', () => {
    const text = `import express from 'express'\nconst app = express()\n`
    const scripts = { dev: 'nodemon ./backend/main.js' }
    const { entry } = found({
      'package.json': manifest({ type: 'module', scripts }, 'express'),
      'backend/main.js': text,
      'index.js': text,
    })
    assert.equal(entry?.path, 'backend/main.js')
  })

  test('of several frameworks the one whose app is there', () => {
    const files = {
      'package.json': manifest({ type: 'module' }, 'express', 'hono'),
      'index.js': `import { Hono } from 'hono'\nexport const api = new Hono()\n`,
    }
    assert.deepEqual([found(files).framework, found(files).entry?.name], ['hono', 'api'])
  })

  test('none, or no package.json', () => {
    assert.equal(look(folderOf({})), undefined)
    assert.equal(look(folderOf({ 'package.json': '{' })), undefined)
    const { changes, byHand } = planned({ 'package.json': manifest({}, 'koa') })
    assert.deepEqual(changes, [])
    assert.match(byHand[0]?.what ?? '', /neither Express, Fastify, Hono nor Next/)
  })

  test('in a monorepo, which of its folders has one', () => {
    const { byHand } = planned({
      'package.json': manifest({ workspaces: ['apps/*'] }),
      'apps/web/package.json': express,
      'apps/docs/package.json': manifest({}, 'vitepress'),
    })
    assert.deepEqual(byHand[0]?.lines, ['(cd apps/web && npx @tintype/server init)'])
  })

  test('files that begin with a byte order mark', () => {
    const files = {
      'package.json': `\uFEFF${express}`,
      'index.js': `\uFEFFimport express from 'express'\nconst app = express()\n`,
    }
    assert.deepEqual([found(files).entry?.name, found(files).modules], ['app', true])
    assert.equal(
      after(files, 'index.js'),
      `\uFEFFimport express from 'express'\nimport { photos } from './tintype.js'\nconst app = express()\napp.use(photos)\n`,
    )
  })

  test('TypeScript, also where Node runs it and there is no tsconfig.json', () => {
    const text = `import express from 'express'\nexport function make() {\n  const app = express()\n  return app\n}\n`
    const { typescript: is, entry } = found({ 'package.json': express, [`index.${typescript}`]: text })
    assert.deepEqual([is, entry], [true, undefined])
  })

  test('the API and the page go where the app has nothing', () => {
    const { mount, page } = found({
      'package.json': express,
      'routes.js':
        'router.get(`/api/users`, users); router.get("/photos", mine); router.get("/apiary", bees)',
    })
    assert.deepEqual([mount, page], ['/tintype', '/tintype-photos'])
    assert.equal(found({ 'package.json': express, 'routes.js': 'get("/apiary")' }).mount, '/api')
  })
})

describe('the file that makes the app gains two lines', () => {
  const changed = (text: string, type = 'module') =>
    after({ 'package.json': manifest({ type }, 'express'), 'app.js': text }, 'app.js')

  test('below its imports, and below the line that makes it', () => {
    const text = `#!/usr/bin/env node
import 'dotenv/config'
import {
  join,
} from 'node:path'
import express from 'express'
// import old from './old.js'
const port = 3000
const app = express()
app.use(express.json())
`
    assert.equal(
      changed(text),
      text
        .replace(`'express'\n`, `'express'\nimport { photos } from './tintype.js'\n`)
        .replace('express()\n', 'express()\napp.use(photos)\n'),
    )
  })

  test('in its own way to end statements and lines', () => {
    const text = `'use strict';\r\nconst express = require("express");\r\nconst web = express();\r\nweb.listen(3000);`
    assert.equal(
      changed(text, 'commonjs'),
      `'use strict';\r\nconst express = require("express");\r\nconst { photos } = require('./tintype.js');\r\nconst web = express();\r\nweb.use(photos);\r\nweb.listen(3000);`,
    )
  })

  test('with what makes it at once, and no line end at its end', () => {
    assert.equal(
      changed(`const app = require('express')()`, 'commonjs'),
      `const { photos } = require('./tintype.js')\nconst app = require('express')()\napp.use(photos)\n`,
    )
  })

  const unsure: Record<string, string> = {
    'an app within a function': `import express from 'express'\nexport function make() {\n  const app = express()\n  return app\n}\n`,
    'two apps': `import express from 'express'\nconst app = express()\nconst admin = express()\n`,
    'an app in a comment': `import express from 'express'\n/*\nconst app = express()\n*/\n`,
    'an app in a text': `import express from 'express'\nconst text = \`\nconst app = express()\n\`\n`,
    'something else that is called so': `const express = () => ({})\nconst app = express()\n`,
  }
  for (const [what, text] of Object.entries(unsure))
    test(`or none, for ${what}: then it is told what to add`, () => {
      const { changes, byHand } = planned({ 'package.json': express, 'app.js': text })
      assert.ok(changes.every(({ before }) => before === undefined))
      assert.deepEqual(byHand[0]?.lines, [`import { photos } from './tintype.js'`, 'app.use(photos)'])
    })

  test('once', () => {
    const files: Files = {
      'package.json': express,
      'app.js': `import express from 'express'\nconst app = express()\n`,
    }
    for (const { path, after } of planned(files).changes) files[path] = after
    const { changes, kept, byHand } = planned(files)
    assert.deepEqual([changes, kept, byHand], [[], [], []])
  })
})

test('what is there with other contents stays, and is named', () => {
  const own = `export const tintype = createTintype({ authenticate: mine })\nexport const photos = 1\n`
  const files = { 'package.json': express, 'tintype.js': own, 'public/photos.html': '<p>Mine' }
  const { changes, kept } = planned(files)
  assert.deepEqual(kept, ['tintype.js', 'public/photos.html'])
  assert.deepEqual(
    changes.map(({ path }) => path),
    ['app.js', '.env.example', '.gitignore'],
  )
})

test('.env.example and .gitignore gain what they lack', () => {
  const files = {
    'package.json': express,
    '.env.example': 'DATABASE_URL=x\r\nPORT=1\r\n',
    '.gitignore': '/data\n.env*',
  }
  const { changes } = planned(files)
  const example = changes.find(({ path }) => path === '.env.example')?.after ?? ''
  assert.match(example, /^DATABASE_URL=x\r\nPORT=1\r\n\r\n# The way to the bucket/)
  assert.doesNotMatch(example, /DATABASE_URL=\r|[^\r]\n/)
  assert.equal(
    changes.find(({ path }) => path === '.gitignore'),
    undefined,
  )
})

describe('Next', () => {
  const package_ = manifest({}, 'next', 'react')

  test('as create-next-app leaves it', () => {
    const config = `import type { NextConfig } from "next";\n\nconst nextConfig: NextConfig = {\n  /* config options here */\n};\n\nexport default nextConfig;\n`
    const files = {
      'package.json': package_,
      'tsconfig.json': '{}',
      'next.config.ts': config,
      'src/app/layout.tsx': '',
    }
    const { changes, byHand, packages } = planned(files)
    assert.deepEqual(
      changes.map(({ path }) => path),
      [
        `src/app/api/[...path]/route.${typescript}`,
        'src/app/photos/page.tsx',
        'next.config.ts',
        '.env.example',
        '.gitignore',
      ],
    )
    assert.match(
      changes[2]?.after ?? '',
      /NextConfig = \{\n {2}serverExternalPackages: \['tintype'.*\],\n {2}\/\* config/,
    )
    assert.deepEqual(packages, ['tintype', '@tintype/local-s3', '@tintype/client'])
    assert.deepEqual(byHand, [])
  })

  test('names what stands in the way: another catch-all, a proxy, a configuration of another form', () => {
    const { byHand } = planned({
      'package.json': package_,
      'app/layout.js': '',
      'app/api/[...trpc]/route.js': '',
      'proxy.js': '',
      'next.config.mjs': 'export default withMdx({})',
    })
    assert.deepEqual(
      byHand.map(({ what }) => what.split(' ')[0]),
      ['app/api/[...trpc]/route.js', 'next.config.mjs', 'proxy.js'],
    )
  })
})

test('React beside a server gets a component, and Vite a line', () => {
  const { changes, byHand } = planned({
    'package.json': manifest({ type: 'module' }, 'express', 'react'),
    'server.js': `import express from 'express'\nconst app = express()\n`,
    'src/main.jsx': '',
    'vite.config.js': 'export default {}',
  })
  assert.deepEqual(
    changes.map(({ path }) => path),
    ['tintype.js', 'server.js', 'src/Photos.jsx', '.env.example', '.gitignore'],
  )
  assert.match(byHand[1]?.lines[0] ?? '', /proxy: \{ '\/api': \{ target/)
})

test('code without what strings and comments say keeps its places', () => {
  const code = 'a(\'x\') // c\'\nb(`1\n`, "\\"") /* d\n*/ e'
  const masked = mask(code)
  assert.equal(masked.length, code.length)
  assert.equal(masked.replace(/ +/g, ' '), 'a(\' \') \nb(` \n`, " ") \n e')
})

test('a diff shows what is new, with the lines around', () => {
  const before = ['1', '2', '3', '4', '5', '6', ''].join('\n')
  const shown = renderDiff({ path: 'a', before, after: before.replace('5\n', '5\nnew\n') })
  assert.deepEqual(shown, ['--- a', '+++ a', '@@', ' 4', ' 5', '+new', ' 6'])
})

test('nothing is written where a file has changed since it was shown, and what can not be written is named', () => {
  const root = mkdtempSync(join(tmpdir(), 'tintype-init-'))
  try {
    writeFileSync(join(root, 'app.js'), 'now\n')
    const changes = [
      { path: 'deep/new.js', before: undefined, after: 'new\n' },
      { path: 'app.js', before: 'then\n', after: 'then, and more\n' },
    ]
    assert.equal(write(root, changes), 'app.js')
    assert.deepEqual(openFolder(root).paths, ['app.js'])
    assert.equal(
      write(root, [{ path: 'app.js', before: 'now\n', after: 'more\n' }, ...changes.slice(0, 1)]),
      undefined,
    )
    assert.equal(readFileSync(join(root, 'deep/new.js'), 'utf8'), 'new\n')
    const inTheWay = { path: 'app.js/new.js', before: undefined, after: 'new\n' }
    assert.throws(() => write(root, [inTheWay]), /: app\.js\/new\.js can not be written here \(E[A-Z]+\)/)
  } finally {
    rmSync(root, { recursive: true })
  }
})
