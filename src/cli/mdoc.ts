/** Words as mdoc(7) takes them. */

/** What stands in a line of text is text, and no request. */
export function escaped(line: string): string {
  return (
    line
      .replaceAll('\\', '\\e')
      .replaceAll("'", '\\(aq')
      .replaceAll('’', '\\(cq')
      .replaceAll('"', '\\(dq')
      .replaceAll('-', '\\-')
      // A word of punctuation alone would be joined to its neighbour.
      .replaceAll(/(?<![^ ])[.,:;()[\]?!|](?![^ ])/g, '\\&$&')
  )
}

/** Text in lines of at most 78 characters, a new one for each sentence. */
export function text(words: string): string {
  const lines: string[] = []
  let begins = true
  for (const word of escaped(words).split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && !begins && last.length + word.length < 78)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
    begins = /[.?!]\)?$/.test(word)
  }
  return lines.map((line) => (/^[.']/.test(line) ? `\\&${line}` : line)).join('\n')
}

/** With a capital at its beginning. */
export function sentence(words: string): string {
  return words.slice(0, 1).toUpperCase() + words.slice(1)
}

/** A list of terms, each with what it is: both are lines of mdoc. */
export function definitions(items: readonly (readonly [term: string, ...lines: string[]])[]): string[] {
  return ['.Bl -tag -width Ds', ...items.flatMap(([term, ...lines]) => [`.It ${term}`, ...lines]), '.El']
}
