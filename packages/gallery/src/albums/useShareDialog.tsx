import type { Album } from '@tintype/protocol'
import { type ComponentType, type ReactNode, useState } from 'react'
import { load } from '../load.ts'
import type { ShareDialogProps } from '../share/ShareDialog.tsx'

/** The dialog about an album's links, which is loaded when it is opened. */
export function useShareDialog(
  album: Album,
  onNews: (text: string, isError?: boolean) => void,
): { open: () => void; dialog: ReactNode } {
  const [Dialog, setDialog] = useState<ComponentType<ShareDialogProps> | null>(null)
  const open = async () => {
    try {
      const { ShareDialog } = await load(import('../share/ShareDialog.tsx'))
      setDialog(() => ShareDialog)
    } catch (error) {
      onNews((error as Error).message, true)
    }
  }
  return {
    open: () => void open(),
    dialog: Dialog && <Dialog album={album} onClose={() => setDialog(null)} />,
  }
}
