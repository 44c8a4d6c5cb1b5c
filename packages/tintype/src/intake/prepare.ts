import type { CredentialsJudge } from '../credentials/judge.ts'
import { type Policy, withChoice } from '../privacy/policy.ts'
import { cleanInMemory, planInMemory } from './clean/in-memory.ts'
import type { Examine } from './examine.ts'
import type { CleanedFile, ReceivedFile } from './files.ts'
import type { Transform, TransformRequest } from './transform.ts'

/**
 * From a file in memory to what is stored of it: inspected, changed by the app's hooks where there are any, and cleaned.
 * It is cleaned last, so that nothing which a hook has made slips past.
 *
 * @throws {TintypeError} with the reason, as {@link Examine} and {@link Transform} do
 */
export type Prepare = (
  file: ReceivedFile,
  request: Omit<TransformRequest, 'location'>,
) => Promise<CleanedFile>

export function createPrepare({
  examine,
  transform,
  transformedBytes,
  privacy,
  credentials,
}: {
  examine: Examine
  transform: Transform
  /** Memory has no room for the hooks' copy of what is larger: a video, for no picture is. */
  transformedBytes: number
  /** What the app says of all files. */
  privacy: Policy
  credentials: Pick<CredentialsJudge, 'judge'>
}): Prepare {
  return async (file, request) => {
    const policy = withChoice(privacy, file.privacy)
    const isFinal = request.transforms.length === 0 || file.bytes.length > transformedBytes
    const found = await examine(file, request.requester, { isFinal })
    const sent = await planInMemory(found, policy)
    const location = sent.position
    const signature =
      sent.credentials === 'none'
        ? undefined
        : await credentials.judge(file.bytes, found.verdict.type, request.requester)
    const made = isFinal ? found : await transform(file, found, { ...request, location })
    const isSame = made.objects[0] === found.objects[0]
    const cleaning = isSame ? sent : await planInMemory(made, policy)
    return cleanInMemory(file, made, cleaning, {
      ...{ policy, location, signature, sentSha256: file.sha256 },
      memory: request.memory,
    })
  }
}
