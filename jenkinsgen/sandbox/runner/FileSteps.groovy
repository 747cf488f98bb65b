import java.nio.file.Files
import java.nio.file.LinkOption
import java.nio.file.StandardCopyOption

/** Steps that work on files of the workspace: the current folder, artifacts and stashes. */
class FileSteps extends StepLibrary {
    FileSteps(Build build) {
        super(build)
    }

    Map<String, List<String>> parameters() {
        [archiveArtifacts: ['artifacts', 'allowEmptyArchive', 'excludes', 'fingerprint', 'onlyIfSuccessful',
                            'defaultExcludes', 'caseSensitive', 'followSymlinks'],
         stash: ['name', 'includes', 'excludes', 'allowEmpty', 'useDefaultExcludes'], unstash: ['name'],
         readFile: ['file', 'encoding'], writeFile: ['file', 'text', 'encoding'], fileExists: ['file'],
         deleteDir: [], pwd: ['tmp'], isUnix: []]
    }

    void archiveArtifacts(Map arguments, Closure body) {
        if (arguments.onlyIfSuccessful && build.result != Result.SUCCESS) {
            return
        }
        build.console.line('Archiving artifacts')
        def pattern = new FilePattern(arguments.artifacts, arguments.excludes, arguments.defaultExcludes != false)
        def names = pattern.find(directory())
        if (!names && !arguments.allowEmptyArchive) {
            throw new StepFailed("No artifacts found that match the file pattern \"$arguments.artifacts\". Configuration error?")
        }
        copy(names, directory(), new File(build.folder, 'archive'), [])
    }

    void stash(Map arguments, Closure body) {
        def pattern = new FilePattern(arguments.includes ?: '**', arguments.excludes, arguments.useDefaultExcludes != false)
        def names = pattern.find(directory())
        if (!names && !arguments.allowEmpty) {
            throw new StepFailed("No files included in stash ‘$arguments.name’")
        }
        def folder = stashFolder(arguments.name)
        folder.deleteDir()
        folder.mkdirs()
        copy(names, directory(), folder, [LinkOption.NOFOLLOW_LINKS])
        build.console.line("Stashed ${names.size()} file(s)")
    }

    void unstash(Map arguments, Closure body) {
        def folder = stashFolder(arguments.name)
        if (!folder.isDirectory()) {
            throw new StepFailed("No such saved stash ‘$arguments.name’")
        }
        copy(new FilePattern('**', '', false).find(folder), folder, directory(), [LinkOption.NOFOLLOW_LINKS])
    }

    String readFile(Map arguments, Closure body) {
        def file = path(arguments.file)
        if (!file.isFile()) {
            throw new StepFailed("java.nio.file.NoSuchFileException: $file.path")
        }
        file.getText(arguments.encoding ?: 'UTF-8')
    }

    void writeFile(Map arguments, Closure body) {
        def file = path(arguments.file)
        file.parentFile.mkdirs()
        file.setText(String.valueOf(arguments.text), arguments.encoding ?: 'UTF-8')
    }

    boolean fileExists(Map arguments, Closure body) {
        path(arguments.file).exists()
    }

    void deleteDir(Map arguments, Closure body) {
        directory().deleteDir()
    }

    String pwd(Map arguments, Closure body) {
        arguments.tmp ? build.requireNode().temporary().path : directory().path
    }

    boolean isUnix(Map arguments, Closure body) {
        build.requireNode()
        true
    }

    private File directory() {
        build.requireNode().directory
    }

    private File path(String name) {
        name.startsWith('/') ? new File(name) : new File(directory(), name)
    }

    private File stashFolder(String name) {
        new File(build.folder, "stashes/${URLEncoder.encode(name, 'UTF-8')}")
    }

    private static void copy(List<String> names, File source, File target, List options) {
        names.each { name ->
            def file = new File(target, name)
            file.parentFile.mkdirs()
            Files.copy(new File(source, name).toPath(), file.toPath(), StandardCopyOption.REPLACE_EXISTING,
                StandardCopyOption.COPY_ATTRIBUTES, *options)
        }
    }
}
