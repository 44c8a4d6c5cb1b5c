import type { AddedFile } from '@tintype/client'
import { inTime } from '../in-time.ts'

/** What Chromium has and TypeScript doesn't know yet. */
interface PickerWindow {
  showOpenFilePicker?(options: object): Promise<FileSystemFileHandle[]>
}

/** Milliseconds for a file to open: one that a cloud has to bring first may take forever. */
export const longestOpening = 10_000

/** The dialog has failed once: in a frame, or by a policy. It won't do better the next time. */
let hasFailed = false
/** Somebody presses the button while it should be open: it has not opened. */
let isPending = false

/**
 * Opens the dialog that gives handles along with files. Resolves with none when it is closed, with undefined when it
 * fails.
 *
 * @returns undefined where the input's own dialog is the better one: the browser has no other, or it is a phone,
 * whose own offers the camera too
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

/** A file together with the handle that leads to it again; or why it can't be opened, which holds up no other. */
export async function withHandle(handle: FileSystemFileHandle): Promise<AddedFile> {
  try {
    return { file: await inTime(handle.getFile(), longestOpening), handle }
  } catch (cause) {
    return { name: handle.name, cause }
  }
}
