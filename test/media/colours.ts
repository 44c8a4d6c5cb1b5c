import { readFileSync } from 'node:fs'

/** What the clips in test/media/colours show as sRGB: red on the left and pink on the right, as they are coded. */
export const patches = [
  [210, 40, 50],
  [235, 150, 175],
] as const

export const coloured = (name: string): Buffer => readFileSync(new URL(`./colours/${name}`, import.meta.url))
