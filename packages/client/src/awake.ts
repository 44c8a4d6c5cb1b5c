/** For pages that upload for minutes. An entry point of its own: `@tintype/client/awake`. */
import type { Uploads } from './uploads-interface.ts'

/** What TypeScript may not know yet. */
interface Sentinel {
  release(): Promise<void>
}

/**
 * Keeps the screen on while something is on its way: phones stop pages, and with them uploads, when it goes off. Browsers that
 * can't, or won't when the battery is low, go on without.
 *
 * @returns ends it
 * @example
 * keepAwake(uploads)
 */
export function keepAwake(uploads: Pick<Uploads, 'items' | 'subscribe'>): () => void {
  const { wakeLock } = globalThis.navigator as unknown as {
    wakeLock?: { request(type: 'screen'): Promise<Sentinel> }
  }
  if (!wakeLock) return () => {}
  let lock: Promise<Sentinel | undefined> | undefined
  const isBusy = () => uploads.items.some(({ state }) => state === 'uploading' || state === 'checking')
  const release = () => {
    void lock?.then((sentinel) => sentinel?.release()).catch(() => {})
    lock = undefined
  }
  const look = () => {
    if (!isBusy()) release()
    else if (!document.hidden) lock ??= wakeLock.request('screen').catch(() => undefined)
  }
  // The browser takes it back when the page is hidden.
  const onVisible = () => {
    if (document.hidden) lock = undefined
    look()
  }
  const unsubscribe = uploads.subscribe(look)
  document.addEventListener('visibilitychange', onVisible)
  look()
  return () => {
    unsubscribe()
    document.removeEventListener('visibilitychange', onVisible)
    release()
  }
}
