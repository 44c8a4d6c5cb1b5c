import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './App.tsx'
import './styles/base.css'
import './styles/page.css'
import './styles/people.css'
import './styles/photos.css'
import './styles/scrubber.css'
import './styles/selection.css'
import './styles/toast.css'
import './styles/upload.css'
import './styles/viewer.css'
import './styles/details.css'
import './styles/confirm.css'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no element #root')
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
