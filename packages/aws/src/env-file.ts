import { open, readFile, realpath, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { parseEnv } from 'node:util'

/** The variables of a `.env`; none if there is no file. */
export async function readEnvFile(path: string): Promise<Record<string, string>> {
  return parseEnv(await textOf(path)) as Record<string, string>
}

/**
 * Sets variables in a `.env` and leaves every other line, comment and blank as it was. The file is replaced whole
 * and durably: a reader finds the old text or the new, even after a power failure. Only the owner may read it (mode
 * 0600), even if others could before.
 *
 * @param variables values must not hold line ends
 * @example await writeEnvFile('.env', { S3_BUCKET: 'my-photos' })
 */
export async function writeEnvFile(path: string, variables: Readonly<Record<string, string>>): Promise<void> {
  await replaceFile(path, mergeEnv(await textOf(path), variables))
}

/** Removes variables; every other line stays. */
export async function removeFromEnvFile(path: string, names: readonly string[]): Promise<void> {
  const lines = (await textOf(path)).split('\n')
  await replaceFile(path, lines.filter((line) => !names.some((name) => assigns(line, name))).join('\n'))
}

/** Exported for its test: text in, text out. */
export function mergeEnv(text: string, variables: Readonly<Record<string, string>>): string {
  const lines = text === '' ? [] : text.replace(/\r?\n$/, '').split('\n')
  for (const [name, value] of Object.entries(variables)) {
    const line = `${name}=${/^[\w@%+:,./=-]*$/.test(value) ? value : JSON.stringify(value)}`
    // If a variable is there several times, the last one counts: it is set, and the others are removed.
    const at = lines.findLastIndex((one) => assigns(one, name))
    if (at < 0) lines.push(line)
    else
      lines.splice(
        0,
        lines.length,
        ...lines.flatMap((one, index) => (index === at ? [line] : assigns(one, name) ? [] : [one])),
      )
  }
  return `${lines.join('\n')}\n`
}

function assigns(line: string, name: string): boolean {
  return new RegExp(`^\\s*(export\\s+)?${name}\\s*=`).test(line)
}

/** Writes a file that only its owner reads, whole or not at all, and durably. Follows a symbolic link. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const target = await realpath(path).catch(() => path)
  // Always the same: what a process that was killed has left, with keys in it, is gone with the next.
  const temporary = `${target}.tmp`
  await rm(temporary, { force: true })
  const file = await open(temporary, 'wx', 0o600)
  try {
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, target)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncFolder(dirname(target))
}

/** Makes a rename or a removal durable. */
export async function syncFolder(path: string): Promise<void> {
  // Windows opens no folders; its renames are journalled.
  const folder = await open(path, 'r').catch(() => undefined)
  await folder?.sync().catch(() => {})
  await folder?.close()
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  }
}
