import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import sharp from 'sharp'

/** Whether two files show other pixels. What sharp can't read is passed over. */
export async function changedPixels(before: Buffer, after: Buffer): Promise<boolean> {
  if (before.equals(after)) return false
  const pixelsOf = (file: Buffer) => sharp(file, { failOn: 'none', animated: true }).raw().toBuffer()
  const all = await Promise.all([before, after].map((file) => pixelsOf(file).catch(() => undefined)))
  return all[0] !== undefined && !(all[1] && all[0].equals(all[1]))
}

const sensitive =
  /GPS(Lat|Long|Alt|Position|Dest)|SerialNumber$|OwnerName$|ImageUniqueID|(Document|Instance)ID$/
/** Credits of others than the camera's owner, and what is empty. */
const harmless = /Copyright|Licensor|^\S+ : [\s0]*$/

/** Tags that exiftool finds in it, also in what is embedded; none where it is not installed. */
export async function whatIsLeft(file: Buffer): Promise<string[]> {
  const child = promisify(execFile)('exiftool', ['-a', '-G1', '-ee3', '-s', '-n', '-fast0', '-'], {
    maxBuffer: 2 ** 26,
  })
  child.child.stdin?.end(file)
  const { stdout } = await child.catch(() => ({ stdout: '' }))
  return stdout.split('\n').filter((line) => sensitive.test(line.split(':')[0] ?? '') && !harmless.test(line))
}
