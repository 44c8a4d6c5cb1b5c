/** Apps as people have them before `tintype init`: their files, and what the command has to find. */
export interface App {
  files: Record<string, string>
  /** Compiled by tsc before it runs, and type-checked by it. */
  compiled?: boolean
  /** What runs. */
  main: string
  page: string
  mount: string
}

const json = (value: object) => `${JSON.stringify(value, null, 2)}\n`
const tsconfig = (options: object = {}) =>
  json({
    compilerOptions: {
      ...{ module: 'nodenext', target: 'es2023', strict: true, skipLibCheck: true, types: ['node'] },
      ...{ exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, rootDir: '.', outDir: 'built' },
      ...options,
    },
    exclude: ['built', 'node_modules'],
  })
const usual = { page: '/photos', mount: '/api' }

export const apps: Record<string, App> = {
  'Express, of which there is only package.json': {
    ...usual,
    files: { 'package.json': json({ type: 'module', dependencies: { express: '5' } }) },
    main: 'app.js',
  },
  'Express 5 in CommonJS, with a route of its own below /api': {
    files: {
      'package.json': json({ type: 'commonjs', main: 'index.js', dependencies: { express: '5' } }),
      'index.js': `'use strict'
const express = require('express');
const app = express();

app.use(express.json());
app.get('/api/users', (req, res) => res.json(['ann']));

app.listen(process.env.PORT, '127.0.0.1');
`,
    },
    main: 'index.js',
    page: '/photos',
    mount: '/tintype',
  },
  'Express in TypeScript, modules, compiled': {
    ...usual,
    files: {
      'package.json': json({ type: 'module', dependencies: { express: '5' } }),
      'tsconfig.json': tsconfig(),
      'src/server.ts': `import express, { type Request } from 'express'

export const app = express()
app.get('/hello', (_req: Request, res) => {
  res.send('Hello')
})
app.listen(Number(process.env.PORT), '127.0.0.1')
`,
    },
    compiled: true,
    main: 'built/src/server.js',
  },
  'Express in TypeScript that becomes CommonJS': {
    ...usual,
    files: {
      'package.json': json({ dependencies: { express: '5' } }),
      'tsconfig.json': tsconfig(),
      'app.ts': `import express from 'express'\nconst app = express()\napp.listen(Number(process.env.PORT), '127.0.0.1')\n`,
    },
    compiled: true,
    main: 'built/app.js',
  },
  'Fastify in TypeScript that Node runs as it is': {
    ...usual,
    files: {
      'package.json': json({
        type: 'module',
        scripts: { start: 'node src/main.ts' },
        dependencies: { fastify: '5' },
      }),
      'tsconfig.json': tsconfig({ allowImportingTsExtensions: true, noEmit: true }),
      'src/main.ts': `import Fastify from 'fastify'

const app = Fastify({
  logger: false,
})
app.post('/hello', async (request) => request.body)
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })
`,
    },
    compiled: true,
    main: 'src/main.ts',
  },
  'Fastify in CommonJS': {
    ...usual,
    files: {
      'package.json': json({ type: 'commonjs', dependencies: { fastify: '5' } }),
      'server.js': `const fastify = require('fastify')({ logger: false })
fastify.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })
`,
    },
    main: 'server.js',
  },
  'Fastify, of which there is only package.json': {
    ...usual,
    files: { 'package.json': json({ dependencies: { fastify: '5' } }) },
    main: 'app.mjs',
  },
  'Hono in TypeScript, as create-hono makes it': {
    ...usual,
    files: {
      'package.json': json({
        type: 'module',
        scripts: { dev: 'tsx watch src/index.ts' },
        dependencies: { hono: '4', '@hono/node-server': '2' },
      }),
      'tsconfig.json': tsconfig({ jsx: 'react-jsx', jsxImportSource: 'hono/jsx' }),
      'src/index.ts': `import { serve } from '@hono/node-server'
import { Hono } from 'hono'

const app = new Hono()

app.get('/', (c) => {
  return c.text('Hello Hono!')
})

serve({
  fetch: app.fetch,
  port: Number(process.env.PORT),
  hostname: '127.0.0.1'
})
`,
    },
    compiled: true,
    main: 'built/src/index.js',
  },
  'Hono in CommonJS, of which there is only package.json': {
    ...usual,
    files: {
      'package.json': json({ type: 'commonjs', dependencies: { hono: '4', '@hono/node-server': '2' } }),
    },
    main: 'app.js',
  },
}

/** As create-next-app makes it. */
export const nextApp: Record<string, string> = {
  'package.json': json({
    private: true,
    scripts: { dev: 'next dev' },
    dependencies: { next: '16', react: '19', 'react-dom': '19' },
    devDependencies: { typescript: '5' },
  }),
  'tsconfig.json': json({
    compilerOptions: {
      ...{ target: 'ES2017', lib: ['dom', 'dom.iterable', 'esnext'], allowJs: true, skipLibCheck: true },
      ...{ strict: true, noEmit: true, esModuleInterop: true, module: 'esnext', moduleResolution: 'bundler' },
      ...{ resolveJsonModule: true, isolatedModules: true, jsx: 'react-jsx', incremental: true },
      plugins: [{ name: 'next' }],
      paths: { '@/*': ['./*'] },
    },
    include: ['next-env.d.ts', '**/*.ts', '**/*.tsx', '.next/types/**/*.ts'],
    exclude: ['node_modules'],
  }),
  'next.config.ts': `import type { NextConfig } from "next";

const nextConfig: NextConfig = {
  /* config options here */
};

export default nextConfig;
`,
  'app/layout.tsx': `export default function RootLayout({ children }: Readonly<{ children: React.ReactNode }>) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
`,
  'app/page.tsx': `export default function Home() {
  return <main>Hello</main>;
}
`,
  '.gitignore': '/node_modules\n.env*\n',
}
