import type { KnownType } from '@tintype/protocol'
import type { Log } from '../log.ts'
import { moduleFolders } from '../workers/isolation.ts'

/**
 * Decoders in WebAssembly of what sharp's binaries do not read: HEVC for its patents, JPEG XL. Both are optional
 * dependencies, which npm installs unless it is told not to.
 */
const optionalDecoders: readonly { name: string; module: string; types: readonly KnownType[] }[] = [
  {
    name: 'libheif-js',
    module: 'libheif-js/libheif-wasm/libheif.wasm',
    types: ['image/heic', 'image/heif'],
  },
  { name: '@jsquash/jxl', module: '@jsquash/jxl/codec/dec/jxl_dec.wasm', types: ['image/jxl'] },
]

/** Of the types that the app asks for, those that can be decoded here; and of the others, the package that is missing. */
export function decodableTypes(
  wanted: ReadonlySet<string>,
  log: Log,
  folders = optionalFolders,
): { accept: ReadonlySet<string>; missing: ReadonlyMap<string, string> } {
  const missing = new Map<string, string>()
  for (const { name, module, types } of optionalDecoders) {
    const unread = types.filter((type) => wanted.has(type))
    if (unread.length === 0 || folders(module)) continue
    for (const type of unread) missing.set(type, name)
    log.warn('decoder.missing', { package: name, types: unread.join(' '), remedy: `npm install ${name}` })
  }
  return { accept: new Set([...wanted].filter((type) => !missing.has(type))), missing }
}

/** Where the decoders that are installed, and what they need, are loaded from. */
export function decoderFolders(): string[] {
  return optionalDecoders.flatMap(({ module }) => optionalFolders(module) ?? [])
}

function optionalFolders(module: string): string[] | undefined {
  try {
    return moduleFolders(module)
  } catch {
    return undefined
  }
}
