/** Something of an app's own that has changed: what kind of thing, and which. */
export interface Announcement {
  topic: string
  id: string
}

const longestId = 200

/**
 * As a row of the ledger has it.
 * @throws {TypeError} for what is no name
 */
export function writeAnnouncement({ topic, id }: Announcement): string {
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(topic))
    throw new TypeError(
      `topic is ${JSON.stringify(topic)}: it has to be a short name such as album, of small letters, digits and hyphens.`,
    )
  if (typeof id !== 'string' || id === '' || id.length > longestId || /\p{C}/u.test(id))
    throw new TypeError(`id has to be a string of 1 to ${longestId} characters, without control characters.`)
  return `${topic}:${id}`
}

export function readAnnouncement(written: string): Announcement {
  const at = written.indexOf(':')
  return { topic: written.slice(0, at), id: written.slice(at + 1) }
}
