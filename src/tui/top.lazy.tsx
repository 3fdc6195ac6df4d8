/** The live view: Ink draws whole frames, the painter puts them on the screen. Loaded when there is one. */
import type { Monitor } from '../verbs/monitor.ts'
import { renderFrames } from './ink-frames.ts'
import { Painter } from './painter.ts'
import { Store } from './store.ts'
import type { Terminal } from './terminal.ts'
import { setColours } from './theme.ts'
import { Top } from './top.tsx'

/**
 * Shows what `monitor` sees on a terminal that was taken, until the user has had enough.
 * @throws SwarmError when it cannot be looked, or the signal's reason
 */
export async function showTop(monitor: Monitor, terminal: Terminal, signal: AbortSignal): Promise<void> {
  setColours(terminal.colours)
  const sizeNow = () => ({ columns: terminal.columns, rows: terminal.rows })
  const painter = new Painter((text) => terminal.write(text), sizeNow)
  const store = new Store(monitor)
  const ended = new AbortController()
  const view = () => (
    <Top store={store} topic={monitor.topic} size={sizeNow()} onsuspend={() => terminal.suspend()} />
  )
  // Every frame, unthrottled: the painter takes ten of them a second.
  const app = renderFrames(view(), terminal, (frame) => painter.paint(frame))
  const resized = () => {
    app.rerender(view())
    painter.forget()
  }
  terminal.onreturn = resized
  terminal.stdout.on('resize', resized)
  let failed: unknown
  const fail = (error: unknown) => {
    failed ??= error
    app.unmount()
  }
  const abort = () => fail(signal.reason)
  signal.addEventListener('abort', abort)
  if (signal.aborted) abort()
  monitor
    .begin()
    .then(() => {
      store.ready()
      return monitor.run(ended.signal)
    })
    .catch(fail)
  try {
    await app.waitUntilExit()
  } finally {
    signal.removeEventListener('abort', abort)
    terminal.stdout.off('resize', resized)
    terminal.onreturn = undefined
    ended.abort()
    store.close()
    painter.close()
  }
  if (failed !== undefined) throw failed
}
