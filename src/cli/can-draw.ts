/** Whether Ink can draw here: its layout engine needs WebAssembly. */
import { hasWebAssembly } from '../io/wasm.ts'
import type { Report } from '../verbs/context.ts'

/**
 * False where it cannot, after a warning.
 * @param view what cannot be drawn
 * @param instead what the user gets
 */
export function canDraw(report: Report, view: 'chat' | 'live view', instead: string): boolean {
  if (hasWebAssembly()) return true
  report.warn(`this Node cannot use WebAssembly, so it cannot draw the ${view}: ${instead}`)
  return false
}
