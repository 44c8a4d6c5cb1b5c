import type { Edit } from './cleaning.ts'
import { type Findings, zeros } from './findings.ts'

/** The same findings, but what is to be overwritten goes elsewhere. */
export function redirect(
  findings: Findings,
  to: Pick<Findings, 'edit' | 'embed'> & Partial<Pick<Findings, 'manifest'>>,
): Findings {
  const { edit, embed, manifest = findings.manifest } = to
  const isRemoved: Findings['removes'] = (kind) => {
    findings.found(kind)
    return findings.removes(kind)
  }
  return {
    ...findings,
    edit,
    embed,
    manifest,
    overwrite: (kind, offset, bytes) => void (isRemoved(kind) && edit(offset, bytes)),
    erase: (kind, offset, length) => void (isRemoved(kind) && edit(offset, zeros(length))),
    at: (base) =>
      redirect(findings, {
        edit: (offset, bytes) => edit(base + offset, bytes),
        embed: (embedded) => embed({ ...embedded, offset: base + embedded.offset }),
        manifest: (content, parts) => manifest(content, parts.map(moved(base))),
      }),
  }
}

const moved = (base: number) => (edit: Edit) => ({ ...edit, offset: base + edit.offset })
