import { type Media, savedName } from '@tintype/protocol'

/** What Windows takes for a device or a stream of a file, or not at all: others' names may have it. */
const notOnWindows = /[<>:"|?*]/g

/**
 * The names of files in an archive: those that the photos are saved by, each once. Systems that know no capitals count as well. What
 * guests have sent may be called `page.html` or `setup.exe`, and be both that and a picture.
 */
export function uniqueNames(media: readonly Pick<Media, 'name' | 'type'>[]): string[] {
  const taken = new Set<string>()
  return media.map((one) => {
    const name = savedName(one.name, one.type).replace(notOnWindows, '_')
    const [, stem = name, extension = ''] = /^(.+?)(\.[^.]*)?$/.exec(name) ?? []
    let unique = name
    for (let n = 2; taken.has(unique.toLowerCase()); n++) unique = `${stem} (${n})${extension}`
    taken.add(unique.toLowerCase())
    return unique
  })
}

/** When a file was made: as clocks showed it where it was taken, since archives know no zones. */
export function modifiedAt({ takenAt, createdAt }: Pick<Media, 'takenAt' | 'createdAt'>): Date {
  if (takenAt === undefined || takenAt.endsWith('Z')) return new Date(takenAt ?? createdAt)
  return new Date(takenAt.slice(0, 19))
}
