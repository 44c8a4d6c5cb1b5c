import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { initSync, WasmReader } from '@contentauth/c2pa-wasm'
import { answerJobs } from '../workers/worker.ts'

// Runs in its own process, because the bytes are hostile. It has no network: neither manifests that lie elsewhere nor
// revocations are asked for.

export interface CredentialsJob {
  /** Media type of the file, whose bytes are the job's body. */
  type: string
}

export interface CredentialsAnswer {
  /** `none`: the library finds no manifest, or knows none in this type. */
  state: 'valid' | 'invalid' | 'none'
}

initSync({ module: readFileSync(fileURLToPath(import.meta.resolve('@contentauth/c2pa-wasm/c2pa.wasm'))) })

await answerJobs(async ({ header, body }) => {
  const { type } = header as CredentialsJob
  const answer: CredentialsAnswer = { state: await judge(type, body) }
  return { header: answer, body: Buffer.alloc(0) }
})

async function judge(type: string, bytes: Uint8Array): Promise<CredentialsAnswer['state']> {
  try {
    using reader = await WasmReader.fromBytes(type, bytes)
    const { validation_state: state } = JSON.parse(reader.json()) as { validation_state?: string }
    return state === 'Valid' || state === 'Trusted' ? 'valid' : 'invalid'
  } catch (error) {
    return /JumbfNotFound|UnsupportedType/.test(String(error)) ? 'none' : 'invalid'
  }
}
