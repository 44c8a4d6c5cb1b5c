import { TintypeError } from '../errors.ts'
import type { RateLimit } from '../quotas/rates.ts'
import type { ApiRequest } from './exchange.ts'

type OwnerOf = (request: ApiRequest) => Promise<string>

const writing = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])

/**
 * The same, and writes are counted: by their owner, or by the address where nobody is known for them. Once for each
 * request, also where a parser asks for the owner of each file. It comes before the body is read.
 *
 * @param limit undefined: nothing is counted
 * @returns throws `too_many_requests`
 */
export function countWrites(ownerOf: OwnerOf, limit: RateLimit | undefined): OwnerOf {
  if (!limit) return ownerOf
  const counted = new WeakSet<object>()
  return async (request) => {
    if (!writing.has(request.method) || counted.has(request.original)) return ownerOf(request)
    counted.add(request.original)
    const owner = await ownerOf(request).catch(async (error: unknown) => {
      const isNobody = error instanceof TintypeError && error.code === 'unauthenticated'
      if (isNobody) await limit.demand(`address ${addressKey(request.clientAddress)}`)
      throw error
    })
    await limit.demand(`owner ${owner}`)
    return owner
  }
}

/**
 * What counts as one sender: an IPv4 address, or the first 64 bits of an IPv6 address, since each customer of a provider has
 * all that begin with them. Where the address is not known, all are one.
 */
export function addressKey(address = ''): string {
  const v4 = address.replace(/^::ffff:(?=\d+\.)/i, '')
  if (!v4.includes(':')) return v4
  const [before = '', after] = v4.replace(/%.*/, '').toLowerCase().split('::')
  const head = before === '' ? [] : before.split(':')
  const tail = after === undefined || after === '' ? [] : after.split(':')
  const zeros = after === undefined ? [] : Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0')
  const groups = [...head, ...zeros, ...tail].slice(0, 4)
  return groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')
}
