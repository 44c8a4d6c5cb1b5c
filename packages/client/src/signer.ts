import { maxSignedParts, type SignedPut } from '@tintype/protocol'
import type { UploadApi } from './api.ts'

export interface HashedPart {
  number: number
  sha256: string
}

export interface SignedPart extends HashedPart {
  put: SignedPut
  /** When the URL arrived, by our own clock, so that the server's and S3's clocks don't matter. */
  at: number
}

/** Gets signed URLs for parts, and reports with the same request which parts have arrived. One attempt each. */
export interface Signer {
  sign(parts: readonly HashedPart[]): Promise<SignedPart[]>
  /** Whether the URL stays valid for a while longer. */
  isFresh(part: SignedPart): boolean
  /** The storage has this part. The server learns it with the next request: it may not have permission to list parts. */
  arrived(number: number, etag: string): void
  /** Reports the remaining parts when no request follows. Never throws. */
  flush(): Promise<void>
}

/** @param now milliseconds */
export function createSigner(api: UploadApi, session: string, now: () => number): Signer {
  const untold: { number: number; etag: string }[] = []

  return {
    async sign(parts) {
      const stored = untold.slice(0, maxSignedParts)
      const asked = parts.map(({ number, sha256 }) => ({ number, sha256 }))
      const signed = new Map((await api.sign(session, asked, stored)).map((one) => [one.number, one]))
      untold.splice(0, stored.length)
      const at = now()
      return parts.map((part) => {
        const { url, headers } = signed.get(part.number) ?? {}
        if (url === undefined || !headers) throw new Error(`No URL for part ${part.number}.`)
        return { ...part, put: { url, headers }, at }
      })
    },
    isFresh({ put, at }) {
      // https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
      const seconds = Number(new URL(put.url).searchParams.get('X-Amz-Expires') ?? 300)
      return now() - at < seconds * 900
    },
    arrived: (number, etag) => void untold.push({ number, etag }),
    async flush() {
      if (untold.length > 0) await api.record(session, untold.splice(0, maxSignedParts))
    },
  }
}
