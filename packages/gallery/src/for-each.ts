/** Calls for each of them, so many at a time. */
export async function forEach<Item>(
  items: readonly Item[],
  atOnce: number,
  call: (item: Item) => Promise<void>,
): Promise<void> {
  const rest = items.values()
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const item of rest) await call(item)
    }),
  )
}
