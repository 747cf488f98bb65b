/** Checks a git repository out into a folder as the git plugin does: fetch everything, then a detached HEAD. */
class Git {
    private final Console console
    private final Closure<Command> command
    private final File folder
    private final Map<String, String> environment

    Git(Console console, Closure<Command> command, File folder, Map<String, String> environment) {
        this.console = console
        this.command = command
        this.folder = folder
        this.environment = environment
    }

    /** Returns what the checkout step returns: GIT_URL, GIT_COMMIT and GIT_BRANCH. */
    Map checkout(String url, List<String> branches, List<Described> extensions) {
        def options = extensions.collectEntries { [(it.type): it.arguments] }
        if (!new File(folder, '.git').exists()) {
            git(['init', '--quiet', folder.path])
        }
        git(fetchArguments(url, options.cloneOption ?: [:]))
        def (String name, String commit) = revision(branches)
        console.line("Checking out Revision $commit ($name)")
        if (options.containsKey('cleanBeforeCheckout')) {
            clean()
        }
        git(['checkout', '--quiet', '-f', commit])
        if (options.localBranch != null) {
            git(['checkout', '--quiet', '-B', options.localBranch.localBranch ?: name - 'origin/', commit])
        }
        if (options.submodule != null) {
            submodules(options.submodule)
        }
        if (options.containsKey('cleanAfterCheckout')) {
            clean()
        }
        [GIT_URL: url, GIT_COMMIT: commit, GIT_BRANCH: name]
    }

    private List<String> fetchArguments(String url, Map option) {
        def depth = option.shallow ? ["--depth=${option.depth ?: 1}".toString()] : []
        ['fetch', option.noTags ? '--no-tags' : '--tags', '--force', '--prune', *depth, '--', url,
         '+refs/heads/*:refs/remotes/origin/*']
    }

    private void submodules(Map option) {
        def recursive = option.recursiveSubmodules ? ['--recursive'] : []
        git(['submodule', 'init'])
        git(['submodule', 'sync', *recursive])
        git(['submodule', 'update', '--init', *recursive, *(option.trackingSubmodules ? ['--remote'] : [])])
    }

    private void clean() {
        git(['clean', '-fdx'])
        git(['reset', '--hard'])
    }

    /** Name and commit of the first branch specifier that something fits. */
    private List<String> revision(List<String> specifiers) {
        def refs = git(['for-each-ref', '--format=%(objectname) %(*objectname) %(refname)'], true).readLines().collect {
            def (tagOrCommit, peeled, ref) = it.split(' ', 3)
            [name: ref - 'refs/remotes/' - 'refs/tags/', ref: ref, commit: peeled ?: tagOrCommit]
        }
        for (specifier in specifiers) {
            if (specifier ==~ /[0-9a-f]{40}/) {
                return ['detached', specifier]
            }
            def found = refs.find { fits(specifier, it) }
            if (found) {
                return [found.name, found.commit]
            }
        }
        throw new StepFailed("Couldn't find any revision to build. Verify the repository and branch configuration for this job.")
    }

    private static boolean fits(String specifier, Map ref) {
        def branch = specifier - ~'^refs/heads/' - ~'^refs/remotes/' - ~'^origin/' - ~'^\\*/'
        if (specifier.startsWith('refs/tags/') || !ref.ref.startsWith('refs/remotes/')) {
            return ref.ref == specifier
        }
        new FilePattern(branch, '', false).matches(ref.name - 'origin/')
    }

    private String git(List<String> arguments, boolean capture = false) {
        console.line(" > git ${arguments.join(' ')}")
        def done = command().run(['git', *arguments], folder, environment, capture)
        if (done.status != 0) {
            throw new StepFailed("git ${arguments.first()} returned exit code $done.status")
        }
        done.output
    }
}
