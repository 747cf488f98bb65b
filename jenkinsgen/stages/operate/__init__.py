"""Commands for people who look after a deployment: doctor, status, plan, logs, lock."""
