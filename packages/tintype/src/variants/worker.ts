import sharp from 'sharp'
import type { Frame } from '../workers/frames.ts'
import { type Ask, answerJobs, endWith, residentMemory } from '../workers/worker.ts'
import type { Coding } from './coding.ts'
import type { Colour } from './colour.ts'
import { makePictures } from './make-pictures.ts'
import { openPicture } from './open-picture.ts'
import type { VariantSpec } from './variant-spec.ts'
import { limitWasmMemory, wantedMoreMemory } from './wasm-memory.ts'

// Runs in its own process, because the bytes are hostile.

export interface WorkerJob {
  pixels: number
  /** Resident bytes above which the process ends itself while it decodes. */
  memory: number
  /** The picture's colour space, where it has no profile. */
  colour?: Colour | undefined
  /** What decodes it, where sharp does not. */
  coding?: Coding | undefined
  /** What is to be made of it. */
  specs: readonly VariantSpec[]
  placeholder: boolean
  /**
   * What is made of the same pixels after the rest. The first answer is then asked as a question, and `{ goesOn }` of its
   * reply tells whether this is wanted still; what comes of it is the answer, of the same kind.
   */
  later?: readonly VariantSpec[] | undefined
}

/** The pictures follow one another in the answer's body, in the order of the job. */
export type WorkerAnswer =
  | {
      ok: true
      /** Pixels of the upright picture. */
      width: number
      height: number
      placeholder?: string | undefined
      /** Bytes of each picture. */
      lengths: number[]
    }
  | { ok: false; message: string; isUnreadable: boolean }
  | typeof tooLarge

/** It takes more memory than it may. */
const tooLarge = { ok: false, isTooLarge: true } as const

/** Milliseconds between two looks at the memory. Decoders fill about a megabyte in one. */
const watchInterval = 20
/** Messages of libjpeg and nsgif that mean damage, not mere oddities. */
const damage = /premature end|bad Huffman code|instead of RST|Invalid frame data|pixel limit/

/**
 * Messages of libvips and libheif that may mean what this build can't read: the picture need not be damaged. libheif calls it
 * a security limit where a picture is shown cropped, or in one of its smaller layers.
 */
const unknown =
  /not been built in|unsupported (?!marker)|^(heif: )?(Invalid input|Memory allocation error: Security limit)|can not be decoded/im

// libvips knows many formats, some through large libraries: all but the five that are accepted are blocked.
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: [
    'VipsForeignLoadJpegBuffer',
    'VipsForeignLoadPngBuffer',
    'VipsForeignLoadWebpBuffer',
    'VipsForeignLoadNsgifBuffer',
    'VipsForeignLoadHeifBuffer',
  ],
})
sharp.cache(false)
sharp.concurrency(1)

await answerJobs(async ({ header, body }, ask) => {
  const job = header as WorkerJob
  // libvips has its own threads, so this one is free to check the memory. A few kilobytes of AVIF can take gigabytes.
  const watch = setInterval(() => {
    if (residentMemory() > job.memory) endWith(tooLarge)
  }, watchInterval)
  limitWasmMemory(job.memory - residentMemory())
  try {
    return await answerJob(body, job, ask)
  } catch (error) {
    return wantedMoreMemory() ? bare(tooLarge) : bare(failure(error))
  } finally {
    clearInterval(watch)
  }
})

/** Making a picture smaller reads all of it, so it is the decode check as well. */
async function answerJob(
  bytes: Uint8Array,
  { pixels, colour, coding, specs, placeholder, later = [] }: WorkerJob,
  ask: Ask,
): Promise<Frame> {
  const { open, made } = await strictly(coding, async (failOn) => {
    const open = await openPicture(bytes, { pixels, failOn, colour, coding })
    return { open, made: await makePictures(open, specs, { placeholder, later }) }
  })
  const { width, height } = open
  const answer = (pictures: Buffer[], placeholder?: string): Frame => {
    const lengths = pictures.map(({ length }) => length)
    const header: WorkerAnswer = { ok: true, width, height, placeholder, lengths }
    return { header, body: Buffer.concat(pictures) }
  }
  const first = answer(made.pictures, made.placeholder)
  if (later.length === 0) return first
  const { header } = await ask(first.header, first.body)
  return answer((header as { goesOn: boolean }).goesOn ? await made.makeLater() : [])
}

function bare(header: WorkerAnswer): Frame {
  return { header, body: new Uint8Array() }
}

function failure(error: unknown): WorkerAnswer {
  const message = error instanceof Error ? error.message : String(error)
  return { ok: false, message, isUnreadable: unknown.test(message) }
}

/**
 * Decodes at the strictest level first: only there does libjpeg report a truncated scan or invalid codes. But it also
 * reports what some cameras write (scan parameters of Samsung phones, extra bytes before a marker), so an error that
 * isn't damage gets a second attempt, in which only truncated files fail. Other decoders than sharp's have one level.
 */
async function strictly<T>(
  coding: Coding | undefined,
  attempt: (failOn: 'warning' | 'truncated') => Promise<T>,
): Promise<T> {
  if (coding) return attempt('truncated')
  try {
    return await attempt('warning')
  } catch (error) {
    if (error instanceof Error && damage.test(error.message)) throw error
    return attempt('truncated')
  }
}
