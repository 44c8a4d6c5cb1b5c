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
