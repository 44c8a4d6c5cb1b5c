import type { Found } from '../cleaning.ts'
import type { Findings } from '../findings.ts'
import { bytesSayWhere } from '../says-where.ts'

/**
 * Cleans IPTC records (IIM 4.2): the datasets that stay move together, zeros follow them.
 *
 * @returns the block, of the same length; nothing where no dataset is left
 */
export function cleanIptc(
  records: Buffer,
  findings: Pick<Findings, 'found' | 'removes' | 'spend'>,
): Buffer | undefined {
  const out = Buffer.alloc(records.length)
  let end = 0
  let at = 0
  while (at + 5 <= records.length && records[at] === marker) {
    const length = records.readUInt16BE(at + 3)
    const next = at + 5 + length
    // Extended datasets, of more than 32 KB, hold pictures.
    if (length > 0x7fff || next > records.length) break
    const [record, dataset] = [records[at + 1] as number, records[at + 2] as number]
    const kind = fateOf(record, dataset, records.subarray(at + 5, next), findings.spend)
    if (kind) findings.found(kind)
    if (!kind || !findings.removes(kind)) end += records.copy(out, end, at, next)
    at = next
  }
  if (records.subarray(at).some((byte) => byte !== 0)) findings.found('other')
  return end === 0 ? undefined : out
}

const marker = 0x1c

function fateOf(
  record: number,
  dataset: number,
  value: Buffer,
  spend: Findings['spend'],
): keyof Found | undefined {
  if (record === 1) return dataset === uniqueName ? 'identifiers' : undefined
  if (record !== 2 || dataset >= firstPreview) return 'other'
  if (places.has(dataset)) return 'location'
  if (names.has(dataset)) return 'identifiers'
  return bytesSayWhere(value, spend) ? 'location' : undefined
}

/** 1:100, the Unique Name of Object. */
const uniqueName = 100
/** 2:200 to 2:202, a preview. */
const firstPreview = 200
/** Content location code and name, city, sub-location, province, country code and name. */
const places = new Set([26, 27, 90, 92, 95, 100, 101])
/** Unique document id, owner's id, and what Photo Mechanic and others write there. */
const names = new Set([184, 187, 188])
