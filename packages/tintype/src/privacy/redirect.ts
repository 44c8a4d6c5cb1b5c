import { type Findings, zeros } from './findings.ts'

/** The same findings, but what is to be overwritten goes elsewhere. */
export function redirect(findings: Findings, edit: Findings['edit'], embed = findings.embed): Findings {
  const isRemoved: Findings['removes'] = (kind) => {
    findings.found(kind)
    return findings.removes(kind)
  }
  return {
    ...findings,
    edit,
    embed,
    overwrite: (kind, offset, bytes) => void (isRemoved(kind) && edit(offset, bytes)),
    erase: (kind, offset, length) => void (isRemoved(kind) && edit(offset, zeros(length))),
    at: (base) =>
      redirect(
        findings,
        (offset, bytes) => edit(base + offset, bytes),
        (embedded) => embed({ ...embedded, offset: base + embedded.offset }),
      ),
  }
}
