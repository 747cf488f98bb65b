/** `currentBuild` in a Jenkinsfile. */
class CurrentBuild {
    private final Build build

    CurrentBuild(Build build) {
        this.build = build
    }

    /** Null while nothing has gone wrong, as in Jenkins. */
    String getResult() { build.result == Result.SUCCESS ? null : build.result.name() }
    void setResult(String name) { build.worsen(Result.valueOf(name)) }
    /** In the `post` of a stage that of the stage, if it is worse. */
    String getCurrentResult() { build.result.worst(build.context().stage?.result ?: Result.SUCCESS).name() }
    int getNumber() { build.request.number }
    String getDisplayName() { build.displayName }
    void setDisplayName(String text) { build.displayName = text }
    String getDescription() { build.description }
    void setDescription(String text) { build.description = text }
    String getProjectName() { build.request.job.tokenize('/').last() }
    String getFullProjectName() { build.request.job }
    String getFullDisplayName() { "${build.request.job.replace('/', ' » ')} $build.displayName" }
    String getAbsoluteUrl() { build.environment().BUILD_URL }
    Map getPreviousBuild() { build.request.previous }
}
