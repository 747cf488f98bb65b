/**
 * Some steps of one kind: for each a method (Map arguments, Closure body) of the step's name.
 *
 * `PARAMETERS` of a library names each step's parameters; the first may be given without its name.
 */
abstract class StepLibrary {
    protected final Build build

    StepLibrary(Build build) {
        this.build = build
    }

    abstract Map<String, List<String>> parameters()

    Set<String> names() {
        parameters().keySet()
    }

    Object invoke(String step, Object[] given) {
        def values = given as List
        def body = values && values.last() instanceof Closure ? values.pop() as Closure : null
        def arguments = named(step, values)
        build.console.step(step)
        if (body == null) {
            return "$step"(arguments, null)
        }
        block(step, arguments, body)
    }

    private Object block(String step, Map arguments, Closure body) {
        build.console.step('{')
        try {
            return "$step"(arguments, body)
        } finally {
            build.console.step('}')
            build.console.step("// $step")
        }
    }

    private Map named(String step, List values) {
        def known = parameters()[step]
        if (values.size() > 1) {
            throw new StepFailed("$step takes named arguments or a single value")
        }
        def single = values && !(values.first() instanceof Map && known.first() != '*')
        def arguments = single ? [(known.first()): values.first()] : (values ? values.first() : [:]) as Map
        def strange = arguments.keySet() - known
        if (strange) {
            throw new PipelineError("Unknown parameter(s) found for step $step: ${strange.join(', ')}")
        }
        arguments
    }
}
