/** What `createUploads` can't do without; Safari 15.6, Chrome 105 and Firefox 104 have all of it. */
const needed: readonly (() => unknown)[] = [
  () => globalThis.AbortController,
  () => globalThis.crypto?.getRandomValues,
  () => Blob.prototype.arrayBuffer,
  () => Object.hasOwn,
  () => structuredClone,
]

/** Whether this browser is new enough to upload: ask before people choose files. */
export function isSupported(): boolean {
  try {
    return needed.every((feature) => feature() !== undefined)
  } catch {
    return false
  }
}
