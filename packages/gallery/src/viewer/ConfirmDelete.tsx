import { Confirm } from '../Confirm.tsx'

export interface ConfirmDeleteProps {
  /** `this photo`, `12 photos` */
  what: string
  /** Its name, where it is one. */
  name: string | null
  onCancel: () => void
  onConfirm: () => void
}

/** Asks before something is deleted that can't be brought back. */
export function ConfirmDelete({ what, name, onCancel, onConfirm }: ConfirmDeleteProps) {
  return (
    <Confirm title={`Delete ${what}?`} onCancel={onCancel} onConfirm={onConfirm}>
      {name === null ? 'They' : <bdi>{name}</bdi>} will be gone for good. This can’t be undone.
    </Confirm>
  )
}
