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

// What is loaded later asks them which styles are there: relative ones would name others at another address, and styles that came
// twice would stand in another order.
for (const link of document.querySelectorAll('link'))
  Object.defineProperty(link, 'href', { value: link.href })

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no element #root')
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
