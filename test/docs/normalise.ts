/** From when on a time is one of recording: pages report nothing later. */
const RECORDED_FROM = '2026-03-01'

/**
 * What two sessions have in common of an output: ids become numbers, the same id the same one; positions, recording times and the names that a
 * session chose become placeholders. JSON is compared as a value.
 */
export class Normaliser {
  private readonly ids = new Map<string, string>()

  /** Call it for the outputs of one page in their order. */
  normalise(language: string, output: string): unknown {
    const text = output
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, id => this.numbered(id))
      .replaceAll(/"\d+:\d+(,\d+:\d+)*"/g, '"<position>"')
      .replaceAll(/\d{4}-\d{2}-\d{2}T[\d:.]+Z/g, time => (time >= RECORDED_FROM ? '<recorded>' : time))
      .replaceAll(/-\d{10}\b/g, '-<session>')
      .trim()
    return language === 'json' ? JSON.parse(text) : text
  }

  private numbered(id: string): string {
    const known = this.ids.get(id) ?? `<id ${this.ids.size + 1}>`
    this.ids.set(id, known)
    return known
  }
}
