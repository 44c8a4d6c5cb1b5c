import type { Cleaning, Credentials, Edit, Embedded, Found, Position, PrivacyPolicy } from './cleaning.ts'
import { kindOfManifest } from './content-credentials.ts'
import { createEffort, type Spend } from './effort.ts'

/**
 * Where the cleaners of all formats write what they find. A cleaner of something inside of a file (the Exif block of a
 * JPEG, the XMP of a HEIC) gets `at(offset)`, and then counts from the beginning of what it was given.
 */
export interface Findings {
  /** Whether the policy wants what is of this kind gone. */
  removes(kind: keyof Found): boolean
  /** Notes that something was found, for edits that are made with `edit`. */
  found(kind: keyof Found): void
  /** Overwrites something found, unless the policy keeps its kind. */
  overwrite(kind: keyof Found, offset: number, bytes: Uint8Array): void
  /** Overwrites something found with zeros, unless the policy keeps its kind. */
  erase(kind: keyof Found, offset: number, length: number): void
  /** Overwrites bytes whatever the policy says: a checksum of what was changed, a directory without what was removed. */
  edit(offset: number, bytes: Uint8Array): void
  position(position: Position): void
  unsure(why: string): void
  credentials(state: Credentials): void
  /**
   * A manifest of Content Credentials. It is signed over the rest of the file: when anything of that changes, or when it
   * says itself what is to go, it goes as a whole.
   *
   * @param parts where it lies, and what is written there when it goes
   */
  manifest(content: Buffer, parts: Edit[]): void
  /** A file of another format, which is cleaned after this one. */
  embed(embedded: Embedded): void
  /** Before work that a file can multiply. */
  spend: Spend
  at(offset: number): Findings
}

export interface AllFindings extends Findings {
  embedded: Embedded[]
  result(): Cleaning
}

/** @param spend of the file that this one is in */
export function createFindings(policy: PrivacyPolicy, spend = createEffort()): AllFindings {
  const found: Found = { location: false, identifiers: false, other: false }
  const edits: Edit[] = []
  const embedded: Embedded[] = []
  let position: Position | undefined
  let unsure: string | undefined
  let credentials: Credentials = 'none'
  const manifest: Edit[] = []
  let isManifestPrivate = false

  function removes(kind: keyof Found): boolean {
    if (kind !== 'other') return policy[kind] === 'remove'
    return policy.location === 'remove' || policy.identifiers === 'remove'
  }

  function at(base: number): Findings {
    const here: Findings = {
      removes,
      found(kind) {
        found[kind] = true
      },
      overwrite(kind, offset, bytes) {
        found[kind] = true
        if (removes(kind)) here.edit(offset, bytes)
      },
      erase(kind, offset, length) {
        found[kind] = true
        if (removes(kind)) here.edit(offset, zeros(length))
      },
      edit(offset, bytes) {
        if (bytes.length > 0) edits.push({ offset: base + offset, bytes })
      },
      position(one) {
        position ??= one
      },
      unsure(why) {
        unsure ??= why
      },
      credentials(state) {
        if (credentials === 'none' || state === 'invalidated') credentials = state
      },
      manifest(content, parts) {
        const kind = kindOfManifest(content)
        if (kind) found[kind] = true
        isManifestPrivate ||= kind !== undefined && removes(kind)
        for (const part of parts) manifest.push({ ...part, offset: base + part.offset })
      },
      embed(one) {
        embedded.push({ ...one, offset: base + one.offset })
      },
      spend,
      at: (offset) => at(base + offset),
    }
    return here
  }

  const findings = at(0)
  return {
    ...findings,
    embedded,
    result() {
      if (manifest.length > 0) {
        const goes = isManifestPrivate || edits.length > 0
        if (goes) edits.push(...manifest.splice(0))
        findings.credentials(goes ? 'invalidated' : 'untouched')
      }
      return {
        edits: inOrder(edits),
        found,
        ...(position && { position }),
        ...(unsure !== undefined && { unsure }),
        credentials,
      }
    },
  }
}

/** Findings whose edits are made in these bytes: of a block that is put together from pieces of the file. */
export function inside(
  bytes: Buffer,
  findings: Findings,
): Pick<Findings, 'removes' | 'overwrite' | 'position' | 'spend'> {
  return {
    removes: findings.removes,
    spend: findings.spend,
    position: findings.position,
    overwrite(kind, offset, replacement) {
      findings.found(kind)
      if (findings.removes(kind)) bytes.set(replacement, offset)
    },
  }
}

/** The zeros of all small erasures are the same ones. */
const someZeros = new Uint8Array(64 * 1024)

export function zeros(length: number): Uint8Array {
  return length <= someZeros.length ? someZeros.subarray(0, length) : new Uint8Array(length)
}

/** Sorts, and cuts what overlaps, as it can in hostile files: the edit that begins first keeps its bytes. */
function inOrder(edits: Edit[]): Edit[] {
  const sorted = edits
    .map((edit, index) => ({ ...edit, index }))
    .sort((a, b) => a.offset - b.offset || a.index - b.index)
  const result: Edit[] = []
  let end = 0
  for (const { offset, bytes } of sorted) {
    const skip = Math.max(0, end - offset)
    if (skip >= bytes.length) continue
    result.push({ offset: offset + skip, bytes: bytes.subarray(skip) })
    end = offset + bytes.length
  }
  return result
}
