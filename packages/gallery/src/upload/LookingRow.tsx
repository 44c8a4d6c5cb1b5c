import { count } from '../format.ts'
import { CloseIcon } from '../icons.tsx'
import { IconButton } from './IconButton.tsx'
import type { Looking } from './useLooking.ts'

/** Files that are looked for before they are sent. */
export const LookingRow = ({ looking }: { looking: Looking }) => {
  const files = count(looking.count, 'file')
  return (
    <li className="upload-row">
      <div className="upload-text">
        <p className="upload-name">{files}</p>
        <p className="upload-state">Being looked at: what you have already is not sent again.</p>
      </div>
      <IconButton quiet label={`Cancel ${files}`} title="Cancel" onClick={looking.cancel}>
        <CloseIcon />
      </IconButton>
    </li>
  )
}
