/** How a topic key as text is known, without the rest of what keys need. */

export const PREFIX = 'lskey1'

/** True where a text holds what looks like a key: it should not be seen by others. */
export function holdsKey(text: string): boolean {
  return /lskey1[0-9a-z]{20}/i.test(text)
}
