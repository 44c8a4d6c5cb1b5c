import type { ErrorCode } from '@tintype/protocol'
import { moduleFolders } from '../workers/isolation.ts'
import { workerScript } from '../workers/library.ts'
import type { Requester } from '../workers/queue.ts'
import { createSandbox, type SandboxOptions } from '../workers/sandbox.ts'
import { checkAnswer, type Decoded, largestAnswer } from './check-answer.ts'
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
  /** It comes after all that somebody waits for. @default false */
  isBackground?: boolean
  /** Its part of the decoders' memory, and whether it goes before all waiting pictures. */
  share?: { memory: number; isUrgent: boolean }
}

export type DecodeResult = Decoded | { ok: false; code: ErrorCode; detail: string; limit?: number }

/** Resident bytes of an idle decoder process above which it is replaced. */
const maxIdleMemory = 112 * 1024 * 1024

/** For what is made of the largest picture, which takes more than its share when there is no other way. */
const encodingBytes = 512 * 1024 * 1024

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
    async decode(bytes, { limits, memory, colour, coding, requester, share, ...wanted }) {
      const { specs = [usualThumb], placeholder = true } = wanted
      const asked = { pixels: limits.pixels, specs, placeholder }
      const header: WorkerJob = { ...asked, memory: maxIdleMemory + memory * memoryMargin, colour, coding }
      const result = await sandbox.run({
        frame: { header, body: bytes },
        requester,
        isBackground: wanted.isBackground ?? false,
        ...(share ?? { memory: Math.min(memory, all) }),
        largestAnswer: largestAnswer(specs),
        read: (answer) => checkAnswer(answer, asked),
      })
      if (!result) return refusal('crashes the decoder or takes too much time or memory')
      if (result.ok) return result
      if (result.isTooLarge) return tooLarge(memory)
      return result.isUnreadable ? unreadable : refusal('is damaged or cut off')
    },
    get waiting() {
      return sandbox.waiting
    },
    close: () => sandbox.close(),
  }
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

function refusal(reason: string): DecodeResult {
  return { ok: false, code: 'not_decodable', detail: `The picture ${reason}. Choose an undamaged copy.` }
}
