import type { ErrorCode, Problem } from '@tintype/protocol'
import { TintypeError } from 'tintype/internal/errors'
import type { Tintype } from 'tintype/internal/tintype'

/** @throws {TintypeError} what the API refuses, with its sentence */
export type OwnApi = (owner: string, path: string, init: RequestInit) => Promise<void>

/**
 * Asks the API for a page without JavaScript, in the name of an owner who is known: so its rates, limits and sentences hold for both.
 */
export function createOwnApi(tintype: Pick<Tintype, 'fetch'>): OwnApi {
  return async (owner, path, init) => {
    // The host is told to nobody: what is answered is no address.
    const request = new Request(`http://localhost/api${path}`, init)
    const response = await tintype.fetch(request, { owner, mount: '/api' })
    if (response.ok) return void (await response.body?.cancel())
    const { code, detail, title, limit } = (await response.json()) as Problem
    throw new TintypeError(code as ErrorCode, detail ?? title, { status: response.status, limit })
  }
}
