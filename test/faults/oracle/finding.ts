/** What an oracle has against what it saw. */
export interface Finding {
  is: 'lost' | 'doubled' | 'out of order' | 'other'
  what: string
  /** When the command was sent that it is about, in ms of the clients' clock. */
  at?: number
}

export const lost = (what: string, at?: number): Finding => finding('lost', what, at)
export const doubled = (what: string, at?: number): Finding => finding('doubled', what, at)
export const outOfOrder = (what: string, at?: number): Finding => finding('out of order', what, at)
export const other = (what: string, at?: number): Finding => finding('other', what, at)

function finding(is: Finding['is'], what: string, at: number | undefined): Finding {
  return { is, what, ...(at !== undefined && { at }) }
}
