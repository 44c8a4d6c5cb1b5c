import type { QuotaKeeper } from '../quotas/quotas.ts'
import { taggedAnswer } from './conditional.ts'
import type { ApiRequest } from './exchange.ts'
import type { Route } from './routes.ts'

export interface UsageRoutesOptions {
  quotas: Pick<QuotaKeeper, 'usage'>
  /** @throws {TintypeError} `unauthenticated` */
  ownerOf(request: ApiRequest): Promise<string>
}

/** `/usage`: how much the owner has, and may have. */
export function usageRoutes({ quotas, ownerOf }: UsageRoutesOptions): Route[] {
  const show = async (request: ApiRequest) =>
    taggedAnswer(await quotas.usage(await ownerOf(request)), request)
  return [{ path: '/usage', methods: { GET: show } }]
}
