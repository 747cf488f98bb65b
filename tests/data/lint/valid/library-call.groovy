// vars/standardPipeline.groovy of a shared library
def call(Map config = [:], Closure body = null) {
    def image = config.get('image', 'alpine')
    pipeline {
        agent { docker { image "${image}" } }
        options { timeout(time: config.timeout ?: 60, unit: 'MINUTES') }
        stages {
            stage("Build ") {
                when { expression { config.build != false } }
                steps { script { body?.call() } }
            }
        }
    }
}
