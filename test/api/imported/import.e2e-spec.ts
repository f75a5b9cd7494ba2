import { generatedDeployments } from './generated.js'
import { testImport } from './import-suite.js'

testImport(generatedDeployments(5000))
