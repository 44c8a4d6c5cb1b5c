import type { LedgerMoves } from './ledger.ts'
import type { UndoMoves } from './undo-moves.ts'

/** The same moves; those that change which objects are needed tell so first. */
export function tellChanges<Moves extends LedgerMoves | UndoMoves>(
  moves: Moves,
  names: readonly (keyof Moves)[],
  changed: () => void = () => {},
): Moves {
  const told = names.map((name) => {
    const move = moves[name] as (...args: unknown[]) => unknown
    const tell = (...args: unknown[]) => {
      changed()
      return move.apply(moves, args)
    }
    return [name, tell]
  })
  return { ...moves, ...(Object.fromEntries(told) as Partial<Moves>) }
}
