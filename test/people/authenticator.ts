import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'

/** A device with a passkey, as far as a server sees it: https://www.w3.org/TR/webauthn-3/#authenticator-data */
export interface Authenticator {
  id: string
  /** Answers `navigator.credentials.create`. */
  register(options: { challenge: string }, twist?: Twist): object
  /** Answers `navigator.credentials.get`. */
  authenticate(options: { challenge: string }, twist?: Twist): object
}

/** What an honest one would do otherwise. */
export interface Twist {
  origin?: string
  /** Whose passkey it says that it is. */
  user?: string
  /** Whether it has made sure who holds it. */
  isVerified?: boolean
  /** What form its statement about its maker has. @default 'none' */
  format?: string
}

const sha256 = (data: Buffer | string) => createHash('sha256').update(data).digest()

/** @param origin of the page; its host is what passkeys are for */
export function createAuthenticator(origin: string, personId: string): Authenticator {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  const id = randomBytes(32)
  const host = sha256(new URL(origin).hostname)
  let counter = 0

  const clientData = (type: string, challenge: string, at: string) =>
    Buffer.from(JSON.stringify({ type, challenge, origin: at, crossOrigin: false }))
  const authenticatorData = (isVerified: boolean, attested = Buffer.alloc(0)) => {
    const count = Buffer.alloc(4)
    count.writeUInt32BE(++counter)
    const flags = 0x01 | (isVerified ? 0x04 : 0) | (attested.length > 0 ? 0x40 : 0)
    return Buffer.concat([host, Buffer.from([flags]), count, attested])
  }
  /** A COSE key: EC2, ES256, P-256. */
  const key = Buffer.concat([
    Buffer.from('a5010203262001215820', 'hex'),
    Buffer.from(x, 'base64url'),
    Buffer.from('225820', 'hex'),
    Buffer.from(y, 'base64url'),
  ])
  const answer = (response: Record<string, string>) => ({
    ...{ id: id.toString('base64url'), rawId: id.toString('base64url'), type: 'public-key' },
    ...{ clientExtensionResults: {}, response },
  })

  return {
    id: id.toString('base64url'),
    register({ challenge }, { origin: at = origin, isVerified = true, format = 'none' } = {}) {
      const attested = Buffer.concat([Buffer.alloc(16), Buffer.from([0, id.length]), id, key])
      const data = authenticatorData(isVerified, attested)
      // A map of fmt: text, attStmt: {}, authData: bytes.
      const attestation = Buffer.concat([
        Buffer.from('a363666d74', 'hex'),
        Buffer.from([0x60 + format.length]),
        Buffer.from(format),
        Buffer.from('6761747453746d74a068617574684461746158', 'hex'),
        Buffer.from([data.length]),
        data,
      ])
      return answer({
        clientDataJSON: clientData('webauthn.create', challenge, at).toString('base64url'),
        attestationObject: attestation.toString('base64url'),
      })
    },
    authenticate({ challenge }, { origin: at = origin, user = personId, isVerified = true } = {}) {
      const client = clientData('webauthn.get', challenge, at)
      const data = authenticatorData(isVerified)
      const signature = sign('sha256', Buffer.concat([data, sha256(client)]), privateKey)
      return answer({
        ...{ clientDataJSON: client.toString('base64url'), authenticatorData: data.toString('base64url') },
        ...{
          signature: signature.toString('base64url'),
          userHandle: Buffer.from(user).toString('base64url'),
        },
      })
    },
  }
}
