/** Whether `top` is a live view or a table; and the live view. Ink is loaded for the view alone. */

import process from 'node:process'
import { isTerminal } from '../io/descriptor.ts'
import { ALTERNATE, firstFrame } from '../tui/alternate-screen.ts'
import type { Context, Report } from '../verbs/context.ts'
import type { MonitorOptions } from '../verbs/monitor.ts'
import { isDumb } from './colours.ts'
import { ProcessTerminal } from './terminal.ts'

/** True where somebody looks at the output, and can press keys. */
export function isInteractive(): boolean {
  return isTerminal(0) && isTerminal(1) && !isDumb(process.env)
}

/** Shows who is there until the user has had enough. */
export async function live(context: Context, options: MonitorOptions): Promise<void> {
  const terminal = new ProcessTerminal()
  const { report, release } = holdReport(context.report)
  terminal.take(ALTERNATE)
  try {
    // Loading what draws takes most of the time until it can be seen.
    terminal.write(firstFrame(options.topic, terminal))
    const { showTop } = await import('../tui/top.lazy.tsx')
    const { Monitor } = await import('../verbs/monitor.ts')
    const monitor = new Monitor({ ...context, report }, options)
    try {
      await showTop(monitor, terminal, context.signal)
    } finally {
      await monitor.destroy()
    }
  } finally {
    terminal.giveBack()
    release()
  }
}

/** So much of what was said while the screen was taken is said later. */
const HELD_MAX = 20

/** A report that waits until `release`: what is written over a view would be lost, and the view with it. */
function holdReport(report: Report): { readonly report: Report; release(): void } {
  const held: (() => void)[] = []
  const hold = (say: () => void) => {
    held.push(say)
    if (held.length > HELD_MAX) held.shift()
  }
  return {
    report: {
      info: (message, details) => hold(() => report.info(message, details)),
      // There is a screen that tells.
      hint: () => {},
      warn: (message, details) => hold(() => report.warn(message, details)),
      verbose: (message, details) => hold(() => report.verbose(message, details)),
    },
    release: () => {
      for (const say of held.splice(0)) say()
    },
  }
}
