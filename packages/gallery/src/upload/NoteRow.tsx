import { CloseIcon } from '../icons.tsx'
import { IconButton } from './IconButton.tsx'
import { dismissNote, type Note } from './notes.ts'

/** What was left out, and why. */
export const NoteRow = ({ note: { id, about, text, action } }: { note: Note }) => (
  <li className="upload-row" data-state="left-out">
    <div className="upload-text">
      <p className="upload-name" title={about}>
        <bdi>{about}</bdi>
      </p>
      <p className="upload-state">{text}</p>
      {action && (
        <button
          type="button"
          className="button quiet note-action"
          onClick={() => {
            dismissNote(id)
            action.run()
          }}
        >
          {action.label}
        </button>
      )}
    </div>
    <IconButton quiet label={`Dismiss ${about}`} title="Dismiss" onClick={() => dismissNote(id)}>
      <CloseIcon />
    </IconButton>
  </li>
)
