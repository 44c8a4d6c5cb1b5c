import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import '../styles/base.css'
import '../styles/page.css'
import '../styles/guest.css'
import { Guest } from './Guest.tsx'

const root = document.getElementById('root')
if (!root) throw new Error('shared.html has no element #root')
createRoot(root).render(
  <StrictMode>
    <Guest />
  </StrictMode>,
)
