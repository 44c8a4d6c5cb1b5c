import type { AddedFile } from '@tintype/client'
import type { Media } from '@tintype/protocol'
import { useState } from 'react'
import { type Box, downloadUrl, library } from '../api.ts'
import { formatBytes } from '../format.ts'
import { AlbumIcon, DownloadIcon, LinkIcon, ReplaceIcon, TrashIcon } from '../icons.tsx'
import { load } from '../load.ts'
import { FilePicker } from '../upload/FilePicker.tsx'
import { expiryOf } from './link.ts'
import { hasSmallerCopy } from './smaller-copy.ts'

export interface ActionsProps {
  media: Media
  /** The box of the server's variant `view`; undefined: the usual one. */
  view: Box | undefined
  onChanged: (media: Media) => void
  /** Null where there are no albums. */
  onAddToAlbum: (() => void) | null
  onDelete: () => void
}

/** What can be done with a photo or video beside looking at it. */
export function Actions({ media, view, onChanged, onAddToAlbum, onDelete }: ActionsProps) {
  const { id, name, bytes, urls } = media
  const [news, setNews] = useState('')

  const copyLink = async () => {
    try {
      const text = await linkOf(id)
      await navigator.clipboard.writeText(text)
      setNews(describeLink(text))
    } catch (error) {
      setNews(`The link could not be copied: ${(error as Error).message}`)
    }
  }
  const replace = async ([added]: AddedFile[]) => {
    if (!added) return
    const file = 'file' in added ? added.file : added
    if (!(file instanceof File)) return setNews(`${file.name} can’t be read. Choose it again.`)
    setNews(`Replacing it with ${file.name}…`)
    try {
      const { replaceMedia } = await load(import('./replace.ts'))
      const onProgress = (done: number) =>
        setNews(`Replacing it with ${file.name}: ${Math.round(done * 100)} %`)
      onChanged(await replaceMedia(media, file, onProgress))
      setNews('Replaced.')
    } catch (error) {
      setNews((error as Error).message)
    }
  }

  return (
    <div className="actions">
      {urls.original !== '' && (
        <a className="button" href={downloadUrl(id)} download={name}>
          <DownloadIcon /> Download <span className="soft">{formatBytes(bytes)}</span>
        </a>
      )}
      {hasSmallerCopy(media, view) && (
        <a className="button" href={downloadUrl(id, 'view')} download>
          <DownloadIcon /> Smaller copy
        </a>
      )}
      {onAddToAlbum && (
        <button type="button" className="button" onClick={onAddToAlbum}>
          <AlbumIcon /> Add to album
        </button>
      )}
      <button type="button" className="button" onClick={() => void copyLink()}>
        <LinkIcon /> Copy link
      </button>
      <FilePicker className="" label="Replace" single onFiles={(files) => void replace(files)}>
        <ReplaceIcon /> Replace
      </FilePicker>
      <button type="button" className="button danger" onClick={onDelete}>
        <TrashIcon /> Delete
      </button>
      <p className="actions-news" role="status">
        {news}
      </p>
    </div>
  )
}

/** Signed anew, so that it works as long as it can. */
async function linkOf(id: string): Promise<string> {
  const { urls } = await library.get(id)
  return new URL(urls.view ?? urls.original, location.href).href
}

function describeLink(link: string): string {
  const until = expiryOf(link)
  const time = until?.toLocaleTimeString(undefined, { hour: 'numeric', minute: '2-digit' })
  return `Link copied. Anybody who has it can see this photo${time === undefined ? '' : ` until ${time}`}, without signing in.`
}
