import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

/** A page that has `upload` of @tintype/client as a global. */
export const clientPage =
  '<!doctype html><title>Client</title><script type="module" src="client.js"></script>'

/** What `client.js` of that page is: the client as a bundler makes it. */
export async function buildClient(): Promise<string> {
  const entry = fileURLToPath(new URL('./client-entry.ts', import.meta.url))
  const built = await build({
    configFile: false,
    logLevel: 'error',
    // In one file: what a bundler would load later, too.
    build: {
      write: false,
      lib: { entry, formats: ['es'] },
      rolldownOptions: { output: { codeSplitting: false } },
    },
  })
  const [first] = [built].flat()
  const chunk = first && 'output' in first ? first.output[0] : undefined
  if (!chunk) throw new Error('Vite made nothing of the client.')
  return chunk.code
}

/** The page on an origin of its own. */
export async function serveClientPage(script: string): Promise<{ url: string; stop(): void }> {
  const server = createServer((req, res) => {
    const isScript = req.url === '/client.js'
    res.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html')
    res.end(isScript ? script : clientPage)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    stop() {
      server.close()
      server.closeAllConnections()
    },
  }
}
