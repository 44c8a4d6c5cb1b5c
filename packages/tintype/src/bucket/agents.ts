import * as http from 'node:http'
import { Agent as HttpsAgent } from 'node:https'

/** As the environment names them: addresses of HTTP proxies, and what is reached without one. */
export interface ProxySettings {
  /** For `http:` endpoints. */
  HTTP_PROXY?: string | undefined
  /** For `https:` endpoints. */
  HTTPS_PROXY?: string | undefined
  /** Names, addresses and domains, separated by commas; `*` for everything. */
  NO_PROXY?: string | undefined
}

/** Keep connections to S3, by way of a proxy where there is one. */
export function createAgents(
  proxy: ProxySettings | undefined,
  connections = 64,
): { http: http.Agent; https: HttpsAgent } {
  const options = {
    keepAlive: true,
    maxSockets: connections,
    noDelay: true,
    ...(proxy === undefined ? {} : { proxyEnv: { ...proxy } }),
  }
  return { http: new http.Agent(options), https: new HttpsAgent(options) }
}

/** For commands, which use `fetch` too: it follows proxies from now on. */
export function followProxies(proxy: ProxySettings | undefined): void {
  // Node has it from 24.14 on.
  const { setGlobalProxyFromEnv } = http as Partial<typeof http>
  if (proxy) setGlobalProxyFromEnv?.({ ...proxy })
}

/**
 * Node follows proxies in agents from 24.5 on, and in its line 22 from 22.21 on.
 * https://nodejs.org/api/http.html#new-agentoptions
 */
export function followsProxies(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21)
}
