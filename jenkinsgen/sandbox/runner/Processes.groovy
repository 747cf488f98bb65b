/** Finds and ends processes the way Jenkins does: by a variable in their environment. */
class Processes {
    /**
     * Sends SIGTERM to every process that has `NAME=value` in its environment.
     *
     * Children get it before their shells, which then go on for a moment before they are hit themselves. A shell
     * that reaches its end in that moment has succeeded; that trap of Jenkins' is kept on purpose.
     */
    static void terminate(String variable) {
        def pids = pids(variable).sort().reverse()
        if (pids) {
            def loop = 'for pid; do kill -TERM "$pid" 2>/dev/null; sleep 0.02; done'
            ['sh', '-c', loop, 'terminate', *pids*.toString()].execute().waitFor()
        }
    }

    private static List<Long> pids(String variable) {
        new File('/proc').list().findAll { it.isLong() && environment(it).contains(variable) }.collect { it as long }
    }

    private static List<String> environment(String pid) {
        try {
            return new File("/proc/$pid/environ").bytes.with { new String(it, 'UTF-8') }.split('\0') as List
        } catch (IOException ignored) {
            return [] // it has ended, or belongs to another user
        }
    }
}
