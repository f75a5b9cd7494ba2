import { testRebuild } from '../api/imported/rebuild-suite.js'
import { describeDeployments, realDeployments } from './dataset.js'

describeDeployments('the real deployments', () => testRebuild(realDeployments()))
