import type { ImageFormat } from '@tintype/protocol'

/** What a variant is called that is made on demand: `w640.webp`. The names of the app's own have no dot. */
export function imageName({ width, format }: { width: number; format: ImageFormat }): string {
  return `w${width}.${format}`
}

/** Whether a variant was made because somebody needed that width. People are not told its URL: they ask by the width. */
export const isImageName = (name: string): boolean => /^w\d+\.(webp|jpeg|avif)$/.test(name)
