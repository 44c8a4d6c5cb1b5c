import { TintypeError } from '../errors.ts'
import { moduleFolders } from '../workers/isolation.ts'
import { workerScript } from '../workers/library.ts'
import type { Requester } from '../workers/queue.ts'
import { createSandbox, type SandboxOptions } from '../workers/sandbox.ts'

/** Says of Content Credentials (C2PA) whether they hold: by the reference library, in a child process. */
export interface CredentialsJudge {
  /**
   * Whether the signature is one over these very bytes, by whatever key: nobody is asked whether its owner can be trusted.
   *
   * @returns nothing where it was not judged: the library is not installed, knows none in this type, or takes too long
   * @throws the reason of the requester's signal
   */
  judge(bytes: Uint8Array, type: string, requester: Requester): Promise<Signature | undefined>
  close(): Promise<void>
}

export type Signature = 'valid' | 'invalid'

/** An optional dependency, which npm installs unless it is told not to. */
const wasm = '@contentauth/c2pa-wasm/c2pa.wasm'

/** Resident bytes of an idle process above which it is replaced: the library takes 90 MB. */
const maxIdleMemory = 192 * 1024 * 1024

/** @param options.installed tells where the library is loaded from; nothing where it is not there */
export function createCredentialsJudge({
  installed = installedFolders,
  ...options
}: Pick<SandboxOptions, 'log' | 'clock'> & { installed?: () => string[] | undefined }): CredentialsJudge {
  const folders = installed()
  if (!folders) return { judge: async () => undefined, close: async () => {} }
  const script = workerScript('credentials/worker')
  // Few files have any: no process waits for them.
  const sandbox = createSandbox({ script, modules: folders, workers: 1, maxIdleMemory, ...options })
  return {
    async judge(bytes, type, requester) {
      try {
        const answer = await sandbox.run({ frame: { header: { type }, body: bytes }, requester, read })
        return answer === 'none' ? undefined : answer
      } catch (error) {
        if (error instanceof TintypeError && error.code === 'overloaded') return undefined
        throw error
      }
    },
    close: () => sandbox.close(),
  }
}

function read({ header }: { header: unknown }): Signature | 'none' | undefined {
  const state = typeof header === 'object' && header !== null && 'state' in header ? header.state : undefined
  return state === 'valid' || state === 'invalid' || state === 'none' ? state : undefined
}

function installedFolders(): string[] | undefined {
  try {
    return moduleFolders(wasm)
  } catch {
    return undefined
  }
}
