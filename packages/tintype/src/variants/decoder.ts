import type { ErrorCode } from '@tintype/protocol'
import { moduleFolders } from '../workers/isolation.ts'
import { workerScript } from '../workers/library.ts'
import type { Serve } from '../workers/process.ts'
import type { Requester } from '../workers/queue.ts'
import { createSandbox, type SandboxOptions } from '../workers/sandbox.ts'
import { type Asked, checkAnswer, type Decoded, largestAnswer, type Undecodable } from './check-answer.ts'
import type { Coding } from './coding.ts'
import type { Colour } from './colour.ts'
import { decoderFolders } from './optional-decoders.ts'
import { usualThumb, type VariantSpec } from './variant-spec.ts'
import type { WorkerJob } from './worker.ts'

/** Decodes pictures in child processes, which may crash, hang or be killed without affecting other uploads. */
export interface Decoder {
  /**
   * Decodes the whole picture and makes its variants (upright, in sRGB, without metadata, never enlarged) and its
   * placeholder in the same read.
   * @throws {TintypeError} `overloaded` when no decoder process is available in time
   * @throws the reason of the requester's signal
   */
  decode(bytes: Uint8Array, request: DecodeRequest): Promise<DecodeResult>
  /** Pictures in the queue. */
  readonly waiting: number
  close(): Promise<void>
}

export interface DecodeRequest {
  limits: { pixels: number }
  /** Estimated bytes that decoding adds to a process; a picture that takes far more is refused. */
  memory: number
  /** Its colour space, where it has no profile. */
  colour?: Colour | undefined
  /** What decodes it, where sharp does not: `coding` of its verdict. */
  coding: Coding | undefined
  requester: Requester
  /** What is to be made of it. @default the usual thumb */
  specs?: readonly VariantSpec[]
  /** Whether its placeholder is. @default true */
  placeholder?: boolean
  /** What is to be made of the same pixels, when the rest has been handed out. @default nothing */
  later?: Later | undefined
  /** It comes after all that somebody waits for. @default false */
  isBackground?: boolean
  /** Its part of the decoders' memory, and whether it goes before all waiting pictures. */
  share?: { memory: number; isUrgent: boolean }
}

/**
 * Variants that nobody waits for. They are made at once, by the process that has the pixels, and what comes of them is the
 * result of the call: no pictures where they are not wanted any more.
 */
export interface Later {
  specs: readonly VariantSpec[]
  /** Called with everything else. From then on the requester may go. */
  onFirst(decoded: Decoded): void
  /** Asked then. @returns whether they are wanted still */
  goesOn(): boolean
}

export type DecodeResult = Decoded | { ok: false; code: ErrorCode; detail: string; limit?: number }

/** Resident bytes of an idle decoder process above which it is replaced. */
const maxIdleMemory = 144 * 1024 * 1024

/** For what is made of the largest picture, which takes more than its share when there is no other way. */
const encodingBytes = 512 * 1024 * 1024

/** That the decoder of JPEG XL can have at the most, as it was built: about 60 megapixels by our estimate. */
const jxlMemory = 2 * 1024 ** 3

/** The estimate may be off: pictures of a kind that was not measured must not fail by a few percent. */
const memoryMargin = 1.25

export interface DecoderOptions extends Omit<SandboxOptions, 'script'> {
  /** The worker's script. @default ours */
  script?: string
  /** Estimated bytes of the largest picture, without what is made of it. @default 1 GiB */
  largest?: number
}

export function createDecoder({ largest = 1024 ** 3, ...options }: DecoderOptions): Decoder {
  const modules = [...new Set([...moduleFolders('sharp'), ...decoderFolders()])]
  const script = workerScript('variants/worker')
  const hardMemory = maxIdleMemory + (largest + encodingBytes) * memoryMargin
  const sandbox = createSandbox({
    script,
    modules,
    addons: true,
    hardMemory,
    maxIdleMemory,
    spare: 1,
    ...options,
  })
  const { memory: all = Number.POSITIVE_INFINITY } = options
  return {
    async decode(bytes, { limits, memory, colour, coding, requester, share, later, ...wanted }) {
      const { specs = [usualThumb], placeholder = true } = wanted
      const asked = { pixels: limits.pixels, specs, placeholder }
      const most = maxIdleMemory + memory * memoryMargin
      const header: WorkerJob = { ...asked, memory: most, colour, coding, later: later?.specs }
      const run: Run = (requester, { serve, asked }) =>
        sandbox.run({
          frame: { header, body: bytes },
          requester,
          isBackground: wanted.isBackground ?? false,
          ...(share ?? { memory: Math.min(memory, all) }),
          ...(serve && { serve }),
          largestAnswer: largestAnswer([...specs, ...(later?.specs ?? [])]),
          read: (answer) => checkAnswer(answer, asked()),
        })
      const result = later
        ? await inTwo(requester, asked, later, run)
        : await run(requester, { asked: () => asked })
      if (!result) return exhausting
      if (result.ok) return result
      if (result.isTooLarge) return tooLarge(memory)
      // That decoder has a limit of its own, and does not say which of the two it was.
      if (coding?.decoder === 'jxl' && memory > jxlMemory) return tooLarge(jxlMemory)
      return result.isUnreadable ? unreadable : damaged
    },
    get waiting() {
      return sandbox.waiting
    },
    close: () => sandbox.close(),
  }
}

type Run = (
  requester: Requester,
  talk: { serve?: Serve; asked(): Asked | undefined },
) => Promise<Decoded | Undecodable | undefined>

/** The worker's question is its first answer; the requester does not have to wait for the second one. */
async function inTwo(requester: Requester, asked: Asked, later: Later, run: Run) {
  const leaving = new AbortController()
  const leave = () => leaving.abort(requester.signal.reason)
  requester.signal.throwIfAborted()
  requester.signal.addEventListener('abort', leave)
  let next: Asked | undefined
  const serve: Serve = async (header, body) => {
    const first = next ? undefined : checkAnswer({ header, body }, asked)
    // What is answered next is not valid then.
    if (!first?.ok) return { header: { goesOn: false }, body: new Uint8Array() }
    requester.signal.removeEventListener('abort', leave)
    const goesOn = later.goesOn()
    next = { ...asked, specs: goesOn ? later.specs : [], placeholder: false }
    later.onFirst(first)
    return { header: { goesOn }, body: new Uint8Array() }
  }
  try {
    return await run({ ...requester, signal: leaving.signal }, { serve, asked: () => next })
  } finally {
    requester.signal.removeEventListener('abort', leave)
  }
}

const damaged: DecodeResult = {
  ok: false,
  code: 'not_decodable',
  detail: 'The picture is damaged or cut off. Choose an undamaged copy.',
}

/** Whether it is damaged, or merely large, is not known. */
const exhausting: DecodeResult = {
  ok: false,
  code: 'not_decodable',
  detail:
    'The picture crashes the decoder or takes too much time or memory. Choose an undamaged or smaller copy, or save it as an ordinary JPEG.',
}

const unreadable: DecodeResult = {
  ok: false,
  code: 'not_decodable',
  detail: 'The picture is coded in a way that cannot be read here, or damaged. Save it as an ordinary JPEG.',
}

function tooLarge(memory: number): DecodeResult {
  const megabytes = Math.round(memory / 1e6)
  return {
    ok: false,
    code: 'too_many_pixels',
    detail: `To unpack the picture takes more memory than pictures of its size and type have here (${megabytes} MB). Send a smaller one, or save it as an ordinary JPEG.`,
    limit: memory,
  }
}
