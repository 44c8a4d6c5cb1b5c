import type { Media } from '@tintype/protocol'

/** The names of files in an archive: those of the photos, each once. Systems that know no capitals count as well. */
export function uniqueNames(media: readonly Pick<Media, 'name'>[]): string[] {
  const taken = new Set<string>()
  return media.map(({ name }) => {
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
