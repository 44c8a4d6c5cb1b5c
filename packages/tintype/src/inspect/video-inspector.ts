import { fileURLToPath } from 'node:url'
import { createSandbox, type SandboxOptions } from '../sandbox/sandbox.ts'
import { refuse, type Verdict } from './verdict.ts'

/** Judges videos in child processes, which hostile files may hang or crash. */
export interface VideoInspector {
  /** @throws {TintypeError} `overloaded` when no process can be had */
  inspect(bytes: Uint8Array): Promise<Verdict>
  close(): Promise<void>
}

/** The worker is a .ts file here and a .js file in the published package, like this one. */
const script = fileURLToPath(import.meta.url).replace(/video-inspector(\.\w+)$/, 'video-worker$1')

export function createVideoInspector(options: Omit<SandboxOptions, 'script'>): VideoInspector {
  const sandbox = createSandbox({ script, workers: 1, timeout: 5_000, ...options })
  return {
    async inspect(bytes) {
      const answer = await sandbox.run({ header: {}, body: bytes })
      if (answer) return answer.header as Verdict
      return refuse(
        'not_decodable',
        'The video is damaged: reading it does not come to an end. Choose another copy.',
      )
    },
    close: () => sandbox.close(),
  }
}
