/**
 * The name that was meant, if one of them is close enough: `limits.imageByte` and `imageBytes` mean `limits.imageBytes`,
 * `jpg` means `image/jpeg`. In a short name one slip is all: `port` is not `pool`, and HEIC is not WebP.
 */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const { length } = lastOf(name)
  const most = length <= 4 ? 1.5 : Math.max(2.5, length / 3)
  const far = (one: string) => Math.min(distance(name, one), distance(lastOf(name), lastOf(one)) + 0.5)
  const [first] = names
    .map((one) => ({ one, far: far(one) }))
    .filter((found) => found.far <= most)
    .sort((a, b) => a.far - b.far)
  return first?.one
}

function lastOf(name: string): string {
  return name.slice(Math.max(name.lastIndexOf('.'), name.lastIndexOf('/')) + 1)
}

/** How many letters have to be put in, taken out or changed, whatever their case (Levenshtein). */
function distance(from: string, to: string): number {
  const [a, b] = [from.toLowerCase().slice(0, 100), to.toLowerCase().slice(0, 100)]
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const changed = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(changed, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    row = next
  }
  return row[b.length] as number
}
