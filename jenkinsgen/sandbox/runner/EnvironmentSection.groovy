/** The assignments of an `environment` block, in their order; each sees those before it. */
class EnvironmentSection extends Section {
    private final Steps steps
    private final Map<String, String> variables = [:]
    private final Map<String, String> credentials = [:]

    EnvironmentSection(Steps steps) {
        this.steps = steps
    }

    /** Plain values, and the credential ids of `NAME = credentials('id')`. */
    Map values(Closure block) {
        read(block)
        [variables: variables, credentials: credentials]
    }

    Described credentials(String id) {
        new Described('credentials', [id: id])
    }

    void setProperty(String name, Object value) {
        if (value instanceof Described) {
            credentials[name] = value.arguments.id
        } else {
            variables[name] = String.valueOf(value)
        }
    }

    Object propertyMissing(String name) {
        variables.containsKey(name) ? variables[name] : steps.getProperty(name)
    }

    Object methodMissing(String name, Object arguments) {
        steps.invokeMethod(name, arguments)
    }
}
