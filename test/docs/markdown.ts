import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectFolder } from '#dev'

/** A fenced block of code. */
export interface CodeBlock {
  language: string
  text: string
  /** Of the first line of its text, counted from 1. */
  line: number
}

export interface Link {
  /** As written: a path, an anchor or both. */
  target: string
  line: number
}

const FENCE = /^(`{3,})(\w*)\n([\s\S]*?)^\1$/gm

/** README.md and all pages below docs/, by their paths in the project. */
export function pages(): string[] {
  const docs = readdirSync(join(projectFolder, 'docs'), { recursive: true, encoding: 'utf8' })
  return ['README.md', ...docs.filter(name => name.endsWith('.md')).map(name => `docs/${name}`)].toSorted()
}

export function readPage(page: string): string {
  return readFileSync(join(projectFolder, page), 'utf8')
}

/** The fenced blocks of a page, in their order. */
export function codeBlocks(markdown: string): CodeBlock[] {
  return [...markdown.matchAll(FENCE)].map(({ 2: language = '', 3: text = '', index }) => ({
    language,
    text,
    line: lineOf(markdown, index) + 1,
  }))
}

/** Links and images that lead into the project; not those to other sites. */
export function localLinks(markdown: string): Link[] {
  const prose = withoutCode(markdown)
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(({ 1: target = '', index }) => ({ target, line: lineOf(prose, index) }))
    .filter(({ target }) => !/^[a-z]+:/.test(target))
}

/** The anchors that GitHub gives the headings of a page. */
export function anchors(markdown: string): Set<string> {
  const found = new Set<string>()
  for (const { 1: heading = '' } of withoutCode(markdown).matchAll(/^#{1,6} (.+)$/gm)) {
    const text = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    const slug = text
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-')
    let anchor = slug
    for (let n = 1; found.has(anchor); n++) anchor = `${slug}-${n}`
    found.add(anchor)
  }
  return found
}

/** Blanks out code, so that lines keep their numbers. */
function withoutCode(markdown: string): string {
  const blank = (text: string) => text.replaceAll(/[^\n]/g, ' ')
  return markdown.replaceAll(FENCE, blank).replaceAll(/^ {4}.*$/gm, blank)
}

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}
