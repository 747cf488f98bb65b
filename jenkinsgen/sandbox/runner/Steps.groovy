/** What the words of `steps`, `script` and `post` blocks mean: steps, what is handed to steps, and variables. */
class Steps extends GroovyObjectSupport {
    private static final List<String> DESCRIBED = [
        'sshUserPrivateKey', 'usernamePassword', 'string', 'file', 'gitUsernamePassword', 'scmGit', 'submodule',
        'cloneOption', 'cleanBeforeCheckout', 'cleanAfterCheckout', 'localBranch', 'booleanParam', 'choice', 'text']
    private final Build build
    private final Script script
    private final List<StepLibrary> libraries

    Steps(Build build, Script script) {
        this.build = build
        this.script = script
        libraries = [new ShellSteps(build), new FileSteps(build), new SourceSteps(build),
                     new FlowSteps(build), new BlockSteps(build, this)]
    }

    /** Runs a block of steps. */
    Object call(Closure body) {
        body.delegate = this
        body.resolveStrategy = Closure.DELEGATE_ONLY
        body.call()
    }

    String variable(String name) {
        this.@build.environment()[name]
    }

    Object invokeMethod(String name, Object given) {
        def arguments = given as Object[]
        for (library in this.@libraries) {
            if (name in library.names()) {
                return library.invoke(name, arguments)
            }
        }
        if (name in DESCRIBED) {
            return new Described(name, (arguments ? arguments[0] : [:]) as Map)
        }
        def script = this.@script
        if (script.metaClass.respondsTo(script, name, arguments)) {
            return script.metaClass.invokeMethod(script, name, arguments)
        }
        def known = this.@libraries*.names().flatten().sort()
        throw new PipelineError("No such DSL method '$name' found among steps $known")
    }

    // Groovy gives every object methods of these names, which would be called instead of the steps.
    Object sleep(long seconds) { invokeMethod('sleep', [seconds] as Object[]) }
    Object sleep(Map arguments) { invokeMethod('sleep', [arguments] as Object[]) }
    Object print(Object text) { invokeMethod('echo', [text] as Object[]) }
    Object println(Object text) { invokeMethod('echo', [text] as Object[]) }

    Object getProperty(String name) {
        def build = this.@build
        switch (name) {
            case 'env': return new Variables(build)
            case 'params': return build.parameters.asImmutable()
            case 'currentBuild': return new CurrentBuild(build)
        }
        if (this.@script.binding.hasVariable(name)) {
            return this.@script.binding.getVariable(name)
        }
        def value = variable(name)
        if (value == null) {
            throw new MissingPropertyException(name, Binding)
        }
        value
    }

    void setProperty(String name, Object value) {
        this.@script.binding.setVariable(name, value)
    }
}
