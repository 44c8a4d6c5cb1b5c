import type { MadeShareLink } from '@tintype/protocol'
import { CopyField } from '../CopyField.tsx'
import { ShareIcon } from '../icons.tsx'
import { QrCode } from './QrCode.tsx'
import { abilityOf, endOf } from './words.ts'

export interface MadeLinkProps {
  made: MadeShareLink
  albumName: string
  onDone: () => void
}

/** A link that was made just now: the only time at which it can be had. */
export function MadeLink({ made: { link, url }, albumName, onDone }: MadeLinkProps) {
  const share = () => navigator.share({ url, title: albumName }).catch(() => {})
  return (
    <div className="panel-form made-link">
      <QrCode text={url} label="The link as a QR code" />
      <CopyField label={abilityOf(link)} value={url} copy="Copy link">
        {'share' in navigator && (
          <button type="button" className="button" onClick={() => void share()}>
            <ShareIcon /> Send…
          </button>
        )}
        <button type="button" className="button quiet" onClick={onDone}>
          Done
        </button>
      </CopyField>
      <p className="soft">
        {endOf(link.expiresAt, Date.now())}. Anybody who has the link can use it. It is shown only now: the
        server does not keep it. If it is lost, make another.
      </p>
    </div>
  )
}
