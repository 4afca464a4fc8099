"""The third possibility of July 2017 to October 2023: an accepted domain in the header From (§2.2)."""

from __future__ import annotations

from attrs import evolve, frozen

from fakeeop.decision.verdict import Step, Trace, Verdict
from fakeeop.model.addresses import Mailbox
from fakeeop.why.narrate import ConnectionNarrator

__all__ = ["HeaderFromNarrator"]


@frozen(eq=False)
class HeaderFromNarrator:
    """Tells why a recipient was refused by its envelope and accepted for the header From after all."""

    before: ConnectionNarrator
    header_from: tuple[str, ...]
    verdict: Verdict

    def explain(self, reverse_path: Mailbox, recipient: Mailbox, earlier: tuple[Mailbox, ...] = ()) -> Trace:
        """What was looked at before the content, and then the header From."""
        trace = self.before.explain(reverse_path, recipient, earlier)
        tenant, connector = self.verdict.attribution.tenant, self.verdict.attribution.connector
        where = f"{tenant.name if tenant else '-'} / {connector.name if connector else '-'}"
        says = f"the header From is of {', '.join(self.header_from)}, an accepted domain: Originating by {where}"
        step = Step("header-from", "§2.2; knob HeaderFromRelay", (), says)
        return evolve(
            trace,
            steps=(*trace.steps, step),
            reason=self.verdict.reason,
            attribution=self.verdict.attribution,
            nearest=(),
            advice=(),
        )
