import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { tintypePackage } from '../support/process.ts'

/** A mistake that somebody could make: this text in this file, become that one. */
export interface Bug {
  /** Below the package's `src`. */
  file: string
  from: string
  to: string
}

export const bugs = {
  deleteBeforeCommit: [
    {
      file: 'media.ts',
      from: 'return await records.ledger.remove(id, owner, leaseEnd)',
      to: `for (const { key } of existed ? [existed.media, ...existed.variants] : []) await bucket.delete(key)
      return await records.ledger.remove(id, owner, leaseEnd)`,
    },
  ],
  publishWithoutDueDate: [
    {
      file: 'records/ledger-steps.ts',
      from: '.where(sql<boolean>`(key, due_at) in (values $' + '{dated})`)',
      to: ".where('key', 'in', held.map((one) => one.key))",
    },
  ],
  claimWithoutDueDate: [
    { file: 'records/sweep.ts', from: ".where('due_at', '<=', now)\n            .orderBy", to: '.orderBy' },
  ],
  forgetAfterUnknownPut: [
    {
      file: 'records/ledger.ts',
      from: 'doUpdateSet({ due_at: now, recheck: 1 })',
      to: 'doUpdateSet({ due_at: now, recheck: 0 })',
    },
  ],
  deleteAfterUnknownCommit: [
    {
      file: 'intake/finish.ts',
      from: '      // Touching the keys waits',
      to: `      const whole = bucket as unknown as { delete(key: string): Promise<void> }
      for (const { key } of published.flatMap((one) => one.pending)) await whole.delete(key)
      // Touching the keys waits`,
    },
  ],
  prefixWithoutSlash: [
    { file: 'sweep/audit.ts', from: 'listing.objects(keyPrefix)', to: "listing.objects('media')" },
    {
      file: 'sweep/audit-multiparts.ts',
      from: 'listing.multiparts(keyPrefix)',
      to: "listing.multiparts('media')",
    },
  ],
} satisfies Record<string, Bug[]>

/** A copy of the package with these mistakes in it, to be run from its own folder. */
export async function plant(mistakes: Bug[]): Promise<{ source: string; remove(): Promise<void> }> {
  const root = await mkdtemp(join(tmpdir(), 'tintype-planted-'))
  const source = join(root, 'packages/tintype')
  await mkdir(source, { recursive: true })
  for (const part of ['src', 'bin', 'package.json']) {
    await cp(join(tintypePackage, part), join(source, part), { recursive: true })
  }
  await symlink(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(root, 'node_modules'))
  for (const { file, from, to } of mistakes) {
    const path = join(source, 'src', file)
    const code = await readFile(path, 'utf8')
    const count = code.split(from).length - 1
    if (count !== 1) throw new Error(`${file} has the text that is to be broken ${count} times: ${from}`)
    await writeFile(
      path,
      code.replace(from, () => to),
    )
  }
  return { source, remove: () => rm(root, { recursive: true }) }
}
