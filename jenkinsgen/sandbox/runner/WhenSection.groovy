/**
 * The conditions of a `when` block, read when the stage begins and asked at the moment that its flags name.
 *
 * Words that are no condition are looked up among the steps: `equals expected: 1, actual: currentBuild.number`.
 */
class WhenSection extends Section {
    private final Steps steps
    private final List<Closure<Boolean>> conditions = []
    /** Before which part of the stage the conditions are asked: options, input, agent or steps. */
    String moment = 'steps'

    WhenSection(Steps steps) {
        this.steps = steps
    }

    boolean holds() {
        conditions.every { it() }
    }

    void beforeOptions(boolean wanted) { before('options', wanted) }
    void beforeInput(boolean wanted) { before('input', wanted) }
    void beforeAgent(boolean wanted) { before('agent', wanted) }

    private void before(String part, boolean wanted) {
        def order = ['options', 'input', 'agent', 'steps']
        if (wanted && order.indexOf(part) < order.indexOf(moment)) {
            moment = part
        }
    }

    void expression(Closure body) { conditions << { steps.call(body) as boolean } }
    void branch(String pattern) {
        def name = steps.variable('BRANCH_NAME')
        conditions << { name != null && new FilePattern(pattern, '', false).matches(name) }
    }
    void environment(Map arguments) { conditions << { steps.variable(arguments.name) == arguments.value } }
    void equals(Map arguments) { conditions << { arguments.expected == arguments.actual } }
    void not(Closure body) { nested(body) { WhenSection inner -> !inner.holds() } }
    void allOf(Closure body) { nested(body) { WhenSection inner -> inner.holds() } }
    void anyOf(Closure body) { nested(body) { WhenSection inner -> inner.conditions.any { it() } } }

    private void nested(Closure body, Closure<Boolean> verdict) {
        def inner = (WhenSection) new WhenSection(steps).read(body)
        conditions << { verdict(inner) }
    }

    protected String unknown(String word) {
        "Invalid when condition \"$word\""
    }

    Object propertyMissing(String name) {
        steps.getProperty(name)
    }
}
