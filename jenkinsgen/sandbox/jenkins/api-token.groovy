// Configuration as code cannot give a user an API token. This runs at each start, after it.
import hudson.model.User
import jenkins.security.ApiTokenProperty

def user = User.getById('admin', true)
def tokens = user.getProperty(ApiTokenProperty)
if (!tokens.tokenList.any { it.name == 'sandbox' }) {
    tokens.addFixedNewToken('sandbox', new File('/run/secrets/JENKINS_TOKEN').text.trim())
    user.save()
}
