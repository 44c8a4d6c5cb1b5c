import { encode } from './percent.ts'
import { unavailableOnError } from './retry.ts'
import type { QuerySigner } from './sign.ts'

export interface ViewOptions {
  /** The content type that we decided on; S3 answers with it whatever was stored. */
  type: string
  /** What it is called when it is saved, for the disposition. */
  name: string
  /** Whether browsers save the object instead of showing it. @default false */
  download?: boolean
}

/**
 * Signed GET URLs for people. The signing time is rounded down to half the time to live, so that all URLs of one
 * object made within that window are the same to the letter and caches can keep them; each is good for at least
 * half of `ttl`, and never for more than `ttl`. Each object's windows begin at another moment, so that the URLs of a page,
 * and with them what browsers have cached, don't all change at once.
 *
 * @param options.ttl seconds
 */
export function createViewUrl(signer: QuerySigner, { ttl, now }: { ttl: number; now: () => number }) {
  const window = Math.max(1, Math.floor(ttl / 2))
  /** In seconds, for a signature knows no smaller ones. */
  const signedAt = (key: string) => {
    const shift = spread(key) % window
    return Math.floor((now() / 1000 - shift) / window) * window + shift
  }
  const recent = createRecent(now)
  return async (key: string, { type, name, download = false }: ViewOptions): Promise<string> => {
    const time = signedAt(key) * 1000
    const which = `${key}\n${time}\n${type}\n${download}\n${name}`
    const known = recent.get(which)
    if (known !== undefined) return known
    const url = await unavailableOnError('sign a URL for', () =>
      signer.sign({
        method: 'GET',
        key,
        query: {
          'response-cache-control': `private, max-age=${ttl}, immutable`,
          'response-content-disposition': contentDisposition(download ? 'attachment' : 'inline', name),
          'response-content-type': type,
          'x-id': 'GetObject',
        },
        time,
        seconds: ttl,
      }),
    )
    recent.set(which, url)
    return url
  }
}

/** FNV-1a, of 32 bits: anybody may know it, and each process comes to the same. */
function spread(key: string): number {
  let sum = 0x811c9dc5
  for (let at = 0; at < key.length; at++) sum = Math.imul(sum ^ key.charCodeAt(at), 0x01000193)
  return sum >>> 0
}

/** Milliseconds. Credentials that change are used that soon. */
const recentTime = 5000
const mostRecent = 1000

/**
 * The URLs of the last seconds: an upload's events have those of its answer, and are delivered a moment later. Signing
 * them again would be a fifth of what an event costs.
 */
function createRecent(now: () => number) {
  const urls = new Map<string, string>()
  let since = now()
  return {
    get(which: string): string | undefined {
      if (urls.size >= mostRecent || Math.abs(now() - since) >= recentTime) {
        urls.clear()
        since = now()
      }
      return urls.get(which)
    },
    set: (which: string, url: string) => void urls.set(which, url),
  }
}

/** RFC 6266 and 8187: an ASCII form without quotes, backslashes and percent signs, and the full name in UTF-8. */
export function contentDisposition(kind: 'inline' | 'attachment', name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/gu, '_')
  return `${kind}; filename="${ascii}"; filename*=UTF-8''${encode(name)}`
}
