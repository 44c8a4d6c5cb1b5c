import { type ApiOptions, createUploadApi } from './api.ts'
import { heldLocks } from './locks.ts'
import { lockName, type RememberedUpload, type UploadMemory } from './memory.ts'
import { still, type UploadItem } from './upload-item.ts'

/**
 * Unfinished uploads to this endpoint that no open page is sending, with the bytes that the storage has of each. Those
 * that have expired, or that the server has finished or forgotten, are forgotten here too.
 */
export async function findRemembered({
  memory,
  ...options
}: ApiOptions & { memory: UploadMemory }): Promise<{ upload: RememberedUpload; sent: number }[]> {
  const api = createUploadApi(options)
  const held = await heldLocks()
  const found = (await memory.list()).map(async (upload) => {
    if (upload.endpoint !== options.endpoint || held.has(lockName(upload.key))) return []
    // Without an answer it is kept: the server may be down for a moment.
    const status = await api.status(upload.session).catch(() => null)
    // One that is being scanned becomes visible by itself: nothing has to be chosen again for it.
    const state = status?.state === 'scanning' && upload.handle ? 'open' : status?.state
    if (upload.expiresAt <= Date.now() || (status !== null && state !== 'open')) {
      await memory.delete(upload.key)
      return []
    }
    return [{ upload, sent: (status?.parts ?? []).reduce((sum, { size }) => sum + size, 0) }]
  })
  return (await Promise.all(found)).flat()
}

/** An item for an upload that an earlier page left unfinished. */
export function restoredItem(
  id: string,
  about: Pick<UploadItem, 'name' | 'size' | 'sent' | 'needsFile'>,
): UploadItem {
  return { id, ...about, state: 'paused', canPause: true, ...still }
}

/** Browsers ask for permission before a handle is read again. TypeScript doesn't know these two methods yet. */
type Permission = 'granted' | 'denied' | 'prompt'
interface AskingHandle {
  queryPermission?(): Promise<Permission>
  requestPermission?(): Promise<Permission>
}

/** The file of a handle, or undefined where it may not be read or is gone. @param mayAsk in a click's handler */
export async function fileOf(handle: FileSystemFileHandle, mayAsk: boolean): Promise<File | undefined> {
  const asking = handle as AskingHandle
  try {
    let permission = (await asking.queryPermission?.()) ?? 'granted'
    if (permission === 'prompt' && mayAsk) permission = (await asking.requestPermission?.()) ?? permission
    return permission === 'granted' ? await handle.getFile() : undefined
  } catch {
    return undefined
  }
}
