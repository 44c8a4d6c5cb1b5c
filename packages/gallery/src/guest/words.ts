import type { SharedAlbum } from '@tintype/protocol'
import { count, formatBytes } from '../format.ts'
import { dayAndTime } from '../share/words.ts'

type DropLink = Pick<SharedAlbum, 'expiresAt' | 'room'>

/** Nothing more can be sent by it. */
export const isFull = ({ room }: DropLink): boolean => room?.files === 0 || room?.bytes === 0

/** What somebody without an account is asked for: `Send up to 20 photos and videos into this album, until Friday, 4 December at 18:00.` */
export function invitationOf(link: DropLink, now: number, locale?: string): string {
  const { expiresAt, room } = link
  if (isFull(link))
    return 'This album has taken as much as it was made for: nothing more can be sent by this link. If you have more, ask the person who sent it for another one.'
  const what =
    room?.files == null
      ? 'photos and videos'
      : `up to ${count(room.files, 'photo or video', 'photos and videos')}`
  const size = room?.bytes == null ? '' : `, ${formatBytes(room.bytes)} together`
  const until = expiresAt === null ? '' : `, until ${dayAndTime(new Date(expiresAt), now, locale)}`
  return `Send ${what} into this album${size}${until}.`
}

/** For a browser that has not opened the link, or keeps nothing of it: pressing it once more would lead here again. */
export function howToOpen(takesCookies: boolean): string {
  return takesCookies
    ? 'This page opens by the link that you were sent: press that link once more. Where it was deleted, ask for another one.'
    : 'This browser takes no cookies, by which the page knows that you have the link. Allow them for this page in its settings, and press the link once more; or open it in another browser.'
}
