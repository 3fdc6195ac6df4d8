/** Output of the verbs that look: a table for people, or lines for programs. */
import type { SwarmError } from '../errors.ts'
import { sanitize } from '../io/sanitize.ts'
import type { Context } from './context.ts'

/**
 * Columns as wide as their widest cell; the last one as it comes. Cells are made safe for a screen.
 * @param figures the first of the columns whose cells end where their heads end
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  figures = head.length,
): string {
  const all = [head, ...rows.map((row) => row.map(sanitize))]
  const widths = head.map((_title, column) => Math.max(...all.map((row) => [...(row[column] ?? '')].length)))
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => {
        const space = ' '.repeat((widths[column] ?? 0) - [...cell].length)
        if (column >= figures) return space + cell
        return column === row.length - 1 ? cell : cell + space
      })
      .join('  ')
  return `${all.map(line).join('\n')}\n`
}

/**
 * Writes text to stdout, and waits until it is there: all that is printed as a whole goes this way. A text that is
 * empty fails too where stdout takes nothing.
 * @throws SwarmError OUTPUT, unless the reader only had enough
 */
export async function print(context: Pick<Context, 'openStdout'>, text: string): Promise<void> {
  const sink = context.openStdout()
  let failed: SwarmError | undefined
  sink.onclose = (error) => {
    failed = error
  }
  sink.write(Buffer.from(text), () => {})
  await sink.close()
  if (failed !== undefined) throw failed
}

/** Prints nothing, and says why. */
export async function printNone(context: Context, why: string): Promise<void> {
  await print(context, '')
  context.report.info(why)
}
