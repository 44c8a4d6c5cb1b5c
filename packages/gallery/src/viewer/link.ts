/** Until when a signed URL works; null where it doesn't say. Query parameters of AWS Signature Version 4. */
export function expiryOf(url: string): Date | null {
  const query = new URL(url, 'http://localhost').searchParams
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(query.get('X-Amz-Date') ?? '') ?? []
  const seconds = Number(query.get('X-Amz-Expires'))
  if (parts.length === 0 || !(seconds > 0)) return null
  const [year = 0, month = 1, day, hour, minute, second] = parts.map(Number)
  return new Date(Date.UTC(year, month - 1, day, hour, minute, second) + seconds * 1000)
}
