import { boxesIn, findBox, type PlacedBox } from '../../metadata/boxes.ts'
import { sampleBytes } from '../../metadata/sample-ranges.ts'
import { bytesSayWhere } from '../says-where.ts'
import { videoFields } from './coded-pictures.ts'
import { erase, isZero, printable, type Range, type Tree } from './tree.ts'

/**
 * Looks through the sample descriptions of a track of pictures or sound: what decoders need stays, and so does what is
 * not known, which is told; `uuid` boxes are judged like those elsewhere.
 */
export function cleanSampleEntries(
  tree: Tree,
  table: Range,
  handler: string,
  visitUuid: (tree: Tree, box: PlacedBox) => void,
): void {
  const { bytes, findings } = tree
  const described = findBox(bytes, ['stsd'], table)
  if (!described || described.end - described.start < 8) return
  for (const entry of boxesIn(bytes, { start: described.start + 8, end: described.end }, 'lenient')) {
    const fields = handler === 'vide' ? videoFields : soundFields(bytes, entry)
    const inside = { start: Math.min(entry.start + fields, entry.end), end: entry.end }
    for (const child of boxesIn(bytes, inside, 'lenient')) {
      if (child.type === 'uuid') visitUuid(tree, child)
      else if (child.type === 'free' || child.type === 'skip') erase(tree, 'other', child)
      else if (!known.has(child.type) && !isZero(bytes, child.start, child.end))
        findings.unsure(`A track is described by data of an unknown kind (${printable(child.type)}).`)
    }
    if (bytesSayWhere(bytes.subarray(entry.start, Math.min(entry.end, inside.start)), findings.spend))
      findings.unsure('The description of a track says where it was.')
  }
}

/**
 * Whether the table of sizes counts less than a frame of sound has, as QuickTime's does: then it names where chunks begin, and
 * not all of their bytes.
 */
export function isCountedInFrames(bytes: Buffer, table: Range): boolean {
  const entry = findBox(bytes, ['stsd'], table)
  const size = sampleBytes(bytes, table) ?? 0
  if (size === 0 || !entry || entry.start + 36 > entry.end) return false
  const [channels, bits] = [bytes.readUInt16BE(entry.start + 32), bytes.readUInt16BE(entry.start + 34)]
  return size < (channels * bits) / 8
}

/** QuickTime's versions 1 and 2 have more of them than ISO's. */
function soundFields(bytes: Buffer, { start, end }: PlacedBox): number {
  const version = start + 10 <= end ? bytes.readUInt16BE(start + 8) : 0
  return 28 + ({ 1: 16, 2: 36 }[version] ?? 0)
}

/** Of the decoder, the colours, the lens, the protection (ISO/IEC 14496-12, -15; QuickTime; Dolby, Opus, FLAC, VP9, AV1). */
const known = new Set(
  (
    'avcC hvcC lhvC vvcC av1C vpcC dvcC dvvC dvwC dvc1 esds d263 jp2C glbl mvcC svcC m4ds btrt colr pasp clap fiel gama ' +
    'mdcv clli cclv amve SmDm CoLL CoLI MDcv cclv st3d sv3d vexu hfov ludt sinf rinf frma schm schi tenc wave chan chnl ' +
    'dac3 dec3 dac4 dOps dfLa alac pcmC srat damr enda samr SA3D dmix dmlp ddts udts ALAC QDCA QDM2 hinf strf SGLT ' +
    'ctab mjqt mjht dpi  vmhd auxi ccst ACLR APRG ARES ADHR FIEL tmcd name cbmp bitr cdsc wvtt vlab ainf ipcm'
  ).split(' '),
)
