import type { ShareLink } from '@tintype/protocol'

export interface DropLimitsProps {
  maxFiles?: number | null
  maxBytes?: number | null
  /** What the link allows and has used, where it can only be narrowed. */
  narrows?: Pick<ShareLink, 'maxFiles' | 'maxBytes' | 'files' | 'bytes'>
}

const gigabyte = 1e9

/** How much guests may send, together. */
export function DropLimits({ maxFiles = null, maxBytes = null, narrows }: DropLimitsProps) {
  const leastBytes = Math.max(1, narrows?.bytes ?? 0)
  return (
    <div className="limits">
      <label>
        How many files
        <input
          type="number"
          name="maxFiles"
          min={Math.max(1, narrows?.files ?? 0)}
          max={narrows?.maxFiles ?? 100_000}
          defaultValue={maxFiles ?? ''}
          inputMode="numeric"
        />
      </label>
      <label>
        How many GB
        <input
          type="number"
          name="maxGigabytes"
          min={leastBytes / gigabyte}
          max={(narrows?.maxBytes ?? 1e15) / gigabyte}
          step="any"
          defaultValue={maxBytes === null ? '' : maxBytes / gigabyte}
          inputMode="decimal"
        />
      </label>
      <p className="soft">
        Of all guests together. Empty: {narrows ? 'as it is now' : 'as much as you have room for'}.
      </p>
    </div>
  )
}

/** What was filled in; nothing where a field is empty. */
export function readLimits(form: FormData): { maxFiles?: number; maxBytes?: number } {
  const files = Number(form.get('maxFiles') ?? '')
  const bytes = Math.round(Number(form.get('maxGigabytes') ?? '') * gigabyte)
  return { ...(files > 0 ? { maxFiles: files } : {}), ...(bytes > 0 ? { maxBytes: bytes } : {}) }
}
