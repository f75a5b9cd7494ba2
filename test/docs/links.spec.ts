import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { projectFolder } from '#dev'
import { anchors, codeBlocks, localLinks, pages, readPage } from './markdown.js'

test.each(pages())('every link of %s leads to an existing file and heading', page => {
  expect(brokenLinks(page, readPage(page))).toEqual([])
})

test('links to a missing file or heading are found', () => {
  const links = ['nowhere.md', '#no-heading', 'glossary.md#no-term', 'glossary.md#time', 'https://example.com/x']
  const markdown = links.map(link => `[text](${link})\n`).join('')
  expect(brokenLinks('docs/page.md', markdown)).toEqual(['1: nowhere.md', '2: #no-heading', '3: glossary.md#no-term'])
})

test('links in code are ignored, and line numbers are those of the page', () => {
  const markdown = '# A title: `code`, and more\n\n```sh\n[a](b)\n# c\n```\n\n## A title: code, and more\n[x](y.md)\n'
  expect([...anchors(markdown)]).toEqual(['a-title-code-and-more', 'a-title-code-and-more-1'])
  expect(localLinks(markdown)).toEqual([{ target: 'y.md', line: 9 }])
  expect(codeBlocks(markdown)).toEqual([{ language: 'sh', text: '[a](b)\n# c\n', line: 4 }])
})

function brokenLinks(page: string, markdown: string): string[] {
  return localLinks(markdown).flatMap(({ target, line }) => {
    const [path = '', anchor] = target.split('#', 2)
    const file = path === '' ? page : normalize(join(dirname(page), path))
    if (path !== '' && !existsSync(join(projectFolder, file))) return [`${line}: ${target}`]
    if (anchor === undefined) return []
    const headings = anchors(path === '' ? markdown : readPage(file))
    return headings.has(anchor) ? [] : [`${line}: ${target}`]
  })
}
