import type { AddedFile } from '../added-file.ts'
import { withTimeLimit } from '../time-limit.ts'

/** Chromium's API that TypeScript doesn't know yet. */
interface PickerWindow {
  showOpenFilePicker?(options: object): Promise<FileSystemFileHandle[]>
}

/** What the dialog offers. */
export interface ChooseOptions {
  multiple: boolean
  /** As of an input; null: photos and videos. */
  accept: string | null
  /** What the dialog calls these. */
  description: string
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
export function chooseFiles(options: ChooseOptions): Promise<AddedFile[] | undefined> | undefined {
  const { showOpenFilePicker } = window as PickerWindow
  const isPhone = /Android/.test(navigator.userAgent) || matchMedia('(pointer: coarse)').matches
  return !showOpenFilePicker || hasFailed || isPending || isPhone ? undefined : choose(options)
}

async function choose(options: ChooseOptions): Promise<AddedFile[] | undefined> {
  const { multiple, description } = options
  isPending = true
  try {
    const types = [{ description, accept: typesOf(options.accept ?? 'image/*,video/*') }]
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

/** Types, and endings of names, as the dialog takes them. */
function typesOf(accept: string): Record<string, string[]> {
  const all = accept.split(',').map((one) => one.trim())
  const endings = all.filter((one) => one.startsWith('.'))
  return {
    ...Object.fromEntries(all.filter((one) => one.includes('/')).map((type) => [type, []])),
    ...(endings.length > 0 ? { 'application/octet-stream': endings } : {}),
  }
}

/** A file with its handle, or why it can't be opened, which doesn't affect the others. */
export async function withHandle(handle: FileSystemFileHandle): Promise<AddedFile> {
  try {
    return { file: await withTimeLimit(handle.getFile(), longestOpening), handle }
  } catch (cause) {
    return { name: handle.name, cause }
  }
}

/** The input's own dialog, instead of the one that failed. @returns whether it opens: browsers do that only after a user gesture */
export async function openPlain(input: HTMLInputElement): Promise<boolean> {
  // Later, because a click inside the click of a label does nothing in Chromium.
  await new Promise((resolve) => setTimeout(resolve))
  const wasPressed = navigator.userActivation?.isActive !== false
  input.click()
  return wasPressed
}
