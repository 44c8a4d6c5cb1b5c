import type { ReactNode } from 'react'

export interface IconButtonProps {
  label: string
  title: string
  quiet?: boolean
  onClick: () => void
  children: ReactNode
}

export const IconButton = ({ label, title, quiet = false, onClick, children }: IconButtonProps) => (
  <button
    type="button"
    className={quiet ? 'button icon-only quiet' : 'button icon-only'}
    aria-label={label}
    title={title}
    onClick={onClick}
  >
    {children}
  </button>
)
