/** Steps that get sources: `checkout scmGit(...)` and `git`. */
class SourceSteps extends StepLibrary {
    SourceSteps(Build build) {
        super(build)
    }

    Map<String, List<String>> parameters() {
        [checkout: ['scm', 'changelog', 'poll'], git: ['url', 'branch', 'credentialsId', 'changelog', 'poll']]
    }

    /** Returns GIT_URL, GIT_COMMIT and GIT_BRANCH; as in Jenkins no environment variable is set. */
    Map checkout(Map arguments, Closure body) {
        if (!(arguments.scm instanceof Described && arguments.scm.type == 'scmGit')) {
            throw new StepFailed('checkout knows scmGit(...) only')
        }
        def scm = arguments.scm.arguments
        def remote = scm.userRemoteConfigs.first()
        fetch(remote.url, remote.credentialsId, scm.branches*.name, scm.extensions ?: [])
    }

    /** Like `checkout`, but on a local branch. */
    Map git(Map arguments, Closure body) {
        def branch = arguments.branch ?: 'master'
        def local = new Described('localBranch', [localBranch: branch])
        fetch(arguments.url, arguments.credentialsId, ["*/$branch".toString()], [local])
    }

    private Map fetch(Object url, String credentialsId, List branches, List<Described> extensions) {
        def context = build.requireNode()
        def secrets = new SecretFiles(context.temporary())
        try {
            def login = credentialsId ? build.credentials.forGit(credentialsId, secrets).variables : [:]
            def environment = build.environment() + [GIT_TERMINAL_PROMPT: 'false'] + login
            def git = new Git(build.console, { build.command(build.controlFolder()) }, context.directory, environment)
            return git.checkout(url as String, branches*.toString(), extensions)
        } finally {
            secrets.remove()
        }
    }
}
