import java.nio.file.FileVisitResult
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.SimpleFileVisitor
import java.nio.file.attribute.BasicFileAttributes
import java.util.regex.Pattern

/** Ant's patterns, which archiveArtifacts and stash take: comma separated, `*`, `?`, and any depth for two stars. */
class FilePattern {
    private static final String DEFAULT_EXCLUDES = '**/.git,**/.git/**,**/.gitignore,**/.gitmodules,**/*~,**/.DS_Store'

    private final List<Pattern> included
    private final List<Pattern> excluded

    FilePattern(String includes, String excludes, boolean defaultExcludes) {
        included = patterns(includes)
        excluded = patterns(excludes ?: '') + (defaultExcludes ? patterns(DEFAULT_EXCLUDES) : [])
    }

    boolean matches(String path) {
        included.any { path ==~ it } && !excluded.any { path ==~ it }
    }

    /** The paths of matching files and symbolic links below the folder, relative to it and sorted. */
    List<String> find(File folder) {
        def found = []
        def root = folder.toPath()
        if (folder.isDirectory()) {
            Files.walkFileTree(root, new SimpleFileVisitor<Path>() {
                FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    found << root.relativize(file).toString()
                    FileVisitResult.CONTINUE
                }
            })
        }
        found.findAll { matches(it) }.sort()
    }

    private static List<Pattern> patterns(String text) {
        text.tokenize(',')*.trim().findAll { it }.collect { Pattern.compile(expression(it)) }
    }

    private static String expression(String pattern) {
        def whole = pattern.endsWith('/') ? pattern + '**' : pattern
        def words = [('**/'): '(?:.*/)?', ('/**'): '(?:/.*)?', ('**'): '.*', ('*'): '[^/]*', ('?'): '[^/]']
        whole.replaceAll(/\*\*\/|\/\*\*$|\*\*|\*|\?|[^*?]+?(?=\*|\?|\/\*\*$|$)/) { String word ->
            words[word] ?: Pattern.quote(word)
        }
    }
}
