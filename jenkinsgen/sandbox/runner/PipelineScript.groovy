/** The base of a compiled Jenkinsfile: runs its `pipeline` block, and steps outside of it. */
abstract class PipelineScript extends Script {
    // Not properties: a name without a declaration in the Jenkinsfile would mean them.
    private Build build
    private Steps steps
    private boolean hasPipeline

    void execute(Build build) {
        this.build = build
        steps = new Steps(build, this)
        run()
        if (!hasPipeline) {
            throw new PipelineError('the Jenkinsfile has no `pipeline` block')
        }
    }

    void pipeline(Closure block) {
        hasPipeline = true
        new Interpreter(build, steps).run(((PipelineSection) new PipelineSection().read(block)).pipeline)
    }

    Object methodMissing(String name, Object arguments) {
        steps.invokeMethod(name, arguments)
    }

    Object propertyMissing(String name) {
        steps.getProperty(name)
    }
}
