import { generatedDeployments } from './generated.js'
import { testRebuild } from './rebuild-suite.js'

testRebuild(generatedDeployments(3000))
