import type { Findings } from '../findings.ts'

export function cleanExifBlock(block: Buffer, findings: Findings): void {
  if (block.some((byte) => byte !== 0)) findings.unsure('Its Exif block is not looked through yet.')
}

export function cleanXmpPacket(packet: Buffer, findings: Findings): void {
  if (packet.some((byte) => byte !== 0)) findings.unsure('Its XMP is not looked through yet.')
}
