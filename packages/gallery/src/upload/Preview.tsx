import { useEffect, useState } from 'react'
import { FileIcon } from '../icons.tsx'

/** Types that every browser draws. */
const drawn = /^image\/(jpeg|png|gif|webp|avif)$/
/** Bytes: to decode a larger one for 40 pixels takes too much memory on a phone. */
const largest = 30_000_000

/** The picture itself, from the file that is here already. */
export function Preview({ file }: { file: File | undefined }) {
  const [url, setUrl] = useState<string | null>(null)
  useEffect(() => {
    if (!file || !drawn.test(file.type) || file.size > largest) return
    const made = URL.createObjectURL(file)
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [file])
  return (
    <span className="upload-preview" aria-hidden="true">
      {url ? (
        <img src={url} alt="" loading="lazy" decoding="async" onError={() => setUrl(null)} />
      ) : (
        <FileIcon />
      )}
    </span>
  )
}
