/** What a terminal is told, in the words of ECMA-48 and xterm, where more than one of us says it. */

/** What is between these is shown at once, where the terminal knows them. */
export const [BEGIN, END] = ['\x1b[?2026h', '\x1b[?2026l']

/** A row between these that is too wide, or is wider for the terminal than for us, is cut, not broken. */
export const [NO_WRAP, WRAP] = ['\x1b[?7l', '\x1b[?7h']
