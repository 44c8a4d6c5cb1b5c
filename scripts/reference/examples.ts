import { type Declaration, readDeclarations } from './declarations.ts'
import { modules } from './modules.ts'

/** What examples may use without saying where it comes from: names of an app. */
const given: Record<string, string> = {
  tintype: `declare const tintype: Tintype
declare const id: string, photoId: string
declare function userIdOf(req: unknown): string | null
declare const user: { id: string }, post: { id: number }, album: { id: string }
declare const posts: Record<'insert' | 'remove', (one: object) => Promise<void>>
declare const client: CallersTransaction
declare const authenticate: Authenticate
declare const sessions: { endAllOf(one: { id: string }): Promise<void> }
declare const media: Media
declare function areFriends(one: string | null, other: string): Promise<boolean>
declare function forget(id: string): Promise<void>`,
  '@tintype/client': `declare const file: File, first: File, second: File
declare const input: HTMLInputElement
declare function render(items: readonly UploadItem[]): void
declare function offerRetry(message: string): void`,
  '@tintype/client/library': `import { upload } from '@tintype/client'
declare const file: File
declare function offerRetry(message: string): void
declare const library: Library
declare function gone(id: string): void
declare function show(media: Media): void
declare function reloadAll(): void`,
  '@tintype/client/check': `import { createLibrary } from '@tintype/client/library'
import { createUploads } from '@tintype/client'
declare const file: File
declare const files: File[]
declare function tell(text: string): void
const library = createLibrary({ endpoint: '/api' })
const uploads = createUploads({ endpoint: '/api' })`,
  '@tintype/client/keep': "import { createUploads } from '@tintype/client'",
  '@tintype/client/awake': `import { createUploads } from '@tintype/client'
const uploads = createUploads({ endpoint: '/api' })`,
  '@tintype/client/posters': `import { createUploads } from '@tintype/client'
declare const file: File
declare const media: Media
const uploads = createUploads({ endpoint: '/api' })`,
  '@tintype/client/images': 'declare const media: ShownMedia',
  '@tintype/client/react': '',
  '@tintype/local-s3': `import { S3Client } from '@aws-sdk/client-s3'
declare const directory: string
declare const identities: Identity[]
declare const credentials: { accessKeyId: string; secretAccessKey: string }`,
  '@tintype/aws': 'declare const resource: Resource',
}

/** Hono hands one context to its handlers, Express request and response. */
function appOf(example: string): string {
  if (!/\bapp\./.test(example)) return ''
  if (example.includes('(c) =>'))
    return `import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
const app = new Hono<{ Bindings: HttpBindings }>()
`
  return `import express from 'express'\nconst app = express()\n`
}

/** @returns for each `@example` of a doc comment a module that holds it, by a name for its file */
export function exampleModules(): Map<string, string> {
  const read = readDeclarations([...modules])
  const files = new Map<string, string>()
  modules.forEach(({ name }, index) => {
    const declarations = read[index] ?? []
    for (const [where, example] of declarations.flatMap(examplesOf)) {
      const isType = ({ kind }: Declaration) => kind === 'interface' || kind === 'type'
      const imports = declarations.map((one) => (isType(one) ? `type ${one.name}` : one.name)).join(', ')
      const code = `import { ${imports} } from '${name}'\n${appOf(example)}${given[name]}\nexport async function example() {\n${example}\n}\n`
      files.set(`${name}-${where}`.replace(/\W+/g, '-'), code)
    }
  })
  return files
}

function examplesOf({ name, doc, members }: Declaration): [string, string][] {
  const all: [string, string][] = [[name, doc.example]]
  for (const member of members) all.push([`${name}.${member.name}`, member.doc.example])
  return all.filter(([, example]) => example !== '')
}
