// npm run hostile: test/hostile on a machine that does nothing else, with the bounds that hold only there.
process.env.SHIPLOG_QUIET_MACHINE = '1'
process.argv.push('--runInBand', '--selectProjects', 'api', 'chaos', '--testPathPatterns', 'test/hostile')
await import('../../dev/test.mjs')
