/** `env` in a Jenkinsfile: reads what a shell would see, and sets for the rest of the build. */
class Variables extends GroovyObjectSupport {
    private final Build build

    Variables(Build build) {
        this.build = build
    }

    Object getProperty(String name) {
        this.@build.environment()[name]
    }

    void setProperty(String name, Object value) {
        this.@build.overrides[name] = String.valueOf(value)
    }

    Object getAt(String name) {
        getProperty(name)
    }

    void putAt(String name, Object value) {
        setProperty(name, value)
    }

    Map<String, String> getEnvironment() {
        this.@build.environment()
    }
}
