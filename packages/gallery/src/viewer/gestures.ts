import { type Point, type View, whole, zoomAt } from './zoom.ts'

/** What the hands on a stage want. Points count from its middle, times are milliseconds. */
export interface Gestures {
  view(): View
  /** Moves the picture as fingers do; `isOver`: they have left, and it comes to rest within its bounds. */
  move(view: View, isOver: boolean): void
  /** Zooms in around a point, or out again. */
  toggle(point: Point): void
  /** A finger moves the whole picture sideways, as long as it is not zoomed. */
  swipe(dx: number): void
  /** It has left. @param speed pixels per millisecond, with the sign of the direction */
  swiped(dx: number, speed: number): void
  /** The same downwards. */
  pull(dy: number): void
  pulled(dy: number, speed: number): void
  tap(): void
}

/** Pixels that a finger moves before it is known where it goes. */
const slack = 8
const doubleTap = 300

/** Follows fingers, mouse and wheel on an element, whose `touch-action` is `none`. @returns ends it */
export function followGestures(stage: HTMLElement, on: Gestures): () => void {
  const fingers = new Map<number, Point>()
  let doing: 'nothing' | 'undecided' | 'swipe' | 'pull' | 'pan' | 'pinch' = 'nothing'
  let start: Point = { x: 0, y: 0 }
  let startView: View = whole
  let startGap = 1
  let last = { x: 0, y: 0, time: 0 }
  let speed: Point = { x: 0, y: 0 }
  let tapped = { x: 0, y: 0, time: -1e9 }
  let touched: EventTarget | null = null
  /** The fingers leave one by one: the last one of two is no tap. */
  let wasPinched = false
  let single: ReturnType<typeof setTimeout> | undefined

  const pointOf = ({ clientX, clientY }: { clientX: number; clientY: number }): Point => {
    const { left, top, width, height } = stage.getBoundingClientRect()
    return { x: clientX - left - width / 2, y: clientY - top - height / 2 }
  }
  const between = () => {
    const [a = start, b = a] = [...fingers.values()]
    return { middle: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }, gap: Math.hypot(a.x - b.x, a.y - b.y) || 1 }
  }
  const begin = () => {
    const { middle, gap } = between()
    start = middle
    startGap = gap
    startView = on.view()
    doing = fingers.size > 1 ? 'pinch' : startView.scale > 1 ? 'pan' : 'undecided'
    wasPinched ||= doing === 'pinch'
  }

  function down(event: PointerEvent) {
    if (event.button !== 0 || isControl(event)) return
    // The first one down: another that is known was let go where the stage was not told.
    if (event.isPrimary) {
      fingers.clear()
      wasPinched = false
    }
    fingers.set(event.pointerId, pointOf(event))
    touched = event.target
    if (doing === 'swipe') on.swiped(0, 0)
    if (doing === 'pull') on.pulled(0, 0)
    last = { ...pointOf(event), time: event.timeStamp }
    speed = { x: 0, y: 0 }
    begin()
    // It may be let go outside. Not before one zooms: a click goes to what has captured the pointer, and a video has its own.
    if (doing === 'pan') stage.setPointerCapture(event.pointerId)
  }

  function move(event: PointerEvent) {
    if (!fingers.has(event.pointerId)) return
    const at = pointOf(event)
    fingers.set(event.pointerId, at)
    const elapsed = event.timeStamp - last.time
    if (elapsed > 0) {
      speed = { x: (at.x - last.x) / elapsed, y: (at.y - last.y) / elapsed }
      last = { ...at, time: event.timeStamp }
    }
    const { middle, gap } = between()
    const [dx, dy] = [middle.x - start.x, middle.y - start.y]
    if (doing === 'undecided' && Math.hypot(dx, dy) > slack) {
      // A mouse has buttons, keys and a wheel for this: it drags what is zoomed.
      if (event.pointerType === 'mouse') doing = 'nothing'
      else doing = Math.abs(dx) > Math.abs(dy) ? 'swipe' : 'pull'
    }
    if (doing === 'pinch') {
      const zoomed = zoomAt(startView, Math.max(0.5, startView.scale * (gap / startGap)), start)
      on.move({ ...zoomed, x: zoomed.x + dx, y: zoomed.y + dy }, false)
    } else if (doing === 'pan') on.move({ ...startView, x: startView.x + dx, y: startView.y + dy }, false)
    else if (doing === 'swipe') on.swipe(dx)
    else if (doing === 'pull') on.pull(Math.max(0, dy))
  }

  function up(event: PointerEvent) {
    if (!fingers.delete(event.pointerId)) return
    const at = pointOf(event)
    const isCancelled = event.type === 'pointercancel'
    // A finger that rested before it left was not flung.
    const isFlung = event.timeStamp - last.time < 80 && !isCancelled
    if (doing === 'swipe') on.swiped(isCancelled ? 0 : at.x - start.x, isFlung ? speed.x : 0)
    else if (doing === 'pull') on.pulled(isCancelled ? 0 : at.y - start.y, isFlung ? speed.y : 0)
    else if (doing === 'pinch' || doing === 'pan') on.move(on.view(), fingers.size === 0)
    const isTap = !isCancelled && Math.hypot(at.x - start.x, at.y - start.y) <= slack && !wasPinched
    if (fingers.size > 0) begin()
    else {
      doing = 'nothing'
      wasPinched = false
      if (isTap) tap(at, event)
    }
  }

  function tap(at: Point, { timeStamp }: PointerEvent) {
    clearTimeout(single)
    if (timeStamp - tapped.time < doubleTap && Math.hypot(at.x - tapped.x, at.y - tapped.y) < 40) {
      tapped.time = -1e9
      on.toggle(at)
      return
    }
    tapped = { ...at, time: timeStamp }
    // A video has its own answer to that.
    if (!(touched instanceof HTMLVideoElement)) single = setTimeout(on.tap, doubleTap)
  }

  function wheel(event: WheelEvent) {
    if (isControl(event)) return
    event.preventDefault()
    const lines = event.deltaMode === 0 ? 1 : 16
    // Trackpads send a pinch as a wheel with Ctrl, in smaller steps.
    const by = Math.exp((-event.deltaY * lines * (event.ctrlKey ? 4 : 1)) / 400)
    const { scale } = on.view()
    on.move(zoomAt(on.view(), Math.max(1, scale * by), pointOf(event)), true)
  }

  stage.addEventListener('pointerdown', down)
  stage.addEventListener('pointermove', move)
  stage.addEventListener('pointerup', up)
  stage.addEventListener('pointercancel', up)
  // Not passive: the page below must not scroll.
  stage.addEventListener('wheel', wheel, { passive: false })
  return () => {
    clearTimeout(single)
    stage.removeEventListener('pointerdown', down)
    stage.removeEventListener('pointermove', move)
    stage.removeEventListener('pointerup', up)
    stage.removeEventListener('pointercancel', up)
    stage.removeEventListener('wheel', wheel)
  }
}

/** Buttons and links, and the controls that browsers draw at the foot of a video. */
function isControl({ target, clientY }: MouseEvent): boolean {
  if (!(target instanceof Element)) return false
  if (target.closest('button, a, textarea')) return true
  if (!(target instanceof HTMLVideoElement)) return false
  const { bottom, height } = target.getBoundingClientRect()
  return clientY > bottom - Math.max(72, height / 4)
}
