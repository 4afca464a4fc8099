"""The commands of ``harness``, one module each: HELP, EXAMPLES, ``add_arguments``, ``run``."""

__all__ = ["COMMANDS"]

# command → its module, and what it does in one line
COMMANDS = {
    "demo": ("harness.commands.demo", "the main job on a sample tenant: scenarios, a table, one refusal explained"),
    "run": ("harness.commands.run", "run scenarios"),
    "list": ("harness.commands.list", "list cases with level, tags and availability"),
    "show": ("harness.commands.show", "one scenario, resolved: variants filled in, steps, expectations"),
    "explain": ("harness.commands.explain", "run one case and say why its last recipient was judged so"),
    "lint": ("harness.commands.lint", "check scenario files; no server needed"),
    "lint-relay": ("harness.commands.lint_relay", "read a relay's configuration, find what will be refused; no server"),
    "check-relay": ("harness.commands.check_relay", "your own relay, as configured, against what the service does"),
    "clients": ("harness.commands.clients", "the mail clients: versions, capabilities, what is missing"),
    "report": ("harness.commands.report", "make HTML and Markdown again from results.jsonl"),
    "completion": ("harness.commands.completion", "print the completion script of a shell"),
    "schema": ("harness.commands.schema", "print the JSON Schema of scenario files"),
}
