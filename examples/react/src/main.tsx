import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Page } from './Page.tsx'
import './page.css'

const root = document.querySelector('#root') as HTMLElement
createRoot(root).render(
  <StrictMode>
    <Page />
  </StrictMode>,
)
