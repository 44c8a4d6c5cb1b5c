import { isAbsolute } from 'node:path'
import type { Kind } from './kinds.ts'
import { wrong, wrongText } from './shown.ts'

const right = 'the absolute path of the program, such as /usr/bin/ffmpeg, or false'
const rightText = 'the absolute path of the program, such as /usr/bin/ffmpeg, or off'

/** A program that is run: a name alone would run whatever is found under it. */
export const ffmpeg: Kind<string | false> = {
  right,
  rightText,
  check(name, value) {
    if (value === false || (typeof value === 'string' && isAbsolute(value))) return value
    throw wrong(name, value, right)
  },
  parse(name, text) {
    if (text === 'off') return false
    if (isAbsolute(text)) return text
    throw wrongText(name, text, rightText)
  },
}
