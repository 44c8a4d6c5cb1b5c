import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Counted, countedPath } from './counted.ts'
import { type ServerProcess, startServer } from './processes.ts'

/** Something that takes uploads and writes them to S3. */
export interface Contestant {
  id: string
  /** As tables call it. */
  label: string
  /** How a file is sent to it. */
  way: 'form' | 'tus'
  /** Where it is sent. */
  path: string
  /** Node's arguments: options, script, arguments. */
  args: string[]
  env?: Record<string, string>
}

export interface RunningContestant extends Contestant, ServerProcess {}

const file = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))
const tintype = file('../packages/server/bin/tintype.js')

/** With the one variant that peers make, too. */
const env = { HOST: '127.0.0.1', PORT: '0', VARIANTS: 'thumb:320' }
const ready = { way: 'form', path: '/api/media', env } as const
const form = { way: 'form', path: '/upload' } as const

/**
 * For work where the peers do not look into the pictures either: our own without that one check. All other checks and
 * promises stay.
 */
const withoutDecoder = ['--import', file('ours/without-decoder.ts')]

/**
 * Our library in an app, by one of its doors.
 * @param root of a repository @default this one
 */
export function doorOf(
  id: string,
  label: string,
  script: string,
  { args = [], root }: { args?: string[]; root?: string } = {},
): Contestant {
  const ours = root === undefined ? file('ours') : join(root, 'bench/ours')
  const all = ['--import', join(ours, 'without-decoder.ts'), join(ours, script), ...args]
  return { way: 'form', path: '/api/media', id, label, args: all }
}

export const contestants = {
  tintype: { ...ready, id: 'tintype', label: 'Tintype', args: [tintype, 'serve'] },
  tintypeUndecoded: {
    ...ready,
    id: 'tintypeUndecoded',
    label: 'Tintype, ready server',
    args: [...withoutDecoder, tintype, 'serve'],
  },
  tintypeNode: doorOf('tintypeNode', 'Tintype, Node', 'node.mjs'),
  tintypeWeb: doorOf('tintypeWeb', 'Tintype, Web (Hono)', 'hono.mjs'),
  tintypeFastify: doorOf('tintypeFastify', 'Tintype, Fastify', 'fastify.mjs'),
  tintypeExpress: doorOf('tintypeExpress', 'Tintype, Express', 'express.mjs'),
  /** With the decode check, its thumb and placeholder. */
  tintypeDecoding: {
    ...form,
    id: 'tintypeDecoding',
    label: 'Tintype, Node, decode check on',
    path: '/api/media',
    args: [file('ours/node.mjs')],
  },
  multerMemory: {
    ...form,
    id: 'multerMemory',
    label: 'Multer memory + PutObject',
    args: [file('peers/multer-memory.mjs')],
  },
  multerSharp: {
    ...form,
    id: 'multerSharp',
    label: 'Multer memory + sharp + PutObject',
    args: [file('peers/multer-sharp.mjs')],
  },
  sharpAlone: {
    ...form,
    id: 'sharpAlone',
    label: 'sharp alone',
    path: '/thumbs',
    args: [file('peers/sharp-alone.mjs')],
  },
  multerS3: { ...form, id: 'multerS3', label: 'multer-s3', args: [file('peers/multer-s3.mjs')] },
  fastify: {
    ...form,
    id: 'fastify',
    label: '@fastify/multipart + lib-storage',
    args: [file('peers/fastify.mjs')],
  },
  hono: { ...form, id: 'hono', label: 'Hono parseBody + PutObject', args: [file('peers/hono.mjs')] },
  tus: {
    id: 'tus',
    label: '@tus/server + s3-store',
    way: 'tus',
    path: '/files',
    args: [file('peers/tus.mjs')],
  },
  pipe: { ...form, id: 'pipe', label: 'bare Node pipe', args: [file('peers/pipe.mjs')] },
  /** The least that a server can cost that computes what the promises ask for. */
  hashingPipe: {
    ...form,
    id: 'hashingPipe',
    label: 'the same with SHA-256 and CRC32',
    args: [file('peers/pipe.mjs'), '--hash'],
  },
} satisfies Record<string, Contestant>

/** Several contestants that run at once, with the sink that they write to. */
export interface Arena {
  running: RunningContestant[]
  /** What the sink has been asked until now. */
  counted(): Promise<Counted>
  /** Ends all of them and removes what they have written. */
  close(): Promise<void>
}

/** @param nodeOptions more of Node's options for each, e.g. `--cpu-prof` */
export async function openArena(entrants: Contestant[], nodeOptions: string[] = []): Promise<Arena> {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-bench-'))
  const sink = await startServer([file('harness/sink.ts')], {})
  const running: RunningContestant[] = []
  const close = async () => {
    for (const one of running) await one.stop()
    await sink.stop()
    await rm(directory, { recursive: true, force: true })
  }
  try {
    for (const one of entrants) {
      const env = {
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'bench',
        AWS_SECRET_ACCESS_KEY: 'bench-secret',
        AWS_ENDPOINT_URL_S3: sink.origin,
        S3_ENDPOINT: sink.origin,
        S3_BUCKET: 'bench',
        TINTYPE_DATA: join(directory, one.id),
        TMPDIR: directory,
        ...one.env,
      }
      running.push({ ...one, ...(await startServer([...nodeOptions, ...one.args], env)) })
    }
  } catch (error) {
    await close()
    throw error
  }
  const counted = async () => (await (await fetch(sink.origin + countedPath)).json()) as Counted
  return { running, counted, close }
}
