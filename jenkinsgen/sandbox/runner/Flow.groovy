/**
 * One line of execution: the build itself, or a branch of `parallel`; one Java thread each.
 *
 * As in Jenkins an interrupt goes to the step that runs at that moment and to no later one: what that step makes
 * of it decides how the build goes on.
 */
class Flow {
    private static final ThreadLocal<Flow> CURRENT = new ThreadLocal<>()

    private final Thread thread = Thread.currentThread()
    private Interrupted pending
    Context context

    private Flow(Context context) {
        this.context = context
    }

    static Flow begin(Context context) {
        def flow = new Flow(context)
        CURRENT.set(flow)
        flow
    }

    static Flow current() {
        CURRENT.get()
    }

    /** From any thread: makes the running step end. */
    synchronized void interrupt(Interrupted cause) {
        pending = cause
        thread.interrupt()
    }

    /** In its own thread: the interrupt that waits for a step, and null from then on. */
    synchronized Interrupted takeInterrupt() {
        Thread.interrupted()
        def cause = pending
        pending = null
        cause
    }

    synchronized void forget(Interrupted cause) {
        if (pending.is(cause)) {
            takeInterrupt()
        }
    }

    void throwIfInterrupted() {
        def cause = takeInterrupt()
        if (cause) {
            throw cause
        }
    }

    /** Calls the body with another context, and comes back to this one however it ends. */
    Object within(Context inner, Closure body) {
        def outer = context
        context = inner
        try {
            return body.call()
        } finally {
            context = outer
        }
    }
}
