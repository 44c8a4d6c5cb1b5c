import type { AddedFile } from '@tintype/client'
import { inTime } from '../in-time.ts'

/** Chromium's API that TypeScript doesn't know yet. */
interface PickerWindow {
  showOpenFilePicker?(options: object): Promise<FileSystemFileHandle[]>
}

/** Milliseconds for a file to open: one that a cloud drive has to download first may take for ever. */
export const longestOpening = 10_000

/** The dialog has failed once, in a frame or because of a policy: it would fail again. */
let hasFailed = false
/** The button is pressed while the dialog should be open: it has not opened. */
let isPending = false

/**
 * Opens the dialog that gives handles along with files. Resolves with no files when it is closed, and with undefined
 * when it fails.
 *
 * @returns undefined where the input's own dialog is better: the browser has no other, or it is a phone, whose dialog
 * offers the camera too
 */
export function chooseFiles(multiple: boolean): Promise<AddedFile[] | undefined> | undefined {
  const { showOpenFilePicker } = window as PickerWindow
  const isPhone = /Android/.test(navigator.userAgent) || matchMedia('(pointer: coarse)').matches
  return !showOpenFilePicker || hasFailed || isPending || isPhone ? undefined : choose(multiple)
}

async function choose(multiple: boolean): Promise<AddedFile[] | undefined> {
  const types = [{ description: 'Photos and videos', accept: { 'image/*': [], 'video/*': [] } }]
  isPending = true
  try {
    const handles = (await (window as PickerWindow).showOpenFilePicker?.({ multiple, types })) ?? []
    return await Promise.all(handles.map(withHandle))
  } catch (error) {
    if ((error as Error).name === 'AbortError') return []
    hasFailed = true
    return undefined
  } finally {
    isPending = false
  }
}

/** A file with its handle, or why it can't be opened, which doesn't affect the others. */
export async function withHandle(handle: FileSystemFileHandle): Promise<AddedFile> {
  try {
    return { file: await inTime(handle.getFile(), longestOpening), handle }
  } catch (cause) {
    return { name: handle.name, cause }
  }
}
