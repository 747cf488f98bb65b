/** Which blocks of `post` run, and in what order: that of Jenkins, whatever the order in the file. */
class PostConditions {
    static final List<String> ORDER = ['always', 'changed', 'fixed', 'regression', 'aborted', 'success',
                                       'unsuccessful', 'unstable', 'failure', 'notBuilt', 'cleanup'].asImmutable()

    /** Whether a condition holds for this result, after the result of the build before (null for a first build). */
    static boolean holds(String condition, Result result, Result previous) {
        switch (condition) {
            case ['always', 'cleanup']: return true
            case 'changed': return previous != result
            case 'fixed': return result == Result.SUCCESS && previous in [Result.FAILURE, Result.UNSTABLE]
            case 'regression':
                return previous == Result.SUCCESS && result in [Result.FAILURE, Result.UNSTABLE, Result.ABORTED]
            case 'unsuccessful': return result != Result.SUCCESS
            case 'notBuilt': return result == Result.NOT_BUILT
            default: return result.name() == condition.toUpperCase()
        }
    }
}
