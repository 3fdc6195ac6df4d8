/** The live view: Ink draws whole frames, the painter puts them on the screen. Loaded when there is one. */
import { render } from 'ink'
import { useEffect, useState } from 'react'
import type { Monitor } from '../verbs/monitor.ts'
import { framesOf } from './ink-frames.ts'
import { Painter, type Size } from './painter.ts'
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
  const sized = new Set<() => void>()
  const resized = () => {
    for (const listener of sized) listener()
    painter.forget()
  }
  const onresize = (listener: () => void) => {
    sized.add(listener)
    return () => sized.delete(listener)
  }
  const stdout = framesOf(terminal.stdout, (frame) => painter.paint(frame))
  terminal.onreturn = resized
  terminal.stdout.on('resize', resized)
  const view = (
    <Sized sizeNow={sizeNow} onresize={onresize}>
      {(size) => <Top store={store} topic={monitor.topic} size={size} onsuspend={() => terminal.suspend()} />}
    </Sized>
  )
  // Every frame, unthrottled: the painter takes ten of them a second.
  const app = render(view, {
    stdout,
    stdin: terminal.stdin,
    debug: true,
    exitOnCtrlC: false,
    patchConsole: false,
  })
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
    ended.abort()
    store.close()
    painter.close()
  }
  if (failed !== undefined) throw failed
}

interface SizedProps {
  readonly sizeNow: () => Size
  readonly onresize: (listener: () => void) => () => void
  readonly children: (size: Size) => React.ReactNode
}

/** Draws anew when the window has another size. */
function Sized({ sizeNow, onresize, children }: SizedProps) {
  const [size, setSize] = useState(sizeNow)
  useEffect(() => {
    const off = onresize(() => setSize(sizeNow()))
    return () => void off()
  }, [sizeNow, onresize])
  return children(size)
}
