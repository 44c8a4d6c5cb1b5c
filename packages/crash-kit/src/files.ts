import { createHash } from 'node:crypto'
import type { SentFile } from './adapter.ts'
import type { Random } from './random.ts'

/** Small photos, each of them unique, so that its mark tells which request an object came from. */
export interface Files {
  photo(): SentFile
  /** A photo of this many bytes, and some. */
  large(bytes: number): SentFile
  /** Half a photo. */
  broken(): SentFile
  /** A web page: no backend for photos takes it. */
  page(): SentFile
}

export function createFiles(seed: number, random: Random): Files {
  let count = 0
  const mark = () => `crash-kit-${seed}-${++count};`
  // Of its own, as a camera gives it: backends that go by names would have to make one up.
  const sent = (bytes: Buffer, text: string): SentFile => ({
    bytes,
    mark: text,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    name: `photo-${count}.jpg`,
    type: 'image/jpeg',
  })
  const padded = (text: string, bytes: number) => withComments(jpeg, Buffer.from(text), bytes)
  return {
    photo() {
      const text = mark()
      return sent(padded(text, random.integer(1000, 60_000)), text)
    },
    large(bytes) {
      const text = mark()
      return sent(padded(text, bytes), text)
    },
    broken() {
      const text = mark()
      const whole = padded(text, 2000)
      return sent(whole.subarray(0, whole.length - (jpeg.length >> 1)), text)
    },
    page() {
      const text = mark()
      const bytes = Buffer.from(`<!doctype html><!-- ${text} --><title>A page</title>`)
      return { ...sent(bytes, text), name: `page-${count}.html`, type: 'text/html' }
    },
  }
}

/** The mark of the file that these bytes, or some of them, came from. */
export function markOf(bytes: Uint8Array): string | undefined {
  return /crash-kit-\d+-\d+;/.exec(Buffer.from(bytes.subarray(0, 200)).toString('latin1'))?.[0]
}

/** COM segments behind the first marker. ITU-T T.81, B.2.4.5 */
function withComments(picture: Buffer, text: Buffer, padding: number): Buffer {
  const segments = [comment(text)]
  for (let left = padding; left > 0; left -= longest)
    segments.push(comment(Buffer.alloc(Math.min(left, longest), 'x')))
  return Buffer.concat([picture.subarray(0, 2), ...segments, picture.subarray(2)])
}

const longest = 65_000

function comment(text: Buffer): Buffer {
  const head = Buffer.from([0xff, 0xfe, 0, 0])
  head.writeUInt16BE(text.length + 2, 2)
  return Buffer.concat([head, text])
}

/** 32 x 24 pixels: a gradient with noise. */
const jpeg = Buffer.from(
  `/9j/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/
   2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBT/wAAR
   CAAYACADASIAAhEBAxEB/8QAFgABAQEAAAAAAAAAAAAAAAAACAAJ/8QAKBAAAgEDAwMEAgMAAAAAAAAAAQIRAyExAAZBEhNR
   BCJhcTKRQoGh/8QAFgEBAQEAAAAAAAAAAAAAAAAAAQID/8QAIBEAAgIBAwUAAAAAAAAAAAAAAAERIQISIjFBUWFx8P/aAAwD
   AQACEQMRAD8ADeyKi1FR3pOylhLEyW6v6BJm4MjjiNILZLUniafStOmohn6RPMgfl8n440ftj9x6eFqOfYD7RJsSpEA5n7nG
   kPshFBpK1Nlp0VIJIkMIhuZsD/nnGu2YImLaYgdiOD0qtQorFi0rm9xOPJsP5fekTsVB61ep27zIbdtSZMCIiD4yOBfOjnsi
   jRb1QQI1GohXqbqgGeLREgi4t8aRmyqlMMveYKiqQUpgSRaRc+Y/RzbQ1Vci8ahGNOyRUpn0rBe9OScG0gEzfJjgR8aRuxad
   CiC1OW9pZbSFFoNxibzP71atOLn72RnTS8sQuzTSr0gXlagHT1PJzGfFuBA+rjSE2O7MlGoaRD0oUlZvxBnGYN/rkatWiNLS
   RWUduh//2Q==`,
  'base64',
)
