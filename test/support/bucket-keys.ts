/** The note of the ledger's heartbeat, which is in the bucket beside the media from the first change on. */
export const isHeartbeat = (key: string) => /(^|\/)tintype-heartbeat\//.test(key)

/** The keys of a listing, without the heartbeat's note. */
export function keysIn(listed: { Contents?: { Key?: string | undefined }[] | undefined }): string[] {
  return (listed.Contents ?? []).map(({ Key = '' }) => Key).filter((key) => !isHeartbeat(key))
}
