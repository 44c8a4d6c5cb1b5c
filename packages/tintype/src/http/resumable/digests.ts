import { TintypeError } from '../../errors.ts'

export interface Digest {
  /** As Node's `createHash` calls it. */
  algorithm: string
  digest: Buffer
}

const algorithms: Record<string, { name: string; bytes: number }> = {
  'sha-256': { name: 'sha256', bytes: 32 },
  'sha-512': { name: 'sha512', bytes: 64 },
}

/**
 * Content-Digest or Repr-Digest (RFC 9530): those of its algorithms that are sound; others say nothing to us.
 *
 * @throws {TintypeError} `malformed_request`
 * @example readDigests('Content-Digest', 'sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:')
 */
export function readDigests(field: string, header: string | string[] | undefined): Digest[] {
  if (header === undefined) return []
  const found: Digest[] = []
  for (const member of String(header).split(',')) {
    const [, name = '', base64] =
      /^\s*([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/=]*):(?:;[^,]*)?\s*$/.exec(member) ?? []
    if (base64 === undefined) throw malformed(field)
    const known = Object.hasOwn(algorithms, name) ? algorithms[name] : undefined
    if (!known) continue
    const digest = Buffer.from(base64, 'base64')
    if (digest.length !== known.bytes) throw malformed(field)
    found.push({ algorithm: known.name, digest })
  }
  return found
}

const tusAlgorithms: Record<string, number> = { sha1: 20, sha256: 32, sha512: 64, md5: 16 }
export const tusChecksums = Object.keys(tusAlgorithms).join(',')

/** Upload-Checksum of tus. @throws {TintypeError} `invalid_parameter` for an algorithm that is not known here */
export function readTusChecksum(header: string | string[] | undefined): Digest[] {
  if (header === undefined) return []
  const [, algorithm = '', base64 = ''] = /^(\w+) ([A-Za-z0-9+/=]+)$/.exec(String(header).trim()) ?? []
  const digest = Buffer.from(base64, 'base64')
  if (Object.hasOwn(tusAlgorithms, algorithm) && digest.length === tusAlgorithms[algorithm])
    return [{ algorithm, digest }]
  throw new TintypeError(
    'invalid_parameter',
    `Upload-Checksum is one of ${tusChecksums}, a space, and the checksum in base64.`,
  )
}

function malformed(field: string): TintypeError {
  return new TintypeError('malformed_request', `The ${field} of the request is malformed.`)
}
